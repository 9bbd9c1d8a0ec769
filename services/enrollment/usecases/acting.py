"""Who may do what in the programme: a municipality and a Kreis act for themselves, the ministry for all."""

from __future__ import annotations

from shared.auth import Principal, Role
from shared.errors import Forbidden

SEES_ALL = frozenset({Role.MINISTRY, Role.LAKI, Role.JMD, Role.SCIENCE})


def check_acts_for(principal: Principal, ags: str) -> None:
    """Raise `Forbidden` unless the caller is the municipality's managing body, the Kreis itself, or the ministry.

    A Kreis does not act for its Gemeinden: it has its own voice in the Einvernehmen.
    """
    if principal.role is Role.MINISTRY:
        return
    if principal.role not in (Role.MANAGING_BODY, Role.DISTRICT) or ags not in principal.areas:
        raise Forbidden("only the municipality itself or the ministry may do this", reason="role_not_allowed")


def check_reads(principal: Principal, ags: str) -> None:
    """Raise `Forbidden` unless the caller may see a whole declaration: the municipality, its Kreis, the ministry."""
    if principal.role is Role.MINISTRY:
        return
    if principal.role not in (Role.MANAGING_BODY, Role.DISTRICT) or not principal.covers(ags):
        raise Forbidden("only the municipality, its Kreis and the ministry see this", reason="role_not_allowed")


def takes_part(principal: Principal, ags: str) -> bool:
    """Whether the caller works in the alliance there, or sees the programme in the whole Land.

    Systems that emit facts, clerks of the vault and operators have areas too, and no part in it.
    """
    if principal.role in SEES_ALL:
        return True
    return principal.role in (Role.MANAGING_BODY, Role.DISTRICT, Role.CASE_MANAGER) and principal.covers(ags)


def check_takes_part(principal: Principal, ags: str) -> None:
    """Raise `Forbidden` unless the caller takes part there."""
    if not takes_part(principal, ags):
        raise Forbidden("only those who take part there see this", reason="role_not_allowed")
