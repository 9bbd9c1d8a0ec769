"""Looking at a sample of a table, for whoever makes a mapping: its columns and some of what stands in them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import islice

from services.enrollment.domain.mapping.converting import NotConverted, as_text
from services.enrollment.domain.table import Bounds, Form, read

ROWS_LOOKED_AT = 500
MOST_WORDS = 40
LONGEST_WORD = 80


@dataclass(frozen=True, slots=True)
class SampleColumn:
    """A column of a sample. `words`: what stands in it, each once, the first forty at most."""

    name: str
    words: tuple[str, ...] = ()


async def sample_of(content: bytes, form: Form, bounds: Bounds) -> tuple[SampleColumn, ...]:
    """The named columns of a table; nothing is kept of it. Raises Unreadable."""
    return await asyncio.to_thread(looked_at, content, form, bounds)


def looked_at(content: bytes, form: Form, bounds: Bounds) -> tuple[SampleColumn, ...]:
    """The named columns of a table with some of what stands in them; raises Unreadable."""
    table = read(content, form, bounds)
    words: dict[str, dict[str, None]] = {column.name: {} for column in table.columns}
    for row in islice(table.rows, ROWS_LOOKED_AT):
        for column in table.columns:
            cell = row.at(column)
            if cell is None or len(words[column.name]) >= MOST_WORDS:
                continue
            try:
                words[column.name][as_text(cell)[:LONGEST_WORD]] = None
            except NotConverted:
                continue
    return tuple(SampleColumn(name, tuple(found)) for name, found in words.items())
