"""A rule set as data: what is wrong in its file is refused by name, and every number and code in it has an effect."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.pathways.domain.evaluate import evaluate
from services.pathways.domain.facts import Fact, decode_line
from services.pathways.domain.rules import BadRules, Rules, parse
from tests.oracle.tangles import timeline as tangled
from tests.oracle.timelines import TODAYS, timeline

ROOM = Path("services/pathways/rules")
FILE: dict[str, Any] = tomllib.loads((ROOM / "1.toml").read_text(encoding="utf-8"))
CATALOGUE = (ROOM / "1.catalogue.csv").read_text(encoding="utf-8")
TODAY = date(2021, 6, 1)
Path_ = tuple[str, ...]

# A code without a list of its own is an unknown one, and that counts as UNKNOWN, which is neutral.
SAME_IN_EFFECT = {("exits", "other_neutral"), ("catalogue",), ("version",)}


def leaves(part: dict[str, Any], path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    for key, value in part.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def tables(part: dict[str, Any], path: Path_ = ()) -> Iterator[Path_]:
    yield path
    for key, value in part.items():
        if isinstance(value, dict):
            yield from tables(value, (*path, key))


def changed(path: Path_, value: Any) -> dict[str, Any]:
    """The file with one value changed, or left out for `...`."""
    content = copy.deepcopy(FILE)
    part = content
    for key in path[:-1]:
        part = part[key]
    if value is ...:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return content


def toml(part: dict[str, Any], path: Path_ = ()) -> str:
    """The part as TOML: scalars and lists are written as JSON writes them."""
    own = [f"{key} = {json.dumps(value)}" for key, value in part.items() if not isinstance(value, dict)]
    below = [toml(value, (*path, key)) for key, value in part.items() if isinstance(value, dict)]
    return "\n".join([f"[{'.'.join(path)}]" if path else "", *own, *below])


def rules(content: dict[str, Any]) -> Rules:
    return parse(toml(content), CATALOGUE)


LEAVES = list(leaves(FILE))
NAMES = [".".join(path) for path, _ in LEAVES]
OPEN_TABLES = {
    ("benefits", "families"),
    ("patterns", "M09", "group_warning_days"),
    ("patterns", "M10", "training_kind_as"),
    ("patterns", "M12", "goal_target"),
}


@pytest.mark.parametrize(("path", "value"), LEAVES, ids=NAMES)
def test_a_wrong_value_is_refused_and_named(path: Path_, value: Any) -> None:
    wrong: list[Any] = [{"a": 1}, [["x"]] if isinstance(value, list) else ["x"]]
    if isinstance(value, int):
        wrong += [-1, "7", 1.5, True]
    elif isinstance(value, str):
        wrong += [7]
    for one in wrong:
        with pytest.raises(BadRules) as refused:
            rules(changed(path, one))
        assert path[-1] in str(refused.value) or path[-2] in str(refused.value)


@pytest.mark.parametrize(("path", "value"), LEAVES, ids=NAMES)
def test_a_missing_value_is_refused_and_named(path: Path_, value: Any) -> None:
    if path[:-1] in OPEN_TABLES:
        return  # a table of one's own choosing
    with pytest.raises(BadRules, match=path[-1]):
        rules(changed(path, ...))


@pytest.mark.parametrize("path", [path for path in tables(FILE) if path not in OPEN_TABLES], ids=".".join)
def test_an_unknown_key_is_refused_and_named(path: Path_) -> None:
    with pytest.raises(BadRules, match="surprise"):
        rules(changed((*path, "surprise"), 1))


def mutations(path: Path_, value: Any) -> list[Any]:
    """Values next to the one there is."""
    if isinstance(value, int):
        return [value + 1, value - 1]
    if isinstance(value, list):
        if isinstance(value[0], int):
            return [[one + 1 for one in value]]
        return [value[:place] + value[place + 1 :] for place in range(len(value))]
    if path[:2] == ("benefits", "families"):
        return ["SGB3" if value != "SGB3" else "SGB2"]
    return [value + "X"]


def test_every_number_and_code_has_an_effect() -> None:
    corpus = [*edges(), *random_timelines()]
    plain = rules(FILE)
    usual = [lines(facts, today, plain) for facts, today in corpus]
    without_effect = []
    for path, value in LEAVES:
        for mutated in mutations(path, value):
            try:
                other = rules(changed(path, mutated))
            except BadRules:
                continue
            differs = any(
                lines(facts, today, other) != expected for (facts, today), expected in zip(corpus, usual, strict=True)
            )
            if not differs and path not in SAME_IN_EFFECT:
                without_effect.append((".".join(path), mutated))
    assert not without_effect


def lines(facts: list[Fact], today: date, by: Rules) -> list[dict[str, Any]]:
    found = [finding.line() for finding in evaluate(facts, today, by).findings]
    return [{name: value for name, value in line.items() if name != "rules_version"} for line in found]


def random_timelines() -> Iterator[tuple[list[Fact], date]]:
    for number in range(2400):
        today = TODAYS[number % len(TODAYS)]
        facts = (timeline if number % 3 else tangled)(f"r/{number}", today=today, most=25)
        yield [decode_line(json.dumps(fact).encode()) for fact in facts], date.fromisoformat(today)


class Told:
    """The facts of one person, told in short."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def say(self, thing: str, **data: Any) -> Told:
        number = len(self.facts)
        head = {"specversion": "1.0", "id": f"{number}", "source": "S", "subject": "A", "time": "2020-01-01T00:00:00Z"}
        data = {name: str(value) if isinstance(value, date) else value for name, value in data.items()}
        line = json.dumps({**head, "type": f"gemeinsam.{thing}.v1", "data": data})
        self.facts.append(decode_line(line.encode()))
        return self

    def measure(
        self, type_: str, start: date, end: date | None = None, exit_: str = "COMPLETED_NO_RESULT", **more: Any
    ):
        id_ = f"m{len(self.facts)}"
        self.say("measure.started", measure_id=id_, type=type_, provider=id_, started_on=start, **more)
        if end is not None:
            self.say("measure.ended", measure_id=id_, ended_on=end, exit=exit_)
        return self


def edges() -> Iterator[tuple[list[Fact], date]]:
    """What random dates seldom hit: spans exactly as long as a number says, and codes that are seldom drawn."""
    day, first = timedelta(days=1), date(2016, 1, 4)
    for days in (729, 730, 731):  # M03
        again = first + 30 * day
        yield Told().measure("MAT", first, again).measure("MAT", again + days * day).facts, TODAY
    for days in (539, 540, 541):  # M06
        told = Told().measure("MAT", first, first + 30 * day, "ABSENCE")
        yield told.measure("BVB", first + 60 * day, first + (30 + days) * day, "ABSENCE").facts, TODAY
    for days in (1094, 1095, 1096):  # M08: 364 days, and one more so many days before their last
        told = Told().measure("MAT", first, first)
        yield told.measure("JWS", first + (days - 363) * day, first + days * day).facts, TODAY
    for days in (59, 60, 61):  # M13: the other half of the change was reported so long before
        told = Told().say("benefit.changed", changed_on=first, from_benefit="SGB2", to_benefit="NONE")
        told.say("benefit.changed", changed_on=first + days * day, to_benefit="SGB3_ALG")
        yield told.measure("MAT", first - 90 * day, first + days * day).facts, TODAY
    for days in (90, 91, 92):  # P01
        told = Told().measure("MAT", first, first + day).measure("HSA9", first + (1 + days) * day, first + 200 * day)
        yield told.measure("AUSB_BETR", first + 230 * day).facts, TODAY
    for code in FILE["progress"]["certificates"]:
        told = Told()
        for place in range(3):
            told.measure("MAT", first + place * 100 * day, first + (place * 100 + 50) * day)
        told.say("certificate.obtained", certificate_id="c", obtained_on=first + 150 * day, certificate=code)
        yield told.facts, TODAY
    for goal in FILE["goals"]["known"]:
        told = Told().measure("BSK_B1", first).say("goal.set", recorded_on=first, goal="TRAINING")
        told.say("language.tested", test_id="t", tested_on=first - day, level="B1", test_source="test")
        yield told.say("goal.set", recorded_on=first + day, goal=goal).facts, TODAY
    for destination in FILE["positive_end"]["destinations"]:
        told = Told().measure("MAT", first).say("measure.corrected", measure_id="m0", destination=destination)
        yield told.say("measure.ended", measure_id="m0", ended_on=first + day, exit="TRANSFER").facts, TODAY
    for level in FILE["language"]["levels"]:  # a course, then a test of this level after one of A1
        told = Told().measure("BSK_B1", first)
        told.say("language.tested", test_id="t", tested_on=first, level="A1", test_source="test")
        told.say("language.tested", test_id="u", tested_on=first + 9 * day, level=level, test_source="test")
        yield told.facts, TODAY
    for benefit in FILE["benefits"]["families"]:  # M13
        told = Told().measure("MAT", first - 90 * day, first)
        other = "SGB3_ALG" if benefit != "SGB3_ALG" else "SGB2"
        yield told.say("benefit.changed", changed_on=first, from_benefit=benefit, to_benefit=other).facts, TODAY
    for days in (13, 14, 15, 16):
        told = Told().measure("MAT", first - 90 * day, first - days * day)
        yield told.say("benefit.changed", changed_on=first, from_benefit="SGB2", to_benefit="SGB3_ALG").facts, TODAY
    told = Told().measure("MAT", date(2019, 12, 1), date(2020, 1, 10), bridge_to="VOC")  # M16 because of M10 alone
    yield told.say("person.registered", registered_on=date(2019, 12, 1), birth_month="1995-06").facts, TODAY
