"""Each of the six operations of DPA 2018 s.62 is recorded by the part that does it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from processors.intake.replies import audit
from processors.linkage import agent
from sharing_api.release import Missing
from sharing_api.release.subjects import signal_subject
from sharing_api.store.ledger_entries import OPERATIONS
from tests.unit.sharing_api.release.making import MONITOR, signal, world


def taken_in(**standing: Any) -> str:
    """What intake records of an event that it took in."""
    given: Any = SimpleNamespace(**{"version": 1, "retracted": False, "digest": b"d", **standing})
    return audit("incident", "inc_1", "north", given)["operation"]


def linked() -> str:
    """What linkage records of a person with two mentions."""
    members = [{"mention_id": "inc_1#0"}, {"mention_id": "inc_2#0"}]
    output = {"kind": "person", "entity_id": "e", "members": members, "parameters": "test"}
    nobody: Any = None
    (entry,) = agent.LinkageCore.audit(nobody, output)
    return str(entry["operation"])


async def test_all_six_are_recorded(tmp_path: Path) -> None:
    """Taken in, changed, retracted, linked, released, looked for in vain."""
    found = {taken_in(), taken_in(version=2), taken_in(retracted=True), linked()}
    async with world(tmp_path) as hub:
        await hub.gate.release(MONITOR, "tension-monitoring", signal_subject(signal()))
        await hub.gate.release(MONITOR, "tension-monitoring", Missing("signal", "sig_2"))
        found |= {row.operation for row in await hub.ledger.read()}
    assert found == OPERATIONS
