"""Unpacks the records of a batch into a room bounded by their packed size: some kilobytes may else be gigabytes."""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Callable

import cramjam

_HEAD_BYTES = 61
_ATTRIBUTES = struct.Struct(">h")
_ATTRIBUTES_AT = 21
_CODEC = 0x07
_MAGIC_AT = 16
_MOST_BYTES = 64 * 1024 * 1024
# Events unpack to some ten or thirty times; a fetch of many small batches must not be gigabytes either.
_LEAST_BYTES, _MOST_TIMES = 128 * 1024, 100
_room = mmap.mmap(-1, _MOST_BYTES, flags=mmap.MAP_PRIVATE)  # the system gives memory only to what has been written to


class DoesNotFit(Exception):
    """A batch that cannot be unpacked, or for which there is not enough room."""


def _bound(packed: memoryview) -> int:
    return min(_MOST_BYTES, _LEAST_BYTES + _MOST_TIMES * len(packed))


def _into_room(decompress_into: Callable[[memoryview, memoryview], int]) -> Callable[[memoryview], bytes]:
    def unpack(packed: memoryview) -> bytes:
        try:
            return _room[: decompress_into(packed, memoryview(_room)[: _bound(packed)])]
        except cramjam.DecompressionError as error:
            raise DoesNotFit from error

    return unpack


def _gunzip(packed: memoryview) -> bytes:
    inflating = zlib.decompressobj(wbits=31)
    try:
        content = inflating.decompress(packed, _bound(packed))
    except zlib.error as error:
        raise DoesNotFit from error
    if not inflating.eof:
        raise DoesNotFit
    return content


# By the number Kafka gives a codec. Snappy (2) packs at most some twenty to one: the library may unpack it.
_UNPACKING: dict[int, Callable[[memoryview], bytes]] = {
    1: _gunzip,
    3: _into_room(cramjam.lz4.decompress_into),
    4: _into_room(cramjam.zstd.decompress_into),
}


def unpacked(raw: memoryview) -> bytes | None:
    """A batch with its records unpacked; None if they are not packed, or so that the library may unpack them.

    Raises `DoesNotFit`.
    """
    if raw[_MAGIC_AT] < 2:
        return None  # of before 2017; only the library knows how to read it
    (attributes,) = _ATTRIBUTES.unpack_from(raw, _ATTRIBUTES_AT)
    unpack = _UNPACKING.get(attributes & _CODEC)
    if unpack is None:
        return None
    head = bytearray(raw[:_HEAD_BYTES])
    _ATTRIBUTES.pack_into(head, _ATTRIBUTES_AT, attributes & ~_CODEC)
    return bytes(head) + unpack(raw[_HEAD_BYTES:])
