"""Fuzzing led by coverage: an input that makes new lines of our code run is kept and changed further."""

from __future__ import annotations

import hashlib
import random
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

CORPUS = Path(__file__).parent / "corpus"
_WATCHED = ("services/enrollment/domain", "shared/contracts", "openpyxl/worksheet/_reader", "openpyxl/reader")
_PIECES = (
    b'"',
    b";",
    b",",
    b"\n",
    b"\r\n",
    b"\t",
    b"\x00",
    b"\xff",
    b"<",
    b"</c>",
    b"&a;",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
)
_PIECES += (b"null", b"1e999", b"-0", b"31.12.2020", b"44196", b"#NV", b't="d"', b'r="XFD1048576"', b"\\ud800")
_PIECES += ("ß".encode(), "\u00a0".encode(), b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b'"constant"', b'"column"', b'"codes"')


def entries(target: str) -> list[Path]:
    """The kept inputs of a target."""
    return sorted((CORPUS / target).glob("*"))


def fuzz(run: Callable[[bytes], None], target: str, *, seconds: float, seed: int) -> tuple[int, int]:
    """Change kept inputs for so many seconds and keep those that reach new lines; gives (runs, kept).

    An input that fails is kept too, and the failure raised.
    """
    chance = random.Random(seed)
    kept = [path.read_bytes() for path in entries(target)] or [b""]
    seen: set[tuple[str, int]] = set()
    for data in kept:
        seen |= _lines(run, data)
    runs, new = 0, 0
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        data = changed(chance, kept)
        runs += 1
        try:
            reached = _lines(run, data)
        except Exception:
            _keep(target, data)
            raise
        if reached - seen:
            seen |= reached
            kept.append(data)
            _keep(target, data)
            new += 1
    return runs, new


def changed(chance: random.Random, kept: list[bytes]) -> bytes:
    """One of the kept inputs with a few changes."""
    data = bytearray(chance.choice(kept))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        place = chance.randrange(len(data) + 1)
        how = chance.randrange(6)
        if how == 0 and data:
            data[place - 1] = chance.randrange(256)
        elif how == 1:
            data[place:place] = chance.choice(_PIECES)
        elif how == 2:
            del data[place : place + chance.choice((1, 2, 8, 40))]
        elif how == 3:
            data[place:place] = data[place : place + chance.randrange(1, 60)] * chance.choice((1, 1, 2, 50))
        elif how == 4:
            other = chance.choice(kept)
            start = chance.randrange(len(other) + 1)
            data[place : place + chance.randrange(20)] = other[start : start + chance.randrange(1, 80)]
        else:
            data[place : place + 1] = chance.choice(_PIECES)
    return bytes(data[:20_000])


def _keep(target: str, data: bytes) -> None:
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def _lines(run: Callable[[bytes], None], data: bytes) -> set[tuple[str, int]]:
    reached: set[tuple[str, int]] = set()

    def lines(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            reached.add((frame.f_code.co_filename, frame.f_lineno))
        return lines

    def calls(frame: FrameType, event: str, argument: Any) -> Any:
        return lines if _is_watched(frame.f_code.co_filename, _WATCHED) else None

    before = sys.gettrace()
    sys.settrace(calls)
    try:
        run(data)
    finally:
        sys.settrace(before)
    return reached


def _is_watched(name: str, watched: Iterable[str]) -> bool:
    return any(part in name for part in watched)
