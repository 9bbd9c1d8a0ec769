"""The two registries the programme extends while it runs: its Bausteine, and the funding blocks (Förderbausteine)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.errors import Invalid

LAND = "05000000"
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,19}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One Baustein or funding block; `scope` is the Land or a municipality's AGS, `valid_to` the first day without."""

    code: str
    title_de: str
    title_en: str
    valid_from: date
    valid_to: date | None = None
    scope: str = LAND

    def valid_on(self, day: date) -> bool:
        """Whether the entry may be used on that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


def check(entry: Entry) -> None:
    """Raise `Invalid` for a code that is none or a validity that ends before it begins."""
    if _CODE.fullmatch(entry.code) is None:
        raise Invalid("a code is capital letters, digits and _, at most 20", field="code", reason="code_malformed")
    if entry.valid_to is not None and entry.valid_to <= entry.valid_from:
        raise Invalid("the validity ends after it begins", field="valid_to", reason="validity_reversed")


def check_known(codes: Iterable[str], entries: Iterable[Entry], on: date, *, field: str) -> None:
    """Raise `Invalid` for a code that is not in the registry on the day."""
    known = {entry.code for entry in entries if entry.valid_on(on)}
    for code in codes:
        if code not in known:
            raise Invalid(
                f"{code} is not in the registry on {on.isoformat()}",
                field=field,
                reason="not_in_registry",
                values={"code": code},
            )
