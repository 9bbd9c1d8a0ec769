"""`/v1/files` and `/v1/mappings`: tables as offices have them, how they are read, and the brake."""

from services.enrollment.api.files.mappings import routes as _mapping_routes
from services.enrollment.api.files.uploads import Doors
from services.enrollment.api.files.uploads import routes as _upload_routes

__all__ = ["Doors", "routes"]


def routes(doors: Doors) -> None:
    """Hang the doors of files on the application."""
    _mapping_routes(doors)
    _upload_routes(doors)
