"""State is a replay, output is the difference; a crash repeats identical output at worst."""

from __future__ import annotations

from typing import Any

import pytest

from processors import metrics
from processors.log import LogRecord
from processors.reconciler import Reconciler
from tests.unit.processors.logs import (
    AUDIT,
    IN,
    OUT,
    BrokerDied,
    FakeBroker,
    FakeMemory,
    FakePublisher,
    Tally,
    reconciler,
)


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


async def leading(broker: FakeBroker) -> tuple[Reconciler, FakePublisher, Any]:
    """A reconciler that has started and taken over."""
    made, publisher, core = reconciler(broker)
    await made.start()
    await made.take_over()
    return made, publisher, core


async def test_a_first_worker_publishes_everything() -> None:
    """Outputs with their audit entries; not before it has taken over."""
    broker = filled("a", "b", "a")
    made, publisher, _ = reconciler(broker)
    await made.start()
    assert publisher.sent == []
    await made.take_over()
    assert broker.stands(OUT) == {"a": count("a", 2), "b": count("b", 1)}
    assert set(broker.stands(AUDIT)) == {"a-2", "b-1"}


async def test_a_second_start_publishes_nothing() -> None:
    """All of it stands already."""
    broker = filled("a", "b", "a")
    await leading(broker)
    _, publisher, _ = await leading(broker)
    assert publisher.sent == []


async def test_a_start_publishes_the_difference_alone() -> None:
    """What came while it was away, and what should not stand any more."""
    broker = filled("a", "b")
    await leading(broker)
    more(broker, "inc_2", "b")
    broker.put(OUT, "ghost", count("ghost", 9))
    _, publisher, _ = await leading(broker)
    outputs = [value for topic, _, value in publisher.sent if topic == OUT]
    assert outputs == [count("b", 2), count("ghost", 0)]


async def test_following_publishes_what_changed_alone() -> None:
    """Every record once, and nothing where nothing came."""
    broker = filled("a", "b")
    made, publisher, core = await leading(broker)
    publisher.sent.clear()
    await made.follow()
    assert publisher.sent == []
    more(broker, "inc_2", "a")
    await made.follow()
    assert core.applied == [0, 1, 2]
    assert [value for topic, _, value in publisher.sent if topic == OUT] == [count("a", 2)]


async def test_who_does_not_lead_follows_in_silence_and_takes_over_whole() -> None:
    """It knows the log, learns what the one before it has published, and adds what is missing."""
    broker = filled("a")
    first, _, _ = await leading(broker)
    second, publisher, core = reconciler(broker)
    await second.start()
    more(broker, "inc_1", "a")
    await first.follow()
    await second.follow()
    assert (core.applied, publisher.sent) == ([0, 1], [])
    first.give_up()
    more(broker, "inc_2", "b")
    for each in (first, second):
        await each.follow()
    assert broker.stands(OUT) == {"a": count("a", 2)}
    await second.take_over()
    outputs = [value for topic, _, value in publisher.sent if topic == OUT]
    assert outputs == [count("b", 1)]


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_crash_at_publishing_neither_loses_nor_doubles(moment: str) -> None:
    """Before the broker holds the output or after it: the next start ends in the same."""
    broker = filled("a")
    made, publisher, _ = await leading(broker)
    publisher.dies = moment
    more(broker, "inc_1", "a")
    with pytest.raises(BrokerDied):
        await made.follow()
    _, second, _ = await leading(broker)
    assert broker.stands(OUT) == {"a": count("a", 2)}
    repeated = [value for topic, _, value in second.sent if topic == OUT]
    assert repeated == ([count("a", 2)] if moment == "before" else [])


async def test_the_position_shown_is_behind_what_the_broker_holds() -> None:
    """After the flush, so that a stuck broker shows as a position that stands still."""
    broker = filled("a")
    made, publisher, _ = await leading(broker)
    shown = metrics.POSITION.labels("tally", IN, "0")._value
    assert shown.get() == 1.0
    more(broker, "inc_1", "a")
    publisher.dies = "before"
    with pytest.raises(BrokerDied):
        await made.follow()
    assert shown.get() == 1.0


async def test_a_core_that_pauses_is_not_asked_at_every_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What came in between is published at once when the pause is over, and shown as read then."""
    now = 100.0
    monkeypatch.setattr("processors.reconciler.monotonic", lambda: now)
    broker = filled("a")
    made, publisher, core = await leading(broker)
    core.pause = 1.0
    publisher.sent.clear()
    shown = metrics.POSITION.labels("tally", IN, "0")._value
    for number in (1, 2):
        more(broker, f"inc_{number}", "a")
        await made.follow()
    assert (publisher.sent, shown.get()) == ([], 1.0)
    now += 1.0
    await made.follow()
    assert [value for topic, _, value in publisher.sent if topic == OUT] == [count("a", 3)]
    assert shown.get() == 3.0


async def test_a_core_that_loses_patience_is_asked_though_nothing_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may have found something by itself."""
    now = 100.0
    monkeypatch.setattr("processors.reconciler.monotonic", lambda: now)
    made, publisher, core = await leading(filled("a"))
    core.patience = 10.0
    publisher.sent.clear()
    core.standing["b"] = count("b", 7)
    core._touched.add("b")
    await made.follow()
    assert publisher.sent == []
    now += 10.0
    await made.follow()
    assert [value for topic, _, value in publisher.sent if topic == OUT] == [count("b", 0)]


async def test_stopping_lets_go_of_the_input() -> None:
    """Its consumer is stopped."""
    made, _, _ = await leading(filled("a"))
    await made.stop()
    assert made._input.stopped  # type: ignore[attr-defined]


def remembering(
    broker: FakeBroker, place: dict[str, Any]
) -> tuple[Reconciler, FakePublisher, Tally, FakeMemory]:
    """A reconciler whose core has a memory."""
    core = Tally()
    memory = FakeMemory(core, place)
    made, publisher, _ = reconciler(broker, core, memory)
    return made, publisher, core, memory


async def kept(broker: FakeBroker) -> dict[str, Any]:
    """What a worker has left when it died after it had published and remembered everything."""
    place: dict[str, Any] = {}
    made, _, core, _ = remembering(broker, place)
    await made.start()
    await made.take_over()
    core.patience = 0.0
    await made.follow()
    assert place["bookmark"].inputs
    return place


async def test_a_start_with_a_memory_reads_and_compares_only_what_came_since() -> None:
    """Input after the bookmark, and output that a predecessor wrote after it."""
    broker = filled("a", "b", "c")
    place = await kept(broker)
    more(broker, "inc_3", "b")
    broker.put(OUT, "c", count("c", 9))
    made, publisher, core, _ = remembering(broker, place)
    compared: list[str] = []
    changes = core.changes

    def watched(*, whole: bool = False) -> Any:
        compared.extend(sorted(core._touched))
        assert not whole
        return changes()

    core.changes = watched  # type: ignore[method-assign]
    await made.start()
    await made.take_over()
    assert core.applied == [3]
    assert compared == ["b", "c"]
    outputs = [value for topic, _, value in publisher.sent if topic == OUT]
    assert outputs == [count("b", 2), count("c", 1)]
    assert metrics.POSITION.labels("tally", IN, "0")._value.get() == 4.0


async def test_what_was_read_and_not_published_before_the_crash_is_published_after_it() -> None:
    """The memory is of what was published, so the record comes again."""
    broker = filled("a")
    place = await kept(broker)
    made, publisher, _, _ = remembering(broker, place)
    await made.start()
    await made.take_over()
    more(broker, "inc_1", "a")
    publisher.dies = "before"
    with pytest.raises(BrokerDied):
        await made.follow()
    made, publisher, _, _ = remembering(broker, place)
    await made.start()
    await made.take_over()
    assert [value for topic, _, value in publisher.sent if topic == OUT] == [count("a", 2)]


@pytest.mark.parametrize("what", ["another log", "unusable"])
async def test_a_memory_that_does_not_fit_costs_a_whole_replay(what: str) -> None:
    """Everything is read and compared, as without it."""
    broker = filled("a", "b", "a")
    place = await kept(broker)
    broker.put(OUT, "ghost", count("ghost", 9))
    made, publisher, core, memory = remembering(broker, place)
    if what == "unusable":
        memory.usable = False
    else:
        made._input.fits = False  # type: ignore[attr-defined]
    await made.start()
    await made.take_over()
    assert core.applied == [0, 1, 2]
    assert [value for topic, _, value in publisher.sent if topic == OUT] == [count("ghost", 0)]
    assert memory.refused == ([] if what == "unusable" else ["it was kept of another log"])


async def test_who_takes_over_again_reads_only_what_was_written_since() -> None:
    """Its own output included, which says nothing new."""
    broker = filled("a")
    made, publisher, _, memory = remembering(broker, {})
    await made.start()
    await made.take_over()
    made.give_up()
    assert memory.left == 1
    more(broker, "inc_1", "b")
    broker.put(OUT, "a", count("a", 5))
    await made.follow()
    publisher.sent.clear()
    await made.take_over()
    outputs = [value for topic, _, value in publisher.sent if topic == OUT]
    assert outputs == [count("a", 1), count("b", 1)]


async def test_what_a_predecessor_wrote_just_before_the_memory_was_kept_is_read_again() -> None:
    """It may have been thought dead: the bookmark of the output lags by one interval."""
    broker = filled("a")
    place = await kept(broker)
    assert place["bookmark"].outputs == {(OUT, 0): 0}
    made, _, core, _ = remembering(broker, place)
    await made.start()
    await made.take_over()
    core.patience = 0.0
    for number in (1, 2):
        more(broker, f"inc_{number}", "a")
        await made.follow()
    assert place["bookmark"].outputs == {(OUT, 0): 2}
    assert len(broker.topics[OUT]) == 3
