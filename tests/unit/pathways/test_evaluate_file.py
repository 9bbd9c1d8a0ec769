"""Evaluating a file: pieces, processes, repeats, links and unreadable lines."""

import io
import json
import os
import random
import threading
from pathlib import Path

import pytest

from services.pathways import evaluate_file
from services.pathways.evaluate_file.repeats import canonical

TODAY = "2020-06-01"


def event(number, thing, subject="A", source="//a", time="2020-01-01T00:00:00Z", **data):
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": source,
        "type": f"gemeinsam.{thing}.v1",
        "subject": subject,
        "time": time,
        "data": data,
    }


def registered(number, subject, on="2020-01-01", **more):
    return event(number, "person.registered", subject, registered_on=on, **more)


@pytest.fixture
def run(tmp_path, capfd):
    def evaluate(lines, *arguments):
        file = tmp_path / "facts.ndjson"
        file.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
        status = evaluate_file.main(["--today", TODAY, *arguments, str(file)])
        out, err = capfd.readouterr()
        return status, [json.loads(line) for line in out.splitlines()], err.splitlines()

    return evaluate


def small_pieces(monkeypatch):
    monkeypatch.setattr(evaluate_file, "_PIECE", 700)
    monkeypatch.setattr(evaluate_file, "_DRAWER", 5000)
    monkeypatch.setattr(evaluate_file, "_ALONE", 0)


def many():
    """Lines about sixty persons, some merged, with repeats and unreadable lines, in no order."""
    draw = random.Random(7)
    lines = []
    for number in range(60):
        person = f"P{number:02d}"
        lines.append(registered(f"{number}r", person, f"2020-01-{1 + number % 28:02d}"))
        start = {"measure_id": "m", "type": "MAT", "provider": "T", "started_on": f"2019-0{1 + number % 9}-01"}
        lines.append(event(f"{number}s", "measure.started", person, **start))
        if number % 3 == 0:
            end = {"measure_id": "m", "ended_on": f"2019-1{number % 3}-01", "exit": "ABSENCE"}
            lines.append(event(f"{number}e", "measure.ended", person, **end))
        if number % 10 == 0:
            merged = {"other": f"P{(number + 37) % 60:02d}", "effective_on": "2020-01-01"}
            lines.append(event(f"{number}m", "person.merged", person, **merged))
        if number % 7 == 0:
            lines += [lines[-1], "{", ""]
    draw.shuffle(lines)
    return lines


def test_pieces_and_processes_change_nothing(run, monkeypatch):
    alone = run(many())
    assert alone[0] == 1
    assert len(alone[1]) > 100
    small_pieces(monkeypatch)
    assert run(many(), "--processes", "1") == alone
    assert run(many(), "--processes", "2") == alone
    keys = [(line["person_id"], line["pattern"], line["anchor"]) for line in alone[1]]
    assert keys == sorted(keys)


def test_due_dates_are_said_for_every_pseudonym_that_has_a_fact(run, monkeypatch):
    lines = [
        registered(1, "B", "2020-03-15"),
        registered(2, "A", "2020-03-15"),
        event(3, "person.merged", "A", other="B", effective_on="2020-01-01"),
        event(4, "person.erased", "C", reason="REQUEST"),
        event(5, "membership.started", "05315000", started_on="2020-01-01"),
    ]
    small_pieces(monkeypatch)
    status, said, _ = run(lines, "--next-due")
    assert status == 0
    assert said == [
        {"person_id": "A", "next_due": "2020-06-13"},
        {"person_id": "B", "next_due": None},
        {"person_id": "C", "next_due": None},
    ]


def test_of_one_source_and_id_the_earlier_time_holds_even_under_another_pseudonym(run):
    first, second = registered(1, "B"), registered(1, "A", time="2019-12-31T23:00:00.5Z")
    second["time"] = "2019-12-31T23:00:00.5Z"
    assert [line["person_id"] for line in run([first, second])[1]] == ["A"]
    second["time"] = "2020-01-01T01:00:00.000000000001+01:00"
    assert [line["person_id"] for line in run([first, second])[1]] == ["B"]


def test_on_equal_time_the_lesser_canonical_json_holds(run):
    one, other = registered(1, "A", note="b"), registered(1, "B", note="a")
    assert canonical(one) > canonical(other)
    assert [line["person_id"] for line in run([one, other])[1]] == ["B"]


def test_unreadable_lines_are_named_with_their_number_and_the_others_evaluated(run, monkeypatch):
    lines = [
        "[]",
        registered(1, "A"),
        "",
        {**registered(2, "A"), "specversion": "0.3"},
        {**registered(3, "A"), "time": "2020-01-01T00:00:00"},
        registered(4, "A", "2020-02-30"),
        event(5, "measure.ended", measure_id="m", ended_on="2020-01-01"),
        event(6, "future.thing", anything=1),
    ]
    small_pieces(monkeypatch)
    status, found, errors = run(lines)
    assert status == 1
    assert [line["pattern"] for line in found] == ["M15"]
    assert errors == [
        "line 1: not a JSON object",
        "line 4: specversion is not 1.0",
        "line 5: time is not a time with offset (RFC 3339)",
        "line 6: registered_on is not a date",
        "line 7: lacks exit",
    ]


def test_an_end_before_its_start_is_reported(run):
    lines = [
        event(1, "measure.started", measure_id="m", type="MAT", provider="T", started_on="2020-02-01"),
        event(2, "measure.ended", measure_id="m", ended_on="2020-01-01", exit="ABSENCE"),
    ]
    status, found, errors = run(lines)
    assert status == 0
    assert found[0]["since"] == "2020-03-02"
    assert errors == ["implausible: A m: ended before it started: taken as ended on its start"]


def test_standard_input_is_read_where_no_file_is_named(monkeypatch, capfd):
    line = json.dumps(registered(1, "A")).encode() + b"\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(line)))
    assert evaluate_file.main(["--today", TODAY]) == 0
    assert json.loads(capfd.readouterr().out)["pattern"] == "M15"


def test_a_pipe_is_read_like_a_file(tmp_path, capfd):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    line = json.dumps(registered(1, "A")).encode() + b"\n"
    writer = threading.Thread(target=pipe.write_bytes, args=(line,))
    writer.start()
    assert evaluate_file.main(["--today", TODAY, str(pipe)]) == 0
    writer.join()
    assert json.loads(capfd.readouterr().out)["pattern"] == "M15"


def test_another_rule_set_is_named_in_every_finding(run, tmp_path):
    default = Path(evaluate_file.__file__).parents[1] / "rules" / "1.toml"
    text = default.read_text().replace('version = "1"', 'version = "strict"')
    changed = tmp_path / "strict.toml"
    changed.write_text(text.replace("[patterns.M15]\nwarning_days = 90", "[patterns.M15]\nwarning_days = 30"))
    _, found, _ = run([registered(1, "A")], "--rules", str(changed))
    assert [(line["since"], line["rules_version"]) for line in found] == [("2020-01-31", "strict")]


@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        ("max_gap_days = 14", "max_gap_days = -1", "$.joining.max_gap_days"),
        ("min_episodes = 2\n", "", "min_episodes"),
        ("[patterns.M07]", "[patterns.M77]", "M77"),
        ('unknown = "UNKNOWN"', 'unknown = "X"', "exits.unknown"),
        ("version = ", "version == ", "not TOML"),
    ],
)
def test_a_wrong_rule_set_is_refused_with_the_field(run, tmp_path, before, after, error):
    default = Path(evaluate_file.__file__).parents[1] / "rules" / "1.toml"
    changed = tmp_path / "wrong.toml"
    changed.write_text(default.read_text().replace(before, after, 1))
    status, found, errors = run([registered(1, "A")], "--rules", str(changed))
    assert (status, found) == (2, [])
    assert any(error in line for line in errors)


def test_a_file_that_is_not_there_is_said(capfd):
    assert evaluate_file.main(["--today", TODAY, "/nowhere/facts.ndjson"]) == 2
    assert "/nowhere/facts.ndjson" in capfd.readouterr().err


def test_a_mark_of_byte_order_before_a_line_is_no_part_of_it(run):
    marked = "\ufeff" + json.dumps(registered(1, "A"))
    assert run([marked, registered(2, "B")])[1:] == run([registered(1, "A"), registered(2, "B")])[1:]
    later = registered(1, "A", "2019-01-01") | {"time": "2020-01-02T00:00:00Z"}
    assert run([marked, later])[:2] == run([registered(1, "A")])[:2]


def test_numbers_of_any_size_harm_nobody(run):
    wide = 10**30
    start = {"measure_id": "m", "type": "MAT", "provider": "P", "started_on": "2019-01-01", "offer_id": wide}
    status, found, said = run(
        [
            event(1, "measure.started", **start, hours=wide),
            event(2, "measure.ended", "B", measure_id="n", ended_on="2020-01-01", exit="ABSENCE", hours=-wide),
        ]
    )
    assert (status, said) == (0, [])
    assert found


def test_the_lesser_of_equal_times_is_that_by_canonical_json_where_numbers_are_doubles():
    assert canonical({"b": 10**30, "a": 1}) == '{"a":1,"b":1e+30}'
