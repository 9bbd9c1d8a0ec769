"""Codes in the reader's words: what an item of a story is called, and what else there is to say of it."""

from __future__ import annotations

from datetime import date

from services.pathways.domain.story import Item
from services.pathways.usecases.meanings import name_of as pattern_name
from shared.contracts.measures import MEASURE_TYPES
from shared.reference import name_of as area_name
from shared.web.texts import Tongue

_SAID = ("exit", "destination", "outcome", "area", "test_source")
_PREFIX = {
    "spell": "spell",
    "certificate": "certificate",
    "benefit": "benefit",
    "contact": "contact",
    "goal": "goal",
}


class Words:
    """One language's names for codes; a code that is newer than our texts is shown as it is."""

    def __init__(self, tongue: Tongue) -> None:
        self._t = tongue
        self.language = tongue.language

    def measure(self, code: str) -> str:
        """The name of a measure type, or of a category."""
        known = MEASURE_TYPES.get(code)
        if known:
            return known.name_de if self.language == "de" else known.name_en
        return self.code("category", code)

    def pattern(self, pattern: str) -> str:
        """The name of a pattern."""
        return pattern_name(pattern, self.language)

    def code(self, kind: str, code: str) -> str:
        """The name of a code of a list."""
        return self._t(f"{kind}.{code}") if self._t.knows(f"{kind}.{code}") else code

    def item(self, item: Item) -> str:
        """What an item is called."""
        if item.kind in ("episode", "support", "referral"):
            return self.measure(item.code) or self._t(f"kind.{item.kind}")
        if item.kind in _PREFIX:
            return self.code(_PREFIX[item.kind], item.code)
        if item.kind == "test":
            return item.code
        if item.kind == "move":
            return area_name(item.code) if item.code else self._t("kind.absence")
        return self._t(f"kind.{item.kind}")

    def details(self, item: Item) -> list[str]:
        """What else there is to say of an item, each a few words."""
        said = []
        if item.level is not None:
            said.append(self._t("detail.level", value=item.level))
        if item.planned_end is not None and item.end is None:
            said.append(self._t("detail.planned", value=self.day(item.planned_end)))
        for name, value in item.details:
            if name in _SAID:
                value = self.code(name, value)
            elif name == "bridge_to":
                value = self.measure(value)
            said.append(self._t(f"detail.{name}", value=value))
        return said

    def when(self, item: Item) -> str:
        """The time of an item."""
        if item.end is None:
            return self._t("since_open", date=self.day(item.start))
        if item.end == item.start:
            return self.day(item.start)
        return self._t("from_to", start=self.day(item.start), end=self.day(item.end))

    def day(self, ordinal: int) -> str:
        """A day as it is written in the language."""
        return self._t.date(date.fromordinal(ordinal))

    def title(self, item: Item) -> str:
        """All of an item in one line."""
        kind = self._t(f"kind.{item.kind}")
        name = self.item(item)
        head = name if name == kind else f"{kind}: {name}"
        return " · ".join([head, self.when(item), *self.details(item)])
