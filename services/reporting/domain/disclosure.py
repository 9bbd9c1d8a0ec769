"""Disclosure control: which counts may be shown to anybody. The one place to replace when the method changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

THRESHOLD = 5  # the smallest number that is shown, zero apart

Key = TypeVar("Key")


def protected(
    numbers: Mapping[Key, int], sums: Mapping[Key, Sequence[Key]], *, complementary: bool = False
) -> dict[Key, int | None]:
    """The numbers as they may be shown, None for what is suppressed.

    Suppressed are counts from 1 to 4. With `complementary`, so much more that no suppressed count follows from a sum
    and its other parts: in each line with a shown sum, two or more parts are suppressed that together reach the
    threshold. `sums` names the parts of each cell that is a sum.
    """
    shown: dict[Key, int | None] = {key: None if 0 < number < THRESHOLD else number for key, number in numbers.items()}
    open_lines = complementary
    while open_lines:
        # Each line closed can open another one that shares the cell, so all are gone through until none is open.
        open_lines = sum(_close(total, parts, numbers, shown) for total, parts in sums.items()) > 0
    return shown


def _close(total: Key, parts: Sequence[Key], numbers: Mapping[Key, int], shown: dict[Key, int | None]) -> bool:
    """Suppress one more cell of a line if a suppressed one could be found by subtraction; True if so."""
    hidden = [part for part in parts if shown[part] is None]
    if not hidden or shown.get(total) is None:
        return False
    if len(hidden) > 1 and sum(numbers[part] for part in hidden) >= THRESHOLD:
        return False
    others = [part for part in parts if shown[part]]
    # The smallest other part costs the least; without one the sum itself must go.
    shown[min(others, key=lambda part: numbers[part]) if others else total] = None
    return True
