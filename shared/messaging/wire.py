"""Reads the batches a broker sends so that no record in them can stop a reader.

aiokafka raises in the midst of a fetch where a header's name is no UTF-8 or a batch is damaged: it then meets the same
batch for ever, and loses what it had already taken from other partitions in that fetch. Here such a name becomes
escapes, and a batch that cannot be read becomes one record in its place, marked `UNREADABLE`.

It also unpacks a compressed batch to whatever size; here one that does not fit into a bounded room is unreadable too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

from shared.messaging.unpacking import DoesNotFit, unpacked

# A header that says what is wrong. Who sets it on a topic has their own record refused, nothing else.
UNREADABLE = "gemeinsam-unreadable"
LAST_OFFSET = "gemeinsam-unreadable-to"
_OFFSET_AND_LENGTH = struct.Struct(">qi")
_MOST_RECORDS = 1_000_000  # a damaged batch that claims to hold more claims wrongly


def tolerate() -> None:
    """Let the consumers of this process read so. The library has no place to say it, so its reader is exchanged."""
    fetcher.MemoryRecords = Batches


class Batches:
    """The batches of one answer, in the shape aiokafka's fetcher reads them."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._batches = MemoryRecords(data)
        self._position = 0

    def size_in_bytes(self) -> int:
        """Of the answer, with a batch that was cut off at its end."""
        return int(self._batches.size_in_bytes())

    def has_next(self) -> bool:
        """Whether a whole batch is left."""
        return bool(self._batches.has_next())

    def next_batch(self) -> _Batch:
        """The next one, whatever is in it."""
        start = self._position
        _, length = _OFFSET_AND_LENGTH.unpack_from(self._data, start)
        self._position = start + _OFFSET_AND_LENGTH.size + length
        return _Batch(self._batches.next_batch(), memoryview(self._data)[start : self._position])


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """Stands for a batch that cannot be read: from `offset` on, to the offset in its header."""

    offset: int
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int = 0
    timestamp_type: int = 0
    key: None = None
    value: None = None
    checksum: None = None


class _Batch:
    """A batch that can be gone through to its end; all else is as the library has it."""

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self._batch = batch
        self._raw = raw
        self._wrong = None if batch.validate_crc() else "checksum"
        self.is_control_batch = not self._wrong and batch.is_control_batch
        self.next_offset: int = self._claimed_end() if self._wrong else batch.next_offset
        if not self._wrong:
            self._unpack()

    def _unpack(self) -> None:
        try:
            plain = unpacked(self._raw)
        except DoesNotFit:
            self._wrong = "cannot_be_unpacked"
        else:
            if plain is not None:
                self._raw = memoryview(plain)
                self._batch = DefaultRecordBatch(plain)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def validate_crc(self) -> bool:
        """Always: what is damaged is told by its record."""
        return True

    def __iter__(self) -> Iterator[Any]:
        if self._wrong:
            yield self._unreadable(self._wrong)
            return
        read = -1
        try:
            for record in self._batch:
                read = record.offset
                yield record
        except Exception:
            yield from self._leniently(read)

    def _leniently(self, read: int) -> Iterator[Any]:
        """The records after the one with offset `read`; names of headers with escapes."""
        try:
            batch = _DefaultRecordBatchPy(self._raw)
            iter(batch)  # unpacks what is packed still
            batch._buffer = _Text(batch._buffer)
            for record in batch:
                if record.offset > read:
                    read = record.offset
                    yield record
        except Exception as error:
            yield self._unreadable(type(error).__name__, after=read)

    def _unreadable(self, reason: str, *, after: int = -1) -> _Unreadable:
        offset = max(self._batch.base_offset, after + 1)
        last = str(self.next_offset - 1).encode()
        return _Unreadable(offset, ((UNREADABLE, reason.encode()), (LAST_OFFSET, last)))

    def _claimed_end(self) -> int:
        base, end = int(self._batch.base_offset), int(self._batch.next_offset)
        return end if base < end <= base + _MOST_RECORDS else base + 1


class _Text(bytearray):
    """Bytes whose parts can always be told as text: the library's own parser asks nothing else of them."""

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        return _Text(part) if isinstance(key, slice) else part

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return bytes(self).decode(encoding, "backslashreplace")
