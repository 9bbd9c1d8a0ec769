"""Rows are cut from streams and arrays whatever the pieces they come in, and whatever is broken beside them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.domain.lines import LineCutter, Row, array_elements

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def cut(body: bytes, sizes: list[int], longest: int = 20) -> list[Row]:
    cutter, rows, start = LineCutter(longest), [], 0
    for size in [*sizes, len(body)]:
        rows += cutter.feed(body[start : start + size])
        start += size
    return rows + cutter.finish()


@given(st.binary(max_size=200), st.lists(st.integers(0, 30), max_size=12))
def test_the_pieces_a_body_comes_in_make_no_difference(body: bytes, sizes: list[int]) -> None:
    assert cut(body, sizes) == cut(body, [])


def test_a_line_too_long_is_a_row_without_bytes_and_the_next_go_on() -> None:
    body = b"one\n" + b"x" * 21 + b"\n" + b"y" * 20 + b"\n\n \r\nlast"
    assert cut(body, [10, 3]) == [Row(1, b"one"), Row(2, None), Row(3, b"y" * 20), Row(6, b"last")]


def test_no_more_is_kept_of_a_line_than_it_may_have() -> None:
    cutter = LineCutter(1000)
    for _ in range(1000):
        assert cutter.feed(b"x" * 900) == []
    assert sum(map(len, cutter._kept)) <= 1000
    assert cutter.finish() == [Row(1, None)]


@given(st.lists(VALUES, max_size=6))
def test_the_elements_of_an_array_come_back_as_they_were(elements: list[object]) -> None:
    for indent in (None, 2):
        rows = list(array_elements(json.dumps(elements, ensure_ascii=False, indent=indent).encode()))
        assert [row.number for row in rows] == list(range(1, len(elements) + 1))
        assert [json.loads(row.raw or b"") for row in rows] == elements


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"[]", []),
        (b" [ ] ", []),
        (b'{"a":1}', [b'{"a":1}']),
        (b"", [b""]),
        (b"[", [b"["]),
        (b"[1,", [b"1", b"["]),
        (b"[1,,2]", [b"1", b"", b"2"]),
        (b"[1,]", [b"1", b""]),
        (b"[1] 2", [b"1", b"2"]),
        (b'["],[", 2]', [b'"],["', b"2"]),
        (b'["\\"", 2]', [b'"\\""', b"2"]),
        (b'[1, "open', [b"1", b'"open']),
        (b"[[" * 500, [b"[[" * 500]),
    ],
)
def test_what_is_no_array_leaves_a_row_for_the_parser_to_refuse(body: bytes, rows: list[bytes]) -> None:
    found = [row.raw for row in array_elements(body)]
    assert [raw or b"" for raw in found][: len(rows)] == [
        row[: len(raw or b"")] for row, raw in zip(rows, found, strict=True)
    ]
