"""`/v1/vault/…` and erasure: near matches and their decision, who a case number stands for, who has been erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from services.enrollment.domain.access import ABOUT
from services.enrollment.domain.vault import Decision, DecisionReason, LookReason
from services.enrollment.store.identities import Pair
from services.enrollment.usecases.answering import Answering
from services.enrollment.usecases.clerks import Clerks, Known
from services.enrollment.usecases.erasing import Erased, Erasing
from shared.contracts.vocabulary import ErasureReason
from shared.http import Bearer


class PairEntry(BaseModel):
    """Two case numbers that may be one person: which traits agree, and what has been decided."""

    one: str
    other: str
    agreed: list[str]
    state: str
    found_at: datetime


class DecisionEntry(BaseModel):
    """What a clerk decides about a pair, and on what grounds."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    reason: DecisionReason


class ErasureEntry(BaseModel):
    """Why a person is to be erased."""

    model_config = ConfigDict(extra="forbid")

    reason: ErasureReason


def routes(app: FastAPI, clerks: Clerks, erasing: Erasing, answering: Answering) -> None:
    """Hang the clerks' desk on the application."""
    _matches(app, clerks)
    _erasures(app, erasing)

    @app.get("/v1/persons/{pseudonym}/report", tags=["vault"])
    async def report_for_person(pseudonym: str, principal: Bearer) -> dict[str, Any]:
        """Everything held about a person in plain German, under all its case numbers (Auskunft, Art. 15 DSGVO)."""
        answer = await answering.answer(principal, pseudonym)
        return {
            "pseudonym": pseudonym,
            "about": dict(ABOUT),
            "merged_with": answer.person.others,
            "records": [_record(known) for known in answer.person.records],
            "events": [
                {"name": one.name, "source": one.source, "recorded_at": one.recorded_at, "says": dict(one.says)}
                for one in answer.lines
            ],
            "looks": [look._asdict() for look in answer.looks],
            "services": [
                {
                    "service": told.service,
                    "pseudonym": told.pseudonym,
                    "answered": told.parts is not None,
                    "parts": [{"name": part.name, "lines": list(part.lines)} for part in told.parts or ()],
                }
                for told in answer.told
            ],
            "restrictions": [one._asdict() for one in answer.person.restrictions],
        }

    @app.get("/v1/persons/{pseudonym}/records", tags=["vault"])
    async def who_it_is(pseudonym: str, reason: LookReason, principal: Bearer) -> dict[str, Any]:
        """Who a case number stands for: clerks see all records, case managers those of their areas. It is logged."""
        person = await clerks.person(principal, pseudonym, reason)
        return {
            "pseudonym": person.pseudonym,
            "issued_at": person.issued_at,
            "merged_with": person.others,
            "records": [_record(known) for known in person.records],
        }


def _matches(app: FastAPI, clerks: Clerks) -> None:
    @app.get("/v1/vault/matches", tags=["vault"])
    async def near_matches(principal: Bearer) -> list[PairEntry]:
        """Near matches that wait for a decision, the oldest first; without traits."""
        return [_pair(pair) for pair in await clerks.waiting(principal)]

    @app.get("/v1/vault/matches/{one}/{other}", tags=["vault"])
    async def both_sides(one: str, other: str, principal: Bearer) -> dict[str, Any]:
        """Both sides of a pair with their traits; the look is written down."""
        sides = await clerks.sides(principal, one, other)
        return _pair(sides.pair).model_dump() | {
            "possible": sides.possible,
            "records": [_record(known) for known in (*sides.left, *sides.right)],
            "decisions": [decision._asdict() for decision in sides.decisions],
        }

    @app.post("/v1/vault/matches/{one}/{other}", tags=["vault"], status_code=204)
    async def decide_match(one: str, other: str, entry: DecisionEntry, principal: Bearer) -> None:
        """Decide: one person (`merge`), two (`apart`), or two after all (`split`). What is taken apart stays apart."""
        await clerks.decide(principal, (one, other), decision=entry.decision, reason=entry.reason)


def _erasures(app: FastAPI, erasing: Erasing) -> None:
    @app.post("/v1/persons/{pseudonym}/erasure", tags=["vault"], status_code=202)
    async def erase_person(pseudonym: str, entry: ErasureEntry, principal: Bearer) -> dict[str, Any]:
        """Erase the person under all its case numbers, for good. The services' proofs come in within moments."""
        return {"erased": await erasing.erase(principal, pseudonym, entry.reason)}

    @app.get("/v1/persons/{pseudonym}/erasure", tags=["vault"])
    async def erasure_of_person(pseudonym: str, principal: Bearer) -> dict[str, Any]:
        """An erasure, the proof of each service that has answered, and who has not yet."""
        return _erased(await erasing.erased(principal, pseudonym))


def _pair(pair: Pair) -> PairEntry:
    return PairEntry(
        one=pair.one, other=pair.other_one, agreed=list(pair.agreed), state=pair.state, found_at=pair.found_at
    )


def _record(known: Known) -> dict[str, Any]:
    traits = known.traits
    return {
        "pseudonym": known.pseudonym,
        "source": known.source,
        "local_id": known.local_id,
        "azr_number": traits and traits.azr_number,
        "family_name": traits and traits.family_name,
        "given_name": traits and traits.given_name,
        "birth_date": traits and traits.birth_date,
    }


def _erased(erased: Erased) -> dict[str, Any]:
    return {
        "pseudonym": erased.mark.pseudonym,
        "reason": erased.mark.reason,
        "erased_at": erased.mark.erased_at,
        "proofs": [
            {name: value for name, value in proof._asdict().items() if name != "pseudonym"} for proof in erased.proofs
        ],
        "unanswered": erased.unanswered,
    }
