"""What the pages stand on: the use cases; and how a published text reads on a page."""

from __future__ import annotations

from dataclasses import dataclass

from services.pathways.domain.finding import Text
from services.pathways.usecases.activations import Activations
from services.pathways.usecases.precheck import Prechecks
from services.pathways.usecases.referrals import Referrals
from services.pathways.usecases.timeline import Timelines
from services.pathways.usecases.trials import Trials
from services.pathways.usecases.worklist import Worklist


@dataclass(frozen=True, slots=True)
class Rooms:
    """The use cases of the pages."""

    worklist: Worklist
    timelines: Timelines
    prechecks: Prechecks
    referrals: Referrals
    activations: Activations
    trials: Trials


def said(text: Text | None, language: str) -> str:
    """What a finding says, in a language."""
    return "" if text is None else sentence(text.de if language == "de" else text.en)


def ends(text: Text | None, language: str) -> str:
    """What would end a finding, in a language."""
    return "" if text is None else sentence(text.ends_de if language == "de" else text.ends_en)


def sentence(text: str) -> str:
    """A published text as a sentence of a page; that of a finding names its rule set and pattern at the end."""
    return f"{text[:1].upper()}{text[1:]}." if text and not text.endswith(".") else text
