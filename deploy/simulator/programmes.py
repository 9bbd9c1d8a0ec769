"""What careers are made of: which measures follow each other under which law, how long they last, how they end."""

from collections.abc import Mapping
from dataclasses import dataclass

Weights = Mapping[str, float]

LADDERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "SGB2": (
        ("IK_ALLG", "IK_ALLG", "IK_JUGEND", "IK_ALPHA", "IK_FRAUEN"),
        ("BSK_B1", "BSK_B2", "BSK_A2"),
        ("MAT", "MAT", "PERF_F", "AGH", "JWS", "P16H"),
        ("BVB", "EQ", "HSA9", "BFS1", "MAG"),
        ("TQ", "FBW", "BAE", "AUSB_BETR", "EGZ"),
    ),
    "ASYLBLG": (
        ("EOK", "FFM", "IK_ALLG", "IK_ALLG"),
        ("BSK_A2", "BSK_B1", "BSK_B2", "DS_F2", "IFK"),
        ("AGH_ASYL", "FIM", "DS_F5", "AGH_ASYL"),
        ("DS_F3", "DS_F4", "EQ", "HSA9"),
        ("AUSB_BETR", "AUSB_SCHUL", "ASA"),
    ),
    "SGB3": (
        ("IK_ALLG", "IK_JUGEND"),
        ("BSK_A2", "BSK_B1", "BSK_B2"),
        ("MAT", "PERF_F", "MAT"),
        ("BVB", "EQ", "MAG"),
        ("TQ", "FBW", "ASA", "BAE", "AUSB_BETR"),
    ),
    "SGB8": (("FFM", "IFK"), ("IFK", "BSK_B1"), ("JWS",), ("HSA9", "BVB", "EQ", "AV"), ("AUSB_SCHUL", "AUSB_BETR")),
    "SCHOOL": (("FFM", "IFK"), ("IFK", "BSK_B1"), ("AV", "BFS1"), ("BFS2", "HSA10", "FOR", "EQ"), ("AUSB_SCHUL",)),
}
"""Under each law five steps: language up to A2, language up to B2, activation, preparation, training and work."""
FIRST_STEPS_OF_LANGUAGE = 2
YOUNG = frozenset({"SGB8", "SCHOOL"})
"""The laws under which people come at 18 or 19 and which they leave at 21."""
DETOUR = 2
"""The step of activation, which whoever climbs mostly leaves out."""

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
    "ASA": (200, 700),
    **dict.fromkeys(("BAE", "AUSB_BETR", "AUSB_SCHUL"), (700, 1200)),
}
LANGUAGE = frozenset(
    {"IK_ALLG", "IK_JUGEND", "IK_ALPHA", "IK_FRAUEN", "EOK", "BSK_A2", "BSK_B1", "BSK_B2", "DS_F2", "FFM", "IFK"}
)
CERTIFICATES: Mapping[str, str] = {
    "HSA9": "HSA9",
    "DS_F3": "HSA9",
    "IFK": "HSA9",
    "AV": "HSA9",
    "BFS1": "HSA10",
    "HSA10": "HSA10",
    "BFS2": "FOR",
    "FOR": "FOR",
    "TQ": "TQ",
    "BAE": "VOC",
    "AUSB_BETR": "VOC",
    "AUSB_SCHUL": "VOC",
}
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

    `climbs` is the chance to go a step up after a good end, `again` the chance to be sent into the same measure again,
    `detours` the chance not to leave out activation.
    """

    share: float
    gaps: tuple[tuple[float, int, int], ...]
    exits: Weights
    climbs: float
    again: float
    detours: float
    work_days: tuple[int, int]


_GOOD: Weights = {
    "COMPLETED_GOAL": 70,
    "COMPLETED_NO_RESULT": 10,
    "EARLY_EMPLOYMENT": 7,
    "EARLY_TRAINING": 8,
    "HEALTH": 2,
    "PARENTAL": 2,
    "TRANSFER": 1,
}
_MIXED: Weights = {
    "COMPLETED_GOAL": 46,
    "COMPLETED_NO_RESULT": 26,
    "DROPOUT_PERSON": 6,
    "ABSENCE": 4,
    "TRANSFER": 5,
    "HEALTH": 3,
    "PARENTAL": 3,
    "PROVIDER_CANCELLED": 2,
    "EARLY_EMPLOYMENT": 6,
    "UNKNOWN": 1,
}
_POOR: Weights = {
    "DROPOUT_PERSON": 26,
    "ABSENCE": 16,
    "EXCLUDED": 6,
    "COMPLETED_NO_RESULT": 20,
    "COMPLETED_GOAL": 22,
    "HEALTH": 5,
    "EARLY_EMPLOYMENT": 5,
}
_SHORT, _MIDDLE, _LONG = (3, 28), (30, 85), (95, 240)

HABITS: Mapping[str, Habit] = {
    "climbing": Habit(0.46, ((0.7, *_SHORT), (0.27, *_MIDDLE), (0.03, *_LONG)), _GOOD, 0.95, 0.0, 0.12, (300, 1500)),
    "drifting": Habit(0.17, ((0.5, *_SHORT), (0.35, *_MIDDLE), (0.15, *_LONG)), _MIXED, 0.55, 0.15, 0.9, (60, 500)),
    "waiting": Habit(0.16, ((0.3, *_SHORT), (0.35, *_MIDDLE), (0.35, *_LONG)), _MIXED, 0.75, 0.02, 0.4, (90, 700)),
    "breaking": Habit(0.07, ((0.4, *_SHORT), (0.4, *_MIDDLE), (0.2, *_LONG)), _POOR, 0.4, 0.15, 0.8, (20, 200)),
    "revolving": Habit(0.10, ((0.5, *_SHORT), (0.3, *_MIDDLE), (0.2, *_LONG)), _GOOD, 0.9, 0.0, 0.3, (30, 420)),
    "unreached": Habit(0.04, ((1.0, *_LONG),), _MIXED, 0.6, 0.0, 0.5, (60, 400)),
}
LAWS: Weights = {"SGB2": 66, "ASYLBLG": 22, "SGB3": 5, "SGB8": 4, "SCHOOL": 3}
"""About two thirds are in SGB II; most of the others, often geduldet, under the AsylbLG."""
