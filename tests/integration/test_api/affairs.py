"""What befalls an agency, and what befalls others beside it, as rows of a hub."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from sharing_api.emergency import requests
from sharing_api.recall import facts, notices
from sharing_api.store import lookups
from sharing_api.store.ledger import LedgerEntry
from sharing_api.store.upsert import in_session
from tests.integration.test_api.twin_hubs import stir
from tests.integration.test_api.world import MOMENT, World, alert, incident, signal

OURS, THEIRS = "north-council", "south-council"
Affair = Callable[[World], Awaitable[None]]


def ours(draw: random.Random) -> list[Affair]:
    """What the asker's agency may know of: the same in every hub."""
    made: list[Affair] = []
    for n in range(draw.randint(3, 5)):
        made += [
            partial(_notice, OURS, n),
            partial(_lookup, OURS, n),
            partial(_emergency, OURS, n),
            partial(_signal, n, ["north-council"]),
            partial(_level, n),
        ]
    draw.shuffle(made)
    return made


def beside(draw: random.Random, made: Sequence[Affair]) -> list[Affair]:
    """The same in the same order, with what is nobody's business here in between."""
    out: list[Affair] = []
    for n, each in enumerate(made):
        others: list[Affair] = [
            partial(_notice, THEIRS, 100 + n),
            partial(_lookup, THEIRS, 100 + n),
            partial(_emergency, THEIRS, 100 + n),
            partial(_alert, n),
            partial(stir, count=3),
            partial(_acts, n),
        ]
        out += draw.sample(others, draw.randint(0, 4))
        out.append(each)
    return out


def retold(draw: random.Random, made: Sequence[Affair]) -> list[Affair]:
    """Changes of what nobody here sees of signals: which agencies reported them. In any order."""
    told = [each for each in made if isinstance(each, partial) and each.func is _signal]
    numbers = [each.args[0] for each in told]
    return [
        partial(_signal, n, [f"agency-{draw.randrange(10**6)}", "south-council"])
        for n in draw.choices(numbers, k=2 * len(numbers))
    ]


async def happen(world: World, affairs: Sequence[Affair]) -> None:
    """Let them happen, one after another."""
    for each in affairs:
        await each(world)


async def _acts(n: int, world: World) -> None:
    """Another agency asks, and the hub notes what it linked."""
    moved = LedgerEntry("combination", "linkage", "hub", record_ids=("m1", "m2"), key=f"cmb_{n}")
    await world.services.ledger.append(moved)
    for _ in range(n + 1):
        await entered(world, f"asker-{n}")


async def entered(world: World, by: str) -> None:
    """An entry of the ledger that another agency answers for."""
    await world.services.ledger.append(
        LedgerEntry(
            operation="consultation", actor=by, agency=THEIRS, purpose="link-review", at=MOMENT
        )
    )


async def _notice(agency: str, n: int, world: World) -> None:
    told = await world.services.ledger.append(
        LedgerEntry(
            "disclosure", "a.recipient", agency, "cmarac-case", record_ids=(f"alt_{n}",), at=MOMENT
        )
    )
    due = facts.Due(
        agency,
        f"alt_{n}",
        "alert",
        facts.Fact(facts.RETRACTED, f"inc_{n}", "1"),
        frozenset({"level"}),
        frozenset({told.sequence}),
        {"alert_id": "release"},
    )
    async with world.services.sessions.begin() as session:
        pseudonyms = world.services.parts.pseudonyms
        await in_session(session, notices.keep, [due], pseudonyms, MOMENT)


async def _lookup(agency: str, n: int, world: World) -> None:
    row: dict[str, Any] = {
        "lookup_id": f"lkp_{agency}_{n}",
        "asked_at": MOMENT + timedelta(minutes=n),
        "asker": f"asker-{n}",
        "agency": "vale-nhs",
        "purpose": "pointer-lookup",
    }
    async with world.services.sessions.begin() as session:
        await in_session(session, lookups.ask, row, MOMENT)
        await in_session(session, lookups.concern, row["lookup_id"], {agency: [f"inc_{n}"]})


async def _emergency(agency: str, n: int, world: World) -> None:
    name = f"emr_{agency}_{n}"
    request = requests.Request(
        name, 0, "a.person", agency, "cmarac-case", "Urgent", MOMENT, None, None, None
    )
    async with world.services.sessions.begin() as session:
        await in_session(session, requests.keep, request)


async def _signal(n: int, agencies: Sequence[str], world: World) -> None:
    await world.put("tension-signal.v1", signal(f"sig_{n}", observed=n, agencies=list(agencies)))


async def _level(n: int, world: World) -> None:
    await world.put(
        "tension-level.v1",
        {
            "level_id": f"lvl_{n}",
            "action": "set",
            "area": f"D{n}",
            "area_level": "district",
            "strand": "race",
            "level": 3,
            "proposed_level": 4,
            "reason": "Three wards within a week",
            "review_by": "2036-03-14",
            "expires_at": MOMENT + timedelta(days=4000),
            "outcome": None,
            "decided_at": MOMENT,
            "by": "pseudonym",
            "agency": "north-police",
            "purpose": "tension-monitoring",
        },
    )


async def _alert(n: int, world: World) -> None:
    await world.put("hub-incident.v1", incident(world.ring, f"inc_{n}", "Zebedee"))
    await world.put("alert.v1", alert(f"alt_{n}", [f"inc_{n}"]))
