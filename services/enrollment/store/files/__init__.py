"""SQL about uploaded files: mappings, imports, what is to say of rows, and what snapshots have said so far."""

from services.enrollment.store.files import imports, mappings, snapshots

__all__ = ["imports", "mappings", "snapshots"]
