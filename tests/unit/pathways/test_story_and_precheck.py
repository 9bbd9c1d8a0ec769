"""What a plan would do, what a body may see, how a story is told and drawn: pure functions."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from services.pathways import matrix, rules
from services.pathways.domain.disclosure import Disclosure, Sight
from services.pathways.domain.drawing import ROW, Lane, Part, Piece, Shape, draw, fitted, width_of
from services.pathways.domain.evaluate import evaluate
from services.pathways.domain.example import PERSON, facts_of
from services.pathways.domain.facts import Fact, decode
from services.pathways.domain.precheck import Plan, check
from services.pathways.domain.record import arrange
from services.pathways.domain.story import Story, tell
from services.pathways.usecases.meanings import LANGUAGES, example_of, meanings, parameters, rule_of

RULES = rules.load()
MATRIX = matrix.load()
TODAY = date(2024, 6, 3)
CAREER = [
    "started m1 IK_ALLG 2022-02-07",
    "ended m1 2022-08-26 COMPLETED_NO_RESULT",
    "started m2 MAT 2023-03-06",
    "ended m2 2023-09-29 COMPLETED_NO_RESULT",
    "started m3 AGH 2023-12-04",
    "ended m3 2024-03-01 COMPLETED_NO_RESULT",
]


def patterns(findings) -> list[tuple[str, str]]:
    return sorted((finding.pattern, finding.severity) for finding in findings)


def test_a_plan_makes_what_evaluating_with_it_makes_and_leaves_the_facts_alone():
    known = facts_of(CAREER)
    outcome = check(known, PERSON, Plan("MAT", date(2024, 6, 17)), today=TODAY, rules=RULES)
    assert outcome.on == date(2024, 6, 17)
    assert ("M03", "warning") in patterns(outcome.effects.makes)
    assert patterns(outcome.effects.ends) == [("M05", "warning")]
    assert known == facts_of(CAREER)


def test_types_that_would_do_no_harm_really_do_none():
    known = facts_of(CAREER)
    on = date(2024, 9, 2)
    outcome = check(known, PERSON, Plan("MAT", on), today=TODAY, rules=RULES)
    before = {f.identity: f.severity for f in evaluate(known, on, RULES).findings if f.until is None}
    harmless = {alternative.kind.group for alternative in outcome.alternatives}
    assert harmless
    for kind in RULES.types.values():
        if not kind.countable or kind.group == "MAT":
            continue
        with_it = evaluate([*known, *facts_of([f"started x {kind.code} {on}"])], on, RULES).findings
        harm = [f for f in with_it if f.until is None and f.severity != "info" and before.get(f.identity) != f.severity]
        assert (kind.group in harmless) == (not harm), kind.code


def test_a_start_in_the_past_is_evaluated_on_the_business_date():
    assert check(facts_of(CAREER), PERSON, Plan("MAT", date(2024, 5, 1)), today=TODAY, rules=RULES).on == TODAY


def test_what_goes_on_in_a_larger_finding_is_not_called_ended():
    lines = ["started m1 IK_ALLG 2023-09-04", "ended m1 2024-01-26 COMPLETED_GOAL", "started m2 MAT 2024-02-05"]
    effects = check(facts_of(lines), PERSON, Plan("AGH", date(2024, 6, 17)), today=TODAY, rules=RULES).effects
    assert ("M02", "warning") in patterns(effects.makes)
    assert "M01" not in dict(patterns(effects.ends))


def told(lines: list[str], today: date, body: str | None = None, rechtskreis: str = "LAND") -> Story:
    known = [msgspec.structs.replace(fact, rechtskreis=rechtskreis) for fact in facts_of(lines)]
    timeline = evaluate(known, today, RULES).timeline(PERSON)
    assert timeline is not None
    group = arrange(known)[0][0]
    return tell(timeline, group.facts, RULES, Disclosure(group.facts, body, today.toordinal(), matrix=MATRIX))


def test_a_story_tells_only_what_has_happened():
    story = told([*CAREER, "started m9 BVB 2024-09-02"], TODAY)
    assert [item.code for item in story.items] == ["IK_ALLG", "MAT", "AGH"]
    assert not story.withheld
    assert told(CAREER, date(2023, 5, 1)).items[-1].end is None


@pytest.mark.parametrize(
    ("body", "rechtskreis", "seen"),
    [
        ("JOBCENTER", "SGB2", True),
        ("AGENTUR", "SGB2", True),
        ("JUGENDAMT", "SGB3", True),
        ("SOZIALAMT", "ASYLBLG", True),
        ("JOBCENTER", "ASYLBLG", False),
        ("SCHOOL", "SGB2", False),
        ("JOBCENTER", "SCHOOL", False),
        ("KI", "SGB2", False),
        (None, "LAND", True),
        ("AUSLAENDERBEHOERDE", "SGB2", False),
        ("AUSLAENDERBEHOERDE", "LAND", False),
        ("AUSLAENDERBEHOERDE", "AUFENTHG", True),
        ("JOBCENTER", None, False),
    ],
)
def test_the_matrix_decides_what_a_body_sees(body: str | None, rechtskreis: str | None, seen: bool):
    known = [msgspec.structs.replace(fact, rechtskreis=rechtskreis) for fact in facts_of(CAREER)]
    disclosure = Disclosure(known, body, TODAY.toordinal(), matrix=MATRIX)
    assert disclosure.ids(["m1", "m2"]) is seen
    hidden = Sight.NOTHING if body == "AUSLAENDERBEHOERDE" else Sight.EXISTENCE
    assert disclosure.evidence(["m1"]) == (Sight.FULL if seen else hidden)


def consent(given: bool, day: str, purpose: str = "CASE_MANAGEMENT") -> Fact:
    data = (
        f'{{"consent_id":"c1","categories":["MEASURES"],"recipients":["KI"],"purpose":"{purpose}","valid_from":"{day}"}}'
        if given
        else f'{{"consent_id":"c1","withdrawn_on":"{day}"}}'
    )
    event = f"gemeinsam.consent.{'given' if given else 'withdrawn'}.v1"
    return decode("//a", f"c-{given}", event, PERSON, f"{day}T08:00:00Z", data.encode())


def test_consent_opens_its_categories_to_its_recipients_until_it_is_withdrawn():
    known = [msgspec.structs.replace(fact, rechtskreis="SGB2") for fact in facts_of([*CAREER, "test t1 A2 2022-01-10"])]

    def sees(body: str, today: date, *more: Fact) -> tuple[bool, bool]:
        disclosure = Disclosure([*known, *more], body, today.toordinal(), matrix=MATRIX)
        return disclosure.ids(["m1"]), disclosure.ids(["t1"])

    given = consent(True, "2024-01-01")
    assert sees("KI", TODAY, given) == (True, False)
    assert sees("SCHOOL", TODAY, given) == (False, False)
    assert sees("KI", date(2023, 12, 31), given) == (False, False)
    assert sees("KI", TODAY, given, consent(False, "2024-05-01")) == (False, False)
    assert sees("KI", TODAY, given, consent(False, "2024-07-01")) == (False, False)
    assert sees("KI", TODAY, consent(True, "2024-01-01", "SCIENCE")) == (False, False)


def test_nothing_in_a_drawing_lies_on_something_else_or_outside():
    pieces = [
        Piece("a", TODAY.toordinal() - start, TODAY.toordinal() - end, f"piece {start}", "", "", short="P")
        for start, end in ((900, 400), (600, 300), (590, 580), (390, 10), (8, 0))
    ]
    pieces += [Piece("b", TODAY.toordinal() - 5, TODAY.toordinal() - 5, "B1", "", "", mark="diamond")] * 3
    drawing = draw([Lane("a", "A"), Lane("b", "B"), Lane("c", "C")], pieces, today=TODAY.toordinal())
    for one in drawing.shapes:
        assert one.left >= 0
        assert one.right <= drawing.width + 1.1
        assert one.left <= one.x
        assert one.x + one.width <= one.right
        assert one.y + ROW <= drawing.height
        for other in drawing.shapes:
            if other is not one and other.y == one.y:
                assert one.right <= other.left or other.right <= one.left
    assert drawing.rows[2].height < drawing.rows[0].height
    assert 0 < drawing.today_x < drawing.width


def test_a_name_stands_in_its_bar_or_beside_it_and_is_cut_only_where_it_can_still_be_read():
    day = TODAY.toordinal()
    name = "Frauen- und Elternintegrationskurs"

    def drawn(start: int, days: int, short: str = "", *, whole: bool = False) -> Shape:
        piece = Piece("a", day - start, day - start + days - 1, name, "", "", short=short, whole=whole)
        first = Piece("b", day - 1000, day, "", "", "")
        shapes = draw([Lane("a", "A"), Lane("b", "B")], [piece, first], today=day).shapes
        return next(shape for shape in shapes if shape.piece is piece)

    assert drawn(900, 400).label == name
    assert drawn(900, 200).label.endswith("…")
    assert drawn(900, 70, "IK FRAUEN").label == "IK FRAUEN"
    beside = drawn(900, 10, "IK FRAUEN")
    assert (beside.label, beside.before) == ("IK FRAUEN", False)
    assert beside.label_x >= beside.x + beside.width
    before = drawn(5, 5, whole=True)
    assert (before.label, before.before) == (name, True)
    assert drawn(900, 200, whole=True).label == name


def test_a_finding_is_one_thing_with_a_part_for_each_step():
    day = TODAY.toordinal()
    parts = (Part(day - 90, "info"), Part(day - 30, "warning"), Part(day - 30, "critical"))
    (shape,) = draw([Lane("a", "A")], [Piece("a", day - 90, day, "M", "", "", parts=parts)], today=day).shapes
    assert [bar.classes for bar in shape.bars] == ["info", "warning", "critical"]
    assert shape.bars[0].x == shape.x
    assert shape.bars[-1].x + shape.bars[-1].width == pytest.approx(shape.x + shape.width, abs=1)


def test_a_plan_for_years_ahead_leaves_room_for_what_has_happened():
    day = TODAY.toordinal()
    long = Piece("a", day - 100, day, "Ausbildung", "", "", until=day + 1100)
    drawing = draw([Lane("a", "A")], [long], today=day)
    assert drawing.today_x > drawing.width / 2 - 100
    (shape,) = drawing.shapes
    assert shape.x + shape.width + shape.planned <= drawing.width
    far = Piece("a", day + 600, day + 675, "geplant", "", "")
    drawing = draw([Lane("a", "A")], [far], today=day)
    assert drawing.shapes[0].x + drawing.shapes[0].width < drawing.width


def test_labels_are_cut_to_their_room():
    assert fitted("Integrationskurs", 200) == "Integrationskurs"
    cut = fitted("Integrationskurs", 60)
    assert cut.endswith("…")
    assert "Integrationskurs".startswith(cut[:-1])
    assert width_of(cut) <= 60
    assert fitted("Integrationskurs", 20) == ""


@pytest.mark.parametrize("pattern", list(meanings()))
def test_every_pattern_is_explained_by_an_example_in_which_it_is_found(pattern: str):
    meaning = meanings()[pattern]
    found = {shown.finding.pattern for shown in example_of(meaning, RULES).findings if shown.finding}
    assert pattern in found
    assert parameters(RULES, pattern)
    for language in LANGUAGES:
        assert "{" not in rule_of(meaning, RULES, language)
        assert all(text[language] for text in (meaning.name, meaning.why, meaning.source))


def test_all_patterns_of_the_rule_set_have_a_meaning():
    assert sorted(meanings()) == sorted(msgspec.structs.asdict(RULES.patterns))
