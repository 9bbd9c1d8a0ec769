"""What an invented person agreed to, and took back: which data may go to which bodies (Einwilligung, Widerruf)."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from deploy.simulator.casebook import BERLIN, Profile
from deploy.simulator.facts import CASE_MANAGEMENT, Fact, recorded, written
from shared.contracts.vocabulary import Body, DataCategory

GIVEN = 0.62
WITHDRAWN = 0.12
LIMITED = 0.3
NARROW = 0.25
_EVERYTHING = (
    DataCategory.STATUS,
    DataCategory.BENEFITS,
    DataCategory.MEASURES,
    DataCategory.LANGUAGE,
    DataCategory.EDUCATION,
    DataCategory.EMPLOYMENT,
    DataCategory.COUNSELLING,
)
_NARROW = (DataCategory.LANGUAGE, DataCategory.EDUCATION)
_RECIPIENTS = (
    ((Body.KI, Body.JMD), 5),
    ((Body.KI, Body.JOBCENTER, Body.AGENTUR, Body.SOZIALAMT, Body.JUGENDAMT), 4),
    ((Body.KI,), 2),
    ((Body.JOBCENTER, Body.AGENTUR), 1),
)


def consents(profile: Profile, random: Random, today: date) -> Iterator[Fact]:
    """A person's consents recorded before `today`; some are narrow, some have ended, some were taken back."""
    if random.random() >= GIVEN:
        return
    given = profile.registered_on + timedelta(days=random.randint(0, 45))
    recipients = random.choices([who for who, _ in _RECIPIENTS], [weight for _, weight in _RECIPIENTS])[0]
    categories = _NARROW if random.random() < NARROW else _EVERYTHING
    until = given + timedelta(days=random.randint(365, 1460)) if random.random() < LIMITED else None
    taken_back = given + timedelta(days=random.randint(20, 700)) if random.random() < WITHDRAWN else None
    common = {
        "municipality": profile.municipality,
        "rechtskreis": profile.law,
        "legal_basis": "CONSENT",
        "purpose": CASE_MANAGEMENT,
        "consent_id": f"{profile.local_id}-e",
    }
    if given < today:
        said: dict[str, Any] = {
            "categories": [str(one) for one in categories],
            "recipients": [str(one) for one in recipients],
        }
        said |= {"valid_from": written(given)} | ({"valid_to": written(until)} if until else {})
        yield Fact(profile.local_id, f"{profile.local_id}-e1", "consent.given", _at(given), {**common, **said})
    if taken_back is not None and taken_back < today:
        said = {"withdrawn_on": written(taken_back)}
        yield Fact(profile.local_id, f"{profile.local_id}-e2", "consent.withdrawn", _at(taken_back), {**common, **said})


def _at(day: date) -> str:
    return recorded(datetime.combine(day, time(10, 30), BERLIN))
