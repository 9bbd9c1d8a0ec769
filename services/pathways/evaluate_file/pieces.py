"""First round: decodes a piece of the file and lays its facts into drawers by ranges of pseudonyms."""

from __future__ import annotations

import bisect
from array import array
from typing import BinaryIO, NamedTuple
from zlib import crc32

from services.pathways.domain.facts import Fact, Unreadable, decode_line, pack
from services.pathways.domain.schemas import Kind
from services.pathways.evaluate_file.job import current, digest


class Piece(NamedTuple):
    """What came of reading one piece.

    How many lines, the unreadable ones by their place, of each fact the digest of (source, id) and a checksum of its
    line as 64-bit numbers, and the pairs of pseudonyms linked.
    """

    lines: int
    unreadable: list[tuple[int, str]]
    keys: bytes
    marks: bytes
    links: list[tuple[str, str]]


def bounds(path: str, size: int, drawer: int) -> tuple[str, ...]:
    """Pseudonyms that cut the file into drawers of about `drawer` bytes, from a sample of its lines."""
    count = size // drawer
    sample = []
    with open(path, "rb") as file:
        for number in range(count * 40):
            file.seek(size * number // (count * 40))
            file.readline()
            try:
                sample.append(decode_line(file.readline()).subject)
            except Unreadable:
                continue
    sample.sort()
    return tuple(sorted({sample[place] for place in range(40, len(sample), 40)}))


def read_piece(piece: tuple[int, int]) -> Piece:
    """Decodes the lines that begin in [start, end) of the file and appends their facts to the drawers."""
    job = current()
    with open(job.path, "rb") as file:
        lines = _lines(file, *piece)
    unreadable: list[tuple[int, str]] = []
    keys: list[bytes] = []
    marks = array("Q")
    links: list[tuple[str, str]] = []
    drawers: list[list[Fact]] = [[] for _ in range(len(job.bounds) + 1)]
    for number, line in enumerate(lines, start=1):
        try:
            fact = decode_line(line)
        except Unreadable as error:
            if line.strip():
                unreadable.append((number, error.reason))
            continue
        keys.append(digest(fact.source, fact.id))
        marks.append(crc32(line))
        drawers[bisect.bisect_right(job.bounds, fact.subject)].append(fact)
        if fact.kind == Kind.MERGED or fact.kind == Kind.SPLIT:
            links.append((fact.subject, fact.values[0]))
    for number, facts in enumerate(drawers):
        if facts:
            block = pack(facts)
            with job.drawer(number).open("ab") as file:
                file.write(len(block).to_bytes(8, "big") + block)
    return Piece(len(lines), unreadable, b"".join(keys), marks.tobytes(), links)


def _lines(file: BinaryIO, start: int, end: int) -> list[bytes]:
    file.seek(max(start - 1, 0))
    if start:
        file.readline()
    left = end - file.tell()
    if left <= 0:
        return []
    block = file.read(left)
    if not block.endswith(b"\n"):
        block += file.readline()
    return block.removesuffix(b"\n").split(b"\n")
