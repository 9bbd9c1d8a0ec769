"""The rule sets that come with the service, and reading one from a file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from services.pathways.domain.rules import BadRules, Rules, catalogue_name, parse

DEFAULT = "1.toml"


class Source(NamedTuple):
    """A rule set as written: its TOML, and the CSV of its catalogue."""

    rules: str
    catalogue: str


@cache
def load(path: str | None = None) -> Rules:
    """The rule set in the file `path`, else the default. Its catalogue lies beside it, else is the packaged one.

    Raises BadRules, also for a file that cannot be read.
    """
    return parse(*read(path))


def read(path: str | None = None) -> Source:
    """The texts of a rule set in the file `path`, else of the default. Raises BadRules."""
    place = Path(path) if path else files("services.pathways.rules") / DEFAULT
    try:
        text = place.read_text(encoding="utf-8")
        name = catalogue_name(text)
        beside = Path(path).parent / name if path else None
        if beside and beside.is_file():
            return Source(text, beside.read_text(encoding="utf-8"))
        return Source(text, packaged_catalogue(name))
    except (OSError, UnicodeDecodeError) as error:
        raise BadRules([str(error)]) from None


def packaged_catalogue(name: str) -> str:
    """The text of a catalogue that comes with the service. Raises BadRules."""
    catalogues = {file.name: file for file in files("services.pathways.rules").iterdir() if file.name.endswith(".csv")}
    if name not in catalogues:
        raise BadRules([f"catalogue: there is no {name} here; those that come along: {', '.join(sorted(catalogues))}"])
    return catalogues[name].read_text(encoding="utf-8")
