"""Who is one person, and under which pseudonym."""

from __future__ import annotations

from services.reporting.domain.groups import Link, groups


def test_a_merged_pair_counts_under_the_kept_pseudonym() -> None:
    assert groups(["A", "B"], [Link("B", "A", True)]) == {"B": ["A", "B"]}


def test_merges_chain() -> None:
    assert groups(["A", "B", "C"], [Link("B", "A", True), Link("C", "B", True)]) == {"C": ["A", "B", "C"]}


def test_of_several_heads_or_none_the_least_leads() -> None:
    assert groups(["A", "B", "C"], [Link("B", "A", True), Link("C", "A", True)]) == {"B": ["A", "B", "C"]}
    assert groups(["A", "B"], [Link("A", "B", True)]) == {"A": ["A", "B"]}
    ring = [Link("B", "A", True), Link("A", "C", True), Link("C", "B", True)]
    assert groups(["A", "B", "C"], ring) == {"A": ["A", "B", "C"]}


def test_a_split_pair_counts_apart() -> None:
    assert groups(["A", "B"], [Link("B", "A", False)]) == {"A": ["A"], "B": ["B"]}
