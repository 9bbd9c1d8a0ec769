"""What holds for every timeline: order, repeats, batches play no part; retracted is never sent; nothing is due late."""

import json
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.pathways.domain.diff import difference
from services.pathways.domain.evaluate import evaluate
from services.pathways.domain.facts import (
    Unreadable,
    append,
    decode,
    decode_line,
    each_once,
    fields,
    pack,
    unpack,
    with_care,
)
from services.pathways.domain.quick import quick
from services.pathways.domain.schemas import BY_KIND, Form, Kind
from services.pathways.rules import load

RULES = load()
FIRST = date(2018, 1, 1)
LONG = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
CODES = {
    "type": ["IK_ALLG", "IK_JUGEND", "MAT", "BVB", "AGH", "EQ", "TQ", "HSA9", "MBE", "BAB", "NEW_TYPE"],
    "provider": ["T1", "T1", "T2"],
    "bridge_to": ["VOC", "LANG", "AUSB_BETR", "EMPSUB", "MBE"],
    "exit": [
        *["COMPLETED_NO_RESULT", "COMPLETED_GOAL", "DROPOUT_PERSON", "EXCLUDED", "HEALTH", "MOVED", "NO_SHOW"],
        *["DEPORTED", "EARLY_EMPLOYMENT", "NEW_EXIT"],
    ],
    "destination": ["EMP_UNSUB", "UNEMPLOYED"],
    "level": ["A1", "A2", "B1", "B2"],
    "test_source": ["test", "test", "estimate"],
    "certificate": ["HSA9", "TQ", "OTHER"],
    "from_benefit": ["ASYLBLG_GRUND", "SGB2", "NONE"],
    "to_benefit": ["ASYLBLG_GRUND", "SGB2", "NONE"],
    "goal": ["TRAINING", "EMPLOYMENT"],
    "to_municipality": ["05315000", "05111000", "", "11000000"],
    "subject": ["A", "A", "A", "B"],
    "kind": ["REGULAR", "SELF", "MINIJOB", "COMPANY", "SCHOOL"],
}
DAYS = st.one_of(
    st.integers(0, 1200), st.sampled_from([0, 13, 14, 15, 29, 30, 59, 60, 89, 90, 91, 179, 180, 364, 365, 730])
)
ABOUT_PERSONS = [Kind.REGISTERED, Kind.MOVED, Kind.BENEFIT, Kind.GOAL, Kind.CONTACT, Kind.TESTED, Kind.CERTIFICATE]
ABOUT_SPELLS = [Kind.EMPLOYMENT_STARTED, Kind.EMPLOYMENT_ENDED, Kind.TRAINING_STARTED, Kind.TRAINING_ENDED]
ABOUT_MEASURES = [
    *[Kind.STARTED] * 4,
    *[Kind.ENDED] * 3,
    *[Kind.REFERRED, Kind.REFUSED, Kind.NO_SHOW, Kind.EXTENDED, Kind.CORRECTED, Kind.CANCELLED],
]
KINDS = [*ABOUT_MEASURES * 2, *ABOUT_SPELLS, *ABOUT_PERSONS, Kind.STATUS]


def value(draw, name, form):
    if form == Form.DATE:
        return (FIRST + timedelta(days=draw(DAYS))).isoformat()
    if form == Form.MONTH:
        return draw(st.sampled_from(["1993-01", "1995-06", "2001-03"]))
    if form == Form.NUMBER:
        return draw(st.sampled_from([300, 600]))
    if name.endswith("_id"):
        return draw(st.sampled_from([f"{name[0]}{number}" for number in range(5)]))
    return draw(st.sampled_from(CODES.get(name, ["x"])))


@st.composite
def fact(draw, number, kinds):
    kind = draw(st.sampled_from(kinds))
    schema = BY_KIND[kind]
    subject = draw(st.sampled_from(CODES["subject"]))
    data = {
        name: value(draw, name, form)
        for name, form, required in schema.fields
        if required or draw(st.integers(0, 2)) == 0
    }
    if kind in (Kind.MERGED, Kind.SPLIT):
        data["other"] = "B" if subject == "A" else "A"
    if kind == Kind.CORRECTED and draw(st.integers(0, 3)) == 0:
        data["ended_on"] = None
    time = f"2021-01-01T00:00:{draw(st.integers(0, 59)):02d}Z"
    source = draw(st.sampled_from(["//a", "//b"]))
    return decode(source, f"f{number}", schema.type, subject, time, json.dumps(data).encode())


def timelines(kinds=KINDS, most=14):
    return (
        st.integers(1, most)
        .flatmap(lambda count: st.tuples(*[fact(number, kinds) for number in range(count)]))
        .map(list)
    )


WITH_MERGES = [*KINDS, *[Kind.MERGED] * 3, Kind.SPLIT]


def result(facts, today):
    found = evaluate(facts, today, RULES)
    return found.findings, found.next_due, sorted(found.implausible)


@LONG
@given(timelines(WITH_MERGES), DAYS, st.randoms(use_true_random=False))
def test_order_and_repeats_play_no_part(facts, days, random):
    today = FIRST + timedelta(days=days)
    shuffled = facts + random.choices(facts, k=3)
    random.shuffle(shuffled)
    assert result(shuffled, today) == result(facts, today)


@LONG
@given(timelines(WITH_MERGES), DAYS, st.lists(st.integers(0, 14), max_size=4))
def test_the_events_of_batches_fold_to_the_findings_of_all_facts(facts, days, cuts):
    today = FIRST + timedelta(days=days)
    held = {}
    for end in [*sorted(cuts), len(facts)]:
        changes = difference(held, evaluate(facts[:end], today, RULES).findings)
        assert len({change.finding.identity for change in changes}) == len(changes)
        for change in changes:
            held.pop(change.finding.identity, None)
            if change.event != "retracted":
                held[change.finding.identity] = change.finding
    assert sorted(held.values(), key=lambda finding: finding.identity) == evaluate(facts, today, RULES).findings


@LONG
@given(timelines(WITH_MERGES), DAYS)
def test_a_clock_set_forward_says_the_same_as_one_that_goes_day_by_day(facts, days):
    begin = FIRST + timedelta(days=days - 50)
    first = evaluate(facts, begin, RULES)
    held = {finding.identity: finding for finding in first.findings}
    due = min((on for on in first.next_due.values() if on), default=None)
    for later in range(1, 900):
        today = begin + timedelta(days=later)
        now = evaluate(facts, today, RULES)
        changes = difference(held, now.findings)
        if changes:
            assert due == today, (due, changes)
        held = {finding.identity: finding for finding in now.findings}
        if due is None or today >= due:
            due = min((on for on in now.next_due.values() if on), default=None)
        assert due is None or due > today


@LONG
@given(timelines(), st.integers(0, 13), DAYS)
def test_a_retracted_fact_is_as_if_never_sent(facts, place, days):
    today = FIRST + timedelta(days=days)
    wrong = facts[place % len(facts)]
    target = json.dumps({"retracts": {"source": wrong.source, "id": wrong.id}}).encode()
    retraction = decode(wrong.source, "r", BY_KIND[Kind.RETRACTED].type, wrong.subject, "2000-01-01T00:00:00Z", target)
    without = [fact for fact in facts if fact is not wrong]
    by_person = {person: [fact for fact in facts if fact.subject == person] for person in ("A", "B")}
    findings = evaluate([*by_person[wrong.subject], retraction], today, RULES).findings
    assert findings == evaluate([fact for fact in without if fact.subject == wrong.subject], today, RULES).findings


@LONG
@given(timelines(WITH_MERGES))
def test_packed_facts_are_the_same_facts(facts):
    again = unpack(pack(facts))
    assert again == facts
    assert [fields(fact) for fact in again] == [fields(fact) for fact in facts]


@LONG
@given(timelines(WITH_MERGES), DAYS)
def test_every_finding_can_be_explained(facts, days):
    found = evaluate(facts, FIRST + timedelta(days=days), RULES)
    for finding in found.findings:
        text = found.explain(finding)
        assert text.de
        assert text.en


@LONG
@given(st.sampled_from(sorted(BY_KIND)), st.data())
def test_the_quick_reader_reads_what_the_careful_one_reads(kind, data):
    schema = BY_KIND[kind]
    odd = st.sampled_from([None, 5, 2.5, True, "", "2020-02-30", "2020-13", [], {}, {"source": "//a", "id": "x"}])
    content = {"municipality": data.draw(odd), "undeclared": data.draw(odd)}
    for name, form, _ in schema.fields:
        if data.draw(st.integers(0, 5)):
            content[name] = value(data.draw, name, form) if data.draw(st.integers(0, 3)) else data.draw(odd)
    written = json.dumps(content).encode()
    read = quick(kind, written)
    try:
        careful = with_care(schema, written)
    except Unreadable:
        careful = None
    assert read is None or read == careful


def test_the_day_another_pair_overlaps_longer_is_foreseen_even_if_the_finding_was_cut_off():
    def event(number: int, kind: str, **data: object) -> bytes:
        return json.dumps(
            {
                "specversion": "1.0",
                "id": f"f{number}",
                "source": "S1",
                "type": f"gemeinsam.measure.{kind}.v1",
                "subject": "B",
                "time": f"2020-01-0{number}T08:00:00Z",
                "data": data,
            }
        ).encode()

    known = [
        decode_line(line)
        for line in (
            event(1, "started", measure_id="m2", type="EGZ", provider="P3", started_on="2020-05-15"),
            event(2, "started", measure_id="m3", type="ABH", provider="P2", started_on="2019-11-02"),
            event(3, "ended", measure_id="m3", ended_on="2020-11-03", exit="DEPORTED"),
            event(4, "started", measure_id="m4", type="BVB", provider="P1", started_on="2019-11-03"),
        )
    ]
    result = evaluate(known, date(2020, 11, 3), RULES)
    assert result.next_due["B"] == date(2020, 11, 4)
    after = evaluate(known, date(2020, 11, 4), RULES)
    assert [f.evidence for f in result.findings if f.identity[1:] == ("M14", "m2")] == [("m2", "m3")]
    assert [f.evidence for f in after.findings if f.identity[1:] == ("M14", "m2")] == [("m2", "m4")]


def test_appending_unread_gives_what_packing_all_gives_in_every_form_of_the_head():
    one = decode_line(
        b'{"specversion":"1.0","id":"a","source":"S","type":"gemeinsam.contact.held.v1","subject":"P",'
        b'"time":"2020-01-01T00:00:00Z","data":{"held_on":"2020-01-01","contact_kind":"professional","body":"JMD"}}'
    )
    for before in (0, 1, 15, 16, 300, 70_000):
        for more in (1, 16):
            packed = append(pack([one] * before), [one] * more)
            assert len(unpack(packed)) == before + more
            assert unpack(append(packed, [one])) == [one] * (before + more + 1)
    assert each_once([one, one, one]) == [one]
