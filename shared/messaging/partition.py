"""Which partition a subject's records are on: Kafka's own murmur2, over the text of the subject."""

from __future__ import annotations

from functools import lru_cache

from aiokafka.partitioner import murmur2


@lru_cache(maxsize=200_000)
def partition_of(subject: str, partitions: int) -> int:
    """The partition (from 0) of a subject on a topic of so many partitions; the same in every client of Kafka."""
    return (murmur2(subject.encode("utf-8", "surrogatepass")) & 0x7FFFFFFF) % partitions
