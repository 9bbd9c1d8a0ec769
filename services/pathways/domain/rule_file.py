"""The parts of a rule set as its file has them: every number and list of the patterns, each checked when read."""

from __future__ import annotations

from typing import Annotated

import msgspec

Days = Annotated[int, msgspec.Meta(ge=0, le=36_525)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
Codes = frozenset[str]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Joining(_Part, frozen=True):
    max_gap_days: Days


class Categories(_Part, frozen=True):
    countable: Codes
    others: Codes
    language: str


class Exits(_Part, frozen=True):
    dropout: Codes
    completed: Codes
    success: Codes
    left: Codes
    deceased: str
    unavailable: Codes
    other_neutral: Codes
    unknown: str
    no_show: str


class PositiveEnd(_Part, frozen=True):
    destinations: Codes
    exits: Codes


class Spells(_Part, frozen=True):
    employment: Codes
    training: Codes


class Language(_Part, frozen=True):
    levels: tuple[str, ...]
    test_source: str
    first_rise_from: str


class Progress(_Part, frozen=True):
    certificates: Codes
    spell_days: Days


class Observation(_Part, frozen=True):
    from_age: Count
    until_age: Count
    area_prefix: str


class Goals(_Part, frozen=True):
    known: Codes


class Benefits(_Part, frozen=True):
    families: dict[str, str]


class M01(_Part, frozen=True):
    min_episodes: Count
    max_gap_days: Days
    closes_after_days: Days


class M02(_Part, frozen=True):
    window_days: Days
    warning_starts: Count
    critical_starts: Count


class M03(_Part, frozen=True):
    window_days: Days


class M04(_Part, frozen=True):
    more_than_days: Days
    critical_days: Days
    warning_days: Days
    info_days: Days
    categories: Codes
    benefits: Codes


class M05(_Part, frozen=True):
    info_days: Days
    warning_days: Days
    critical_days: Days
    unavailable_info_days: Days
    unavailable_warning_days: Days


class M06(_Part, frozen=True):
    window_days: Days
    warning_ends: Count
    critical_ends: Count


class M07(_Part, frozen=True):
    after_planned_end_days: Days
    critical_after_days: Days


class M08(_Part, frozen=True):
    window_days: Days
    warning_days: Count
    critical_days: Count
    categories: Codes


class M09(_Part, frozen=True):
    warning_days: Days
    critical_days: Days
    group_warning_days: dict[str, Days]


class M10(_Part, frozen=True):
    warning_days: Days
    critical_days: Days
    training_as: str
    employment_as: str
    training_kind_as: dict[str, str]


class M11(_Part, frozen=True):
    window_days: Days


class M12(_Part, frozen=True):
    ended_episodes: Count
    hours: Annotated[int, msgspec.Meta(ge=1)]
    days: Days
    target: str
    goal_target: dict[str, str]


class M13(_Part, frozen=True):
    ended_before_days: Days
    ended_after_days: Days
    half_report_days: Days
    warning_days: Days
    critical_days: Days


class M14(_Part, frozen=True):
    common_days: Count
    allowed_with_anything: Codes
    allowed_with_other_type: Codes


class M15(_Part, frozen=True):
    warning_days: Days
    critical_days: Days


class M16(_Part, frozen=True):
    ages: tuple[Count, ...]
    window_days: Days
    patterns: Codes


class P01(_Part, frozen=True):
    min_episodes: Count
    max_gap_days: Days


class P02(_Part, frozen=True):
    info_days: tuple[Count, ...]


class Patterns(_Part, frozen=True):
    M01: M01
    M02: M02
    M03: M03
    M04: M04
    M05: M05
    M06: M06
    M07: M07
    M08: M08
    M09: M09
    M10: M10
    M11: M11
    M12: M12
    M13: M13
    M14: M14
    M15: M15
    M16: M16
    P01: P01
    P02: P02


class RuleFile(_Part, frozen=True):
    """The file as written."""

    version: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
    catalogue: str
    joining: Joining
    categories: Categories
    exits: Exits
    positive_end: PositiveEnd
    spells: Spells
    language: Language
    progress: Progress
    observation: Observation
    goals: Goals
    benefits: Benefits
    patterns: Patterns
