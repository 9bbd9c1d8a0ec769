"""What there is to tell of a person as of a day: one item a thing, in order, for the drawing, the table and the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from services.pathways.domain.dates import LONG_AGO, OPEN
from services.pathways.domain.disclosure import Disclosure
from services.pathways.domain.episodes import Episode, Seen
from services.pathways.domain.facts import Fact
from services.pathways.domain.rules import Rules
from services.pathways.domain.schemas import Kind
from services.pathways.domain.timeline import Timeline


class Item(NamedTuple):
    """One thing in a person's story; days are ordinals, `end` None while it goes on.

    `kind`: episode, support (advice and benefits beside the ladder), referral, spell, test, certificate, benefit,
    contact, goal, registration, move, absence. `id` and `ids` are what findings name as evidence. `code` is the code
    of what it is; `details` are further (name, code) pairs.
    """

    kind: str
    id: str
    ids: tuple[str, ...]
    code: str
    start: int
    end: int | None
    level: int | None = None
    category: str | None = None
    planned_end: int | None = None
    details: tuple[tuple[str, str], ...] = ()


class Story(NamedTuple):
    """What a reader may see: items by start, and whether there is more that is not open to the reader."""

    items: list[Item]
    withheld: bool


def tell(timeline: Timeline, facts: Iterable[Fact], rules: Rules, disclosure: Disclosure) -> Story:
    """The story of a person from its timeline and the facts that hold, without what the reader may not see."""
    held = list(facts)
    every = [
        *_episodes(timeline),
        *_measures(timeline, rules),
        *_spells(timeline),
        *_dated(held, timeline.today),
        *_benefits(timeline),
    ]
    shown = [item for item in every if disclosure.ids(item.ids)]
    withheld = len(shown) < len(every)
    shown += _absences(timeline)
    shown.sort(key=lambda item: (item.start, item.kind, item.id))
    return Story(shown, withheld)


def _episodes(timeline: Timeline) -> Iterator[Item]:
    for episode in timeline.episodes:
        yield Item(
            "episode",
            episode.id,
            tuple(episode.ids),
            episode.kind.code,
            episode.start,
            None if episode.end == OPEN else episode.end,
            level=episode.kind.level,
            category=episode.kind.category,
            planned_end=episode.planned_end,
            details=_of_episode(episode, timeline),
        )


def _of_episode(episode: Episode, timeline: Timeline) -> tuple[tuple[str, str], ...]:
    last = timeline.known.measures[episode.ids[-1]]
    details = [("exit", episode.exit), ("provider", timeline.known.measures[episode.id].provider)]
    if episode.end != OPEN:
        details.append(("destination", last.destination))
    if episode.hours:
        details.append(("hours", f"{episode.hours:g}"))
    details.append(("bridge_to", episode.bridge_to))
    return tuple((name, value) for name, value in details if value)


def _measures(timeline: Timeline, rules: Rules) -> Iterator[Item]:
    for seen in timeline.measures:
        measure = seen.measure
        kind = rules.types.get(measure.type or "")
        if seen.took_place and (kind is None or not kind.countable):
            assert seen.start is not None
            end = None if seen.end == OPEN else seen.end
            yield Item("support", measure.id, (measure.id,), measure.type or "", seen.start, end)
        if seen.referred is not None:
            yield _referral(seen, timeline.today)


def _referral(seen: Seen, today: int) -> Item:
    measure, referred = seen.measure, seen.referred
    assert referred is not None
    no_show = min(seen.no_shows, default=None)
    ends = {"no_show": no_show, "refused": measure.refused_on, "cancelled": measure.cancelled_on}
    known = {name: on for name, on in ends.items() if on is not None and on <= today}
    if seen.took_place:
        known = {"started": seen.start or referred}
    what, end = min(known.items(), key=lambda pair: pair[1], default=("waiting", None))
    end = max(end, referred) if end is not None else None
    return Item("referral", measure.id, (measure.id,), measure.type or "", referred, end, details=(("outcome", what),))


def _spells(timeline: Timeline) -> Iterator[Item]:
    counted = {spell.id for spell in timeline.spells}
    for id, (kind, start, end, training) in timeline.known.spells.items():
        if start is None or start > timeline.today:
            continue
        shown_end = max(end, start) if end is not None and end <= timeline.today else None
        area = "training" if training else "employment"
        details = (("area", area),) if id in counted else (("area", area), ("counts", "no"))
        yield Item("spell", id, (id,), kind, start, shown_end, details=details)


_POINTS: dict[int, tuple[str, int, int]] = {
    # kind of fact: kind of item, place of its date, place of its code
    Kind.TESTED: ("test", 1, 2),
    Kind.CERTIFICATE: ("certificate", 1, 2),
    Kind.CONTACT: ("contact", 0, 1),
    Kind.GOAL: ("goal", 0, 1),
    Kind.REGISTERED: ("registration", 0, 3),
    Kind.MOVED: ("move", 0, 1),
}


def _dated(facts: list[Fact], today: int) -> Iterator[Item]:
    """Points in time; of several facts about one test or certificate the latest is told."""
    points: dict[tuple[str, str], Item] = {}
    for fact in facts:
        found = _POINTS.get(fact.kind)
        if found is None:
            continue
        kind, date_at, code_at = found
        on, code = fact.values[date_at], fact.values[code_at]
        if on > today:
            continue
        id = fact.values[0] if kind in ("test", "certificate") else fact.id
        details = (("test_source", fact.values[3]),) if kind == "test" else ()
        points[(kind, id)] = Item(kind, id, (id,), str(code or ""), on, on, details=details)
    yield from points.values()


def _benefits(timeline: Timeline) -> Iterator[Item]:
    changes = timeline.benefits
    for place, fact in enumerate(changes):
        on, _, to_benefit = fact.values
        end = changes[place + 1].values[0] - 1 if place + 1 < len(changes) else None
        if end is None or end >= on:
            yield Item("benefit", fact.id, (fact.id,), to_benefit, on, end)


def _absences(timeline: Timeline) -> list[Item]:
    periods = timeline.periods
    gone = [(before.end, after.start - 1) for before, after in pairwise(periods)]
    absences = [Item("absence", "", (), "", start, end) for start, end in gone if start <= timeline.today]
    if periods and periods[-1].reason == "left" and periods[-1].end <= timeline.today:
        absences.append(Item("absence", "", (), "", periods[-1].end, None))
    return [item for item in absences if item.start != LONG_AGO]
