"""From a story and its findings to the pieces of a drawing, with what lights up when a finding is selected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from services.pathways.domain.drawing import Drawing, Lane, Part, Piece, draw
from services.pathways.domain.finding import Finding
from services.pathways.domain.rules import Rules
from services.pathways.domain.story import Item, Story
from services.pathways.pages.words import Words
from services.pathways.usecases.precheck import Checked
from services.pathways.usecases.timeline import Shown
from shared.web.texts import Tongue

_LEVELS = ("5", "4", "3", "2", "1", "0")
_LANES = ("spells", *_LEVELS, "support", "referral", "marks", "benefit", "findings")
MARKS = {
    "test": "diamond",
    "certificate": "square",
    "goal": "ring",
    "contact": "dot",
    "registration": "flag",
    "move": "flag",
}
"""The form each kind of mark has, so that colour is not alone in telling them apart."""
_WOULD_LAST = 75
_MOST_LIT = 40
"""How many findings the style sheet can light up while one points at them."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A finding with its number on the page, and whether it is the selected one."""

    number: int
    shown: Shown
    selected: bool

    @property
    def finding(self) -> Finding:
        """The finding itself; only findings shown in full are numbered."""
        assert self.shown.finding is not None
        return self.shown.finding

    @property
    def key(self) -> str:
        """How the address names it."""
        return f"{self.finding.pattern}/{self.finding.anchor}"


def numbered(findings: Sequence[Shown], selected: str) -> list[Numbered]:
    """The findings shown in full, numbered in their order; `selected` is a key."""
    full = [shown for shown in findings if shown.finding is not None]
    return [
        Numbered(number, shown, selected == f"{shown.finding.pattern}/{shown.finding.anchor}")
        for number, shown in enumerate(full, start=1)
        if shown.finding is not None
    ]


def resting_on(item: Item, findings: Sequence[Numbered]) -> list[Numbered]:
    """The findings that have an item in their evidence."""
    return [one for one in findings if set(item.ids) & set(one.finding.evidence)]


class Picture:
    """Makes the drawing of a person or of an example."""

    def __init__(self, tongue: Tongue, words: Words, rules: Rules) -> None:
        self._t = tongue
        self._words = words
        self._rules = rules

    def of(
        self,
        story: Story,
        findings: Sequence[Numbered],
        *,
        today: int,
        link: str = "",
        checked: Checked | None = None,
    ) -> Drawing:
        """The drawing; `link` is put before a finding's key to select it, `checked` is drawn into it."""
        pieces = [piece for item in story.items for piece in self._item(item, findings, today)]
        pieces += [piece for one in findings for piece in self._finding(one, today, link)]
        if checked is not None:
            pieces += self._plan(checked)
        lanes = [Lane(key, self._t(f"lane.{key}")) for key in _LANES]
        used = {piece.lane for piece in pieces}
        shown = [lane for lane in lanes if lane.key in used or lane.key in _LEVELS or lane.key == "findings"]
        absences = [
            (item.start, item.end if item.end is not None else today, self._words.title(item))
            for item in story.items
            if item.kind == "absence"
        ]
        return draw(shown, pieces, today=today, absences=absences)

    def _item(self, item: Item, findings: Sequence[Numbered], today: int) -> list[Piece]:
        if item.kind == "absence":
            return []
        about = resting_on(item, findings)
        classes = ["item", f"k-{item.kind}", *(f"e-{one.number}" for one in about if one.number <= _MOST_LIT)]
        if item.category:
            classes.append(f"c-{item.category}")
        if any(one.selected for one in about):
            classes.append("lit")
        mark = MARKS.get(item.kind, "")
        end = item.start if mark else item.end if item.end is not None else max(today, item.start)
        if item.end is None:
            classes.append("open")
        elif item.kind == "benefit":
            end = max(item.end - 1, item.start)  # on its last day the next one begins
        label = self._mark(item) if mark else self._words.item(item)
        return [
            Piece(
                lane=_lane_of(item),
                start=item.start,
                end=end,
                label=label,
                title=self._words.title(item),
                classes=" ".join(classes),
                until=item.planned_end if item.end is None else None,
                mark=mark,
                short=item.code.replace("_", " ") if item.kind in ("episode", "support", "referral") else "",
            )
        ]

    def _mark(self, item: Item) -> str:
        if item.kind in ("test", "certificate"):
            return item.code
        if item.kind == "goal":
            return self._words.item(item)
        return ""

    def _finding(self, one: Numbered, today: int, link: str) -> list[Piece]:
        finding = one.finding
        first = finding.since.toordinal()
        last = finding.until.toordinal() - 1 if finding.until else max(today, first)
        good = finding.pattern.startswith("P")
        classes = ["finding", f"f-{one.number}"]
        classes += ["chosen"] if one.selected else []
        classes += ["open"] if finding.until is None else []
        name = self._words.pattern(finding.pattern)
        steps = [f"{self._t(f'severity.{severity}')} {self._t.date(on)}" for severity, on in finding.steps]
        # Of two steps on one day the later one is seen.
        parts = {on.toordinal(): "good" if good else severity for severity, on in finding.steps}
        return [
            Piece(
                "findings",
                first,
                last,
                name,
                " · ".join([name, *steps]),
                " ".join(classes),
                f"{link}{quote(one.key, safe='/')}" if link else "",
                parts=tuple(Part(start, style) for start, style in parts.items()),
                whole=True,
            )
        ]

    def _plan(self, checked: Checked) -> list[Piece]:
        plan = checked.plan
        kind = self._rules.types[plan.type]
        start = plan.starts_on.toordinal()
        end = plan.planned_end_on.toordinal() if plan.planned_end_on else start + _WOULD_LAST
        lane = str(kind.level) if kind.countable else "support"
        title = self._t("pre.drawn", type=self._words.measure(plan.type))
        pieces = [Piece(lane, start, end, title, title, "item would", short=plan.type.replace("_", " "))]
        on = checked.on.toordinal()
        drawn = (("pre.would", checked.makes), ("pre.would_worsen", checked.worsens), ("pre.would_end", checked.ends))
        for text, effects in drawn:
            for effect in effects:
                if effect.finding is not None:
                    title = self._t(text, name=self._words.pattern(effect.finding.pattern))
                    pieces.append(_would(on, title, "good" if text == "pre.would_end" else effect.severity))
        return pieces


def _would(on: int, title: str, style: str) -> Piece:
    parts = (Part(on, style),)
    return Piece("findings", on, on + _WOULD_LAST, title, title, "finding would", parts=parts, whole=True)


def _lane_of(item: Item) -> str:
    if item.kind == "episode":
        return str(item.level) if str(item.level) in _LEVELS else "support"
    if item.kind in ("test", "certificate", "goal"):
        return "marks"
    if item.kind in ("support", "contact", "registration", "move"):
        return "support"
    return {"spell": "spells", "referral": "referral", "benefit": "benefit"}[item.kind]
