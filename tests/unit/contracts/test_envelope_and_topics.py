"""The envelope and the partitions: what is read, what is refused, and that others compute the same."""

import json
import re
from datetime import UTC, datetime
from math import inf, nan

import pytest
import rfc8785
from aiokafka.partitioner import murmur2 as kafkas_murmur2
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import dead_letters, envelope, topics
from shared.contracts.envelope import Envelope, Malformed

SENT = Envelope("a-1", "//koeln.example/jobcenter", "gemeinsam.goal.set.v1", "K7QM", "2026-03-01T10:00:00.5+01:00")
EVENT = envelope.to_structured(SENT, {"goal": "TRAINING"})


@given(st.binary(max_size=64))
def test_murmur2_is_kafkas_own(data: bytes) -> None:
    assert topics.murmur2(data) == kafkas_murmur2(data) & 0xFFFF_FFFF


@given(st.text(), st.integers(1, 64))
def test_a_partition_is_where_kafkas_partitioner_puts_the_subject(subject: str, partitions: int) -> None:
    text = subject.encode("utf-8", "ignore").decode()
    assert topics.partition_of(text, partitions) == (kafkas_murmur2(text.encode()) & 0x7FFF_FFFF) % partitions


def test_headers_give_the_same_envelope_back() -> None:
    caused = Envelope("a", "//b", "t", "s", "2026-03-01T10:00:00Z", "chain", "cause")
    for one in (SENT, caused):
        assert envelope.from_headers({**envelope.to_headers(one), "traceparent": "00-1", "x": "y"}) == one


def test_structured_mode_gives_the_same_event_back() -> None:
    assert envelope.from_structured({**EVENT, "extension": 5}) == (SENT, {"goal": "TRAINING"})


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"specversion": None}, "specversion", "missing"),
        ({"specversion": "0.3"}, "specversion", "unsupported"),
        ({"id": ""}, "id", "missing"),
        ({"id": None}, "id", "missing"),
        ({"id": 7}, "id", "not_text"),
        ({"id": "x" * 513}, "id", "too_long"),
        ({"source": "a\x00b"}, "source", "bad_text"),
        ({"subject": "\ud800"}, "subject", "bad_text"),
        ({"type": "a\nb"}, "type", "bad_text"),
        ({"time": "2026-03-01"}, "time", "bad_time"),
        ({"time": "2026-03-01T10:00:00"}, "time", "bad_time"),
        ({"time": "2026-02-30T10:00:00Z"}, "time", "bad_time"),
        ({"time": "2026-03-01T24:00:00Z"}, "time", "bad_time"),
        ({"time": "2026-03-01 10:00:00Z"}, "time", "bad_time"),
        ({"time": "２０２６-03-01T10:00:00Z"}, "time", "bad_time"),
        ({"time": "0001-01-01T00:00:00+01:00"}, "time", "bad_time"),
        ({"time": "9999-12-31T23:59:59-01:00"}, "time", "bad_time"),
        ({"correlationid": 5}, "correlationid", "not_text"),
        ({"data": None}, "data", "missing"),
        ({"data": "{}"}, "data", "not_an_object"),
        ({"data_base64": "e30="}, "data_base64", "unsupported"),
        ({"datacontenttype": "text/xml"}, "datacontenttype", "unsupported"),
    ],
)
def test_what_is_no_event_is_refused_with_the_attribute(change: dict, field: str, reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        envelope.from_structured({**EVENT, **change})
    assert (refused.value.field, refused.value.reason) == (field, reason)


@pytest.mark.parametrize("event", [None, 5, "x", [], True])
def test_what_is_no_object_is_no_event(event: object) -> None:
    with pytest.raises(Malformed):
        envelope.from_structured(event)


def test_headers_without_an_attribute_are_refused() -> None:
    for name in ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time"):
        headers = envelope.to_headers(SENT)
        del headers[name]
        with pytest.raises(Malformed):
            envelope.from_headers(headers)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2026-03-01T10:00:00+02:00", "2026-03-01T10:00:00+01:00"),
        ("2026-03-01T10:00:00.49Z", "2026-03-01T10:00:00.5Z"),
        ("2026-03-01T10:00:00.1234567890123Z", "2026-03-01T10:00:00.1234567890124Z"),
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00.000000000001Z"),
        ("2026-03-01T23:30:00-01:00", "2026-03-02T00:30:00.1Z"),
        ("2016-12-31T23:59:59Z", "2016-12-31T23:59:60Z"),
    ],
)
def test_instants_compare_with_all_digits_whatever_the_offset(earlier: str, later: str) -> None:
    assert envelope.parse_time(earlier) < envelope.parse_time(later)


def test_equal_instants_are_equal_however_they_are_written() -> None:
    ways = ("2026-03-01T10:00:00.50+01:00", "2026-03-01t09:00:00.5z", "2026-03-01T09:00:00.500Z")
    assert len({envelope.parse_time(way) for way in ways}) == 1


@given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_time_we_write_is_read_as_the_same_instant(at: datetime) -> None:
    assert envelope.parse_time(envelope.time_text(at)).at() == at


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=6))
def test_the_fast_canonical_form_is_that_of_rfc_8785(data: dict) -> None:
    try:
        expected = rfc8785.dumps(data)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        with pytest.raises(ValueError):
            envelope.canonical(data)
    else:
        assert envelope.canonical(data) == expected


def test_content_is_the_same_whatever_the_order_and_the_way_numbers_are_written() -> None:
    one = json.loads('{"a":1.0,"b":"ä","c":[1e2]}')
    other = json.loads('{"c":[100],"b":"\\u00e4","a":1}')
    assert envelope.content_hash("t", "s", one) == envelope.content_hash("t", "s", other)
    assert envelope.content_hash("t", "s", one) != envelope.content_hash("t", "s2", one)


@pytest.mark.parametrize("value", [nan, inf, 2**70, "\ud800"])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        envelope.content_hash("t", "s", {"a": value})


def test_data_nested_too_deep_for_a_canonical_form_are_refused() -> None:
    deep: object = 1
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValueError):
        envelope.content_hash("t", "s", {"a": deep})


def test_a_source_has_two_topics_that_kafka_can_name() -> None:
    sent, replies = topics.intake_topics("//koeln.example/jobcenter")
    assert (sent.name, replies.name) == ("intake.koeln.example.jobcenter", "intake.koeln.example.jobcenter.replies")
    for wrong in ("", "//", "x" * 300):
        with pytest.raises(ValueError):
            topics.intake_topics(wrong)


def test_record_keys_are_those_of_the_contract() -> None:
    assert topics.PERSONS.record_key("P", "//s", "e1") == "P///s/e1"
    assert topics.FINDINGS.record_key("P", "//s", "e1", {"pattern": "M05", "anchor": "a/b"}) == "P/M05/a/b"
    assert topics.INDICATORS.record_key("x|05315000|now", "//s", "e1") == "x|05315000|now"
    assert topics.subject_of_key("P///s/e1") == "P"


def test_a_dead_letter_says_where_it_came_from_and_keeps_its_own_headers() -> None:
    origin = dead_letters.Origin("unreadable", "enrollment.persons", 3, 99, 1, datetime(2026, 3, 1, tzinfo=UTC))
    headers = {"ce_id": "a", **dead_letters.to_headers(origin)}
    assert dead_letters.from_headers(headers) == origin
    assert dead_letters.original_headers(headers) == {"ce_id": "a"}
    with pytest.raises(Malformed):
        dead_letters.from_headers({**headers, "dl_offset": "x"})


def test_a_source_cannot_be_named_like_the_replies_to_another() -> None:
    with pytest.raises(ValueError, match="no topic can be named"):
        topics.intake_topics("//koeln.example/jobcenter/replies")


@pytest.mark.parametrize(
    ("name", "is_written_by_a_source"),
    [
        ("intake.koeln.example.jobcenter", True),
        ("intake.koeln.example.jobcenter.replies", False),
        ("intake.replies.example", True),
        ("enrollment.persons", False),
        ("other.intake.x", False),
    ],
)
def test_the_pattern_of_intake_has_what_sources_write_and_no_replies(name: str, is_written_by_a_source: bool) -> None:
    assert bool(re.match(topics.INTAKE, name)) is is_written_by_a_source
