"""The words of e-mails about the programme: what happened, what is still to be done, and where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from services.notifications.domain.notice import ATTENDEE, Contact, Happening, Slot

_BERLIN = ZoneInfo("Europe/Berlin")
_CONFIRMED = {"workshop.booked": "CONFIRMED", "workshop.promoted": "CONFIRMED", "workshop.cancelled": "CANCELLED"}

# thing → language → (subject, sentence); `{name}` is the municipality, `{until}` the day something is due.
_SAID: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "declaration.received": {
        "de": ("Beitrittserklärung eingegangen: {name}", "die Beitrittserklärung von {name} ist eingegangen."),
        "en": ("Declaration received: {name}", "the declaration of {name} has been received."),
    },
    "declaration.amended": {
        "de": ("Beitrittserklärung noch unvollständig: {name}", "die Erklärung von {name} wurde ergänzt."),
        "en": ("Declaration still incomplete: {name}", "the declaration of {name} has been amended."),
    },
    "declaration.returned": {
        "de": ("Beitrittserklärung zurückgegeben: {name}", "das Ministerium hat die Erklärung zurückgegeben."),
        "en": ("Declaration sent back: {name}", "the ministry has sent the declaration back."),
    },
    "declaration.accepted": {
        "de": ("Beitritt angenommen: {name}", "{name} gehört jetzt zur Initiative. Willkommen!"),
        "en": ("Joined: {name}", "{name} now belongs to the initiative. Welcome!"),
    },
    "declaration.reminded": {
        "de": ("Erinnerung: {name}", "bis zum {until} ist noch etwas zu tun."),
        "en": ("Reminder: {name}", "something is still to be done by {until}."),
    },
    "concurrence.requested": {
        "de": ("Einvernehmen erbeten: {name}", "{name} möchte beitreten und braucht das Einvernehmen des Kreises."),
        "en": ("Concurrence asked for: {name}", "{name} wants to join and needs the concurrence of the district."),
    },
    "concurrence.granted": {
        "de": ("Einvernehmen erteilt: {name}", "das Einvernehmen des Kreises liegt vor."),
        "en": ("Concurrence granted: {name}", "the district has given its concurrence."),
    },
    "concurrence.refused": {
        "de": ("Einvernehmen versagt: {name}", "der Kreis hat sein Einvernehmen versagt."),
        "en": ("Concurrence refused: {name}", "the district has refused its concurrence."),
    },
    "concurrence.revoked": {
        "de": ("Einvernehmen widerrufen: {name}", "der Kreis hat sein Einvernehmen widerrufen."),
        "en": ("Concurrence revoked: {name}", "the district has revoked its concurrence."),
    },
    "commitment.at_risk": {
        "de": (
            "Mitwirkung in der Planungsphase: {name}",
            "die Planungsphase endet am {until}, und es liegt noch kein Beitrag vor: ein besuchter Workshop, eine"
            " Analyse oder ein Handlungsansatz.",
        ),
        "en": (
            "Taking part in the planning phase: {name}",
            "the planning phase ends on {until}, and nothing has been contributed yet: a workshop attended, an"
            " analysis or an approach.",
        ),
    },
    "source.silenced": {
        "de": (
            "Quelle schweigt: {source} ({name})",
            "die Quelle {source} ist seit dem {since} überfällig: sie hat länger nichts gemeldet, als ihr Rhythmus"
            " vorsieht. Betroffenes Gebiet: {name}.",
        ),
        "en": (
            "Source is silent: {source} ({name})",
            "the source {source} has been overdue since {since}: it has reported nothing for longer than its rhythm."
            " Area concerned: {name}.",
        ),
    },
    "source.resumed": {
        "de": ("Quelle meldet wieder: {source} ({name})", "die Quelle {source} meldet seit dem {since} wieder."),
        "en": ("Source reports again: {source} ({name})", "the source {source} has reported again since {since}."),
    },
    "brake.pulled": {
        "de": (
            "Lieferung angehalten: {source} ({name})",
            "eine Lieferung der Quelle {source} würde ungewöhnlich viel ändern und wartet darauf, dass jemand sie"
            " freigibt oder verwirft.",
        ),
        "en": (
            "Delivery held: {source} ({name})",
            "a delivery of the source {source} would change unusually much and waits for somebody to let it pass or"
            " throw it away.",
        ),
    },
    "workshop.booked": {
        "de": ("Workshop gebucht: {name}", "der Platz ist gebucht. Der Termin liegt als Kalenderdatei bei."),
        "en": ("Workshop booked: {name}", "the seat is booked. The date is attached as a calendar file."),
    },
    "workshop.waitlisted": {
        "de": ("Warteliste: {name}", "alle Plätze sind belegt; die Buchung steht auf der Warteliste."),
        "en": ("Waiting list: {name}", "all seats are taken; the booking is on the waiting list."),
    },
    "workshop.promoted": {
        "de": ("Nachgerückt: {name}", "ein Platz ist frei geworden und jetzt gebucht. Der Termin liegt bei."),
        "en": ("Moved up: {name}", "a seat became free and is now booked. The date is attached."),
    },
    "workshop.cancelled": {
        "de": ("Buchung storniert: {name}", "die Buchung ist storniert."),
        "en": ("Booking cancelled: {name}", "the booking has been cancelled."),
    },
    "workshop.requested": {
        "de": ("Starterworkshop angefragt: {name}", "{name} bittet um einen Starterworkshop vor Ort."),
        "en": ("Starter workshop requested: {name}", "{name} asks for a starter workshop on site."),
    },
    "workshop.called_off": {
        "de": ("Workshop fällt aus: {name}", "der Workshop ist abgesagt; die Buchung entfällt."),
        "en": ("Workshop called off: {name}", "the workshop has been called off, and the booking with it."),
    },
    "workshop.rescheduled": {
        "de": ("Workshop verlegt: {name}", "Termin oder Ort haben sich geändert. Der neue Termin liegt bei."),
        "en": ("Workshop moved: {name}", "date or place have changed. The new date is attached."),
    },
    "workshop.substituted": {
        "de": ("Vertretung im Workshop: {name}", "der Platz ist auf eine andere Person übergegangen."),
        "en": ("Substitution in the workshop: {name}", "the seat has passed to another person."),
    },
    "workshop.passed_on": {
        "de": ("Ihr Platz wurde weitergegeben: {name}", "statt Ihnen nimmt jemand anderes aus Ihrer Kommune teil."),
        "en": ("Your seat was passed on: {name}", "somebody else of your municipality takes part instead of you."),
    },
}
_MISSING: Mapping[str, tuple[str, str]] = {
    "EVIDENCE_MISSING": ("die schriftliche Erklärung als Dokument", "the written declaration as a document"),
    "SIGNED_ON_MISSING": ("das Datum der Unterschrift", "the date of the signature"),
    "SIGNATORY_MISSING": ("der Name der unterzeichnenden Person", "the name of the person who signed"),
    "SIGNATORY_FUNCTION_MISSING": ("die Funktion dieser Person", "the function of that person"),
    "SIGNATORY_NOT_ON_BOARD": (
        "die Unterschrift eines Mitglieds des Verwaltungsvorstands",
        "the signature of a member of the administrative board",
    ),
    "MANAGING_BODY_MISSING": ("die geschäftsführende Stelle", "the managing body"),
    "MANAGING_BODY_NAME_MISSING": ("der Name der geschäftsführenden Stelle", "the name of the managing body"),
    "MANAGING_BODY_CONTACT_MISSING": ("der Kontakt der geschäftsführenden Stelle", "the managing body's contact"),
    "EVIDENCE_UNREADABLE": ("das Dokument ist nicht lesbar", "the document cannot be read"),
    "EVIDENCE_UNSIGNED": ("das Dokument ist nicht unterschrieben", "the document is not signed"),
    "SIGNATORY_UNCONFIRMED": (
        "die Zugehörigkeit zum Verwaltungsvorstand ist nicht belegt",
        "membership of the administrative board is not shown",
    ),
    "MANAGING_BODY_UNCLEAR": ("die geschäftsführende Stelle ist nicht eindeutig", "the managing body is not clear"),
    "CONCURRENCE_CONTRADICTED": (
        "Kreis und Kommune widersprechen sich zum Einvernehmen",
        "district and municipality contradict each other",
    ),
}
_FRAME: Mapping[str, tuple[str, str, str, str]] = {
    "de": ("Guten Tag,", "Offen ist:", "Termin:", "Zur Seite:"),
    "en": ("Hello,", "Open points:", "Date:", "To the page:"),
}
_HOW_TO_CHANGE = {
    "de": "Ändern oder absagen kann die Stelle Ihrer Kommune, die Sie angemeldet hat.",
    "en": "The body of your municipality that booked for you can change or cancel this.",
}
_KINDS = {"DEVELOPMENT": ("Entwicklungs-Workshop", "Development workshop"), "STARTER": ("Starterworkshop",) * 2}


def said_as(happening: Happening, contact: Contact | None) -> str:
    """Which words tell an event to somebody: those of its type, or of what is special about it."""
    data = happening.data
    if contact is not None and contact.former:
        return "workshop.passed_on"
    if data.get("called_off"):
        return "workshop.called_off"
    if data.get("rescheduled"):
        return "workshop.rescheduled"
    if data.get("substituted") and (contact is None or contact.attendee_id is None):
        return "workshop.substituted"
    return happening.thing


def words(
    happening: Happening, language: str, *, name: str, link: str, slot: Slot | None, contact: Contact | None = None
) -> tuple[str, str]:
    """Subject and body of the mail about an event; `name` is the municipality's, `link` leads to its page."""
    greeting, open_points, when, to_page = _FRAME[language]
    subject, sentence = _SAID[said_as(happening, contact)][language]
    since = happening.data.get("silent_since") or happening.data.get("resumed_on")
    values = {"name": name, "until": _day(happening.data.get("due_on"), language), "since": _day(since, language)}
    values["source"] = str(happening.data.get("source", ""))
    lines = [greeting, "", sentence.format(**values), ""]
    missing = _points(happening, language)
    if missing:
        lines += [open_points, *(f"- {point}" for point in missing), ""]
    if slot is not None and happening.thing.startswith("workshop."):
        lines += [f"{when} {_kind(slot, language)}, {_local(slot.starts_at, language)}", ""]
    if contact is not None and contact.role == ATTENDEE:
        lines += [_HOW_TO_CHANGE[language], ""]
    lines += [f"{to_page} {link}", ""]
    return subject.format(**values), "\n".join(lines)


def calendar(happening: Happening, slot: Slot | None, *, place: str, contact: Contact, at: datetime) -> str | None:
    """The booking as an iCalendar text with the id the booking's own file has; None where there is no seat."""
    status = "CANCELLED" if contact.former else _CONFIRMED.get(happening.thing)
    booking = happening.data.get("booking_id")
    if status is None or slot is None or not booking:
        return None
    event = Event()
    event.add("uid", f"{booking}@gemeinsam")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("dtstart", slot.starts_at.astimezone(UTC))
    event.add("dtend", slot.ends_at.astimezone(UTC))
    event.add("summary", _kind(slot, contact.language))
    event.add("location", place)
    event.add("status", status)
    file = Calendar()
    file.add("prodid", "-//Gemeinsam//Workshops//DE")
    file.add("version", "2.0")
    file.add("method", "CANCEL" if status == "CANCELLED" else "PUBLISH")
    file.add_component(event)
    return file.to_ical().decode()


def _points(happening: Happening, language: str) -> list[str]:
    codes = [*(happening.data.get("missing") or ()), *(happening.data.get("reasons") or ())]
    points = [_MISSING[code][language == "en"] if code in _MISSING else str(code) for code in codes]
    if happening.data.get("concurrence_pending") or happening.data.get("about") == "CONCURRENCE":
        points.append("das Einvernehmen des Kreises" if language == "de" else "the concurrence of the district")
    if happening.data.get("about") == "DEADLINE":
        points.append("die Beitrittserklärung" if language == "de" else "the declaration to join")
    return points


def _kind(slot: Slot, language: str) -> str:
    return _KINDS.get(slot.kind, ("Workshop", "Workshop"))[language == "en"]


def _day(text: object, language: str) -> str:
    if not isinstance(text, str):
        return ""
    day = date.fromisoformat(text)
    return f"{day:%d.%m.%Y}" if language == "de" else f"{day:%d %b %Y}"


def _local(at: datetime, language: str) -> str:
    local = at.astimezone(_BERLIN)
    return f"{local:%d.%m.%Y, %H:%M} Uhr" if language == "de" else f"{local:%d %b %Y, %H:%M}"
