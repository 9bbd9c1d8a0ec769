"""What a reader asks of the worklist, in the address: it survives a reload, a bookmark and a link to a colleague."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from services.pathways.usecases.meanings import meanings
from services.pathways.usecases.worklist import ORDERS, SHOWS, Filters
from shared.auth import Principal

SEVERITIES = ("critical", "warning", "info")
ME, NOBODY = "me", "nobody"
PAGE_SIZE = 25
_LAST_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters, the order and the page; what the address has that is not known is left out."""

    show: str = SHOWS[0]
    severity: str = ""
    pattern: str = ""
    municipality: str = ""
    assigned: str = ""
    person: str = ""
    order: str = ORDERS[0]
    page: int = 1

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Asked:
        """From the address."""

        def known(name: str, codes: tuple[str, ...], otherwise: str) -> str:
            given = parameters.get(name, "")
            return given if given in codes else otherwise

        page = parameters.get("page", "")
        return cls(
            show=known("show", SHOWS, SHOWS[0]),
            severity=known("severity", SEVERITIES, ""),
            pattern=known("pattern", tuple(meanings()), ""),
            municipality=parameters.get("municipality", "")[:8],
            assigned=parameters.get("assigned", "")[:80],
            person=parameters.get("person", "").strip().upper()[:20],
            order=known("order", ORDERS, ORDERS[0]),
            page=min(int(page), _LAST_PAGE) if page.isascii() and page.isdigit() and page != "0" else 1,
        )

    def query(self, **changed: str | int) -> str:
        """The address of the same list with something else asked; back to the first page unless one is named."""
        said = asdict(self) | {"page": 1} | changed
        usual = asdict(Asked())
        return "?" + urlencode({name: value for name, value in said.items() if value and value != usual[name]})

    def filters(self, reader: Principal) -> Filters:
        """What the use case looks for; the areas are the reader's own, put there by it."""
        assigned = {"": None, ME: reader.subject, NOBODY: ""}.get(self.assigned, self.assigned)
        return Filters(
            (),
            show=self.show,
            severities=[self.severity] if self.severity else None,
            patterns=[self.pattern] if self.pattern else None,
            municipality=self.municipality or None,
            assigned_to=assigned,
            person=self.person or None,
        )

    @property
    def offset(self) -> int:
        """How many entries lie before the page."""
        return (self.page - 1) * PAGE_SIZE
