"""The settings of pathways: variables `PATHWAYS_…`."""

from __future__ import annotations

from pydantic import Field

from shared.settings import ServiceSettings, settings_for


class Settings(ServiceSettings):
    """What pathways is told beyond the settings all services share. `rules` and `matrix` name files."""

    model_config = settings_for("PATHWAYS")

    rules: str | None = None
    matrix: str | None = None
    catch_up_from: int = 2_000
    clock_seconds: float = 15.0
    new_rules_persons_per_second: float = Field(default=500.0, gt=0)
