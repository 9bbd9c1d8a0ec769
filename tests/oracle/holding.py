"""Which facts hold: one of equal ids, merge groups, retractions, erasure."""

from tests.oracle.canonical import canonical
from tests.oracle.days import instant
from tests.oracle.reading import kind_of


def rank(event):
    """(`time`, `source`, `id`): the greater is the later."""
    return instant(event["time"]), event["source"], event["id"]


def one_of_each(events):
    """Equal (`source`, `id`) is one fact: that with the earlier time, then the lesser canonical JSON."""
    held = {}
    for event in events:
        name = (event["source"], event["id"])
        rival = held.get(name)
        if rival is None or (instant(event["time"]), canonical(event)) < (instant(rival["time"]), canonical(rival)):
            held[name] = event
    return list(held.values())


def merges_in_force(events):
    """(kept, other) of every pair whose latest statement is a merge; retractions never touch these."""
    latest = {}
    for event in events:
        if kind_of(event) in ("person.merged", "person.split"):
            pair = frozenset((event["subject"], event["data"]["other"]))
            if pair not in latest or rank(event) > rank(latest[pair]):
                latest[pair] = event
    return [(e["subject"], e["data"]["other"]) for e in latest.values() if kind_of(e) == "person.merged"]


def members(person, merges):
    """Everybody connected with the person by merges in force."""
    group = {person}
    while True:
        more = {x for pair in merges for x in pair if group & set(pair)} | group
        if more == group:
            return group
        group = more


def head(group, merges):
    """The member no merge in force names as `other`; of several, or of all if there is none, the least."""
    named = {other for _, other in merges}
    return min(group - named or group)


def without_retracted(events):
    """The facts of one merge group that are not retracted; a retraction is undone only by a later one."""
    standing = list(events)
    retractions = sorted((e for e in events if kind_of(e) == "fact.retracted"), key=rank, reverse=True)
    for retraction in retractions:
        if retraction not in standing:
            continue
        standing = [e for e in standing if not names(retraction, e)]
    return standing


def names(retraction, event):
    """Whether the retraction takes the event out."""
    named = retraction["data"]["retracts"]
    if named["source"] != retraction["source"]:
        return False
    if (event["source"], event["id"]) != (named["source"], named["id"]):
        return False
    kind = kind_of(event)
    if kind in ("person.merged", "person.split", "person.erased"):
        return False
    return kind != "fact.retracted" or rank(retraction) > rank(event)


def groups(events):
    """(head, members, facts that hold) of every merge group; facts are None if one of the group is erased."""
    events = [event for event in one_of_each(events) if kind_of(event) is not None]
    merges = merges_in_force(events)
    seen = set()
    for person in sorted({event["subject"] for event in events}):
        if person in seen:
            continue
        group = members(person, merges)
        seen |= group
        facts = [event for event in events if event["subject"] in group]
        erased = any(kind_of(event) == "person.erased" for event in facts)
        yield head(group, merges), group & {e["subject"] for e in events}, None if erased else without_retracted(facts)
