"""The matrices of senders and recipients that come with the service, and reading one from a file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from services.pathways.domain.matrix import BadMatrix, Matrix, parse

DEFAULT = "1.toml"


@cache
def load(path: str | None = None) -> Matrix:
    """The matrix in the file `path`, else the default. Raises BadMatrix, also for a file that cannot be read."""
    place = Path(path) if path else files("services.pathways.matrix") / DEFAULT
    try:
        return parse(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadMatrix([str(error)]) from None
