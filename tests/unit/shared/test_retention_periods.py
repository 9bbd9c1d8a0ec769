"""The files of periods: each category once, with days, what they are counted from and a basis; the services use all."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.retention import BadRetention, periods

FILES = sorted(Path("services").glob("*/retention.csv"))
HEAD = "category,days,counted_from,basis\n"


def test_every_service_has_a_file_and_the_operating_manual_names_every_category():
    assert [path.parent.name for path in FILES] == ["enrollment", "notifications", "pathways", "reporting"]
    manual = Path("docs/operating.md").read_text(encoding="utf-8")
    for path in FILES:
        for period in periods(path).values():
            row = f"| `{period.category}` | {path.parent.name} | {period.days} | {period.counted_from} |"
            assert row in manual, row


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("category,days\na,1\n", "the columns are"),
        (HEAD + "a,0,x,y\n", "line 2: days"),
        (HEAD + "a,ten,x,y\n", "line 2: days"),
        (HEAD + "a,1,x,y\na,2,x,y\n", "line 3: a is there twice"),
        (HEAD + "a,1,x,\n", "line 2: category"),
        (HEAD + "a,1,x,y,z\n", "line 2: category"),
        (HEAD + "a,40000,x,y\n", "36500"),
    ],
)
def test_a_file_that_leaves_something_open_is_refused(tmp_path: Path, text: str, error: str):
    path = tmp_path / "retention.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadRetention, match=error):
        periods(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(BadRetention):
        periods(tmp_path / "none.csv")
