"""Filters over HTTP: what is withheld cannot be found out by asking for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policies.agreements import load
from policies.bundle import assemble
from policies.embedded import RegorusEngine
from tests.integration.test_api.world import (
    CASE,
    COORDINATOR,
    MOMENT,
    MONITOR,
    TENSION,
    World,
    alert,
    incident,
    item,
    opened,
    signal,
)

Answer = tuple[dict[str, Any], int, int]


async def asked(world: World, path: str, **query: Any) -> Answer:
    """A monitor's answer, how many entries it made, and how many records they name."""
    before = await world.services.ledger.read()
    answer = await world.get(path, MONITOR, TENSION, **query)
    assert answer.status_code == 200, answer.text
    entries = (await world.services.ledger.read())[len(before) :]
    body = answer.json()
    assert body.pop("ledger_reference") == entries[-1].reference
    body["next"] = body["next"] is not None
    return body, len(entries), sum(len(entry.record_ids) for entry in entries)


@pytest.mark.parametrize("limit", [1, 50])
async def test_a_withheld_level_cannot_be_told_from_answer_or_ledger(
    world: World, limit: int
) -> None:
    """A monitor is not shown levels: whatever they are, the hub answers and records alike."""
    await world.put("hub-incident.v1", incident(world.ring, "inc_a", "N"))
    told: list[list[Answer]] = []
    for levels in (["high"] * 4, ["standard"] * 4, ["high", "standard"] * 2):
        for n, level in enumerate(levels):
            place = alert(f"alt_{n}", ["inc_a"], level=level, entity_kind="place")
            await world.put("alert.v1", place)
        told.append(
            [
                await asked(world, "/v1/alerts", limit=limit),
                await asked(world, "/v1/alerts", limit=limit, level="high"),
                await asked(world, "/v1/alerts", limit=limit, level="high", district="D1"),
            ]
        )
    assert told[0] == told[1] == told[2]
    plain, by_level, both = told[0]
    assert [entries for _, entries, _ in told[0]] == [1, 1, 1]
    assert plain[0]["items"]
    assert [by_level[0]["items"], both[0]["items"], by_level[2], both[2]] == [[], [], 0, 0]


async def test_the_ledger_names_only_what_a_filter_left(world: World) -> None:
    """A filter on shown fields: one entry, naming the records of the page and no others."""
    await world.put("hub-incident.v1", incident(world.ring, "inc_a", "N"))
    for n in range(9):
        level = "high" if n % 3 == 0 else "standard"
        await world.put("alert.v1", alert(f"alt_{n}", ["inc_a"], level=level))
    first = await world.get("/v1/alerts", COORDINATOR, CASE, level="high", limit=2)
    (entry,) = await world.services.ledger.read()
    assert entry.record_ids == ("alt_6", "alt_3")
    assert [one["fields"]["alert_id"] for one in first.json()["items"]] == ["alt_6", "alt_3"]
    rest = await world.get(
        "/v1/alerts", COORDINATOR, CASE, level="high", limit=2, cursor=first.json()["next"]
    )
    assert [one["fields"]["alert_id"] for one in rest.json()["items"]] == ["alt_0"]
    assert rest.json()["next"] is None


async def test_the_last_incident_is_compared_where_it_is_shown(world: World) -> None:
    """A coordinator sees the moment, a monitor the month alone."""
    await world.put("hub-incident.v1", incident(world.ring, "inc_a", "N"))
    await world.put("alert.v1", alert("alt_1", ["inc_a"]))
    await world.put("alert.v1", alert("alt_p", ["inc_a"], entity_kind="place"))
    since = {"since": MOMENT.isoformat()}
    seen = await world.get("/v1/alerts", COORDINATOR, CASE, **since)
    assert len(seen.json()["items"]) >= 1
    later = await world.get("/v1/alerts", COORDINATOR, CASE, since="2026-03-01T14:30:01Z")
    assert later.json()["items"] == []
    assert (await asked(world, "/v1/alerts", **since))[0]["items"] == []


def without(*names: str) -> RegorusEngine:
    """An engine whose tension agreement does not tell these fields of signals."""
    changed = json.loads(json.dumps(load()))
    for one in changed:
        for clause in one["clauses"]:
            for name in names:
                clause["items"].get("signal", {}).pop(name, None)
    return RegorusEngine(assemble(changed))


@pytest.mark.parametrize(
    ("withheld", "query"),
    [
        ("area", {"area": "D1"}),
        ("window_from", {"month_from": "2026-03"}),
        ("window_from", {"month_to": "2026-03", "months": "total"}),
    ],
)
async def test_counts_are_not_narrowed_by_what_is_withheld(
    tmp_path: Path, withheld: str, query: dict[str, str]
) -> None:
    """The same nothing, and the same entry, whether or not there is such an area or month."""
    answers = []
    for district in ("D1", "D2"):
        async with opened(
            tmp_path / district,
            f"sqlite:///{tmp_path}/{district}.db",
            engine=without(withheld),
        ) as world:
            await world.put("tension-item.v1", item("a", district=district))
            answers.append(await asked(world, "/v1/tension/counts", **query))
            assert (await asked(world, "/v1/tension/counts"))[0]["items"]
    assert answers[0] == answers[1]
    assert answers[0][0]["items"] == []
    assert answers[0][2] == 0


async def test_counts_are_narrowed_by_what_is_told(world: World) -> None:
    """By area and by months, for each month or for all together."""
    march = item("a")
    april = item("b", district="D2", observed_from=MOMENT.replace(month=4))
    await world.put("tension-item.v1", march, april)

    async def found(**query: str) -> list[tuple[str, str, int]]:
        body, _, _ = await asked(world, "/v1/tension/counts", strands="total", **query)
        return [(one["area"], one["month"], one["count"]) for one in body["items"]]

    assert await found(area="D2") == [("D2", "2026-04", 1)]
    assert await found(month_to="2026-03") == [("D1", "2026-03", 1)]
    assert await found(month_from="2026-04", months="total") == [("D2", "all", 1)]
    await world.put("tension-item.v1", item("c", district="D2"))
    assert await found(months="total") == [("D1", "all", 1), ("D2", "all", 2)]
    assert await found(month_from="2026-04", month_to="2026-03") == []


async def test_signals_are_not_narrowed_by_what_is_withheld(tmp_path: Path) -> None:
    """The same for signals: a strand that is withheld finds nothing and leaves no trace."""
    answers = []
    for strand in ("race", "religion"):
        async with opened(
            tmp_path / strand, f"sqlite:///{tmp_path}/{strand}.db", engine=without("strand")
        ) as world:
            for n in range(3):
                await world.put("tension-signal.v1", signal(f"sig_{n}", strand=strand))
            answers.append(await asked(world, "/v1/tension/signals", strand="race", limit=1))
    assert answers[0] == answers[1]
    assert (answers[0][0]["items"], answers[0][0]["next"], answers[0][2]) == ([], False, 0)
