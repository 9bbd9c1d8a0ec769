"""What the patterns mean: names, rules in plain words with the parameters in force, and a worked example each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from services.pathways import matrix
from services.pathways.domain.disclosure import Disclosure
from services.pathways.domain.evaluate import evaluate
from services.pathways.domain.example import PERSON, facts_of
from services.pathways.domain.record import arrange
from services.pathways.domain.rules import Rules
from services.pathways.domain.story import Story, tell
from services.pathways.usecases.timeline import Shown, shown_findings

LANGUAGES = ("de", "en")


@dataclass(frozen=True, slots=True)
class Meaning:
    """One pattern by language: its name, rule (with {parameters}), why it matters, where its threshold comes from."""

    pattern: str
    kind: str
    name: Mapping[str, str]
    rule: Mapping[str, str]
    why: Mapping[str, str]
    source: Mapping[str, str]
    today: date
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: the story, what the rules find in it, the day, and the facts in words."""

    story: Story
    findings: list[Shown]
    today: date


@cache
def meanings() -> Mapping[str, Meaning]:
    """All patterns by their id, in order."""
    text = (files("services.pathways.usecases") / "meanings.toml").read_text(encoding="utf-8")
    return {
        pattern: Meaning(
            pattern,
            entry["kind"],
            entry["name"],
            entry["rule"],
            entry["why"],
            entry["source"],
            entry["today"],
            tuple(entry["facts"]),
        )
        for pattern, entry in tomllib.loads(text).items()
    }


def name_of(pattern: str, language: str) -> str:
    """The name of a pattern; its id if it is newer than our texts."""
    meaning = meanings().get(pattern)
    return meaning.name[language] if meaning else pattern


def parameters(rules: Rules, pattern: str) -> dict[str, Any]:
    """The parameters of a pattern in a rule set, by name, lists sorted."""
    values: dict[str, Any] = msgspec.structs.asdict(getattr(rules.patterns, pattern))
    return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in values.items()}


def rule_of(meaning: Meaning, rules: Rules, language: str) -> str:
    """The rule in plain words with the numbers of a rule set."""
    conjunction = {"de": " und ", "en": " and "}[language]
    values = {name: _in_words(value, conjunction) for name, value in parameters(rules, meaning.pattern).items()}
    if meaning.pattern == "M16" and language == "de":
        values["ages"] = conjunction.join(f"{age}." for age in rules.patterns.M16.ages)
    return meaning.rule[language].format_map(values)


def _in_words(value: Any, conjunction: str) -> str:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return conjunction.join(str(entry) for entry in value)
    return str(value)


def example_of(meaning: Meaning, rules: Rules) -> Example:
    """The worked example of a pattern, evaluated with a rule set: other numbers may find something else in it."""
    facts = facts_of(meaning.facts)
    result = evaluate(facts, meaning.today, rules)
    group = arrange(facts)[0][0]
    timeline = result.timeline(PERSON)
    assert timeline is not None
    disclosure = Disclosure(group.facts, None, meaning.today.toordinal(), matrix=matrix.load())
    found = shown_findings(result, PERSON, disclosure)
    return Example(tell(timeline, group.facts, rules, disclosure), found, meaning.today)
