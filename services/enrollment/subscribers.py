"""The Kafka door: what services answer about erased persons."""

from __future__ import annotations

from services.enrollment.usecases.erasing import Erasing
from shared.contracts.topics import ERASURES
from shared.messaging import erasures
from shared.messaging.consumer import Consumer


def subscribe(consumer: Consumer, erasing: Erasing) -> None:
    """Hear the proofs."""
    consumer.subscribe([ERASURES.name], decode=erasures.heard, take=erasing.keep_proofs)
