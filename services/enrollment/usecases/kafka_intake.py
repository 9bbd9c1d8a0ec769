"""Facts that a source sends over Kafka: judged as over HTTP, its refusals told on its own topic of replies."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from services.enrollment.domain.lines import record_row
from services.enrollment.domain.receipt import Note
from services.enrollment.domain.sentences import sentence
from services.enrollment.domain.source import Emitter
from services.enrollment.store import sources
from services.enrollment.usecases.intake import Chunk, Intake
from shared.clock import Clock
from shared.contracts.envelope import Envelope, time_text, to_headers
from shared.contracts.fields import IS_IDENTIFIER
from shared.contracts.intake import FactRefused
from shared.contracts.topics import intake_topics
from shared.db import Database, Overtaken
from shared.errors import Unavailable
from shared.messaging import dead_letters
from shared.messaging.outbox import Message
from shared.messaging.records import Batch, Record, Refused

SERVICE = "enrollment"
SOURCE = "//gemeinsam/enrollment"
_LONGEST_SUBJECT = 512


class KafkaIntake:
    """The door of sources that write to `intake.<source>`. The topic alone says who speaks."""

    def __init__(self, database: Database, intake: Intake, clock: Clock) -> None:
        self._database = database
        self._intake = intake
        self._clock = clock

    async def take(self, batch: Batch[Record]) -> None:
        """Take records in order. A partition's share a receipt named after the first: redelivered, it begins anew.

        Records on the topic of nobody become dead letters.
        """
        emitters = await self._emitters({record.topic for record in batch.events})
        strangers = [Refused(one, "source_not_registered") for one in batch.events if one.topic not in emitters]
        if strangers or batch.refused:
            async with self._database.transaction() as connection:
                await dead_letters.put(connection, [*batch.refused, *strangers], service=SERVICE)
        known = sorted((one for one in batch.events if one.topic in emitters), key=_place)
        for (topic, _), records in groupby(known, key=lambda one: (one.topic, one.partition)):
            await self._take(emitters[topic], list(records))

    async def _take(self, emitter: Emitter, records: Sequence[Record]) -> None:
        receipt_id = f"kafka.{records[0].partition}.{records[0].offset}"
        way = _FromTopic(receipt_id, records, time_text(self._clock.now()))
        try:
            await self._intake.report(emitter, receipt_id, _at_once(records), way=way)
        except Unavailable as error:
            raise Overtaken from error  # the same facts came by another way at this moment; soon they are known

    async def _emitters(self, topics: Collection[str]) -> dict[str, Emitter]:
        """Who speaks on these topics."""
        async with self._database.reading() as connection:
            registered = {intake_topics(one.source)[0].name: one for one in await sources.emitters(connection)}
        return {topic: registered[topic] for topic in topics if topic in registered}


@dataclass(frozen=True, slots=True)
class _FromTopic:
    """Rows that came from one partition; they count from 1, as in every receipt."""

    receipt_id: str
    records: Sequence[Record]
    now: str

    def headers(self, row: int) -> dict[str, str]:
        parent = self.records[row - 1].headers.get("traceparent")
        return {"traceparent": parent} if parent else {}

    def answers(self, refused: Sequence[Note]) -> list[Message]:
        return [self._answer(self.records[note.row - 1], note) for note in refused]

    def _answer(self, record: Record, note: Note) -> Message:
        sent_id = record.headers.get("ce_id", "")
        refusal = FactRefused(
            partition=record.partition,
            offset=record.offset,
            id=sent_id if IS_IDENTIFIER(sent_id) else None,
            field=note.field,
            code=note.code,
            sentence_de=sentence(note.field, note.code, "de"),
            sentence_en=sentence(note.field, note.code, "en"),
            receipt=self.receipt_id,
            row=note.row,
        )
        subject = _readable(record.key) or str(record.partition)
        head = Envelope(_name(record), SOURCE, refusal.TYPE, subject, self.now)
        headers = {**self.headers(note.row), **to_headers(head)}
        value = refusal.model_dump_json().encode()
        return Message(f"{record.topic}.replies", record.key or b"", subject, value, headers)


async def _at_once(records: Sequence[Record]) -> AsyncIterator[Chunk]:
    rows = [record_row(number, one.headers, one.value) for number, one in enumerate(records, start=1)]
    yield Chunk(rows, is_last=True)


def _place(record: Record) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset


def _name(record: Record) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"


def _readable(key: bytes | None) -> str | None:
    """A record's key as a subject, where it can be one."""
    text = (key or b"").decode("utf-8", "replace")
    return text if 0 < len(text) <= _LONGEST_SUBJECT and text.isprintable() else None
