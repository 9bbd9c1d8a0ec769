"""How far the feed is, kept in a file, so that a restart goes on instead of starting over."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Progress:
    """`anchor`: the day the invented careers end before. `live`: the number of the next live fact.
    `stories`: how many of the programme's stories have been played, `acts`: how many further doings in it.
    `cases`: what the
    live facts have changed, by number of the person."""

    mvad_shift: int | None = None
    mvad_sent: bool = False
    anchor: str | None = None
    persons_sent: int = 0
    live: int = 0
    newcomers: int = 0
    stories: int = 0
    acts: int = 0
    cases: dict[str, dict[str, Any]] = field(default_factory=dict)


def load(path: Path) -> Progress:
    """What was kept, or the beginning."""
    return Progress(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else Progress()


def save(path: Path, progress: Progress) -> None:
    """Keep it, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(asdict(progress)), encoding="utf-8")
    os.replace(beside, path)
