"""An officer asks the hub what a version would have changed, and is told as it goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from policies.engine import EngineUnavailable
from sharing_api.agreements import replaying, wording
from tests.integration.test_api.governed import (
    APPROVER,
    AUTHOR,
    GOVERNING,
    TENSION,
    WHY,
    Governed,
    governed,
    revised,
)
from tests.integration.test_api.world import MONITOR, OFFICER, signal
from tests.integration.test_api.world import TENSION as WATCHING

SIGNALS = "/v1/tension/signals"
ASKED = 3
OF_THE_HUB = {**OFFICER, "role": "hub-governance-officer"}
PATH = f"{TENSION}/versions/2/replay"


@pytest.fixture
async def hub(tmp_path: Path, database_url: str) -> AsyncIterator[Governed]:
    """Monitors have asked; a draft lets them have nothing but the area."""
    async with governed(tmp_path, database_url) as made:
        await made.put("tension-signal.v1", signal("sig_1"))
        for _ in range(ASKED):
            assert (await made.get(SIGNALS, MONITOR, WATCHING)).is_success
        later = revised(2, examples=[])
        for clause in later["clauses"]:
            if "signal" in clause["items"]:
                clause["items"]["signal"] = {"area": "release"}
        drafted = await made.officer("drafts", AUTHOR, text=wording.write(later))
        assert drafted.status_code == 201, drafted.text
        yield made


def lines(answer: httpx.Response) -> list[dict[str, Any]]:
    """What was told, line by line."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def result(answer: httpx.Response) -> Mapping[str, Any]:
    """The fields of the last line."""
    *before, last = lines(answer)
    assert all(set(line) == {"decisions"} for line in before)
    fields: Mapping[str, Any] = last["result"]["fields"]
    return fields


async def test_a_draft_is_put_to_the_past_in_words_and_numbers(hub: Governed) -> None:
    """With samples, and an entry in the ledger for looking at the past and one for the answer."""
    found = result(await hub.officer(PATH, APPROVER))
    assert f"{ASKED} would lose a field" in found["summary"]
    assert (found["effects"]["lose"], found["effects"]["stop"]) == (ASKED, 0)
    assert found["breakdown"]["lose"]["agency"] == {MONITOR["agency"]: ASKED}
    assert found["complete"] is True
    assert "samples" not in found
    assert found["own_samples"] == {}
    entries = (await hub.services.ledger.read(limit=500))[-2:]
    assert [entry.operation for entry in entries] == ["consultation", "disclosure"]
    assert entries[0].detail["agreement"] == "replayed"
    assert entries[0].record_ids == entries[1].record_ids == (f"{TENSION}@2",)
    assert entries[0].justification == WHY["reason"]


async def test_samples_of_others_are_for_the_officer_of_the_hub(hub: Governed) -> None:
    """An agency's officer has those of their own agency."""
    found = result(await hub.officer(PATH, OF_THE_HUB))
    (first, *_) = found["samples"]["lose"]
    assert (first["record_id"], first["agency"]) == ("sig_1", MONITOR["agency"])
    assert AUTHOR["agency"] == MONITOR["agency"] != APPROVER["agency"]
    own = result(await hub.officer(PATH, AUTHOR))["own_samples"]["lose"]
    assert own == found["samples"]["lose"]


async def test_a_withdrawal_is_supposed_too_and_the_past_is_bounded(hub: Governed) -> None:
    """What stood under it alone would stop; an entry that is left out is not counted."""
    found = result(await hub.officer(PATH, AUTHOR, instead="withdraw"))
    assert found["summary"].startswith(f"Of {found['decisions']} past decisions, {ASKED} releases")
    few = result(await hub.officer(PATH, AUTHOR, entries=1))
    assert few["decisions"] <= 1
    assert few["first_entry"] == few["last_entry"]


async def test_only_officers_ask_and_a_strange_version_is_as_one_that_is_not_theirs(
    hub: Governed,
) -> None:
    """Refused before anything is read."""
    assert (await hub.officer(PATH, MONITOR)).status_code == 403
    missing = await hub.officer(f"{TENSION}/versions/9/replay", APPROVER)
    assert missing.status_code == 403
    for body in ({"entries": 0}, {"entries": 10**9}, {"on": "yesterday"}, {"instead": "keep"}):
        answer = await hub.officer(PATH, AUTHOR, **body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"].startswith(f"body.{next(iter(body))}")


async def test_one_runs_at_a_time_and_who_goes_away_ends_it(
    hub: Governed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without an answer and without leaving the way blocked."""
    reading, going_on = asyncio.Event(), asyncio.Event()

    async def slowly(*_: Any, **__: Any) -> list[Any]:
        reading.set()
        await going_on.wait()
        return []

    monkeypatch.setattr(replaying, "decided", slowly)
    first = asyncio.create_task(hub.officer(PATH, AUTHOR))
    await asyncio.wait_for(reading.wait(), 10)
    second = await hub.officer(PATH, AUTHOR)
    assert (second.status_code, second.headers["Retry-After"]) == (429, "10")
    first.cancel()
    going_on.set()
    with pytest.raises(asyncio.CancelledError):
        await first
    monkeypatch.undo()
    for _ in range(100):
        if not hub.services.replaying.locked():
            break
        await asyncio.sleep(0.05)
    assert result(await hub.officer(PATH, AUTHOR))["effects"]["lose"] == ASKED


async def test_a_fault_on_the_way_is_told_and_gives_no_result(
    hub: Governed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer has begun, so it is a line of its own."""

    def broken(*_: Any, **__: Any) -> Any:
        raise EngineUnavailable("no")

    monkeypatch.setattr(replaying, "replay", broken)
    *_, last = lines(await hub.officer(PATH, AUTHOR))
    assert last["problem"]["status"] == 503
    assert (await hub.get(SIGNALS, MONITOR, WATCHING)).is_success


async def test_the_purpose_is_governance(hub: Governed) -> None:
    """Another purpose of the same officer does not do."""
    stated = {**GOVERNING, "Concord-Purpose": "accountability"}
    answer = await hub.post(f"/v1/agreements/{PATH}", AUTHOR, stated, WHY)
    assert answer.status_code == 403
