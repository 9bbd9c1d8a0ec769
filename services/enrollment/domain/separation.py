"""Which records go to a new pseudonym when one was given to two people by mistake (Trennung)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from shared.errors import Invalid


def leaving(sources: Iterable[str], chosen: Collection[str]) -> list[str]:
    """The sources that go, of those that know a person; raises Invalid unless some go and some stay.

    A source's records of one person cannot be told apart by anybody but itself: a source goes with all of them.
    """
    known = set(sources)
    strangers = sorted(set(chosen) - known)
    if strangers:
        raise Invalid("these sources do not know this person", field="sources", reason="separation_strangers")
    if not chosen:
        raise Invalid("name the sources that go", field="sources", reason="separation_nobody")
    if known == set(chosen):
        raise Invalid("at least one source stays", field="sources", reason="separation_all")
    return sorted(set(chosen))
