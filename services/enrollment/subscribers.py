"""The Kafka doors: facts of sources that send over Kafka, and what services answer about erased persons."""

from __future__ import annotations

from services.enrollment.usecases.erasing import Erasing
from services.enrollment.usecases.kafka_intake import KafkaIntake
from shared.contracts.topics import ERASURES, INTAKE
from shared.messaging import erasures
from shared.messaging.consumer import Consumer
from shared.messaging.records import Record

INTAKE_NAME = "intake.*"


def subscribe(consumer: Consumer, erasing: Erasing, intake: KafkaIntake) -> None:
    """Hear the proofs and whose time is over, and read what sources write."""
    consumer.subscribe([ERASURES.name], decode=erasures.heard_or_asked, take=erasing.keep_answers)
    consumer.subscribe([INTAKE_NAME], pattern=INTAKE, decode=as_sent, take=intake.take)


def as_sent(record: Record) -> Record:
    """A source's record, unread: what is wrong with it is said to the source, not to the dead letters."""
    return record
