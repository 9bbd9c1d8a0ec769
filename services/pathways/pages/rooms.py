"""What the pages stand on: the use cases; and how a published text reads on a page."""

from __future__ import annotations

import re
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


_RULE_SET = re.compile(r" \((?:Regelwerk|rule set) [^()]*\)$")


def said(text: Text | None, language: str) -> str:
    """What a finding says, in a language."""
    return "" if text is None else sentence(text.de if language == "de" else text.en)


def ends(text: Text | None, language: str) -> str:
    """What would end a finding, in a language."""
    return "" if text is None else sentence(text.ends_de if language == "de" else text.ends_en)


def sentence(text: str) -> str:
    """A published text as a sentence of a page, which names pattern and rule set elsewhere."""
    short = _RULE_SET.sub("", text)
    return f"{short[:1].upper()}{short[1:]}." if short and not short.endswith(".") else short
