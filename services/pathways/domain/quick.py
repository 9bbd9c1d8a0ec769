"""Reads the data of an event in one go where everything is in order; whatever is not is left to the careful reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from services.pathways.domain import dates
from services.pathways.domain.schemas import BY_KIND, COMMON, Form, Schema

Reader = Callable[[msgspec.Raw | bytes], tuple[Any, ...] | None]

_STORABLE = frozenset({str, float, type(None)})
"""What can be stored whatever its value, as can whole numbers below `_WIDEST`; the careful reader sees the others."""
_WIDEST = 2**63

_TYPES: dict[Form, Any] = {Form.NUMBER: int | float, Form.LOOSE: Any}


def _reader(schema: Schema) -> Reader:
    own = [(name, _TYPES.get(form, str), required) for name, form, required in schema.fields]
    wanted = [(name, kind) if required else (name, kind | None, None) for name, kind, required in own]
    wanted += [(name, str | None, None) for name in COMMON]
    decode = msgspec.json.Decoder(msgspec.defstruct("Data", wanted, kw_only=True, gc=False)).decode
    astuple = msgspec.structs.astuple
    count = len(own)
    understood = [
        (number, dates.ordinal if form == Form.DATE else dates.month)
        for number, (_, form, _) in enumerate(schema.fields)
        if form in (Form.DATE, Form.MONTH)
    ]

    loose = [number for number, (_, form, _) in enumerate(schema.fields) if form in _TYPES]

    def read(data: msgspec.Raw | bytes) -> tuple[Any, ...] | None:
        try:
            given = astuple(decode(data))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        values = list(given[:count])
        for number in loose:
            value = values[number]
            if type(value) not in _STORABLE and not (type(value) is int and -_WIDEST <= value < _WIDEST):
                return None
        for number, understand in understood:
            text = values[number]
            if text is not None:
                values[number] = found = understand(text)
                if found is None:
                    return None
        return (tuple(values), *given[count:])

    return read


def _is_plain(schema: Schema) -> bool:
    """Whether types alone say what is in order: no null has a meaning, nothing untyped must be there."""
    forms = {form for _, form, _ in schema.fields}
    return (
        not schema.nullable
        and Form.TARGET not in forms
        and not any(required and form == Form.LOOSE for _, form, required in schema.fields)
    )


_READERS: dict[int, Reader] = {schema.kind: _reader(schema) for schema in BY_KIND.values() if _is_plain(schema)}


def quick(kind: int, data: msgspec.Raw | bytes) -> tuple[Any, ...] | None:
    """(values, municipality, rechtskreis, legal_basis, purpose) of the data, None if it needs a closer look."""
    reader = _READERS.get(kind)
    return reader(data) if reader is not None else None
