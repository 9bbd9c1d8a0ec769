"""Sources: the emitting systems the programme knows, where they may speak and what is registered of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from shared.contracts.vocabulary import Body
from shared.errors import Invalid

LONGEST_URI = 200
LONGEST_CONTACT = 200
LONGEST_RHYTHM_DAYS = 366

_URI = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~-]+)*", re.ASCII)
_AGS = re.compile(r"05\d{6}", re.ASCII)
_MAIL_BOX = re.compile(r"[^@\s<>,;\x00-\x1f\x7f]+@[^@\s<>,;\x00-\x1f\x7f]+\.[^@\s<>,;\x00-\x1f\x7f]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Source:
    """A registered source. `rhythm_days`: it is expected to report at least so often. `brake_limit`: the share of
    implausible changes in a snapshot above which a human looks first."""

    source: str
    body: Body
    areas: tuple[str, ...]
    contact: str
    rhythm_days: int
    brake_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Emitter:
    """A source as it speaks in one request: its number, and the areas both registered and in its token."""

    source_number: int
    source: str
    areas: frozenset[str]

    def covers(self, ags: str) -> bool:
        """Whether a Gemeinde or Kreis lies in the areas: a Kreis covers its Gemeinden."""
        return ags in self.areas or ags[:5] + "000" in self.areas


def check(source: Source) -> Source:
    """The source if it may be registered; raises Invalid with the first field that may not."""
    if len(source.source) > LONGEST_URI or _URI.fullmatch(source.source) is None:
        raise Invalid("the source is not a URI such as //koeln.example/jobcenter", field="source")
    if not source.areas:
        raise Invalid("a source has at least one area", field="areas")
    for area in source.areas:
        if _AGS.fullmatch(area) is None:
            raise Invalid("an area is an AGS of eight digits beginning with 05", field="areas")
    if not source.contact or len(source.contact) > LONGEST_CONTACT or _CONTROL.search(source.contact):
        raise Invalid("the technical contact is missing, too long or no plain text", field="contact")
    if not 1 <= source.rhythm_days <= LONGEST_RHYTHM_DAYS:
        raise Invalid(f"the rhythm lies between 1 and {LONGEST_RHYTHM_DAYS} days", field="rhythm_days")
    if source.brake_limit is not None and not 0 < source.brake_limit <= 1:
        raise Invalid("the limit of the brake is a share above 0 and at most 1", field="brake_limit")
    return source


def is_mail_box(contact: str) -> bool:
    """Whether a technical contact is an e-mail address that can be written to."""
    return _MAIL_BOX.fullmatch(contact) is not None


def areas_of(registered: Iterable[str], in_token: Iterable[str]) -> frozenset[str]:
    """The areas a request may speak for: those registered that the token covers, and those of the token registered.

    A token for a Gemeinde narrows a source registered for its Kreis, and the other way round.
    """
    registered, in_token = frozenset(registered), frozenset(in_token)
    return frozenset(area for area in registered if _covers(in_token, area)) | frozenset(
        area for area in in_token if _covers(registered, area)
    )


def _covers(areas: frozenset[str], ags: str) -> bool:
    return ags in areas or ags[:5] + "000" in areas
