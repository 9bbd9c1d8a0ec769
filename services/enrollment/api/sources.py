"""`/v1/sources`: the register of emitting systems, for operators."""

from __future__ import annotations

from fastapi import FastAPI, Response
from pydantic import BaseModel, ConfigDict, Field

from services.enrollment.domain.source import Source
from services.enrollment.usecases.sources import Sources
from shared.auth import Role, require
from shared.contracts.vocabulary import Body
from shared.http import Bearer


class SourceEntry(BaseModel):
    """A source as registered. `areas`: AGS of eight digits, a Kreis (`…000`) with its Gemeinden."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(examples=["//koeln.example/jobcenter"])
    body: Body
    areas: list[str] = Field(max_length=500, examples=[["05315000"]])
    contact: str
    rhythm_days: int = Field(description="the source is expected to report at least so often")
    brake_limit: float | None = Field(default=None, description="share of implausible changes at which a human looks")


def routes(app: FastAPI, sources: Sources) -> None:
    """Hang the register of sources on the application."""

    @app.put("/v1/sources", tags=["sources"])
    async def register_source(entry: SourceEntry, principal: Bearer, response: Response) -> SourceEntry:
        """Register a source, or change what is registered of it; the same again changes nothing."""
        require(principal, Role.OPERATOR)
        is_new = await sources.register(Source(**entry.model_dump(exclude={"areas"}), areas=tuple(entry.areas)))
        response.status_code = 201 if is_new else 200
        return entry

    @app.get("/v1/sources", tags=["sources"])
    async def list_sources(principal: Bearer) -> list[SourceEntry]:
        """All registered sources by name."""
        require(principal, Role.OPERATOR)
        return [
            SourceEntry(
                source=source.source,
                body=source.body,
                areas=list(source.areas),
                contact=source.contact,
                rhythm_days=source.rhythm_days,
                brake_limit=source.brake_limit,
            )
            for source in await sources.listed()
        ]
