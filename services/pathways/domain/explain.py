"""Says a finding in words: what was seen, by which rule, and what would end it, from its evidence and parameters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from services.pathways.domain.dates import birthday
from services.pathways.domain.episodes import Episode
from services.pathways.domain.finding import Finding, Text
from services.pathways.domain.rules import ExitFlags, Rules
from services.pathways.domain.timeline import Spell, Timeline
from services.pathways.domain.wording import CATEGORIES, ENDS, ORDINALS_DE, ORDINALS_EN, SENTENCES

Words = dict[str, Any]
"""What stands in a sentence in one language, by the name of its place."""


def explain(finding: Finding, timeline: Timeline, rules: Rules) -> Text:
    """The texts of a finding of this timeline; days count to the newest step: a text changes with its finding only."""
    values = _VALUES[finding.pattern](finding, timeline, rules)
    german, english = _worded(values)
    sentence_de, sentence_en = SENTENCES[finding.pattern]
    ends_de = ends_en = ""
    if finding.until is None and finding.pattern in ENDS:
        german["spell_days"] = english["spell_days"] = rules.file.progress.spell_days
        _name_next_test(german, english, timeline, rules)
        ends_de, ends_en = ENDS[finding.pattern]
    return Text(
        f"{sentence_de.format_map(german)} (Regelwerk {finding.rules_version}, {finding.pattern})",
        f"{sentence_en.format_map(english)} (rule set {finding.rules_version}, {finding.pattern})",
        ends_de.format_map(german),
        ends_en.format_map(english),
    )


def _worded(values: dict[str, Any]) -> tuple[Words, Words]:
    german, english = dict(values), dict(values)
    for name, value in values.items():
        if type(value) is date:
            german[name] = f"{value.day:02}.{value.month:02}.{value.year:04}"
            english[name] = value.isoformat()
        elif type(value) is tuple:
            german[name], english[name] = value
    if (days := values.get("days")) is not None:
        german["days"], german["days_after"] = ("1 Tag", "1 Tag") if days == 1 else (f"{days} Tagen", f"{days} Tage")
        english["days"] = "1 day" if days == 1 else f"{days} days"
        german["within"] = f"in {german['days']}" if days else "an einem Tag"
        english["within"] = f"within {english['days']}" if days else "on one day"
    if count := values.get("n"):
        known = count < len(ORDINALS_DE)
        german["nth"], english["nth"] = (
            (ORDINALS_DE[count], ORDINALS_EN[count]) if known else (f"{count}.", f"No. {count}")
        )
        german["courses"] = "1 Kurs" if count == 1 else f"{count} Kurse"
        english["courses"] = "1 course" if count == 1 else f"{count} courses"
        german["earlier"] = "der frühere" if count == 2 else "die früheren"
        english["earlier"] = "the earlier one" if count == 2 else "the earlier ones"
    return german, english


def _nth(count: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th") if count % 100 not in (11, 12, 13) else "th"
    return f"{count}{ending}"


def _name_next_test(german: Words, english: Words, timeline: Timeline, rules: Rules) -> None:
    """The test that would be a rise: `test` alone and `tested` in a list, both empty where no level is higher."""
    language = rules.file.language
    tested = timeline.levels[-1][1] if timeline.levels else None
    if tested is None:
        where_de, where_en = f"ab {language.first_rise_from}", f"from {language.first_rise_from} up"
    elif tested + 1 == len(language.levels):
        german["test"] = german["tested"] = english["test"] = english["tested"] = ""
        return
    elif tested == 0:
        where_de, where_en = f"ab {language.levels[1]}", f"from {language.levels[1]} up"
    else:
        where_de, where_en = f"über {language.levels[tested]}", f"above {language.levels[tested]}"
    german["test"], english["test"] = f"Sprachprüfung {where_de}", f"a language test {where_en}"
    german["tested"], english["tested"] = german["test"] + ", ", english["test"] + ", "


def _episode(timeline: Timeline, id: str) -> Episode:
    return next(episode for episode in timeline.episodes if episode.id == id)


def _spell(timeline: Timeline, id: str) -> Spell:
    return next(spell for spell in timeline.spells if spell.id == id)


def _of_evidence(finding: Finding, timeline: Timeline) -> list[Episode]:
    ids = set(finding.evidence)
    return [episode for episode in timeline.episodes if episode.id in ids]


def _since(newest: date, on: int) -> int:
    return newest.toordinal() - on


def _m01(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    rule = rules.patterns.M01 if finding.pattern == "M01" else rules.patterns.P01
    run = _of_evidence(finding, timeline)
    return {"n": len(run), "begin": date.fromordinal(run[0].start), "gap": rule.max_gap_days}


def _m02(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    """Counted as at the newest start that made a step, also where the step is dated later by clipping."""
    anchor, window = _episode(timeline, finding.anchor), rules.patterns.M02.window_days
    newest = finding.steps[-1][1].toordinal()
    starts = [e.start for e in timeline.episodes if e.index >= anchor.index and e.start <= newest]
    starts = [start for start in starts if start > starts[-1] - window]
    return {"n": len(starts), "days": starts[-1] - starts[0], "begin": date.fromordinal(starts[0])}


def _m03(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    return {"n": len(_of_evidence(finding, timeline)), "group": _episode(timeline, finding.anchor).kind.group}


def _m04(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    spell = _spell(timeline, finding.anchor)
    return {"days": _since(finding.since, spell.start), "end": date.fromordinal(spell.end)}


def _m05(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    end = _episode(timeline, finding.anchor).end
    return {"days": _since(finding.steps[-1][1], end), "end": date.fromordinal(end)}


def _m06(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    ends = sorted([episode.end for episode in _of_evidence(finding, timeline)])
    return {"n": len(ends), "days": ends[-1] - ends[0], "last": date.fromordinal(ends[-1])}


def _m07(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    start = _episode(timeline, finding.anchor).start
    return {"days": _since(finding.steps[-1][1], start), "begin": date.fromordinal(start)}


def _m08(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    rule = rules.patterns.M08
    return {
        "days": rule.critical_days if finding.severity == "critical" else rule.warning_days,
        "window": rule.window_days,
    }


def _m09(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    referred = timeline.known.measures[finding.anchor].referred_on
    assert referred is not None
    return {"days": _since(finding.steps[-1][1], referred), "begin": date.fromordinal(referred)}


def _m10(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    target = _episode(timeline, finding.anchor).bridge_to or ""
    return _m05(finding, timeline, rules) | {"target": CATEGORIES.get(target, (target, target))}


def _m11(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    lower = _episode(timeline, finding.anchor)
    above = [e for e in _of_evidence(finding, timeline) if e.end < lower.start and e.flags & ExitFlags.COMPLETED]
    return {
        "upper": max(above, key=lambda episode: episode.end).kind.level,
        "lower": lower.kind.level,
        "begin": date.fromordinal(lower.start),
    }


def _m12(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    begin = date.fromordinal(_episode(timeline, finding.anchor).start)
    return {"n": len(_of_evidence(finding, timeline)), "begin": begin}


def _event_day(finding: Finding, on: list[int], reaches: int) -> dict[str, Any]:
    """The event an anchor names; of several with one id the one whose `since` the finding has."""
    newest = finding.steps[-1][1].toordinal()
    begin = min([day for day in on if day + reaches <= newest], default=min(on))
    return {"days": newest - begin, "begin": date.fromordinal(begin)}


def _m13(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    on = [fact.values[0] for fact in timeline.benefits if fact.id == finding.anchor]
    return _event_day(finding, on, rules.patterns.M13.warning_days)


def _m14(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    start = _episode(timeline, finding.anchor).start
    return {"begin": date.fromordinal(start), "days": rules.patterns.M14.common_days}


def _m15(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    on = [fact.values[0] for fact in timeline.registrations if fact.id == finding.anchor]
    return _event_day(finding, on, rules.patterns.M15.warning_days)


def _m16(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    assert timeline.birth is not None
    limit_on = birthday(timeline.birth, int(finding.anchor))
    return {"days": rules.patterns.M16.window_days, "age": finding.anchor, "begin": date.fromordinal(limit_on)}


def _p02(finding: Finding, timeline: Timeline, rules: Rules) -> dict[str, Any]:
    start = _spell(timeline, finding.anchor).start
    lasted = _since(finding.steps[-1][1], start) + 1
    return {"days": lasted, "begin": date.fromordinal(start)}


_VALUES: dict[str, Callable[[Finding, Timeline, Rules], dict[str, Any]]] = {
    "M01": _m01,
    "M02": _m02,
    "M03": _m03,
    "M04": _m04,
    "M05": _m05,
    "M06": _m06,
    "M07": _m07,
    "M08": _m08,
    "M09": _m09,
    "M10": _m10,
    "M11": _m11,
    "M12": _m12,
    "M13": _m13,
    "M14": _m14,
    "M15": _m15,
    "M16": _m16,
    "P01": _m01,
    "P02": _p02,
}
