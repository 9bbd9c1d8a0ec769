"""Who is a member when, and who knew it when: memberships in two times, and the figures drawn from them (S20)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.enrollment.domain.programme import BERLIN
from services.enrollment.domain.reference import Area, AreaKind, AreaTable


@dataclass(frozen=True, slots=True)
class Membership:
    """One version of a membership.

    Member from `started_on` to the day before `ended_on`; the programme knew so from `known_at` until
    `known_until` (instants in UTC), when a later version took its place.
    """

    membership_id: str
    ags: str
    started_on: date
    ended_on: date | None
    known_at: datetime
    known_until: datetime | None = None

    def holds(self, as_of: date, known_at: datetime) -> bool:
        """Whether, by what was known at the instant, the membership ran on the day."""
        known = self.known_at <= known_at and (self.known_until is None or known_at < self.known_until)
        return known and self.started_on <= as_of and (self.ended_on is None or as_of < self.ended_on)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole; `percent` is rounded to one decimal, none of nothing is 0."""

    part: int
    whole: int

    @property
    def percent(self) -> float:
        """The part in per cent of the whole."""
        return round(100 * self.part / self.whole, 1) if self.whole else 0.0


@dataclass(frozen=True, slots=True)
class MemberCount:
    """The figure funding depends on: members as of a day, as known at an instant."""

    as_of: date
    known_at: datetime
    total: int
    by_kind: dict[AreaKind, int]
    share_of_areas: Share
    share_of_municipalities: Share
    share_of_population: Share


def members(versions: Iterable[Membership], as_of: date, known_at: datetime) -> set[str]:
    """The keys of all members on the day, as known at the instant."""
    return {version.ags for version in versions if version.holds(as_of, known_at)}


def count(table: AreaTable, joined: Iterable[str], *, as_of: date, known_at: datetime) -> MemberCount:
    """Figures over the joined keys: by kind, as a share of all who may join, of Gemeinden, of the population.

    A Gemeinde whose Kreis has joined is covered once, by itself or by the Kreis: never counted twice.
    """
    areas = list(table.valid_on(as_of))
    joined_keys = set(joined)
    inside = [area for area in areas if area.ags in joined_keys]
    kinds = Counter(area.kind for area in inside)
    gemeinden = [area for area in areas if area.kind in (AreaKind.KREISANGEHOERIG, AreaKind.KREISFREIE_STADT)]
    covered = [area for area in gemeinden if is_covered(area, joined_keys)]
    return MemberCount(
        as_of=as_of,
        known_at=known_at,
        total=len(inside),
        by_kind={kind: kinds.get(kind, 0) for kind in AreaKind},
        share_of_areas=Share(len(inside), len(areas)),
        share_of_municipalities=Share(len(covered), len(gemeinden)),
        share_of_population=Share(sum(a.population for a in covered), sum(a.population for a in gemeinden)),
    )


def is_covered(area: Area, joined: set[str]) -> bool:
    """Whether a Gemeinde lies in the programme's territory: by its own membership or by that of its Kreis."""
    return area.ags in joined or area.district in joined


def history(
    versions: Sequence[Membership], days: Iterable[date], known_at: datetime | None = None
) -> list[tuple[date, int]]:
    """The number of members on each day; with `known_at` as known then, else as known by each day's end (UTC)."""
    points = []
    for day in days:
        instant = known_at or end_of_day(day)
        points.append((day, len(members(versions, day, instant))))
    return points


def end_of_day(day: date) -> datetime:
    """The last instant of a calendar day in Europe/Berlin."""
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN) + timedelta(days=1, microseconds=-1)
