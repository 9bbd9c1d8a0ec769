"""What reporting is told from outside."""

from __future__ import annotations

from shared.settings import ServiceSettings, settings_for


class Settings(ServiceSettings):
    """The shared settings and how counts are protected."""

    model_config = settings_for("REPORTING")

    complementary_suppression: bool = False  # also hide what would follow by subtraction from sums (not only 1 to 4)
    count_seconds: float = 1.0  # the least time between two counts: changes in between are said together
