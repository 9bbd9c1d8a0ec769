"""Says in the reader's language why something was not taken: by the `reason` the error carries, with its `values`."""

from __future__ import annotations

from datetime import date
from typing import Any

from babel.dates import format_date

from services.enrollment.pages.translations.refusals import REFUSALS
from shared.errors import GemeinsamError


def why(problem: GemeinsamError | None, language: str) -> str:
    """One sentence on why something was not taken; where no reason is given, what the interface says, in English."""
    if problem is None:
        return ""
    words = REFUSALS.get(problem.details.get("reason", ""))
    if words is None:
        return problem.detail[:1].upper() + problem.detail[1:] + "."
    values = {name: _written(value, language) for name, value in problem.details.get("values", {}).items()}
    return words[language == "en"].format(**values)


def _written(value: Any, language: str) -> str:
    text = str(value)
    if len(text) == 10 and text[4:5] == "-":
        try:
            return format_date(date.fromisoformat(text), format="medium", locale="de" if language == "de" else "en_GB")
        except ValueError:
            return text
    return text
