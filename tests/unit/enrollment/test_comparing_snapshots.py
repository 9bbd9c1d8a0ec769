"""A snapshot tells what began, ended, was wrong or never was, and nothing else."""

import itertools
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.domain.snapshot import Key, Plan, Record, Scope, Stated, compare, key_of

STARTED, ENDED = "gemeinsam.measure.started.v1", "gemeinsam.measure.ended.v1"
WORK, WORK_ENDED = "gemeinsam.employment.started.v1", "gemeinsam.employment.ended.v1"
CHANGED = "gemeinsam.status.changed.v1"
TYPES = frozenset({STARTED, ENDED, WORK, WORK_ENDED, CHANGED})
COMMON = {"municipality": "05315000", "rechtskreis": "SGB2", "legal_basis": "SGB2_16", "purpose": "CASE_MANAGEMENT"}
_ids = itertools.count()
SCOPE = Scope(date(2020, 1, 1), date(2020, 12, 31))


def started(number: int = 1, on: str = "2020-02-01", **more: Any) -> Stated:
    own = {"measure_id": f"m{number}", "type": "MAT", "provider": "x", "started_on": on}
    return Stated(2, "P", STARTED, COMMON | own | more)


def ended(number: int = 1, on: str = "2020-05-01", **more: Any) -> Stated:
    own = {"measure_id": f"m{number}", "ended_on": on, "exit": "COMPLETED_GOAL"}
    return Stated(2, "P", ENDED, COMMON | own | more)


def worked(type_: str = WORK, on: str = "2020-03-01", kind: str = "REGULAR") -> Stated:
    name = "started_on" if type_ == WORK else "ended_on"
    return Stated(3, "P", type_, COMMON | {"spell_id": "s1", name: on, "kind": kind})


def status(code: str, on: str = "2020-03-01") -> Stated:
    return Stated(4, "P", CHANGED, COMMON | {"changed_on": on, "residence_class": code})


def plan(old: dict[Key, Record], *new: Stated, scope: Scope = SCOPE, whole: bool = True) -> Plan:
    return compare(old, new, scope, source="//a/b", types=TYPES, whole=whole)


def after(old: dict[Key, Record], made: Plan) -> dict[Key, Record]:
    """The records once all facts of a plan have been told."""
    records = {key: Record(dict(one.facets), dict(one.told)) for key, one in old.items()}
    for move in made.moves:
        record = records.setdefault(move.key, Record())
        if move.after is None:
            record.facets.pop(move.facet, None)
        else:
            record.facets[move.facet] = move.after
        if move.retracts is not None:
            del record.told[move.retracts]
        else:
            record.told[f"f{next(_ids)}"] = move.type
    return {key: one for key, one in records.items() if one.told}


def said(made: Plan) -> list[tuple[str, str]]:
    return [(str(move.step), move.type.split(".", 1)[1].removesuffix(".v1")) for move in made.moves]


def test_the_first_snapshot_tells_everything():
    made = plan({}, started(), ended(), worked(), status("GEDULDET"))
    assert said(made) == [
        ("started", "measure.started"),
        ("ended", "measure.ended"),
        ("started", "employment.started"),
        ("started", "status.changed"),
    ]
    assert (made.compared, made.share) == (0, 0.0)


def test_a_changed_measure_is_corrected_field_by_field():
    old = after({}, plan({}, started(hours=10, offer_id="o1")))
    made = plan(old, started(on="2020-02-03", hours=10))
    assert said(made) == [("corrected", "measure.corrected")]
    assert made.moves[0].data == COMMON | {"measure_id": "m1", "offer_id": None, "started_on": "2020-02-03"}


def test_an_end_that_is_gone_is_taken_back():
    old = after({}, plan({}, started(hours=10), ended(hours=20)))
    made = plan(old, started(hours=10))
    own = {"measure_id": "m1", "ended_on": None, "exit": None, "hours": 10}
    assert [move.data for move in made.moves] == [COMMON | own]
    again = plan(after(old, made), started(hours=10), ended(hours=20))
    assert said(again) == [("ended", "measure.ended")]


def test_what_has_no_correction_is_told_anew_or_retracted():
    old = after({}, plan({}, worked(), worked(WORK_ENDED, "2020-09-01"), status("GEDULDET")))
    made = plan(old, worked(kind="MINIJOB"), status("SCHUTZ"))
    assert sorted(said(made)) == [
        ("corrected", "employment.started"),
        ("retracted", "fact.retracted"),
        ("retracted", "fact.retracted"),
        ("started", "status.changed"),
    ]


def test_a_record_that_is_gone_is_retracted_with_all_that_was_told_of_it():
    first = after({}, plan({}, started(), ended(), started(2)))
    second = after(first, plan(first, started(on="2020-02-02"), ended(), started(2)))
    made = plan(second, started(2))
    assert said(made) == [("retracted", "fact.retracted")] * 3
    assert {move.data["retracts"]["source"] for move in made.moves} == {"//a/b"}
    assert list(after(second, made)) == [key_of("P", STARTED, started(2).data)]
    assert (made.compared, made.changed, made.share) == (2, 1, 0.5)


def test_scope_and_kinds_bound_what_is_missing():
    old = after(
        {},
        plan({}, started(1, "2018-01-01"), ended(1, "2018-05-01"), scope=Scope(date(2018, 1, 1), date(2018, 12, 31))),
    )
    assert plan(old).moves == []
    still_open = after({}, plan({}, started(1, "2018-01-01")))
    assert said(plan(still_open)) == [("retracted", "fact.retracted")]
    assert compare(still_open, (), SCOPE, source="//a/b", types=frozenset({WORK}), whole=True).moves == []


def test_nothing_is_taken_back_while_rows_could_not_be_read():
    old = after({}, plan({}, started(), ended(), started(2)))
    made = plan(old, started(on="2020-02-02"), whole=False)
    assert said(made) == [("corrected", "measure.corrected")]
    assert (made.withheld, made.changed) == (2, 1)


def test_rows_that_contradict_each_other_are_refused_and_take_nothing_back():
    old = after({}, plan({}, started(), started(2)))
    made = plan(old, started(), started(on="2020-03-03"))
    assert (made.refused, made.moves, made.withheld) == ([(2, "contradicts_itself")], [], 1)


_states = st.lists(
    st.one_of(
        st.builds(started, st.integers(1, 3), st.sampled_from(["2020-02-01", "2020-02-02"]), hours=st.integers(1, 2)),
        st.builds(ended, st.integers(1, 3), st.sampled_from(["2020-05-01", "2020-05-02"])),
        st.builds(worked, st.sampled_from([WORK, WORK_ENDED]), st.sampled_from(["2020-03-01", "2020-03-02"])),
        st.builds(status, st.sampled_from(["GEDULDET", "SCHUTZ"])),
    ),
    max_size=8,
    unique_by=lambda stated: (stated.type, key_of(stated.subject, stated.type, stated.data)),
)


@given(st.lists(_states, min_size=1, max_size=4))
def test_what_is_told_always_leads_from_the_old_state_to_the_new(states: list[list[Stated]]):
    records: dict[Key, Record] = {}
    for state in states:
        records = after(records, plan(records, *state))
        held = {(key, type_): dict(facet) for key, one in records.items() for type_, facet in one.facets.items()}
        assert held == {(key_of(one.subject, one.type, one.data), one.type): dict(one.data) for one in state}
        assert plan(records, *state).moves == []
