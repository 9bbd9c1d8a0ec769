"""Which measure suits whom: by age, sex, schooling, language and season, as an office would look before it refers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

A0, A1, A2, B1, B2 = range(5)
NO_CERTIFICATE = frozenset({"NONE", "PRIMARY", "UNKNOWN"})
SCHOOL_YEAR = frozenset({"HSA9", "HSA10", "FOR", "BFS1", "BFS2", "AV"})
TRAINING_YEAR = frozenset({"BAE", "AUSB_BETR", "AUSB_SCHUL"})
YEAR_BEGINS, LAST_ENTRY, YEAR_ENDS = (8, 20), (10, 10), (7, 8)


@dataclass(frozen=True, slots=True)
class Situation:
    """How somebody stands on a day: `level` of language from A0 up, `school` as reported at registration or since."""

    day: date
    age: int
    sex: str
    school: str
    level: int


_NEEDS: dict[str, Callable[[Situation], bool]] = {
    "IK_ALLG": lambda who: who.level < B1,
    "IK_JUGEND": lambda who: who.level < B1 and who.age < 25,
    "IK_ALPHA": lambda who: who.level <= A1 and who.school == "NONE",
    "IK_FRAUEN": lambda who: who.level < B1 and who.sex == "FEMALE",
    "EOK": lambda who: who.level == A0,
    "DS_F2": lambda who: who.level in (A1, A2),
    "BSK_A2": lambda who: who.level == A1,
    "BSK_B1": lambda who: who.level == A2,
    "BSK_B2": lambda who: who.level == B1,
    "FFM": lambda who: who.age < 21 and who.level < A2,
    "IFK": lambda who: who.age < 21 and who.level < B1,
    "AV": lambda who: who.age < 22 and who.level >= A2 and who.school in NO_CERTIFICATE,
    "BFS1": lambda who: who.age < 22 and who.level >= A2 and who.school == "HSA9",
    "BFS2": lambda who: who.age < 23 and who.level >= B1 and who.school in ("HSA9", "HSA10"),
    "HSA9": lambda who: who.level >= A2 and who.school in NO_CERTIFICATE,
    "DS_F3": lambda who: who.level >= A2 and who.school in NO_CERTIFICATE,
    "HSA10": lambda who: who.level >= A2 and who.school == "HSA9",
    "FOR": lambda who: who.level >= B1 and who.school in ("HSA9", "HSA10"),
    "P16H": lambda who: who.age < 25,
    "JWS": lambda who: who.age < 26,
    "BVB": lambda who: who.age < 25 and who.level >= A2,
    "EQ": lambda who: who.age < 26 and who.level >= A2,
    "MAG": lambda who: who.level >= A2,
    "DS_F4": lambda who: who.level >= A2,
    "ASA": lambda who: who.level >= A2,
    "TQ": lambda who: who.level >= A2,
    "FBW": lambda who: who.level >= B1,
    "EGZ": lambda who: who.level >= A2,
    "BAE": lambda who: who.age < 26 and who.level >= A2,
    "AUSB_BETR": lambda who: who.level >= B1,
    "AUSB_SCHUL": lambda who: who.level >= B1 and who.school not in NO_CERTIFICATE,
}


def fitting(codes: Sequence[str], who: Situation) -> list[str]:
    """Those of the measures that suit somebody and can be entered within two months of the day."""
    return [
        code
        for code in codes
        if _NEEDS.get(code, lambda who: True)(who) and entry(code, who.day) - who.day <= timedelta(days=60)
    ]


def entry(code: str, day: date) -> date:
    """The first day from `day` on which a measure can be entered: schools and training begin once a year."""
    if code not in SCHOOL_YEAR | TRAINING_YEAR:
        return workday(day)
    begins, last = date(day.year, *YEAR_BEGINS), date(day.year, *LAST_ENTRY)
    if code in TRAINING_YEAR:
        begins = date(day.year, 8, 1)
    if day > last:
        begins = begins.replace(year=day.year + 1)
    return workday(max(day, begins))


def planned_end(code: str, started: date, days: int) -> date:
    """When a measure that begins on a day and takes so many is to end; a school year with the summer holidays."""
    if code not in SCHOOL_YEAR:
        return workday(started + timedelta(days=days), back=True)
    ends = date(started.year, *YEAR_ENDS)
    return workday(ends if ends > started + timedelta(days=60) else ends.replace(year=started.year + 1), back=True)


def workday(day: date, *, back: bool = False) -> date:
    """The day itself, or from a weekend the next Monday (the Friday before)."""
    over = day.weekday() - 4
    if over <= 0:
        return day
    return day - timedelta(days=over) if back else day + timedelta(days=3 - over)
