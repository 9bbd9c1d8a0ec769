"""Facts about persons, the topic `enrollment.persons`: one model a type, and the judge that intake asks."""

from shared.contracts.persons.facts import *  # noqa: F403
from shared.contracts.persons.facts import EVENTS, VAULT_ONLY, Fact
from shared.contracts.persons.judging import SENTENCES, Checked, Refused, UnknownType, Warned, check

__all__ = [
    "EVENTS",
    "SENTENCES",
    "VAULT_ONLY",
    "Checked",
    "Fact",
    "Refused",
    "UnknownType",
    "Warned",
    "check",
    *(model.__name__ for model in EVENTS.values()),
]
