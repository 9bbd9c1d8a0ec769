"""What careers are made of: which measures follow each other under which law, how long they last, how they end."""

from collections.abc import Mapping
from dataclasses import dataclass

Weights = Mapping[str, float]

LADDERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "SGB2": (
        ("IK_ALLG", "IK_ALLG", "IK_JUGEND", "IK_ALPHA", "IK_FRAUEN"),
        ("BSK_B1", "BSK_B2", "BSK_A2"),
        ("MAT", "PERF_F", "AGH", "JWS", "P16H"),
        ("BVB", "EQ", "HSA9", "BFS1"),
        ("TQ", "FBW", "BAE", "AUSB_BETR", "EGZ"),
    ),
    "ASYLBLG": (
        ("EOK", "FFM", "EOK"),
        ("AGH_ASYL", "FIM", "DS_F2", "IK_ALLG"),
        ("DS_F4", "DS_F5", "BSK_A2", "IFK"),
        ("DS_F3", "EQ", "HSA9"),
        ("AUSB_BETR", "AUSB_SCHUL", "ASA"),
    ),
    "SGB3": (
        ("IK_ALLG", "BSK_B1"),
        ("MAT", "MAG", "PERF_F"),
        ("BVB", "EQ"),
        ("TQ", "FBW"),
        ("ASA", "BAE", "AUSB_BETR"),
    ),
    "SGB8": (("FFM", "IFK"), ("JWS", "AV"), ("HSA9", "BVB"), ("EQ", "BFS2"), ("AUSB_SCHUL", "AUSB_BETR")),
    "SCHOOL": (("FFM", "IFK"), ("AV", "BFS1"), ("BFS2", "HSA10"), ("FOR",), ("AUSB_SCHUL",)),
}
"""Under each law five steps from the first language course to training; on each the measures one may get."""

DAYS: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("IK_ALLG", "IK_JUGEND", "IK_ALPHA", "IK_FRAUEN"), (150, 290)),
    **dict.fromkeys(("BSK_A2", "BSK_B1", "BSK_B2"), (80, 190)),
    "EOK": (50, 110),
    "MAT": (20, 120),
    "MAG": (10, 42),
    "PERF_F": (60, 160),
    **dict.fromkeys(("AGH", "AGH_ASYL", "FIM"), (60, 180)),
    **dict.fromkeys(("JWS", "P16H", "DS_F4", "DS_F5", "DS_F2"), (90, 270)),
    **dict.fromkeys(("BVB", "EQ"), (120, 310)),
    **dict.fromkeys(("HSA9", "HSA10", "FOR", "BFS1", "BFS2", "AV", "IFK", "FFM", "DS_F3"), (210, 340)),
    "TQ": (60, 170),
    "FBW": (90, 240),
    "EGZ": (90, 300),
    **dict.fromkeys(("ASA", "BAE", "AUSB_BETR", "AUSB_SCHUL"), (500, 1100)),
}
LANGUAGE = frozenset({"IK_ALLG", "IK_JUGEND", "IK_ALPHA", "IK_FRAUEN", "EOK", "BSK_A2", "BSK_B1", "BSK_B2", "DS_F2"})
CERTIFICATES: Mapping[str, str] = {"HSA9": "HSA9", "DS_F3": "HSA9", "HSA10": "HSA10", "BFS2": "FOR", "FOR": "FOR"}
BRIDGES: Mapping[str, str] = {"AGH": "LANG", "AGH_ASYL": "LANG", "FIM": "LANG", "MAT": "BVB", "DS_F4": "AUSB_BETR"}

LEGAL_BASES: Mapping[str, str] = {
    "SGB2": "SGB2_16",
    "SGB3": "SGB3_81",
    "SGB8": "SGB8_13",
    "ASYLBLG": "ASYLBLG_5",
    "SCHOOL": "SCHULG",
}
BENEFITS: Mapping[str, str] = {
    "SGB2": "SGB2",
    "SGB3": "SGB3_ALG",
    "SGB8": "SGB8",
    "ASYLBLG": "ASYLBLG_GRUND",
    "SCHOOL": "NONE",
}
RESIDENCE: Mapping[str, Weights] = {
    "ASYLBLG": {"GESTATTET": 55, "GEDULDET": 45},
    "": {"SCHUTZ": 70, "BLEIBERECHT": 15, "VERFESTIGT": 10, "FIKTION": 5},
}


@dataclass(frozen=True, slots=True)
class Habit:
    """How a kind of career runs: the days between measures, how they end, and what happens to whoever finds work.

    `climbs` is the chance to go a step up after a good end, `again` the chance to be sent into the same measure again.
    """

    share: float
    gaps: tuple[tuple[float, int, int], ...]
    exits: Weights
    climbs: float
    again: float
    work_days: tuple[int, int]


_GOOD: Weights = {"COMPLETED_GOAL": 62, "COMPLETED_NO_RESULT": 10, "EARLY_EMPLOYMENT": 6, "EARLY_TRAINING": 6}
_MIXED: Weights = {
    "COMPLETED_GOAL": 30,
    "COMPLETED_NO_RESULT": 34,
    "DROPOUT_PERSON": 8,
    "ABSENCE": 6,
    "TRANSFER": 6,
    "HEALTH": 3,
    "PARENTAL": 2,
    "PROVIDER_CANCELLED": 2,
    "EARLY_EMPLOYMENT": 4,
    "UNKNOWN": 1,
}
_POOR: Weights = {
    "DROPOUT_PERSON": 34,
    "ABSENCE": 20,
    "EXCLUDED": 8,
    "COMPLETED_NO_RESULT": 18,
    "COMPLETED_GOAL": 10,
    "HEALTH": 4,
    "EARLY_EMPLOYMENT": 4,
}
_SHORT, _MIDDLE, _LONG = (2, 25), (30, 85), (95, 260)

HABITS: Mapping[str, Habit] = {
    "climbing": Habit(0.36, ((0.7, *_SHORT), (0.25, *_MIDDLE), (0.05, *_LONG)), _GOOD, 0.95, 0.02, (240, 1500)),
    "drifting": Habit(0.22, ((0.55, *_SHORT), (0.3, *_MIDDLE), (0.15, *_LONG)), _MIXED, 0.35, 0.25, (60, 500)),
    "waiting": Habit(0.17, ((0.15, *_SHORT), (0.3, *_MIDDLE), (0.55, *_LONG)), _MIXED, 0.6, 0.08, (90, 700)),
    "breaking": Habit(0.10, ((0.4, *_SHORT), (0.4, *_MIDDLE), (0.2, *_LONG)), _POOR, 0.3, 0.3, (20, 200)),
    "revolving": Habit(0.10, ((0.5, *_SHORT), (0.3, *_MIDDLE), (0.2, *_LONG)), _GOOD, 0.8, 0.1, (30, 320)),
    "unreached": Habit(0.05, ((1.0, *_LONG),), _MIXED, 0.4, 0.1, (60, 400)),
}
LAWS: Weights = {"SGB2": 66, "ASYLBLG": 22, "SGB3": 5, "SGB8": 4, "SCHOOL": 3}
"""About two thirds are in SGB II; most of the others, often geduldet, under the AsylbLG."""
