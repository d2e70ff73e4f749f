"""A restart begins with what was kept, or with the whole log; what was erased is kept nowhere."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from processors.linkage import figures, recovery
from processors.linkage.agent import LinkageCore
from processors.linkage.matcher import Matcher
from processors.linkage.parameters import Parameters, load
from processors.linkage.recovery import FILE, LinkageMemory
from processors.log import LogRecord, Mark
from processors.reconciler import Bookmark
from schemas import codec
from schemas.encoding import decode
from schemas.keyring import Keyring
from schemas.records import HubIncident
from tests.unit.processors.linkage.builders import (
    NOON,
    in_clear,
    incident,
    person,
    ruling,
)

HOME = {"house": "12", "street": "Mill Road", "locality": "Dunmoor", "postcode": "CX5 1AA"}
RUTH = person(given_names="Ruth", family_name="Abelson", date_of_birth="1950-10-09", **HOME)
OTHER = person(given_names="Ruth", family_name="Abelson", **HOME)
TARIQ = person(given_names="Tariq", family_name="Hollander", phones=["07700 900733"], **HOME)
INCIDENTS = [
    incident(at, *persons, place=b"somewhere")
    for at, persons in enumerate([(RUTH,), (RUTH, TARIQ), (OTHER,), (TARIQ,), ()])
]
LATER = [incident(6, RUTH), incident(0, OTHER, version=2), incident(3, version=2, retracted=True)]
MARKS = {("hub.incident.v1", 0): Mark(4, b"digest of the last message")}
BOOKMARK = Bookmark(MARKS, {("hub.entity.v1", 2): 7})
Decision = tuple[str, str]


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    """A hub's keys."""
    return Keyring.create(tmp_path / "keys")


def fresh(parameters: Callable[[], Parameters] = load) -> LinkageCore:
    """A core that knows nothing."""
    return LinkageCore(Matcher(parameters(), in_clear), parameters)


def record(value: Any, topic: str = "hub.incident.v1", key: str = "") -> LogRecord:
    """A record of the log."""
    return LogRecord(topic, 0, 0, key, value, NOON)


def published(core: LinkageCore, incidents: Iterable[HubIncident]) -> LinkageCore:
    """The core after it has taken these in and published what changed."""
    for each in incidents:
        core.apply(record(each))
    core.changes()
    return core


def memory(core: LinkageCore, folder: Path, ring: Keyring, **more: Any) -> LinkageMemory:
    """A core's memory in a folder."""
    return LinkageMemory(core, folder, ring, **more)


def kept(core: LinkageCore, folder: Path, ring: Keyring) -> LinkageMemory:
    """A memory that was just written."""
    made = memory(core, folder, ring)
    made.keep(BOOKMARK)
    made.wait()
    return made


def state(core: LinkageCore) -> list[bytes]:
    """Everything linked, as bytes."""
    return [codec.encode("entity.v1", each) for each in core._matcher.entities()]


def test_who_recalls_goes_on_as_if_nothing_had_been(tmp_path: Path, ring: Keyring) -> None:
    """Same entities, same standing output, and the same answer to all that comes later."""
    lived = fresh()
    told = [ruling("inc_000#0", "inc_002#0", "different"), ruling("inc_001#0", "inc_002#0", "open")]
    for decision in told:
        lived.apply(record(decision, "hub.link-review.v1"))
    published(lived, INCIDENTS)
    kept(lived, tmp_path, ring)
    again = fresh()
    reading = memory(again, tmp_path, ring)
    assert reading.bookmark() == BOOKMARK
    assert reading.recall()
    assert state(again) == state(lived)
    assert again.known() == len(INCIDENTS)
    assert again.changes(whole=True) == []
    for each in LATER:
        for core in (lived, again):
            core.apply(record(each))
    changed = [
        sorted(codec.encode("entity.v1", each) for each in core.changes())
        for core in (lived, again)
    ]
    assert changed[0] == changed[1]
    assert len(changed[0]) > 2
    assert again.changes(whole=True) == []


def test_what_comes_while_it_is_written_is_not_in_it(tmp_path: Path, ring: Keyring) -> None:
    """The copy is of the moment in which it was asked for."""
    lived = published(fresh(), INCIDENTS)
    before = state(lived)
    pieces = lived.frozen()
    published(lived, LATER)
    again = fresh()
    again.recall(iter([bytes(each) for each in pieces]))
    assert state(again) == before != state(lived)


def test_only_what_was_written_since_is_compared_again(tmp_path: Path, ring: Keyring) -> None:
    """What a predecessor left wrong on the topic is put right, the others not repeated."""
    lived = published(fresh(), INCIDENTS)
    kept(lived, tmp_path, ring)
    again = fresh()
    memory(again, tmp_path, ring).recall()
    entities = {each["entity_id"]: each for each in lived._matcher.entities()}
    first, second = sorted(entities)[:2]
    again.stood(first, dict(entities[first]))
    again.stood(second, {**entities[second], "flags": ["oversize"]})
    assert [each["entity_id"] for each in again.changes()] == [second]


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda data: data[:-1], "does not open"),
        (lambda data: data[: len(data) // 2], "does not open"),
        (lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:], "does not open"),
        (lambda data: b"something else", "not a file"),
        (lambda _: b"", "not a file"),
    ],
)
def test_a_spoilt_file_is_refused_and_removed(
    tmp_path: Path,
    ring: Keyring,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[bytes], bytes],
    fault: str,
) -> None:
    """Torn, altered or foreign: the core stays empty, and the log says why."""
    kept(published(fresh(), INCIDENTS), tmp_path, ring)
    path = tmp_path / FILE
    path.write_bytes(spoil(path.read_bytes()))
    core = fresh()
    reading = memory(core, tmp_path, ring)
    assert reading.bookmark() is None or not reading.recall()
    assert (core.known(), state(core), path.exists()) == (0, [], False)
    assert fault in capsys.readouterr().out
    published(core, INCIDENTS)
    assert core.known() == len(INCIDENTS)


def test_a_file_that_another_hub_sealed_is_refused(
    tmp_path: Path, ring: Keyring, capsys: pytest.CaptureFixture[str]
) -> None:
    """Anybody can seal to the public key; only this hub knows its secret."""
    kept(published(fresh(), INCIDENTS), tmp_path, ring)
    (ring.folder / "log.secret").chmod(0o600)
    (ring.folder / "log.secret").write_bytes(bytes(32))
    assert memory(fresh(), tmp_path, Keyring(ring.folder)).bookmark() is None
    assert "not written by this hub" in capsys.readouterr().out


def test_a_file_of_other_parameters_is_refused(
    tmp_path: Path, ring: Keyring, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its links would be others; so would the rarity of values that its rows hold."""
    kept(published(fresh(), INCIDENTS), tmp_path, ring)
    other = fresh(lambda: dataclasses.replace(load(), version="other"))
    assert memory(other, tmp_path, ring).bookmark() is None
    assert "other parameters" in capsys.readouterr().out


def test_a_file_of_another_version_of_the_program_is_refused(
    tmp_path: Path, ring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The arrays may mean something else there."""
    kept(published(fresh(), INCIDENTS), tmp_path, ring)
    monkeypatch.setattr("processors.linkage.engine.dumping.SOURCE", "another")
    core = fresh()
    assert not memory(core, tmp_path, ring).recall()
    assert core.known() == 0


def test_nobody_else_reads_it_and_nothing_is_in_clear(tmp_path: Path, ring: Keyring) -> None:
    """Neither ids nor tokens nor words of an encoding."""
    kept(published(fresh(), INCIDENTS), tmp_path, ring)
    data = (tmp_path / FILE).read_bytes()
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    assert b"inc_001" not in data
    assert b"ent_" not in data
    assert not any(word.to_bytes(4, "little") in data for word in _words(RUTH))


def _words(of: Any) -> list[int]:
    encoding = incident(0, of)["persons"][0]["encoding"]
    return [word for word in decode(encoding or b"").words if word > 2**24]


def test_after_an_erasure_no_marker_is_left_in_it(tmp_path: Path, ring: Keyring) -> None:
    """Nor in blocks that the engine has given back; the decision about the link goes too."""
    core = fresh()
    decision = ruling("inc_001#1", "inc_003#0", "same")
    core.apply(record(decision, "hub.link-review.v1"))
    made = kept(published(core, INCIDENTS), tmp_path, ring)
    needles = [word.to_bytes(4, "little") for word in set(_words(TARIQ)) - set(_words(RUTH))]
    needles += [b"known to the coordinator", b"inc_003#0"]

    def held() -> list[bytes]:
        clear = b"".join(made._pieces())
        return [each for each in needles if each in clear]

    assert held() == needles
    published(core, [incident(1, RUTH, version=2), incident(3, version=2, retracted=True)])
    key = f"inc_001#1|inc_003#0|{int(NOON.timestamp() * 1000)}|{decision['by']}"
    core.apply(record(None, "hub.link-review.v1", key))
    core.changes()
    made.keep(BOOKMARK)
    made.wait()
    assert held() == []


def test_a_removed_decision_is_as_if_it_had_never_been_made() -> None:
    """The two mentions are linked again; somebody else's decision is left alone."""
    decision = ruling("inc_000#0", "inc_001#0", "different")
    moment = int(NOON.timestamp() * 1000)
    core, plain = published(fresh(), INCIDENTS), published(fresh(), INCIDENTS)
    core.apply(record(decision, "hub.link-review.v1"))
    assert state(core) != state(plain)
    core.apply(record(None, "hub.link-review.v1", f"inc_000#0|inc_001#0|{moment}|psn_other"))
    assert state(core) != state(plain)
    core.apply(record(None, "hub.link-review.v1", f"inc_000#0|inc_001#0|{moment}|psn_test"))
    assert state(core) == state(plain)
    core.apply(record(None, "hub.link-review.v1", "no such key"))
    core.apply(record(None, "hub.incident.v1", "inc_000"))
    assert state(core) == state(plain)


def test_it_is_renewed_when_something_came_and_not_too_often(tmp_path: Path, ring: Keyring) -> None:
    """At once after a start without it, then after its interval."""
    now = [100.0]
    core = published(fresh(), INCIDENTS)
    made = memory(core, tmp_path, ring, interval=60.0, clock=lambda: now[0])
    assert made.due(MARKS)
    made.keep(BOOKMARK)
    made.wait()
    now[0] += 59.0
    more = {("hub.incident.v1", 0): Mark(5, b"another")}
    assert not made.due(more)
    now[0] += 61.0
    assert made.due(more)
    assert not made.due(MARKS), "nothing has come"
    again = memory(fresh(), tmp_path, ring, interval=60.0, clock=lambda: now[0])
    assert again.recall()
    assert not again.due(more)
    old = time.time() - 59.0
    os.utime(tmp_path / FILE, (old, old))
    assert again.recall()
    now[0] += 2.0
    assert again.due(more), "its age counts, not that of the process"


def test_what_cannot_be_written_is_said_and_linkage_goes_on(
    tmp_path: Path, ring: Keyring, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a folder's name in the log."""
    failed = figures.MEMORY_FAILED._value.get()
    kept(published(fresh(), INCIDENTS), tmp_path / "nowhere", ring)
    said = capsys.readouterr().out
    assert figures.MEMORY_FAILED._value.get() == failed + 1
    assert "No such file" in said
    assert "nowhere" not in said


def test_what_is_left_of_a_torn_writing_is_removed_at_the_start(
    tmp_path: Path, ring: Keyring
) -> None:
    """It is sealed, but it remembers."""
    draft = (tmp_path / FILE).with_suffix(".part")
    draft.write_bytes(b"half of it")
    assert memory(fresh(), tmp_path, ring).bookmark() is None
    assert not draft.exists()


def test_a_worker_that_does_not_publish_removes_what_nobody_renews(
    tmp_path: Path, ring: Keyring
) -> None:
    """Not at once: it may be about to take over."""
    made = kept(published(fresh(), INCIDENTS), tmp_path, ring)
    made.leave()
    assert (tmp_path / FILE).exists()
    old = time.time() - recovery.ABANDONED - 1
    os.utime(tmp_path / FILE, (old, old))
    made.leave()
    made.leave()
    assert not (tmp_path / FILE).exists()


def test_the_moment_since_when_a_value_is_left_out_is_kept(tmp_path: Path, ring: Keyring) -> None:
    """It is history, so the log could not tell it again."""
    core = published(fresh(), INCIDENTS)
    core._since = {"exc_1": NOON}
    kept(core, tmp_path, ring)
    again = fresh()
    memory(again, tmp_path, ring).recall()
    assert again._since == {"exc_1": NOON}
