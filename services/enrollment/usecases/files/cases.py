"""All that can be done with files, in one hand for the doors."""

from __future__ import annotations

from dataclasses import dataclass

from services.enrollment.usecases.files.mappings import Mappings
from services.enrollment.usecases.files.uploads import Uploads
from services.enrollment.usecases.sources import Sources


@dataclass(frozen=True, slots=True)
class FileCases:
    """Who sends, how tables are read, and the files themselves; `app.py` makes one and hangs the doors on it."""

    sources: Sources
    mappings: Mappings
    uploads: Uploads
