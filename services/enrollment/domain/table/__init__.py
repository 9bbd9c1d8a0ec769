"""Reads tables as offices send them, CSV or XLSX, into rows with sheet, row number and column names."""

from services.enrollment.domain.table.cells import (
    UNRECKONED,
    Bounds,
    Cell,
    Column,
    Form,
    Table,
    TableRow,
    Unreadable,
    column_letters,
)
from services.enrollment.domain.table.reading import read

__all__ = [
    "UNRECKONED",
    "Bounds",
    "Cell",
    "Column",
    "Form",
    "Table",
    "TableRow",
    "Unreadable",
    "column_letters",
    "read",
]
