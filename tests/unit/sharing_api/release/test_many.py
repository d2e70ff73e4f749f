"""Many askers at once: each has what they would have alone, under an entry of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from schemas.sealing import Opener
from sharing_api.release import Alike, Batch, GateClosed, GateForMany, Refusal, Statement, Subject
from sharing_api.release.subjects import alert_subject, signal_subject
from sharing_api.store.decision_inputs import decided
from sharing_api.store.engine import make_engine, make_sessions
from sharing_api.store.ledger import Ledger, LedgerEntry, LedgerUnavailable
from tests.unit.sharing_api.release.making import (
    COORDINATOR,
    ENGINE,
    KEY,
    MONITOR,
    NOW,
    PSEUDONYMS,
    STRANGER,
    WHY,
    World,
    alert,
    incident,
    signal,
    world,
)

SIGNALS = [signal_subject(signal(signal_id=f"sig_{n}", observed=n)) for n in range(3)]
ASKERS = [
    Statement(replace(MONITOR, subject=f"u-{n}", agency=("watch", "harbour-watch")[n % 2]), why)
    for n, why in enumerate((None, "", "weekly look", "monthly look", "x" * 400))
] + [Statement(STRANGER), Statement(replace(STRANGER, subject="u-other"))]


def many(hub: World) -> GateForMany:
    """Give a gate for many on the same ledger."""
    opener = Opener({KEY.key_id: KEY})
    return GateForMany(ENGINE, hub.ledger, opener, PSEUDONYMS, clock=lambda: NOW)


def by_place(alikes: Sequence[Alike]) -> list[Batch | Refusal]:
    """Give everybody's answer in the order in which they asked."""
    found = {place: alike.of(n) for alike in alikes for n, place in enumerate(alike.places)}
    return [found[place] for place in sorted(found)]


@pytest.mark.parametrize("subjects", [SIGNALS, SIGNALS[:1], []], ids=["three", "one", "none"])
async def test_each_has_the_answer_and_the_entry_that_they_would_have_alone(
    tmp_path: Path, subjects: list[Subject]
) -> None:
    """Fields, obligations, reasons, refusals and entries, kept inputs included."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with world(tmp_path / "a") as alone, world(tmp_path / "b") as together:
        alikes = await many(together).release_to_each(
            ASKERS, "tension-monitoring", subjects, kind="signal"
        )
        expected = {}
        for alike in alikes:  # entries come in the order of the groups
            for place in alike.places:
                said = ASKERS[place]
                expected[place] = await alone.gate.release_all(
                    said.asker, "tension-monitoring", subjects, kind="signal",
                    justification=said.justification,
                )  # fmt: skip
        assert by_place(alikes) == [expected[place] for place in range(len(ASKERS))]
        assert sorted(len(alike.places) for alike in alikes) == [1, 1, 1, 2, 2]
        rows = [await hub.ledger.read(limit=50) for hub in (alone, together)]
        assert [row.columns() for row in rows[0]] == [row.columns() for row in rows[1]]
        assert (await together.ledger.verify()).fault is None
        kept = []
        for hub in (alone, together):
            engine = make_engine(f"sqlite:///{hub.database}")
            async with make_sessions(engine)() as session:
                kept.append(await decided(session))
            await engine.dispose()
        assert kept[0] == kept[1]
        assert len(kept[0]) >= len(ASKERS) - 5


async def test_a_ledger_that_fails_releases_nothing_to_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All entries or none, and no seal is opened before."""

    async def failing(_self: Ledger, _entries: Sequence[LedgerEntry]) -> list[int]:
        raise LedgerUnavailable

    rows = [incident()]
    opened: list[object] = []
    subject = alert_subject(alert(rows), rows)
    real = subject.sealed
    assert real is not None

    def watched(*a: object, **k: object) -> object:
        opened.append(a)
        return real(*a, **k)  # type: ignore[arg-type]

    sealed = replace(subject, sealed=watched)  # type: ignore[arg-type]
    said = [Statement(COORDINATOR, WHY)]
    async with world(tmp_path) as hub:
        gate = many(hub)
        (alike,) = await gate.release_to_each(said, "cmarac-case", [sealed], kind="alert")
        assert isinstance(alike.answer, Batch)
        assert opened
        opened.clear()
        outline = await gate.outlines(said[0], "cmarac-case", [sealed], kind="alert")
        assert outline is not None
        assert set(outline["alt_1"]) < set(alike.answer.releases[0].fields)
        assert opened == []
        monkeypatch.setattr(Ledger, "append_all", failing)
        with pytest.raises(GateClosed, match="ledger"):
            await gate.release_to_each(said, "cmarac-case", [sealed], kind="alert")
        assert opened == []


async def test_outlines_record_nothing_and_cover_nobody_who_is_not_covered(tmp_path: Path) -> None:
    """They are for numbering alone."""
    async with world(tmp_path) as hub:
        gate = many(hub)
        told = await gate.outlines(ASKERS[0], "tension-monitoring", SIGNALS, kind="signal")
        (alike,) = await gate.release_to_each(
            ASKERS[:1], "tension-monitoring", SIGNALS, kind="signal"
        )
        assert isinstance(alike.answer, Batch)
        assert told == {one.record_id: one.fields for one in alike.answer.releases}
        assert await gate.outlines(ASKERS[-1], "tension-monitoring", SIGNALS, kind="signal") is None
        assert await hub.ledger.size() == 1
