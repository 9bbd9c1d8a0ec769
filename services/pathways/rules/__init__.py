"""The rule sets that come with the service, and reading one from a file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from services.pathways.domain.rules import BadRules, Rules, catalogue_name, parse

DEFAULT = "1.toml"


@cache
def load(path: str | None = None) -> Rules:
    """The rule set in the file `path`, else the default. Its catalogue lies beside it, else is the packaged one.

    Raises BadRules, also for a file that cannot be read.
    """
    here = files("services.pathways.rules")
    place = Path(path) if path else here / DEFAULT
    try:
        text = place.read_text(encoding="utf-8")
        name = catalogue_name(text)
        beside = Path(path).parent / name if path else here / name
        return parse(text, (beside if beside.is_file() else here / name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadRules([str(error)]) from None
