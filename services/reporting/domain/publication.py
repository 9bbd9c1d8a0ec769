"""The event that publishes one cell, protected."""

from __future__ import annotations

from datetime import datetime

from services.reporting.domain.disclosure import THRESHOLD
from services.reporting.domain.indicators import DEFINITION_VERSION, PERIOD, Cell
from shared.contracts.envelope import Envelope, time_text
from shared.contracts.indicators import IndicatorPublished, Method, cell

SOURCE = "//gemeinsam/reporting"


def event_of(counted: Cell, shown: int | None, version: int, at: datetime) -> tuple[Envelope, IndicatorPublished]:
    """`indicator.published` for a cell as of a count; `shown` None is a suppressed value."""
    subject = cell(counted.indicator, counted.area, PERIOD)
    data = IndicatorPublished(
        indicator=counted.indicator,
        area=counted.area,
        period=PERIOD,
        value=shown,
        suppressed=shown is None,
        method=Method.SUPPRESSION,
        threshold=THRESHOLD,
        definition_version=DEFINITION_VERSION,
        as_of=at,
    )
    envelope = Envelope(id=f"{version}.{subject}", source=SOURCE, type=data.TYPE, subject=subject, time=time_text(at))
    return envelope, data
