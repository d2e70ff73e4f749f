"""A restart begins with what was kept: whole, under the same parameters, sealed, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from processors.linkage.engine.engine import Engine
from processors.linkage.engine.keeping import keep, kept
from processors.linkage.engine.refusal import DumpError
from processors.linkage.parameters import load
from processors.linkage.scoring import Scorer
from schemas.sealing import Opener, PrivateKey
from tests.unit.processors.linkage.builders import words

SCORER = Scorer(load())
KEY = PrivateKey.generate("linkage-1")
OPENER = Opener({"linkage-1": KEY})
ROW = SCORER.row(
    words(given_names="Imran", family_name="Hussain", date_of_birth="1984-03-12", house="12")
)


@pytest.fixture
def engine() -> Engine:
    """An engine that knows a person mentioned twice, and that a value was restored."""
    made = Engine(SCORER.tables, capacity=1_000)
    for sign in (b"first...", b"second.."):
        made.insert(ROW, sign)
    made.restore(77)
    return made


def empty() -> Engine:
    """An engine after a restart."""
    return Engine(SCORER.tables, capacity=1_000)


def test_what_is_kept_is_what_comes_back(engine: Engine, tmp_path: Path) -> None:
    """Rows, edges, clusters and restored keys; and the engine goes on from there."""
    keep(tmp_path / "memory", engine.dump(), KEY.public)
    again = empty()
    again.load(kept(tmp_path / "memory", OPENER))
    assert len(again) == 2
    assert again.edges[0] == engine.edges[0]
    assert again.label(0) == again.label(1) == engine.label(0)
    assert again.rows[1].tolist() == ROW
    assert again.restored() == [77]
    again.remove(0)
    again.settle()
    assert again.edges[1] == {}


def test_nothing_kept_is_in_clear(engine: Engine, tmp_path: Path) -> None:
    """No word of an encoding stands in the file, and nobody else may read it."""
    path = tmp_path / "memory"
    keep(path, engine.dump(), KEY.public)
    data = path.read_bytes()
    assert not any(word.to_bytes(4, "little") in data for word in ROW if word > 2**24)
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("cut", [1, 200, 5_000])
def test_a_file_cut_short_is_refused(engine: Engine, tmp_path: Path, cut: int) -> None:
    """However little is missing."""
    path = tmp_path / "memory"
    keep(path, engine.dump(), KEY.public)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(DumpError):
        empty().load(kept(path, OPENER))


def test_an_altered_file_is_refused(engine: Engine, tmp_path: Path) -> None:
    """One bit is enough."""
    path = tmp_path / "memory"
    keep(path, engine.dump(), KEY.public)
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    with pytest.raises(DumpError, match="does not open"):
        empty().load(kept(path, OPENER))


def test_another_key_does_not_open_it(engine: Engine, tmp_path: Path) -> None:
    """What was sealed to the linkage key opens with that key alone."""
    keep(tmp_path / "memory", engine.dump(), KEY.public)
    with pytest.raises(DumpError):
        empty().load(kept(tmp_path / "memory", Opener({"x": PrivateKey.generate("x")})))


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    """It must say what it is."""
    path = tmp_path / "memory"
    path.write_bytes(b"something else altogether")
    with pytest.raises(DumpError, match="not a file"):
        empty().load(kept(path, OPENER))


def test_memory_of_another_epoch_is_refused(engine: Engine) -> None:
    """Under other parameters its edges would be wrong."""
    other = Engine(SCORER.tables._replace(threshold=3.0), capacity=1_000)
    with pytest.raises(DumpError, match="other parameters"):
        other.load(engine.dump())


@pytest.mark.parametrize("pieces", [[], [b"not json"], [b"{}"], [b"[]"]])
def test_nonsense_is_refused(pieces: list[bytes]) -> None:
    """Whatever stands where the head should be."""
    with pytest.raises(DumpError):
        empty().load(pieces)


def test_pieces_in_clear_are_checked_too(engine: Engine) -> None:
    """A digest of all pieces is the last of them."""
    pieces = [bytes(piece) for piece in engine.dump()]
    pieces[9] = bytes(len(pieces[9]))
    with pytest.raises(DumpError, match="not what was written"):
        empty().load(pieces)


def test_too_small_a_reservation_is_refused(engine: Engine) -> None:
    """The engine says so instead of writing past its end."""
    with pytest.raises(DumpError, match="fewer rows"):
        Engine(SCORER.tables, capacity=1).load(engine.dump())
