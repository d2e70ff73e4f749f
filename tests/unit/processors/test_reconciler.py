"""State is a replay, output is the difference; a crash repeats identical output at worst."""

from __future__ import annotations

import pytest

from processors.log import LogRecord
from tests.unit.processors.logs import AUDIT, IN, OUT, BrokerDied, FakeBroker, reconciler


def filled(*agencies: str) -> FakeBroker:
    """A broker with an incident for each."""
    broker = FakeBroker()
    for number, agency in enumerate(agencies):
        broker.put(IN, f"inc_{number}", {"agency": agency})
    return broker


def more(broker: FakeBroker, key: str, agency: str) -> LogRecord:
    """A new incident on the log."""
    return broker.put(IN, key, {"agency": agency})


def count(agency: str, number: int) -> dict[str, object]:
    """The core's output."""
    return {"agency": agency, "count": number}


async def test_a_first_start_publishes_everything() -> None:
    """Outputs with their audit entries; only then it is ready."""
    broker = filled("a", "b", "a")
    made, _, _ = reconciler(broker)
    assert not made.ready.is_set()
    await made.start()
    assert made.ready.is_set()
    assert broker.stands(OUT) == {"a": count("a", 2), "b": count("b", 1)}
    assert set(broker.stands(AUDIT)) == {"a-2", "b-1"}


async def test_a_second_start_publishes_nothing() -> None:
    """All of it stands already."""
    broker = filled("a", "b", "a")
    await reconciler(broker)[0].start()
    made, publisher, _ = reconciler(broker)
    await made.start()
    assert publisher.sent == []


async def test_a_start_publishes_the_difference_alone() -> None:
    """What came while it was away, and what should not stand any more."""
    broker = filled("a", "b")
    await reconciler(broker)[0].start()
    more(broker, "inc_2", "b")
    broker.put(OUT, "ghost", count("ghost", 9))
    made, publisher, _ = reconciler(broker)
    await made.start()
    outputs = [value for topic, _, value in publisher.sent if topic == OUT]
    assert outputs == [count("b", 2), count("ghost", 0)]


async def test_what_the_replay_has_applied_is_not_applied_again() -> None:
    """The consumer group brings it once more, from where it had acknowledged."""
    broker = filled("a", "a")
    made, publisher, core = reconciler(broker)
    await made.start()
    publisher.sent.clear()
    await made.take(list(broker.topics[IN]))
    assert (core.applied, publisher.sent) == ([0, 1], [])
    await made.take([more(broker, "inc_2", "a")])
    assert core.applied == [0, 1, 2]
    assert broker.stands(OUT) == {"a": count("a", 3)}


async def test_after_a_gap_the_log_is_read_again() -> None:
    """Another worker had the partition: what it took is known before the next record."""
    broker = filled("a")
    made, _, core = reconciler(broker)
    await made.start()
    more(broker, "inc_1", "a")
    last = more(broker, "inc_2", "b")
    await made.take([last])
    assert core.applied == [0, 1, 2]
    assert broker.stands(OUT) == {"a": count("a", 2), "b": count("b", 1)}


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_crash_at_publishing_neither_loses_nor_doubles(moment: str) -> None:
    """Before the broker holds the output or after it: the next start ends in the same."""
    broker = filled("a")
    made, publisher, _ = reconciler(broker)
    await made.start()
    publisher.dies = moment
    with pytest.raises(BrokerDied):
        await made.take([more(broker, "inc_1", "a")])
    again, second, _ = reconciler(broker)
    await again.start()
    assert broker.stands(OUT) == {"a": count("a", 2)}
    repeated = [value for topic, _, value in second.sent if topic == OUT]
    assert repeated == ([count("a", 2)] if moment == "before" else [])


async def test_a_refresh_takes_what_no_group_brings() -> None:
    """Ticks and reviews are read by every worker, and only what changed is published."""
    broker = filled("a")
    made, publisher, _ = reconciler(broker)
    await made.start()
    publisher.sent.clear()
    await made.refresh()
    assert publisher.sent == []
    more(broker, "inc_1", "c")
    await made.refresh()
    assert broker.stands(OUT)["c"] == count("c", 1)


async def test_looking_again_reads_nothing_and_publishes_what_has_changed() -> None:
    """As where time alone changes an output."""
    broker = filled("a")
    made, publisher, core = reconciler(broker)
    await made.start()
    publisher.sent.clear()
    more(broker, "inc_1", "c")
    await made.look_again()
    assert publisher.sent == []
    core.standing.clear()
    core._touched = {"a"}
    await made.look_again()
    assert [value for topic, _, value in publisher.sent if topic == OUT] == [count("a", 1)]


async def test_stopping_lets_go_of_the_input() -> None:
    """And of the output as soon as it is read."""
    made, _, _ = reconciler(filled("a"))
    await made.start()
    await made.stop()
    assert made._output.stopped  # type: ignore[attr-defined]
    assert made._input.stopped  # type: ignore[attr-defined]
