"""A rule set: every number and list of the patterns as validated data, with the catalogue of measures."""

from __future__ import annotations

import tomllib
from typing import Any

import msgspec

from services.pathways.domain import catalogue
from services.pathways.domain.catalogue import MeasureType
from services.pathways.domain.rule_file import RuleFile


class BadRules(ValueError):
    """A rule set that cannot be used; `errors` names each field and the reason."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


class ExitFlags:
    """What an exit is, as bits, so that an episode carries one number."""

    DROPOUT = 1
    COMPLETED = 2
    SUCCESS = 4
    LEFT = 8
    UNAVAILABLE = 16
    NEUTRAL = 32
    POSITIVE = 64
    DECEASED = 128


class Rules:
    """A rule set ready for use: the file's parts, the catalogue by type, and what is derived from both."""

    def __init__(self, file: RuleFile, types: dict[str, MeasureType]) -> None:
        self.file = file
        self.version = file.version
        self.patterns = file.patterns
        self.types = types
        self.levels = {level: rank for rank, level in enumerate(file.language.levels)}
        self.exit_flags = _exit_flags(file)
        self.unknown_exit_flags = self.exit_flags[file.exits.unknown]

    def says_the_same_as(self, other: Rules) -> bool:
        """Whether two sets have the same parts and the same catalogue, however their files are written."""
        return self.file == other.file and [_parts(kind) for kind in self.types.values()] == [
            _parts(kind) for kind in other.types.values()
        ]

    def flags(self, exit_code: str | None, destination: str | None) -> int:
        """The bits of an end; an unknown exit counts as UNKNOWN, an unknown destination is not positive."""
        found = self.exit_flags.get(exit_code or "", self.unknown_exit_flags)
        if destination in self.file.positive_end.destinations:
            found |= ExitFlags.POSITIVE
        return found


def _parts(kind: MeasureType) -> tuple[object, ...]:
    return tuple(getattr(kind, name) for name in MeasureType.__slots__)


def _exit_flags(file: RuleFile) -> dict[str, int]:
    exits = file.exits
    flags: dict[str, int] = {}
    for codes, bit in (
        (exits.dropout, ExitFlags.DROPOUT),
        (exits.completed, ExitFlags.COMPLETED),
        (exits.success, ExitFlags.SUCCESS),
        (exits.left, ExitFlags.LEFT | ExitFlags.NEUTRAL),
        (exits.unavailable, ExitFlags.UNAVAILABLE | ExitFlags.NEUTRAL),
        (exits.other_neutral, ExitFlags.NEUTRAL),
        ({exits.deceased}, ExitFlags.DECEASED),
        (file.positive_end.exits, ExitFlags.POSITIVE),
    ):
        for code in codes:
            flags[code] = flags.get(code, 0) | bit
    return flags


def catalogue_name(toml_text: str) -> str:
    """The name of the catalogue file a rule set asks for. Raises BadRules."""
    return _read(toml_text).catalogue


def parse(toml_text: str, catalogue_text: str) -> Rules:
    """A rule set from the texts of its file and its catalogue. Raises BadRules with every error found."""
    file = _read(toml_text)
    types, errors = catalogue.parse(catalogue_text, file.categories.countable, file.categories.others)
    errors += _contradictions(file, types)
    if errors:
        raise BadRules(errors)
    return Rules(file, types)


def _read(toml_text: str) -> RuleFile:
    try:
        content: dict[str, Any] = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise BadRules([f"not TOML: {error}"]) from None
    try:
        return msgspec.convert(content, RuleFile)
    except msgspec.ValidationError as error:
        raise BadRules([str(error)]) from None


def _contradictions(file: RuleFile, types: dict[str, MeasureType]) -> list[str]:
    exits, patterns = file.exits, file.patterns
    neutral = exits.left | exits.unavailable | exits.other_neutral
    known = file.categories.countable
    levels = file.language.levels
    targets = {patterns.M12.target, file.language.first_rise_from, *patterns.M12.goal_target.values()}
    bridges = {patterns.M10.training_as, patterns.M10.employment_as, *patterns.M10.training_kind_as.values()}
    groups = {entry.group for entry in types.values()}
    ascending = (
        (patterns.M02.warning_starts, patterns.M02.critical_starts),
        (patterns.M08.warning_days, patterns.M08.critical_days),
    )
    checks = (
        (exits.success <= exits.completed, "exits.success: must be among exits.completed"),
        (not neutral & (exits.dropout | exits.completed), "exits: a neutral exit is also a drop-out or completed"),
        (not exits.dropout & exits.completed, "exits: a drop-out is also completed"),
        (exits.unknown in exits.other_neutral, "exits.unknown: must be among exits.other_neutral"),
        (exits.deceased in exits.left, "exits.deceased: must be among exits.left"),
        (file.categories.language in known, "categories.language: not countable"),
        (file.observation.from_age < file.observation.until_age, "observation: from_age must be below until_age"),
        (len(set(levels)) == len(levels), "language.levels: a level is named twice"),
        (targets <= set(levels), "patterns.M12, language: a level that is not in language.levels"),
        (patterns.M04.categories <= known, "patterns.M04.categories: not countable"),
        (patterns.M08.categories <= known, "patterns.M08.categories: not countable"),
        (bridges <= known | set(types), "patterns.M10: neither a countable category nor a type of the catalogue"),
        (set(patterns.M09.group_warning_days) <= groups, "patterns.M09.group_warning_days: no such group"),
        (set(patterns.M12.goal_target) <= file.goals.known, "patterns.M12.goal_target: no such goal"),
        (
            patterns.M04.critical_days <= patterns.M04.warning_days <= patterns.M04.info_days,
            "patterns.M04: bands must rise",
        ),
        (all(low < high for low, high in ascending), "patterns.M02, patterns.M08: critical must be above warning"),
        (list(patterns.P02.info_days) == sorted(set(patterns.P02.info_days)), "patterns.P02.info_days: must rise"),
    )
    return [text for holds, text in checks if not holds]
