"""What pathways holds of a person beside what stands on the topics: looks, decisions, planned measures looked at."""

from __future__ import annotations

from services.pathways.store import people, read_log, referrals, worklist
from shared.db import Database
from shared.holding import Part, written

_MOST_LOOKS = 10_000
_WHAT = {
    "timeline": "der Verlauf",
    "api": "der Verlauf, über eine Schnittstelle",
    "worklist": "die Arbeitsliste",
    "precheck": "die Vorprüfung einer Maßnahme",
}
_WHY = {
    "CASE_WORK": "Fallarbeit",
    "FINDING": "ein Befund",
    "PLANNING": "Planung",
    "HANDOVER": "Übergabe",
    "DATA_QUALITY": "Datenqualität",
    "DATA_SUBJECT_REQUEST": "Anliegen der Person",
    "WORKLIST": "Arbeitsliste",
    "PRECHECK": "Vorprüfung",
}
_DONE = {
    "assign": "zugewiesen",
    "acknowledge": "zur Kenntnis genommen",
    "mute": "zurückgestellt",
    "hand_over": "übergeben",
}


class Holding:
    """Tells what is held, for the answer to the person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tell(self, pseudonym: str) -> list[Part]:
        """Who has looked, what was decided, and how much is stored."""
        async with self._database.reading() as connection:
            looks = await read_log.of_person(connection, [pseudonym], limit=_MOST_LOOKS)
            steps = await worklist.steps_of(connection, [pseudonym])
            planned = await referrals.of_person(connection, pseudonym)
            stored = await people.with_clusters(connection, [pseudonym])
        seen = [
            f"{written(look.read_at)}: {look.reader} ({look.role}{f', {look.body}' if look.body else ''}) –"
            f" {_WHAT.get(look.what, look.what)}, Grund: {_WHY.get(look.reason, look.reason)}"
            for look in looks
        ]
        decided = [
            f"{written(step.done_at)}: Befund {step.pattern} von {step.done_by} {_DONE.get(step.action, step.action)}"
            + (f" ({step.detail})" if step.detail else "")
            for step in steps
        ]
        kept = any(one.person_id == pseudonym for one in stored)
        return [
            Part("Wer den Verlauf oder die Befunde angesehen hat", seen),
            Part("Was die Fallarbeit zu Befunden entschieden hat", decided),
            Part("Zuweisungen, die vor ihrem Beginn geprüft werden", [f"{kind} ({id})" for kind, id in planned]),
            Part("Verlauf", ["Die gemeldeten Tatsachen sind als Verlauf gespeichert."] if kept else []),
        ]
