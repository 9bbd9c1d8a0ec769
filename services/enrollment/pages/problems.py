"""Says in German what a rule said in English; what is not listed here is shown as the rule put it."""

from __future__ import annotations

import re

from shared.errors import GemeinsamError

_SAID: tuple[tuple[str, str], ...] = (
    (r"this field is needed", "Bitte füllen Sie dieses Feld aus."),
    (r"at most (\d+) characters, no control characters", "Höchstens {0} Zeichen, keine Steuerzeichen."),
    (r"this is no date( and time)?", "Das ist kein gültiges Datum."),
    (r"the years 2000 to 2099 are taken", "Das Jahr muss zwischen 2000 und 2099 liegen."),
    (r"a whole number from 0 to (\d+) is needed", "Bitte eine ganze Zahl von 0 bis {0}."),
    (r"this is no amount", "Das ist kein Betrag."),
    (r"an amount is more than nothing", "Der Betrag muss größer als 0 sein."),
    (r"a key has eight digits and begins with 05", "Der Schlüssel hat acht Ziffern und beginnt mit 05."),
    (r"(\d+) is no Kreis, Stadt or Gemeinde of NRW on .+", "{0} ist kein Schlüssel einer Kommune in NRW."),
    (r"a document is a PDF, PNG or JPEG file", "Ein Dokument ist eine PDF-, PNG- oder JPEG-Datei."),
    (r"a document has at most (\d+) MB", "Ein Dokument hat höchstens {0} MB."),
    (r"the document is empty", "Das Dokument ist leer."),
    (r"the document is cut off: its end is missing", "Das Dokument ist unvollständig: das Ende fehlt."),
    (r"the day( of receipt)? lies in the future", "Der Tag liegt in der Zukunft."),
    (
        r"the municipality shows the Einvernehmen by a document",
        "Bitte belegen Sie das Einvernehmen mit einem Dokument.",
    ),
    (r"only the Kreis refuses or revokes its Einvernehmen", "Nur der Kreis selbst versagt oder widerruft."),
    (r"only a granted Einvernehmen can be revoked", "Nur ein erteiltes Einvernehmen kann widerrufen werden."),
    (r".+ needs no Einvernehmen", "Hier ist kein Einvernehmen nötig."),
    (r"(\w+) is not possible in the state (\w+)", "Das ist im jetzigen Stand nicht möglich."),
    (r"at least one reason is needed", "Bitte wählen Sie mindestens einen Grund."),
    (
        r"the declaration is incomplete or lacks the Einvernehmen of the Kreis",
        "Die Erklärung ist unvollständig, oder das Einvernehmen des Kreises fehlt.",
    ),
    (r"a workshop ends after it begins", "Das Ende liegt nach dem Beginn."),
    (r"a workshop has 1 to (\d+) seats", "Ein Workshop hat 1 bis {0} Plätze."),
    (
        r"development workshops take place from (\S+) to (\S+)",
        "Entwicklungs-Workshops finden vom {0} bis zum {1} statt.",
    ),
    (r"(\d+) seats are booked already", "{0} Plätze sind schon gebucht."),
    (r"this workshop cannot be booked", "Dieser Workshop ist nicht buchbar."),
    (r"the workshop is over( or was called off)?", "Der Workshop ist vorbei oder abgesagt."),
    (r"the workshop has not taken place yet", "Der Workshop hat noch nicht stattgefunden."),
    (r"attendance .+", "Die Teilnahme wird festgehalten, wenn der Workshop stattgefunden hat."),
    (r"this person has a booking already", "Diese Person ist schon angemeldet."),
    (r"this person is booked by another municipality", "Diese Person ist schon durch eine andere Kommune angemeldet."),
    (r"this is no e-mail address", "Das ist keine E-Mail-Adresse."),
    (r"this organisation belongs to the alliance already", "Diese Organisation gehört schon zum Bündnis."),
    (r"there is one Geschäftsführende Stelle at a time", "Es gibt nur eine Geschäftsführende Stelle zur selben Zeit."),
    (r"a partner has a name and stands for something", "Bitte geben Sie an, was die Organisation vertritt."),
    (r"nothing has been declared yet", "Bitte erklären Sie zuerst den Beitritt."),
    (r"the municipality has not joined", "Die Kommune ist noch nicht beigetreten."),
    (r"this is the municipality's own practice", "Das ist die eigene gute Praxis der Kommune."),
    (r"the offer is closed", "Das Angebot ist geschlossen."),
    (r"the lower language level comes first", "Das niedrigere Sprachniveau steht zuerst."),
    (r"funding needs a membership on that day", "Förderung setzt die Mitgliedschaft voraus."),
    (r"funding needs a submitted approach .+", "Förderung setzt einen eingereichten Handlungsansatz voraus."),
    (r"funding begins on (\S+)", "Förderung ist erst ab dem {0} möglich."),
    (r"the grant ends before it begins", "Das Ende liegt vor dem Beginn."),
    (r"(\S+) is not in the registry on .+", "{0} steht nicht im Verzeichnis."),
    (r"a code is .+", "Ein Kürzel besteht aus Großbuchstaben, Ziffern und _, höchstens 20."),
    (r"a scenario has at least one step", "Ein Szenario hat mindestens eine Stufe."),
    (r"two steps begin .+", "Zwei Stufen beginnen bei derselben Zahl für dieselbe Art."),
    (
        r"begin, deadline, end of planning and end follow each other",
        "Beginn, Frist, Ende der Planung und Ende folgen aufeinander.",
    ),
    (r"the window of the development workshops .+", "Das Ende der Entwicklungs-Workshops liegt vor ihrem Beginn."),
    (r"this pair has been decided meanwhile", "Über dieses Paar wurde inzwischen entschieden."),
    (r"a person has at most (\d+) case numbers", "Eine Person hat höchstens {0} Aktenzeichen."),
    (r"there is no such case number.*", "Dieses Aktenzeichen gibt es nicht, oder nicht für Sie."),
    (r"this person has been erased", "Diese Person wurde gelöscht."),
    (r"a name has 1 to 60 .+", "Ein Name hat 1 bis 60 Kleinbuchstaben, Ziffern, Punkte, Unter- oder Bindestriche."),
    (r"the mapping has flaws", "Die Zuordnung ist nicht schlüssig; was nicht stimmt, steht unten."),
    (r"the mapping is not valid JSON", "Die Zuordnung ist kein gültiges JSON."),
    (r"a file has at most (\d+) MB", "Eine Datei hat höchstens {0} MB."),
    (r"the file is empty", "Die Datei ist leer."),
    (r"this mapping compares no snapshots, .+", "Diese Zuordnung vergleicht keinen Gesamtbestand."),
    (r"a snapshot says for which days it speaks", "Bitte geben Sie an, für welche Tage die Datei vollständig ist."),
    (r"the scope ends before it begins", "Das Ende liegt vor dem Beginn."),
    (r"an earlier snapshot with this mapping .+", "Eine frühere Datei mit dieser Zuordnung ist noch unterwegs."),
    (r"the file is through already", "Die Datei ist schon fertig verarbeitet."),
    (r"the file is not held any more", "Über diese Datei wurde schon entschieden."),
    (r"only .+|this JMD works elsewhere", "Das ist für Ihre Rolle nicht freigegeben."),
)
_GERMAN = tuple((re.compile(english), german) for english, german in _SAID)


def why(problem: GemeinsamError | None, language: str) -> str:
    """One sentence on why something was not taken, in the reader's language."""
    if problem is None:
        return ""
    if language == "de":
        for english, german in _GERMAN:
            found = english.fullmatch(problem.detail)
            if found:
                return german.format(*(part or "" for part in found.groups()))
    return problem.detail[:1].upper() + problem.detail[1:] + "."
