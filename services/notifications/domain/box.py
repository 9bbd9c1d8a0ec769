"""Mail boxes that are written to.

`CONTACTS` are told what happens to a municipality in the programme, `RECIPIENTS` what was found about persons there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from services.notifications.domain.notice import LAND
from shared.contracts.vocabulary import Body
from shared.errors import Invalid

LONGEST = 254
_ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f<>,;]+@[^@\s\x00-\x1f\x7f<>,;]+\.[^@\s\x00-\x1f\x7f<>,;]+")
_AREA = re.compile(r"05[0-9]{6}", re.ASCII)


class Kind(StrEnum):
    """The two lists of boxes."""

    CONTACTS = "contacts"
    RECIPIENTS = "recipients"


# Which roles' boxes a list has; a Kreis, its own Geschäftsstelle apart, is asked for its Einvernehmen as `district`.
ROLES = {
    Kind.CONTACTS: ("managing_body", "district", "jmd", "ministry", "operator"),
    Kind.RECIPIENTS: ("case_manager", "managing_body", "district"),
}
OF_THE_LAND = ("ministry", "operator")
LANGUAGES = ("de", "en")
SEVERITIES = ("info", "warning", "critical")
BODIES = tuple(str(body) for body in Body)
USUAL_BODY = str(Body.KI)  # as readers without a body are taken: the programme's own case management
UNKNOWN_BODY = str(Body.OTHER)  # as the matrix takes bodies it does not know


@dataclass(frozen=True, slots=True)
class Box:
    """One box: its area (AGS), the role it is of, language of mails; recipients choose the least severity.

    What a recipient is told of a finding depends on its `body` (Art der Stelle); empty: that of whoever enters it.
    """

    area: str
    role: str
    address: str
    language: str = "de"
    min_severity: str = "warning"
    body: str = ""
    box_id: int = 0


def check(box: Box, kind: Kind) -> None:
    """Raise `Invalid` for a box that cannot be: no area of NRW, a role the list has not, no address."""
    if _AREA.fullmatch(box.area) is None or (box.area == LAND) is not (box.role in OF_THE_LAND):
        raise Invalid("this is no area of such a box", field="area", reason="area_unknown")
    if box.role not in ROLES[kind]:
        raise Invalid("this list has no such role", field="role", reason="role_unknown")
    if len(box.address) > LONGEST or not box.address.isprintable() or _ADDRESS.fullmatch(box.address) is None:
        raise Invalid("this is no e-mail address", field="address", reason="no_address")
    if box.language not in LANGUAGES or box.min_severity not in SEVERITIES:
        raise Invalid("this language or severity is not known", field="language", reason="choice_unknown")
    if box.body not in BODIES:
        raise Invalid(f"body must be one of {', '.join(BODIES)}", field="body", reason="body_unknown")
