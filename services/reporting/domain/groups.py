"""Merge groups: which pseudonyms are one person at present, and under which of them it is counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """The latest statement about a pair: merged (`kept` is the subject, `other` goes up in it), or split again."""

    kept: str
    other: str
    merged: bool


def groups(persons: Iterable[str], links: Iterable[Link]) -> dict[str, list[str]]:
    """The groups by the member they are counted under: one no merge names as `other` (several or none: the least)."""
    merges = [link for link in links if link.merged]
    above: dict[str, str] = {person: person for person in persons}

    def root(person: str) -> str:
        while above.setdefault(person, person) != person:
            above[person] = person = above[above[person]]
        return person

    for link in merges:
        above[root(link.other)] = root(link.kept)
    members: dict[str, list[str]] = {}
    for person in list(above):
        members.setdefault(root(person), []).append(person)
    named = {link.other for link in merges}
    return {min([one for one in group if one not in named] or group): sorted(group) for group in members.values()}
