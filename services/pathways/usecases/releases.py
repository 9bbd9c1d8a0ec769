"""What bodies may be told of findings at this moment, asked by our own services before they tell anybody."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from services.pathways.domain.disclosure import Disclosure, Sight
from services.pathways.domain.matrix import Matrix
from services.pathways.store import findings, timelines
from services.pathways.usecases.access import unrestricted
from shared.clock import Clock
from shared.db import Database

MOST = 1000  # questions at once
_NOT_KNOWN = ("",)  # evidence that nobody is shown


class Question(NamedTuple):
    """May this body be told of this finding, also as one event said it? Without a pattern: of the referral `anchor`."""

    body: str | None
    person_id: str
    pattern: str | None
    anchor: str
    event_id: str | None = None


class Releases:
    """Answers from the facts and consents as they stand."""

    def __init__(self, database: Database, clock: Clock, matrix: Matrix) -> None:
        self._database = database
        self._clock = clock
        self._matrix = matrix

    async def answer(self, questions: Sequence[Question]) -> list[Sight | None]:
        """How much may be told, in the order asked; None of whom nothing is known or who is restricted."""
        asked = [(one.person_id, one.pattern or "", one.anchor, one.event_id) for one in questions]
        async with self._database.reading() as connection:
            today = await timelines.current_date(connection) or self._clock.today()
            groups = await unrestricted(connection, {one.person_id for one in questions})
            said = await findings.evidence(connection, asked)
        rests_on: dict[int, list[Sequence[str]]] = {}
        for place, data in said:
            rests_on.setdefault(place, []).append(json.loads(data)["evidence"])
        made: dict[tuple[str, str | None], Disclosure] = {}
        answers: list[Sight | None] = []
        for place, one in enumerate(questions):
            if (group := groups.get(one.person_id)) is None:
                answers.append(None)
                continue
            key = (group.leader, one.body)
            if key not in made:
                made[key] = Disclosure(group.facts, one.body, today.toordinal(), matrix=self._matrix)
            known = rests_on.get(place, [_NOT_KNOWN]) if one.pattern else [(one.anchor,)]
            answers.append(min(made[key].evidence(ids) for ids in known))
        return answers
