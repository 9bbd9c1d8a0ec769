"""The words of an e-mail: what was noticed, what would end it, and what it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.notifications.domain.delivery import Delivery
from services.notifications.domain.finding import REFERRAL
from services.notifications.domain.patterns import ENDS, NAMES

LANGUAGES = ("de", "en")
_SEVERITIES: Mapping[str, Mapping[str, str]] = {
    "de": {"info": "Hinweis", "warning": "Warnung", "critical": "Kritisch"},
    "en": {"info": "Note", "warning": "Warning", "critical": "Critical"},
}
_SUBJECT: Mapping[str, str] = {"de": "{severity}: {name} – Fall {case}", "en": "{severity}: {name} – case {case}"}
_BODY: Mapping[str, str] = {
    "de": """\
Guten Tag,

das System „Gemeinsam“ hat in den gemeldeten Daten ein Muster bemerkt.

Fall:             {case}
Muster:           {name} ({pattern})
Stufe:            {severity}, erreicht am {step_on}
Bemerkt:          {noticed}
Wie es endet:     {ends}

Zum Fall: {link}

Der Hinweis kommt vom System, nicht von einer Person. Er soll auf ein fehlendes Angebot aufmerksam machen und die
Beratung unterstützen. Er ist keine Entscheidung und kein Grund für eine Sanktion oder eine Kürzung von Leistungen.
Ob er zutrifft, beurteilen Sie.
""",
    "en": """\
Hello,

the system “Gemeinsam” has noticed a pattern in the data reported to it.

Case:             {case}
Pattern:          {name} ({pattern})
Severity:         {severity}, reached on {step_on}
Noticed:          {noticed}
How it ends:      {ends}

To the case: {link}

This notice comes from the system, not from a person. It is meant to point out a missing offer and to support
counselling. It is no decision, and no ground for a sanction or a cut of benefits. Whether it is right is for you to
judge.
""",
}
_BEFORE_SUBJECT: Mapping[str, str] = {
    "de": "Vor dem Beginn einer Maßnahme – Fall {case}",
    "en": "Before a measure begins – case {case}",
}
_BEFORE: Mapping[str, str] = {
    "de": """\
Guten Tag,

in diesem Fall steht der Beginn einer zugewiesenen Maßnahme bevor. Nach den gemeldeten Daten würde er eine Warnung
auslösen oder verschärfen. Noch lässt sich etwas anderes planen.

Fall:             {case}

Zum Fall mit der Vorprüfung: {link}

Der Hinweis kommt vom System, nicht von einer Person. Er ist keine Entscheidung und kein Grund für eine Sanktion oder
eine Kürzung von Leistungen. Ob er zutrifft, beurteilen Sie.
""",
    "en": """\
Hello,

in this case a measure the person was referred to is about to begin. By the data reported, its start would make or
worsen a warning. Something else can still be planned.

Case:             {case}

To the case with the pre-check: {link}

This notice comes from the system, not from a person. It is no decision, and no ground for a sanction or a cut of
benefits. Whether it is right is for you to judge.
""",
}

_MASKED_SUBJECT: Mapping[str, str] = {
    "de": "Ein Hinweis liegt vor – Fall {case}",
    "en": "There is a notice – case {case}",
}
_MASKED: Mapping[str, str] = {
    "de": """\
Guten Tag,

das System „Gemeinsam“ hat in den gemeldeten Daten etwas bemerkt.

Fall:             {case}
Hinweis:          liegt vor, Einzelheiten nicht freigegeben

Zum Fall: {link}

Ihre Stelle darf die Einzelheiten nur mit Einwilligung der Person sehen. Der Hinweis kommt vom System, nicht von einer
Person. Er ist keine Entscheidung und kein Grund für eine Sanktion oder eine Kürzung von Leistungen.
""",
    "en": """\
Hello,

the system “Gemeinsam” has noticed something in the data reported to it.

Case:             {case}
Notice:           there is one, details not released

To the case: {link}

Your office may see the details only with the person's consent. This notice comes from the system, not from a person.
It is no decision, and no ground for a sanction or a cut of benefits.
""",
}


@dataclass(frozen=True, slots=True)
class Words:
    """A message ready to be sent: plain text in one language."""

    language: str
    subject: str
    body: str


def words_for(delivery: Delivery, link: str) -> Words:
    """The e-mail of a delivery in its recipient's language (German unless English is wanted).

    What was not released to the recipient reads alike, whatever it is about: that there is something in a case.
    """
    language = delivery.recipient.language if delivery.recipient.language in LANGUAGES else LANGUAGES[0]
    if not delivery.released:
        subject = _MASKED_SUBJECT[language].format(case=delivery.person_id)
        return Words(language, subject, _MASKED[language].format(case=delivery.person_id, link=link))
    if delivery.pattern == REFERRAL:
        subject = _BEFORE_SUBJECT[language].format(case=delivery.person_id)
        return Words(language, subject, _BEFORE[language].format(case=delivery.person_id, link=link))
    name = NAMES[language].get(delivery.pattern, delivery.pattern)
    severity = _SEVERITIES[language][delivery.severity]
    ends = delivery.ends.get(language) or ENDS[language].get(delivery.pattern, ENDS[language][""])
    body = _BODY[language].format(
        case=delivery.person_id,
        name=name,
        pattern=delivery.pattern,
        severity=severity,
        step_on=_written(delivery.step_on, language),
        noticed=delivery.noticed.get(language) or delivery.noticed.get(LANGUAGES[0]) or name,
        ends=ends,
        link=link,
    )
    subject = _SUBJECT[language].format(severity=severity, name=name, case=delivery.person_id)
    return Words(language, subject, body)


def _written(day: date, language: str) -> str:
    return f"{day:%d.%m.%Y}" if language == "de" else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
