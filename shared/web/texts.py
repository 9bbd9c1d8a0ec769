"""Texts in German and English: plain dictionaries, one pair for what all pages share and one for each service."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from babel.dates import format_date, format_datetime
from starlette.requests import Request

from shared.clock import BERLIN

LANGUAGES = ("de", "en")
LANGUAGE_COOKIE = "gemeinsam-language"
_THOUSANDS = {"de": ".", "en": ","}
_LOCALES = {"de": "de", "en": "en_GB"}

Texts = Mapping[str, Mapping[str, str]]


class Tongue:
    """One language on one page: texts by key, numbers and dates as they are written in it."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def __call__(self, key: str, /, **values: object) -> str:
        """The text of a key with its values put in; an unknown key is an error in our code and raises KeyError."""
        text = self._texts[key]
        return text.format(**values) if values else text

    def knows(self, key: str) -> bool:
        """Whether there is a text for the key (codes from outside may be newer than our texts)."""
        return key in self._texts

    def number(self, value: int) -> str:
        """A whole number with separators of thousands."""
        return f"{value:,}".replace(",", _THOUSANDS[self.language])

    def date(self, day: date) -> str:
        """A date, medium length: 30.06.1999 or 30 Jun 1999."""
        return format_date(day, format="medium", locale=_LOCALES[self.language])

    def time(self, at: datetime) -> str:
        """An instant as date and time in Germany."""
        return format_datetime(at, format="medium", tzinfo=BERLIN, locale=_LOCALES[self.language])

    def minute(self, at: datetime) -> str:
        """An instant people meet at, to the minute, in Germany: 30.06.1999, 10:00 or 30 Jun 1999, 10:00."""
        pattern = "dd.MM.yyyy, HH:mm" if self.language == "de" else "d MMM yyyy, HH:mm"
        return format_datetime(at, format=pattern, tzinfo=BERLIN, locale=_LOCALES[self.language])


def language_of(request: Request) -> str:
    """What the reader wants: `?lang=`, else the cookie, else the browser's order of languages, else German."""
    for asked in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in LANGUAGES:
            return asked
    return _preferred(request.headers.get("accept-language", ""))


def _preferred(header: str) -> str:
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(header[:400].split(",")):
        name, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((-float(quality or 1), place, name[:2].lower()))
        except ValueError:
            continue
    return next((name for _, _, name in sorted(ranked) if name in LANGUAGES), LANGUAGES[0])
