"""The texts of the page of notifications."""

from services.notifications.domain.patterns import NAMES
from shared.web import Texts

_BOTH: dict[str, tuple[str, str]] = {
    "lead": (
        "Wenn ein Muster neu erkannt wird oder sich verschärft, schreibt das System dem Fallmanagement; was "
        "in der Initiative zu tun ist, den Kommunen.",
        "When a pattern is found or becomes more severe, the system writes to case management; what is to be "
        "done in the initiative, to the municipalities.",
    ),
    "newest": ("Muster: zuletzt in Ihrem Bereich", "Patterns: latest in your area"),
    "newest.programme": ("Initiative: zuletzt an Ihren Bereich", "Initiative: latest to your area"),
    "about.findings": ("Mails zu Mustern", "Mails about patterns"),
    "about.programme": ("Mails zur Initiative", "Mails about the initiative"),
    "subject": ("Betreff", "Subject"),
    "role.attendee": ("Person, die teilnimmt", "Person who attends"),
    "land": ("Land Nordrhein-Westfalen", "State of North Rhine-Westphalia"),
    "boxes.title": ("Wer Mails bekommt", "Who gets mails"),
    "boxes.contacts": ("Postfächer für die Initiative", "Boxes for the initiative"),
    "boxes.contacts.lead": (
        "Dorthin gehen Eingang und Stand der Erklärung, Einvernehmen, Fristen und Workshops. Wer an einem "
        "Workshop teilnimmt, bekommt den Termin außerdem selbst.",
        "Receipt and state of the declaration, concurrence, deadlines and workshops are mailed there. Whoever"
        " goes to a workshop also gets the date personally.",
    ),
    "boxes.contacts.none": (
        "Für dieses Gebiet ist kein Postfach eingetragen: niemand erfährt per Mail, was zu tun ist.",
        "No box is entered for this area: nobody learns by mail what is to be done.",
    ),
    "boxes.recipients": ("Postfächer des Fallmanagements", "Boxes of case management"),
    "boxes.recipients.lead": (
        "Dorthin schreibt das System, wenn ein Muster erkannt wird: mit Aktenzeichen, ohne Namen. Hat eine "
        "Gemeinde keine Postfächer, wird ihrem Kreis geschrieben.",
        "The system writes there when a pattern is found: with the case number, without a name. If a "
        "municipality has no boxes, its district is written to.",
    ),
    "boxes.recipients.none": ("Für dieses Gebiet ist kein Postfach eingetragen.", "No box is entered for this area."),
    "boxes.address": ("E-Mail", "E-mail"),
    "boxes.area": ("Gebiet", "Area"),
    "boxes.area_hint": (
        "Amtlicher Gemeindeschlüssel, acht Ziffern; leer: das Ministerium selbst",
        "Official key, eight digits; empty: the ministry itself",
    ),
    "boxes.show": ("Anzeigen", "Show"),
    "boxes.language": ("Sprache", "Language"),
    "boxes.language.de": ("Deutsch", "German"),
    "boxes.language.en": ("Englisch", "English"),
    "boxes.min_severity": ("ab Stufe", "from severity"),
    "boxes.body": ("Stelle", "Office"),
    "boxes.body_hint": (
        "Jede Stelle trägt ihre eigenen Postfächer ein. Die Mails sagen nur, was diese Stelle sehen darf.",
        "Each office enters its own boxes. The mails say only what that office may see.",
    ),
    "boxes.body.JOBCENTER": ("Jobcenter", "Jobcenter"),
    "boxes.body.AGENTUR": ("Agentur für Arbeit", "Employment agency"),
    "boxes.body.SOZIALAMT": ("Sozialamt", "Social welfare office"),
    "boxes.body.JUGENDAMT": ("Jugendamt", "Youth welfare office"),
    "boxes.body.AUSLAENDERBEHOERDE": ("Ausländerbehörde", "Foreigners' office"),
    "boxes.body.SCHOOL": ("Schule", "School"),
    "boxes.body.PROVIDER": ("Träger", "Provider"),
    "boxes.body.KI": ("Kommunales Integrationszentrum", "Municipal integration centre (KI)"),
    "boxes.body.JMD": ("Jugendmigrationsdienst", "Youth migration service (JMD)"),
    "boxes.body.OTHER": ("andere Stelle", "other office"),
    "refused.body_unknown": (
        "Diese Stelle gibt es nicht in der Liste.",
        "This office is not in the list.",
    ),
    "refused.not_your_body": (
        "Eintragen lassen sich nur Postfächer der eigenen Stelle.",
        "Only boxes of one's own office can be entered.",
    ),
    "not_released": (
        "Liegt vor, Einzelheiten nicht freigegeben",
        "There is one, details not released",
    ),
    "not_asked": (
        "Was Ihre Stelle davon sehen darf, lässt sich gerade nicht prüfen. Bitte laden Sie die Seite später neu.",
        "What your office may see of it cannot be checked right now. Please load the page again later.",
    ),
    "boxes.do": ("Aktionen", "Actions"),
    "boxes.remove": ("Entfernen", "Remove"),
    "boxes.enter": ("Postfach eintragen oder ändern", "Enter or change a box"),
    "boxes.enter_do": ("Speichern", "Save"),
    "boxes.said.entered": ("Das Postfach ist eingetragen.", "The box has been entered."),
    "boxes.said.removed": (
        "Das Postfach ist entfernt; was noch wartete, wird nicht mehr geschickt.",
        "The box has been removed; what was still waiting is not sent any more.",
    ),
    "boxes.refused": ("Das wurde nicht übernommen.", "This was not taken."),
    "refused.no_address": ("Das ist keine E-Mail-Adresse.", "This is no e-mail address."),
    "refused.area_unknown": (
        "Für dieses Gebiet kann es kein solches Postfach geben.",
        "There can be no such box for this area.",
    ),
    "refused.role_unknown": ("Diese Rolle hat hier kein Postfach.", "This role has no box here."),
    "refused.choice_unknown": (
        "Bitte wählen Sie Sprache und Stufe aus der Liste.",
        "Please choose language and severity from the list.",
    ),
}

TEXTS: Texts = {
    "de": {
        **{key: both[0] for key, both in _BOTH.items()},
        "title": "Benachrichtigungen",
        "state.waiting": "wartet",
        "state.sent": "zugestellt",
        "state.failed": "aufgegeben",
        "count.waiting": "Warten",
        "count.sent": "Zugestellt",
        "count.failed": "Aufgegeben",
        "none": "In Ihrem Bereich wurde noch niemand benachrichtigt.",
        "not_local": "Welche Fälle es sind, sieht nur die zuständige Kommune.",
        "case": "Fall",
        "pattern": "Muster",
        "severity": "Stufe",
        "municipality": "Kommune",
        "role": "An",
        "state": "Stand",
        "when": "Geplant",
        "attempts": "Versuche",
        "pattern.REFERRAL": "Hinweis vor dem Beginn einer Maßnahme",
        **{f"pattern.{code}": name for code, name in NAMES["de"].items()},
    },
    "en": {
        **{key: both[1] for key, both in _BOTH.items()},
        "title": "Notifications",
        "state.waiting": "waiting",
        "state.sent": "delivered",
        "state.failed": "given up",
        "count.waiting": "Waiting",
        "count.sent": "Delivered",
        "count.failed": "Given up",
        "none": "Nobody has been notified in your area yet.",
        "not_local": "Only the responsible municipality sees which cases these are.",
        "case": "Case",
        "pattern": "Pattern",
        "severity": "Severity",
        "municipality": "Municipality",
        "role": "To",
        "state": "State",
        "when": "Planned",
        "attempts": "Attempts",
        "pattern.REFERRAL": "Notice before a measure begins",
        **{f"pattern.{code}": name for code, name in NAMES["en"].items()},
    },
}
