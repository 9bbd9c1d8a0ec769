"""The facts that hold: repeats, merges, retractions, erasures, restrictions (docs/patterns.md, "Which facts hold")."""

from __future__ import annotations

from collections.abc import Iterable

from services.pathways.domain.facts import ORDER, Fact, pack
from services.pathways.domain.schemas import Kind

_RESTRICTIONS = frozenset({Kind.RESTRICTED, Kind.RELEASED})
_FINAL = frozenset({Kind.MERGED, Kind.SPLIT, Kind.ERASED}) | _RESTRICTIONS
_STATEMENTS = _FINAL | {Kind.RETRACTED}
_LINKS = frozenset({Kind.MERGED, Kind.SPLIT})


class Group:
    """A person: the pseudonyms merged at present, under whom they are evaluated, and the facts that hold, in order.

    `restricted`: the facts are kept and not evaluated (Einschränkung der Verarbeitung, Art. 18 DSGVO).
    """

    __slots__ = ("erased", "facts", "leader", "members", "restricted")

    def __init__(self, leader: str, members: frozenset[str], facts: list[Fact]) -> None:
        self.leader = leader
        self.members = members
        self.facts = facts
        self.erased = False
        self.restricted = False


def arrange(facts: Iterable[Fact]) -> tuple[list[Group], frozenset[str]]:
    """The merge groups of the facts of a cluster, and every pseudonym that has a fact (of a known type)."""
    unique = [fact for fact in _unique(sorted(facts, key=ORDER)) if fact.kind]
    subjects = frozenset([fact.subject for fact in unique])
    if len(subjects) == 1 and _STATEMENTS.isdisjoint([fact.kind for fact in unique]):
        return [Group(unique[0].subject, subjects, unique)], subjects
    return _groups(unique, subjects), subjects


def _unique(ordered: list[Fact]) -> list[Fact]:
    if len({(fact.source, fact.id) for fact in ordered}) == len(ordered):
        return ordered
    first: dict[tuple[str, str], Fact] = {}
    for fact in ordered:
        key = (fact.source, fact.id)
        held = first.get(key)
        same_time = held is not None and (held.at, held.fraction) == (fact.at, fact.fraction)
        if held is None or (same_time and pack([fact]) < pack([held])):
            first[key] = fact
    return list(first.values())


def _groups(facts: list[Fact], subjects: frozenset[str]) -> list[Group]:
    merges = _merges(facts)
    group_of = _components(subjects, merges)
    named = {other for _, other in merges}
    erased = {fact.subject for fact in facts if fact.kind == Kind.ERASED}
    restricted = _restricted(facts)
    by_group: dict[frozenset[str], list[Fact]] = {group_of[subject]: [] for subject in sorted(subjects)}
    for fact in facts:
        by_group[group_of[fact.subject]].append(fact)
    groups = []
    for members, own in by_group.items():
        heads = members - named
        group = Group(min(heads or members), members, _not_retracted(own))
        group.erased = not members.isdisjoint(erased)
        group.restricted = not members.isdisjoint(restricted)
        groups.append(group)
    return groups


def _restricted(facts: list[Fact]) -> set[str]:
    """The pseudonyms whose processing is restricted at present: the latest statement about each holds."""
    restricted: set[str] = set()
    for fact in facts:
        if fact.kind == Kind.RESTRICTED:
            restricted.add(fact.subject)
        elif fact.kind == Kind.RELEASED:
            restricted.discard(fact.subject)
    return restricted


def _merges(facts: list[Fact]) -> list[tuple[str, str]]:
    """The merges in force as (kept, other): per pair the latest statement holds."""
    latest: dict[frozenset[str], Fact] = {}
    for fact in facts:
        if fact.kind in _LINKS:
            latest[frozenset((fact.subject, fact.values[0]))] = fact
    return [(fact.subject, fact.values[0]) for fact in latest.values() if fact.kind == Kind.MERGED]


def _components(subjects: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    parent = {subject: subject for subject in subjects}

    def root(member: str) -> str:
        while parent.setdefault(member, member) != member:
            parent[member] = member = parent[parent[member]]
        return member

    for one, other in pairs:
        parent[root(one)] = root(other)
    members: dict[str, list[str]] = {}
    for member in list(parent):
        members.setdefault(root(member), []).append(member)
    return {member: group for group in map(frozenset, members.values()) for member in group}


def _not_retracted(facts: list[Fact]) -> list[Fact]:
    retractions = [fact for fact in facts if fact.kind == Kind.RETRACTED]
    if not retractions:
        return facts
    place = {(fact.source, fact.id): index for index, fact in enumerate(facts)}
    gone: set[int] = set()
    for fact in reversed(retractions):
        own = place[(fact.source, fact.id)]
        source, id = fact.values[0]
        target = place.get((source, id))
        if own in gone or target is None or source != fact.source or facts[target].kind in _FINAL:
            continue
        if facts[target].kind != Kind.RETRACTED or target < own:
            gone.add(target)
    return [fact for index, fact in enumerate(facts) if index not in gone]


def cluster_of(facts: Iterable[Fact]) -> list[list[Fact]]:
    """The facts of a file cut into clusters: persons ever linked by a merge or a split stay together."""
    held = list(facts)
    pairs = [(fact.subject, fact.values[0]) for fact in held if fact.kind in _LINKS]
    if not pairs:
        alone: dict[str, list[Fact]] = {}
        for fact in held:
            alone.setdefault(fact.subject, []).append(fact)
        return list(alone.values())
    group_of = _components({fact.subject for fact in held}, pairs)
    clusters: dict[frozenset[str], list[Fact]] = {}
    for fact in held:
        clusters.setdefault(group_of[fact.subject], []).append(fact)
    return list(clusters.values())
