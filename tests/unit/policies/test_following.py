"""A changed folder of agreements is in force within seconds; a broken file permits nothing."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from policies.agreements import load, parse
from policies.agreements.language import write
from policies.engine import EngineUnavailable
from policies.following import SECONDS, AgreementFolder, FollowingEngine
from sharing_api.release.question import Question, facts
from sharing_api.release.subjects import agreement_subject, signal_subject
from tests.unit.sharing_api.release.making import MONITOR, NOW, signal

TENSION = "tension-monitoring.agreement"
LAPSED = {"starts": "2020-01-01", "review": "2020-06-01", "ends": "2020-12-31"}
STANDING = {"starts": "2025-04-01", "review": "2027-03-31", "ends": "2036-03-31"}


class Clock:
    """Time that passes when told to."""

    now = 0.0

    def __call__(self) -> float:
        """The seconds."""
        return self.now

    def passes(self) -> None:
        """As long as a look at the folder is good for."""
        self.now += SECONDS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The packaged agreements as a folder of their own."""
    for item in resources.files("policies").joinpath("agreements").iterdir():
        if item.name.endswith(".agreement"):
            (tmp_path / item.name).write_bytes(item.read_bytes())
    return tmp_path


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def engine(folder: Path, clock: Clock) -> FollowingEngine:
    """An engine that follows the folder."""
    return FollowingEngine(AgreementFolder(folder, clock=clock))


async def permits(engine: FollowingEngine, *, tension: bool = True) -> bool:
    """Whether a monitor gets a signal; or, else, a participant an agreement."""
    subject = signal_subject(signal()) if tension else agreement_subject({"id": "x"})
    purpose = "tension-monitoring" if tension else "participation"
    question = Question.of(MONITOR, purpose, "", None, NOW)
    return (await engine.decide(question.about(facts(subject), subject.id))).permit


def edit(file: Path, **changes: Any) -> None:
    """Change an agreement."""
    file.write_text(write(parse(file.name, file.read_text("utf-8")) | changes), "utf-8")


async def test_a_changed_agreement_ends_within_seconds_without_restart(
    folder: Path, clock: Clock, engine: FollowingEngine
) -> None:
    """And is back when its dates are what they were, under the revision it had."""
    revision = engine.revision
    assert await permits(engine)
    edit(folder / TENSION, **LAPSED)
    clock.passes()
    assert not await permits(engine)
    assert await permits(engine, tension=False)
    assert engine.revision != revision
    edit(folder / TENSION, **STANDING)
    clock.passes()
    assert await permits(engine)
    assert engine.revision == revision


@pytest.mark.parametrize(
    "broken",
    [
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b"{}",
        b"null",
        b"This is version 1 of the agreement tension-monitoring.",
    ],
)
async def test_a_broken_file_permits_nothing_and_stops_no_other_change(
    folder: Path, clock: Clock, engine: FollowingEngine, broken: bytes
) -> None:
    """Its agreement is refused, others go on, and another's end takes effect beside it."""
    (folder / TENSION).write_bytes(broken)
    clock.passes()
    assert not await permits(engine)
    assert await permits(engine, tension=False)
    edit(folder / "hub-terms.agreement", **LAPSED)
    clock.passes()
    assert not await permits(engine, tension=False)


async def test_a_deleted_file_and_a_deleted_folder_permit_nothing(
    folder: Path, clock: Clock, engine: FollowingEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not there agrees to nothing."""

    def gone(_: object) -> None:
        raise FileNotFoundError

    (folder / TENSION).unlink()
    clock.passes()
    assert not await permits(engine)
    assert await permits(engine, tension=False)
    monkeypatch.setattr("policies.following.contents", gone)
    clock.passes()
    assert not await permits(engine, tension=False)
    monkeypatch.undo()
    clock.passes()
    assert await permits(engine, tension=False)


def test_of_two_files_with_one_id_neither_is_in_force(folder: Path, clock: Clock) -> None:
    """A lapsed copy beside an original in force must not leave it to chance; both are named."""
    held = AgreementFolder(folder, clock=clock)
    copy = folder / "copy.agreement"
    copy.write_bytes((folder / TENSION).read_bytes())
    edit(copy, **LAPSED)
    clock.passes()
    assert set(held.held().faults) == {"copy.agreement", TENSION}
    assert "tension-monitoring" not in {one["id"] for one in held.held().agreements}
    assert held.left_out() == 2
    copy.write_text("This is version 2 of the agreement tension-monitoring", "utf-8")
    clock.passes()
    assert set(held.held().faults) == {"copy.agreement", TENSION}


def test_the_folder_is_read_again_only_after_a_while_and_kept_if_it_is_the_same(
    folder: Path, clock: Clock
) -> None:
    """The same bundle object: nothing is compiled anew."""
    held = AgreementFolder(folder, clock=clock)
    first = held.held()
    edit(folder / TENSION, **LAPSED)
    assert held.held() is first
    clock.passes()
    second = held.held()
    assert second is not first
    clock.passes()
    assert held.held() is second


async def test_a_folder_that_cannot_be_followed_closes_the_engine(
    engine: FollowingEngine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong, the old agreements do not stay in force unseen."""

    def fails(_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("policies.following.contents", fails)
    clock.passes()
    with pytest.raises(EngineUnavailable):
        await permits(engine)
    assert not await engine.ready()


def test_a_folder_that_is_not_there_at_the_start_is_an_error(tmp_path: Path) -> None:
    """A mistyped setting is told at once."""
    with pytest.raises(FileNotFoundError):
        AgreementFolder(tmp_path / "no-such-folder")


def test_what_cannot_be_read_is_left_out_by_name(folder: Path, clock: Clock) -> None:
    """A folder with a file's name, such as a mount that went wrong."""
    (folder / "odd.agreement").mkdir()
    held = AgreementFolder(folder, clock=clock).held()
    assert held.faults == {"odd.agreement": ("cannot be read",)}
    assert len(held.agreements) == len(load())
