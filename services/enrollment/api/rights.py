"""`/v1/persons/{pseudonym}/restriction` and `…/separation`: data that must not be used, or are about two people."""

from __future__ import annotations

from datetime import datetime

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict

from services.enrollment.domain.vault import DecisionReason
from services.enrollment.store.restrictions import Restriction
from services.enrollment.usecases.restricting import Restricting
from services.enrollment.usecases.separating import Separating
from shared.contracts.vocabulary import RestrictionReason
from shared.http import Bearer


class RestrictionEntry(BaseModel):
    """Why a person's data are not to be used."""

    model_config = ConfigDict(extra="forbid")

    reason: RestrictionReason


class RestrictionAnswer(BaseModel):
    """One restriction; without `released_at` it is in force."""

    pseudonym: str
    reason: str
    restricted_by: str
    restricted_at: datetime
    released_by: str | None
    released_at: datetime | None


class SeparationEntry(BaseModel):
    """Whose records stand for somebody else, and on what grounds."""

    model_config = ConfigDict(extra="forbid")

    sources: list[str]
    reason: DecisionReason


class SeparationAnswer(BaseModel):
    """The case number those records have from now on."""

    pseudonym: str


def routes(app: FastAPI, restricting: Restricting, separating: Separating) -> None:
    """Hang what a person may ask for, beside information and erasure, on the application."""

    @app.post("/v1/persons/{pseudonym}/restriction", tags=["vault"], status_code=204)
    async def restrict_person(pseudonym: str, entry: RestrictionEntry, principal: Bearer) -> None:
        """Keep the person's data and use them for nothing, under all case numbers, until it is lifted."""
        await restricting.restrict(principal, pseudonym, entry.reason)

    @app.delete("/v1/persons/{pseudonym}/restriction", tags=["vault"], status_code=204)
    async def release_person(pseudonym: str, principal: Bearer) -> None:
        """Lift the restriction: what came meanwhile counts as if there had been none."""
        await restricting.release(principal, pseudonym)

    @app.get("/v1/persons/{pseudonym}/restriction", tags=["vault"])
    async def restrictions_of_person(pseudonym: str, principal: Bearer) -> list[RestrictionAnswer]:
        """All restrictions of a person in order, past ones too."""
        return [_answer(one) for one in await restricting.history(principal, pseudonym)]

    @app.post("/v1/persons/{pseudonym}/separation", tags=["vault"])
    async def separate_person(pseudonym: str, entry: SeparationEntry, principal: Bearer) -> SeparationAnswer:
        """One case number was given to two people: these sources' records and facts get a new one, for good."""
        fresh = await separating.separate(principal, pseudonym, entry.sources, entry.reason)
        return SeparationAnswer(pseudonym=fresh)

    @app.get("/v1/vault/restrictions", tags=["vault"])
    async def restrictions_in_force(principal: Bearer) -> list[RestrictionAnswer]:
        """The restrictions in force, the newest first."""
        return [_answer(one) for one in await restricting.in_force(principal)]


def _answer(one: Restriction) -> RestrictionAnswer:
    return RestrictionAnswer(**one._asdict())
