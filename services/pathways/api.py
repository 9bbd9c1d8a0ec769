"""Door 1, HTTP: open findings, one person's pathway, and the pre-check of a planned measure."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from services.pathways.domain.offers import Near
from services.pathways.domain.precheck import Alternative, Plan
from services.pathways.domain.story import Item
from services.pathways.usecases.precheck import Checked, Effect, Prechecks
from services.pathways.usecases.referrals import Referrals
from services.pathways.usecases.releases import MOST, Question, Releases
from services.pathways.usecases.timeline import Person, Shown, Timelines
from services.pathways.usecases.worklist import Entry, Filters, Worklist
from shared.clock import Clock
from shared.contracts.fields import IDENTIFIER
from shared.contracts.measures import MEASURE_TYPES
from shared.errors import BadRequest, Unauthenticated
from shared.http import Bearer
from shared.inside import HEADER, is_signed

Show = Literal["open", "acknowledged", "muted", "good", "all"]
Order = Literal["severity", "age", "newest", "person", "municipality"]
Severity = Literal["info", "warning", "critical"]
Reason = Literal["CASE_WORK", "FINDING", "PLANNING", "HANDOVER", "DATA_QUALITY", "DATA_SUBJECT_REQUEST"]


class PlannedMeasure(BaseModel):
    """A measure that might begin: who, of what type, from when."""

    person: Annotated[str, Field(min_length=1, max_length=80, description="pseudonym", examples=["K7QM-2XW9-4TRD"])]
    type: Annotated[str, Field(min_length=1, max_length=80, description="code of the catalogue", examples=["MAT"])]
    starts_on: date
    planned_end_on: date | None = None
    provider: Annotated[str, Field(pattern=IDENTIFIER)] | None = None


class Asked(BaseModel):
    """Whether a body may be told of a finding (by its identity), or of a referral (no pattern, the measure's id)."""

    model_config = ConfigDict(extra="forbid")

    body: str | None
    person_id: str
    pattern: str | None
    anchor: str
    event_id: str | None = None


_QUESTIONS = TypeAdapter(Annotated[list[Asked], Field(max_length=MOST)])
RELEASES = "/v1/inside/releases"


def inside_routes(app: FastAPI, clock: Clock, releases: Releases) -> None:
    """Let our own services ask, before they tell a body of findings, what it may know; no token opens it."""

    @app.post(RELEASES, include_in_schema=False)
    async def what_may_be_told(request: Request) -> list[str | None]:
        content = await request.body()
        secret = request.app.state.settings.session_secret.get_secret_value()
        if not is_signed(secret, RELEASES, request.headers.get(HEADER, ""), clock.now(), content=content):
            raise Unauthenticated("this is for the programme's own services")
        try:
            asked = _QUESTIONS.validate_json(content)
        except ValidationError:
            raise BadRequest(f"at most {MOST} questions are answered, each naming body, person and finding") from None
        answers = await releases.answer([Question(**one.model_dump()) for one in asked])
        return [sight.name.lower() if sight is not None else None for sight in answers]


def routes(
    app: FastAPI, worklist: Worklist, timelines: Timelines, prechecks: Prechecks, *, referrals: Referrals
) -> None:
    """`/v1/findings`, `/v1/persons/{pseudonym}/timeline`, `/v1/precheck` and `/v1/referral-hints`."""

    @app.get("/v1/findings", tags=["findings"])
    async def list_findings(
        principal: Bearer,
        show: Show = "open",
        severity: Annotated[list[Severity] | None, Query()] = None,
        pattern: Annotated[list[str] | None, Query(max_length=18)] = None,
        order: Order = "severity",
        municipality: Annotated[str | None, Query(pattern=r"^05\d{6}$")] = None,
        assigned_to: Annotated[str | None, Query(max_length=80)] = None,
        person: Annotated[str | None, Query(max_length=80)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
    ) -> dict[str, Any]:
        """The open findings of the caller's areas; what the caller may not know in full has no pattern and no text."""
        filters = Filters(
            (),
            show=show,
            severities=severity,
            patterns=pattern,
            municipality=municipality,
            assigned_to=assigned_to,
            person=person,
        )
        page = await worklist.page(principal, filters, order=order, limit=limit, offset=offset)
        return {
            "business_date": page.today,
            "total": page.total,
            "counts": page.counts,
            "findings": [_entry(entry) for entry in page.entries],
        }

    @app.get("/v1/persons/{pseudonym}/timeline", tags=["persons"])
    async def show_timeline(
        principal: Bearer, pseudonym: str, reason: Reason, known_on: date | None = None
    ) -> dict[str, Any]:
        """One person's pathway and findings, now or as known at the end of a day; the look is logged."""
        person = await timelines.look(principal, pseudonym, reason=reason, what="api", known_on=known_on)
        return _person(person)

    @app.post("/v1/precheck", tags=["precheck"])
    async def precheck(principal: Bearer, planned: PlannedMeasure) -> dict[str, Any]:
        """What a planned measure would make, end or worsen on its first day; types that would not; offers near by."""
        plan = Plan(planned.type, planned.starts_on, planned.planned_end_on, planned.provider)
        return _checked(await prechecks.check(principal, planned.person, plan))

    @app.get("/v1/referral-hints", tags=["precheck"])
    async def list_referral_hints(principal: Bearer) -> list[dict[str, Any]]:
        """Referrals in the caller's areas whose start would make or worsen at least a warning."""
        return [hint._asdict() for hint in await referrals.hints(principal)]


def _entry(entry: Entry) -> dict[str, Any]:
    row = entry.row
    known: dict[str, Any] = {
        "person_id": row.person_id,
        "severity": row.severity,
        "since": row.since,
        "age_days": entry.age_days,
        "municipality": row.municipality,
        "released": entry.data is not None,
    }
    if entry.data is None:
        return known
    return {
        **entry.data,
        **known,
        "assigned_to": row.assigned_to,
        "acknowledged_reason": row.acknowledged_reason,
        "muted_until": row.muted_until,
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "person_id": person.person_id,
        "members": person.members,
        "municipality": person.municipality,
        "evaluated_on": person.today,
        "known_on": person.known_on,
        "withheld": person.story.withheld,
        "items": [_item(item) for item in person.story.items],
        "findings": [_finding(shown) for shown in person.findings],
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "ids": item.ids,
        "code": item.code,
        "start": date.fromordinal(item.start),
        "end": date.fromordinal(item.end) if item.end is not None else None,
        "planned_end": date.fromordinal(item.planned_end) if item.planned_end is not None else None,
        "level": item.level,
        "category": item.category,
        **dict(item.details),
    }


def _finding(shown: Shown | Effect) -> dict[str, Any]:
    if shown.finding is None or shown.text is None:
        return {"severity": shown.severity, "released": False}
    text = shown.text
    return {
        **shown.finding.line(),
        "released": True,
        "text": {"de": text.de, "en": text.en},
        "ends_with": {"de": text.ends_de, "en": text.ends_en} if text.ends_de else None,
    }


def _checked(checked: Checked) -> dict[str, Any]:
    return {
        "person_id": checked.person_id,
        "evaluated_on": checked.on,
        "clear": checked.clear,
        "makes": [_finding(effect) for effect in checked.makes],
        "ends": [_finding(effect) for effect in checked.ends],
        "worsens": [_finding(effect) for effect in checked.worsens],
        "would_not": [_alternative(alternative) for alternative in checked.alternatives],
        "offers": [_offer(near) for near in checked.offers],
    }


def _offer(near: Near) -> dict[str, Any]:
    offer = near.offer
    return {
        **offer._asdict(),
        "name": _name(offer.type),
        "distance": near.distance.name.lower(),
        "ends": sorted({finding.pattern for finding in near.effects.ends}),
    }


def _name(code: str) -> dict[str, str] | None:
    named = MEASURE_TYPES.get(code)
    return {"de": named.name_de, "en": named.name_en} if named else None


def _alternative(alternative: Alternative) -> dict[str, Any]:
    kind = alternative.kind
    return {
        "type": kind.code,
        "name": _name(kind.code),
        "category": kind.category,
        "level": kind.level,
        "group": kind.group,
        "ends": sorted({finding.pattern for finding in alternative.effects.ends}),
    }
