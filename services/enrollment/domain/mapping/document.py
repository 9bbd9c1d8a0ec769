"""The saved mapping as a document: which facts a row makes, and where each of their fields comes from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.enrollment.domain.table import Form

_Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:/-]{1,80}$")]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_Format = Annotated[str, StringConstraints(pattern=r"^[DMYdmy./ -]{6,12}$")]

DATE_FORMATS = ("DD.MM.YYYY", "YYYY-MM-DD", "DD.MM.YY")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class File(_Part):
    """The file's own form; what is left out is found out. Of a workbook without `sheet` the first one is read."""

    sheet: _Name | None = None
    header_row: Annotated[int, Field(ge=1, le=100)] = 1
    delimiter: Literal[";", ",", "\t"] | None = None
    encoding: Literal["utf-8", "windows-1252", "utf-16"] | None = None

    def form(self) -> Form:
        """The same for the reader of tables."""
        return Form(self.sheet, self.header_row, self.delimiter, self.encoding)


class TraitColumns(_Part):
    """The columns that say who somebody is. What stands in them goes to the vault and nowhere else."""

    azr_number: _Name | None = None
    family_name: _Name | None = None
    given_name: _Name | None = None
    birth_date: _Name | None = None

    def named(self) -> dict[str, str]:
        """The columns by trait, as far as there are any."""
        return self.model_dump(exclude_none=True)


class Person(_Part):
    """The column that says whom a row is about: the office's own record number, or the case number given to it.

    With `traits` the record is registered with them, as over `POST /v1/persons`.
    """

    column: _Name
    kind: Literal["local_id", "pseudonym"] = "local_id"
    traits: TraitColumns = TraitColumns()


class Origin(_Part):
    """Where a field comes from: a column or a constant.

    `codes` translates the column's words (capitals and blanks around them play no part), `otherwise` is for words
    not among them; without it they are refused. `prefix` goes before an id that is the office's own. `mend_ags` puts
    the zero back that Excel took from a municipality key. `split` cuts a cell into a list.
    """

    column: _Name | None = None
    constant: _Code | list[_Code] | int | _Number | None = None
    codes: dict[Annotated[str, StringConstraints(max_length=200)], _Code | None] | None = None
    otherwise: _Code | None = None
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:/-]{0,40}$")] = ""
    mend_ags: bool = False
    split: Annotated[str, StringConstraints(min_length=1, max_length=3)] | None = None


class Condition(_Part):
    """A row makes the fact only if the column is filled, or filled with one of these words."""

    column: _Name
    one_of: list[Annotated[str, StringConstraints(max_length=200)]] | None = None


class EventRule(_Part):
    """One fact a row makes."""

    type: Annotated[str, StringConstraints(max_length=100)]
    when: Annotated[list[Condition], Field(max_length=10)] = []
    fields: Annotated[dict[str, Origin], Field(max_length=40)]


class Mapping(_Part):
    """How a source's table becomes facts. `snapshot`: each file is the whole state within a declared scope."""

    file: File = File()
    person: Person
    date_formats: Annotated[list[_Format], Field(min_length=1, max_length=10)] = list(DATE_FORMATS)
    events: Annotated[list[EventRule], Field(min_length=1, max_length=20)]
    snapshot: bool = False

    def columns(self) -> set[str]:
        """The names of all columns it speaks of."""
        named = {self.person.column, *self.person.traits.named().values()}
        for event in self.events:
            named |= {condition.column for condition in event.when}
            named |= {origin.column for origin in event.fields.values() if origin.column is not None}
        return named
