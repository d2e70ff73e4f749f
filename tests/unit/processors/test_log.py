"""Values of hub topics decode whichever schema version wrote them, and foreign bytes do not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from processors import metrics
from processors.log import Decoder, LogReader, Mark
from schemas import codec, envelope
from schemas.connection import KafkaConnection
from schemas.registry import ShippedSchemaIds

IDS = ShippedSchemaIds()
TICK = {"as_of": datetime(2026, 5, 1, tzinfo=UTC)}
BODY = codec.encode("tick.v1", TICK)


def test_a_value_is_decoded_by_its_topic() -> None:
    """Again and again; a tombstone is nothing."""
    decode = Decoder(IDS)
    framed = codec.frame(IDS.id_of("tick.v1"), BODY)
    assert [decode("hub.tick.v1", framed), decode("hub.tick.v1", framed)] == [TICK, TICK]
    assert decode("hub.tick.v1", None) is None


@pytest.mark.parametrize("value", [b"", b"\x00", b"\x01\x00\x00\x00\x01", b"\x00\x00\x00\x00\x01"])
def test_foreign_bytes_are_refused(value: bytes) -> None:
    """With the codec's own error."""
    with pytest.raises(codec.CodecError):
        Decoder(IDS)("hub.tick.v1", value)


SECRET = bytes(range(32))


def written(offset: int, *, by: bytes | None) -> Any:
    """A message as aiokafka gives it, stamped under a secret or not at all."""
    value, key = codec.frame(IDS.id_of("tick.v1"), BODY), b"clock"
    headers = envelope.headers(id_="clock", source="/hub", type_="tick.v1", time=TICK["as_of"])
    if by is not None:
        headers = envelope.stamp(by, "hub.tick.v1", key, headers, value)
    return SimpleNamespace(
        topic="hub.tick.v1",
        partition=0,
        offset=offset,
        key=key,
        value=value,
        headers=tuple(headers),
        timestamp=1_000,
    )


@pytest.mark.parametrize(("secret", "read"), [(SECRET, [0, 3]), (None, [0, 1, 2, 3])])
async def test_what_does_not_bear_the_stamp_is_passed_over(
    secret: bytes | None, read: list[int]
) -> None:
    """Unstamped or forged it is no record, but counted, and the reader stands behind it."""
    reader = LogReader(KafkaConnection("127.0.0.1:1"), ("hub.tick.v1",), Decoder(IDS), secret)
    messages = [
        written(offset, by=by) for offset, by in enumerate((SECRET, None, bytes(32), SECRET))
    ]

    async def getmany(**_: Any) -> Any:
        return {("hub.tick.v1", 0): messages}

    consumer: Any = SimpleNamespace(getmany=getmany)
    reader._consumer = consumer
    counted = metrics.UNSTAMPED.labels("hub.tick.v1")._value
    before = counted.get()
    assert [record.offset for record in await reader.read()] == read
    assert reader.positions == {("hub.tick.v1", 0): 4}
    assert counted.get() - before == 4 - len(read)


async def test_a_reader_stops_though_its_broker_died_between_two_fetches() -> None:
    """The library then raises CancelledError, though nobody cancelled, and leaves connections."""
    closed: list[str] = []

    async def stop() -> None:
        raise asyncio.CancelledError

    async def close() -> None:
        closed.append("client")

    reader = LogReader(KafkaConnection("127.0.0.1:1"), ("hub.tick.v1",), Decoder(IDS))
    consumer: Any = SimpleNamespace(stop=stop, _client=SimpleNamespace(close=close))
    reader._consumer = consumer
    await reader.stop()
    assert closed == ["client"]


class Partition:
    """A consumer of one partition on which some offsets still stand."""

    def __init__(self, offsets: list[int], end: int) -> None:
        """Compaction has taken what is not listed."""
        self.messages = [written(offset, by=SECRET) for offset in offsets]
        self.end, self.at = end, 0

    def seek(self, _: Any, offset: int) -> None:
        """Stand there."""
        self.at = offset

    async def seek_to_beginning(self, *_: Any) -> None:
        """Stand at the first."""
        self.at = 0

    async def end_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        """Where it ends."""
        return dict.fromkeys(partitions, self.end)

    async def position(self, _: Any) -> int:
        """Where it stands."""
        return self.at

    async def getmany(self, tp: Any, **_: Any) -> dict[Any, list[Any]]:
        """What stands from there on."""
        found = [each for each in self.messages if each.offset >= self.at]
        return {tp: found} if found else {}


PLACE = ("hub.tick.v1", 0)


def reader_of(partition: Any) -> LogReader:
    """A reader that is connected to it."""
    made = LogReader(KafkaConnection("127.0.0.1:1"), ("hub.tick.v1",), Decoder(IDS), SECRET)
    made._consumer = partition
    made._partitions = [TopicPartition(*PLACE)]
    return made


def mark_of(offset: int) -> Mark:
    """The mark of a message that was read."""
    reader = reader_of(Partition([], 0))
    assert len(list(reader._records([written(offset, by=SECRET)]))) == 1
    return reader.marks[PLACE]


async def test_reading_goes_on_after_a_message_that_stands() -> None:
    """And what is left to read is counted from there."""
    reader = reader_of(Partition([0, 1, 2, 3], 4))
    assert await reader.resume({PLACE: mark_of(2)})
    assert (await reader.left(), reader.positions) == (1, {PLACE: 3})
    assert reader.marks == {PLACE: mark_of(2)}
    await reader.rewind()
    assert (await reader.left(), reader.positions, reader.marks) == (4, {}, {})


@pytest.mark.parametrize(
    ("offsets", "end", "mark"),
    [
        ([0, 1], 2, mark_of(2)),  # the log is shorter than what was read of it
        ([0, 1, 2, 3], 4, Mark(2, b"something else stood there")),
        ([0, 1, 3], 4, mark_of(2)),  # compacted away: nothing says that it is the same log
    ],
)
async def test_another_log_is_read_from_its_beginning(
    offsets: list[int], end: int, mark: Mark
) -> None:
    """Whether it is another, or cannot be told from another."""
    reader = reader_of(Partition(offsets, end))
    assert not await reader.resume({PLACE: mark})
    assert (await reader.left(), reader.positions, reader.marks) == (end, {}, {})
