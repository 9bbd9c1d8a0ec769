"""What is packed on its way to Kafka and what is not worth it."""

from __future__ import annotations

import struct

from shared.messaging import producing

_CODEC_AT, _CODEC = 21, 0x07


def codec(batch) -> int:
    batch.append(timestamp=1, key=b"k", value=b"v" * 100, headers=[])
    return struct.unpack_from(">h", batch._build(), _CODEC_AT)[0] & _CODEC


class Packing:
    """A producer as far as it is asked for batches: its are gzip."""

    def create_batch(self):
        return producing.BatchBuilder(10_000, 1)


def test_a_few_records_go_as_they_are():
    assert codec(producing.batch(Packing(), content_bytes=400)) == 0


def test_many_are_packed():
    assert codec(producing.batch(Packing(), content_bytes=40_000)) == 1
