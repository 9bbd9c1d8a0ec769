"""Both languages of enrollment's pages have the same texts, and the templates ask for none that is missing."""

import re
from pathlib import Path

from services.enrollment.domain.alliance import Field, PartnerRole
from services.enrollment.domain.commitment import Activity, Standing
from services.enrollment.domain.concurrence import ConcurrenceState
from services.enrollment.domain.declaration import MANAGING_BODY_KINDS, Missing, ReturnReason, Status
from services.enrollment.domain.programme import Phase
from services.enrollment.domain.reference import AreaKind
from services.enrollment.domain.seats import Place
from services.enrollment.domain.workshop import Kind, State
from services.enrollment.pages.problems import why
from services.enrollment.pages.translations import TEXTS
from shared.errors import Invalid
from shared.web.translations import TEXTS as SHARED

PAGES = Path(__file__).parents[3] / "services" / "enrollment" / "pages"
GROUPS = {
    "status": Status,
    "missing": Missing,
    "reason": ReturnReason,
    "concurrence": ConcurrenceState,
    "kind": AreaKind,
    "phase": Phase,
    "wstate": State,
    "workshop": Kind,
    "place": Place,
    "prole": PartnerRole,
    "stands": Field,
    "commitment": Standing,
    "activity": Activity,
    "body": MANAGING_BODY_KINDS,
}


def test_both_languages_have_the_same_texts():
    assert TEXTS["de"].keys() == TEXTS["en"].keys()


def test_every_text_and_field_the_templates_ask_for_is_there():
    for template in PAGES.glob("*.html"):
        source = template.read_text(encoding="utf-8")
        asked = set(re.findall(r"""\bt\(["']([a-z_.A-Z0-9]+)["'][,)]""", source))
        asked |= {f"field.{name}" for name in re.findall(r"""f\.(?:field|long|choice)\("([a-z_]+)\"""", source)}
        for language in ("de", "en"):
            missing = asked - TEXTS[language].keys() - SHARED[language].keys()
            assert not missing, (template.name, missing)


def test_every_code_of_the_rules_has_its_word():
    for group, codes in GROUPS.items():
        for code in codes:
            assert f"{group}.{code}" in TEXTS["de"], (group, code)


def test_what_pages_say_after_a_form_is_written():
    said = set()
    for module in PAGES.glob("*.py"):
        source = module.read_text(encoding="utf-8")
        said |= set(re.findall(r"""(?:said=|attempt\([^\n]*, |pages\.to\("[a-z]+", )"([a-z_]+)\"""", source))
    assert len(said) > 20
    assert not {key for key in said if f"said.{key}" not in TEXTS["de"]}


def test_a_refusal_is_said_in_german_where_it_is_known():
    assert why(Invalid("a workshop has 1 to 500 seats"), "de") == "Ein Workshop hat 1 bis 500 Plätze."
    assert why(Invalid("something new"), "de") == "Something new."
    assert why(Invalid("a workshop has 1 to 500 seats"), "en") == "A workshop has 1 to 500 seats."
