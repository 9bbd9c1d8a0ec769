"""The texts of enrollment's pages; names of events come from the published language."""

from services.enrollment.pages.translations.english import ENGLISH
from services.enrollment.pages.translations.files import FILES
from services.enrollment.pages.translations.forms import FIELDS_AND_SAYINGS
from services.enrollment.pages.translations.german import GERMAN
from services.enrollment.pages.translations.mapping import MAPPING
from services.enrollment.pages.translations.trust import TRUST
from shared.contracts.catalogue import CATALOGUE
from shared.web import Texts

TEXTS: Texts = {
    language: {
        **texts,
        **{key: both[place] for key, both in FIELDS_AND_SAYINGS.items()},
        **{key: both[place] for key, both in FILES.items()},
        **{key: both[place] for key, both in MAPPING.items()},
        **{key: both[place] for key, both in TRUST.items()},
        **{f"event.{event.type}": event.name(language) for event in CATALOGUE.values()},
    }
    for place, (language, texts) in enumerate((("de", GERMAN), ("en", ENGLISH)))
}
