"""Reads what a form sent: texts, days, numbers; an empty field counts as left out."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from services.enrollment.domain.documents import LARGEST_BYTES
from shared.clock import BERLIN
from shared.errors import Invalid

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_KEY = re.compile(r"[A-Za-z0-9_-]{8,80}", re.ASCII)
_AGS = re.compile(r"05[0-9]{6}", re.ASCII)
LONGEST_LINE, LONGEST_TEXT = 200, 20_000


class Sent:
    """One form as it was sent; each reader raises `Invalid` with the field's name."""

    def __init__(self, form: FormData) -> None:
        self._form = form

    @classmethod
    async def read(cls, request: Request) -> Sent:
        """The form of a request."""
        return cls(await request.form())

    def values(self) -> dict[str, str]:
        """All texts as sent, to fill the form again."""
        return {name: value for name, value in self._form.items() if isinstance(value, str)}

    def text(self, name: str, *, longest: int = LONGEST_LINE) -> str:
        """A text without surrounding blanks, empty if left out."""
        value = self._form.get(name, "")
        text = value.strip() if isinstance(value, str) else ""
        if len(text) > longest or _CONTROL.search(text):
            raise Invalid(
                f"at most {longest} characters, no control characters",
                field=name,
                reason="text_too_long",
                values={"longest": longest},
            )
        return text

    def needed(self, name: str, *, longest: int = LONGEST_LINE) -> str:
        """A text that must be there."""
        text = self.text(name, longest=longest)
        if not text:
            raise Invalid("this field is needed", field=name, reason="field_needed")
        return text

    def texts(self, name: str) -> tuple[str, ...]:
        """The ticked values of a group."""
        return tuple(value for value in self._form.getlist(name) if isinstance(value, str) and value)

    def key(self) -> str | None:
        """What the form was named when it was shown: sent twice, it is taken once."""
        text = self.text("form_key")
        return text if _KEY.fullmatch(text) else None

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.text(name))

    def day(self, name: str) -> date | None:
        """A day of the years 2000 to 2099, or none."""
        text = self.text(name)
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Invalid("this is no date", field=name, reason="no_date") from None
        if not 2000 <= day.year < 2100:
            raise Invalid("the years 2000 to 2099 are taken", field=name, reason="year_impossible")
        return day

    def needed_day(self, name: str) -> date:
        """A day that must be there."""
        day = self.day(name)
        if day is None:
            raise Invalid("this field is needed", field=name, reason="field_needed")
        return day

    def moment(self, name: str) -> datetime:
        """A local time in Germany, `YYYY-MM-DDTHH:MM`, as an aware time."""
        text = self.needed(name)
        try:
            local = datetime.fromisoformat(text).replace(tzinfo=BERLIN)
        except ValueError:
            raise Invalid("this is no date and time", field=name, reason="no_moment") from None
        if not 2000 <= local.year < 2100:
            raise Invalid("the years 2000 to 2099 are taken", field=name, reason="year_impossible")
        return local

    def number(self, name: str, most: int) -> int | None:
        """A whole number from 0, or none."""
        text = self.text(name)
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or int(text[:12]) > most:
            raise Invalid(
                f"a whole number from 0 to {most} is needed", field=name, reason="number_needed", values={"most": most}
            )
        return int(text)

    def amount(self, name: str) -> Decimal:
        """Euros with at most two decimals, comma or point."""
        text = self.needed(name).replace(",", ".")
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise Invalid("this is no amount", field=name, reason="no_amount") from None
        if not amount.is_finite() or not 0 <= amount < 10**9 or amount != amount.quantize(Decimal("0.01")):
            raise Invalid("this is no amount", field=name, reason="no_amount")
        return amount

    def ags(self, name: str) -> str:
        """An AGS of NRW."""
        text = self.needed(name)
        if _AGS.fullmatch(text) is None:
            raise Invalid("a key has eight digits and begins with 05", field=name, reason="no_key")
        return text

    async def file(self, name: str) -> bytes | None:
        """An uploaded file's bytes, one more than is taken at most; none if nothing was chosen."""
        file = self._form.get(name)
        if not isinstance(file, UploadFile) or not file.filename:
            return None
        return await file.read(LARGEST_BYTES + 1)
