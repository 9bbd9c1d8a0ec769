"""How the rows of a source's tables become facts: the saved mapping, and its application to a row."""

from services.enrollment.domain.mapping.applying import Draft, Fault, Mapped, Sheet, apply, bound_to
from services.enrollment.domain.mapping.checking import Flaw, MappingRefused, mapping_from
from services.enrollment.domain.mapping.document import Mapping, Person

__all__ = [
    "Draft",
    "Fault",
    "Flaw",
    "Mapped",
    "Mapping",
    "MappingRefused",
    "Person",
    "Sheet",
    "apply",
    "bound_to",
    "mapping_from",
]
