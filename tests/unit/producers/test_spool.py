"""The spool keeps events on disk, in order, for their owner alone, until they are acknowledged."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from concord.scenario import generate
from producers.records import Event
from producers.spool import Spool, SpoolBusyError, SpoolDamagedError

EVENTS = [Event(one.record, one.value) for one in generate(12, 1).events][:12]


def test_events_come_back_whole_and_in_order(tmp_path: Path) -> None:
    """Another process, after a crash, sees the same."""
    Spool(tmp_path / "s").add(EVENTS[:5])
    Spool(tmp_path / "s").add(EVENTS[5:])
    again = Spool(tmp_path / "s")
    assert [one.event for one in again.waiting()] == EVENTS
    assert len(again) == len(EVENTS)


def test_an_event_waits_once(tmp_path: Path) -> None:
    """Adding it again changes nothing."""
    spool = Spool(tmp_path)
    assert spool.add(EVENTS[:3]) == 3
    assert spool.add(EVENTS[:4]) == 1
    assert len(spool) == 4


def test_what_is_acknowledged_is_gone(tmp_path: Path) -> None:
    """The rest keeps its order, and new events come after it."""
    spool = Spool(tmp_path)
    spool.add(EVENTS[:3])
    spool.remove([one.number for one in spool.waiting()][:2])
    spool.add(EVENTS[5:6])
    assert [one.event for one in spool.waiting()] == [EVENTS[2], EVENTS[5]]


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    """It holds personal data in clear."""
    spool = Spool(tmp_path / "s")
    spool.add(EVENTS[:1])
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "s").glob("*.json")}
    assert modes == {0o600}


def test_a_torn_write_leaves_no_event(tmp_path: Path) -> None:
    """A crash before the rename leaves a part that nobody reads."""
    spool = Spool(tmp_path)
    spool.add(EVENTS[:1])
    (tmp_path / "000000000002.part").write_text('{"record": "inci', "utf-8")
    assert [one.event for one in spool.waiting()] == EVENTS[:1]
    assert spool.add(EVENTS[1:2]) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"record": "incident.v1", "value": {}}'])
def test_a_file_that_somebody_changed_is_named(tmp_path: Path, content: str) -> None:
    """Rather than skipped, or sent as it is."""
    spool = Spool(tmp_path)
    spool.add(EVENTS[:1])
    (tmp_path / "000000000001.json").write_text(content, "utf-8")
    with pytest.raises(SpoolDamagedError, match=r"000000000001\.json"):
        list(spool.waiting())


def test_one_process_at_a_time_empties_it(tmp_path: Path) -> None:
    """Two would send out of order."""
    with Spool(tmp_path).emptying(), pytest.raises(SpoolBusyError), Spool(tmp_path).emptying():
        pass
    with Spool(tmp_path).emptying():
        pass


def test_a_spool_without_a_folder_is_empty(tmp_path: Path) -> None:
    """Nothing is made before it is needed."""
    assert len(Spool(tmp_path / "none")) == 0
    assert not (tmp_path / "none").exists()
