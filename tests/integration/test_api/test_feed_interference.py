"""Change what an agreement does not release, and no byte of any feed under it changes.

Two hubs go through the same course of signals and levels under the same random agreement. In one of
them whatever is withheld differs, changes more often, and has records beside it that nobody sees.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from concord.stack.areas import made_up
from policies.agreements import Agreement, load
from policies.bundle import assemble
from policies.embedded import RegorusEngine
from policies.fields import FIELDS, SUITABLE
from schemas import codec
from sharing_api.auth.requests import Stated
from sharing_api.feeds import places
from sharing_api.feeds.rows import FeedNumberRow, FeedViewRow
from sharing_api.feeds.streaming import SignalFeed
from sharing_api.filters import SignalFilter
from sharing_api.levels.rows import LevelRow
from sharing_api.projector.projection import project
from sharing_api.release import Asker
from sharing_api.release.opening import Opening
from sharing_api.services import utc_now
from sharing_api.store.tables import SignalRow
from sharing_api.webhooks import running
from sharing_api.webhooks.rows import DeliveryRow, WebhookRow
from tests.integration.test_api.twin_hubs import FREE, HIDDEN, bustle, said
from tests.integration.test_api.world import MOMENT, TENSION, World, alert, change, opened, signal

SCENES = 120
DISTRICTS = ("X08000001", "X08000002", "D1")
FORMS = ("json", "csv", "atom", "geojson")
COMES_OUT = ("release", "withhold", "withhold", "mask")
ELSE: Mapping[str, Mapping[str, Any]] = {
    "signal": {**FREE["signal"], "agencies": ["wyp", "met"]},
    "level": {
        "reason": "Something else", "review_by": "2030-01-01", "proposed_level": 1,
        "level": 6, "by": "psn_other", "expires_at": MOMENT + timedelta(days=900),
    },
}  # fmt: skip
"""Another value for each field, given only where it is withheld."""
FORGOTTEN = (
    SignalRow.__tablename__, LevelRow.__tablename__, FeedViewRow.__tablename__,
    FeedNumberRow.__tablename__, WebhookRow.__tablename__, DeliveryRow.__tablename__,
)  # fmt: skip
NAMED = {"by": "decided_by", "agency": "decided_for"}
"""Fields of the record that the gate knows by other names."""


@dataclass
class Scene:
    """One agreement, an agency that nobody has been yet, and what happens."""

    agreement: Agreement
    who: dict[str, str]
    course: list[tuple[str, str, dict[str, Any]]]

    def hidden(self, kind: str) -> dict[str, Any]:
        """The other values of what this agreement withholds."""
        items = next(c["items"][kind] for c in self.agreement["clauses"] if kind in c["items"])
        return {
            name: value
            for name, value in ELSE[kind].items()
            if items.get(NAMED.get(name, name), "withhold") in HIDDEN
        }


def scene(draw: random.Random, tag: str) -> Scene:
    """Draw an agreement and a course of changes and looks."""
    agreement = deepcopy(next(each for each in load() if each["id"] == "tension-monitoring"))
    for clause in agreement["clauses"]:
        for kind in ("signal", "level"):
            if kind in clause["items"]:
                clause["items"][kind] = {
                    name: draw.choice((*COMES_OUT, *sorted(SUITABLE[field.shape])))
                    for name, field in FIELDS[kind].items()
                } | {draw.choice(sorted(FIELDS[kind])): "release"}
    who = {"agency": f"council-{tag}", "agency_type": "council", "role": "tension-monitor"}
    course: list[tuple[str, str, dict[str, Any]]] = []
    for step in range(draw.randint(4, 9)):
        name = f"{draw.randrange(4)}-{tag}"
        kind = draw.choice(("put", "put", "put", "remove", "level", "look"))
        day = MOMENT + timedelta(days=draw.randrange(3))
        values = {"area": draw.choice(DISTRICTS), "observed": step, "as_of": day}
        course.append((kind, name, values))
    return Scene(agreement, who, course)


async def play(world: World, scene_: Scene, *, other: bool) -> list[Any]:
    """Go through the course in one hub; everything that the subscriber gets of it."""
    got: list[Any] = []
    stands: dict[str, dict[str, Any]] = {}
    body = {"url": "http://127.0.0.1:9/hook"}
    got.append((await world.post("/v1/webhooks", scene_.who, TENSION, body)).status_code)
    for number, (kind, name, values) in enumerate(scene_.course):
        if other:
            await meanwhile(world, number, name, scene_.who["agency"])
        if kind == "put":
            stands[f"sig_{name}"] = values
            await world.put("tension-signal.v1", signal(f"sig_{name}", **values))
        elif kind == "remove":
            stands.pop(f"sig_{name}", None)
            await world.put("tension-signal.v1", removed=[f"sig_{name}"])
        elif kind == "level":
            hidden = scene_.hidden("level") if other else {}
            await set_level(world, f"lvl_{name}", {**level(values), **hidden})
        if other and stands:  # the one that stands longest changes again where nobody sees it
            first = next(iter(stands))
            made = signal(first, **{**stands[first], **scene_.hidden("signal")})
            await world.put("tension-signal.v1", made)
        if kind == "look":
            got += await looked(world, scene_.who)
    return got + await looked(world, scene_.who)


async def meanwhile(world: World, number: int, name: str, agency: str) -> None:
    """What is no business of the subscriber: others act, now and then there is another alert."""
    await bustle(world, random.Random(number), agency)
    if number % 3 == 0:
        await world.put("alert.v1", alert(f"alt_{name}", [f"inc_{name}"]))


def level(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is set."""
    return {
        "area": values["area"], "area_level": "district", "strand": "race", "action": "set",
        "level": 3, "reason": "Three wards in one week", "decided_at": values["as_of"],
        "by": "psn_someone", "agency": "hallowby-council", "purpose": "tension-monitoring",
    }  # fmt: skip


async def set_level(world: World, name: str, values: Mapping[str, Any]) -> None:
    """Project a level as if it had come from its topic."""
    record = codec.complete("tension-level.v1", {"level_id": name, **values})
    async with world.services.database.begin() as connection:
        touched = await connection.run_sync(project, [change("tension-level.v1", name, record)])
    await world.services.changes.ring(touched)


async def looked(world: World, who: Mapping[str, str]) -> list[Any]:
    """Every format, headers included, the stream, the calendar and what webhooks post."""
    got: list[Any] = [
        said(await world.get("/v1/tension/feed", who, TENSION, format=form)) for form in FORMS
    ]
    paged = await world.get("/v1/tension/feed", who, TENSION, after=1, limit=2)
    got.append(said(paged))
    got.append(said(await world.get("/v1/tension/calendar.ics", who, TENSION)))
    if got[0][0] == 200 and b'"items":[]' not in got[0][2]:
        asker = Asker("a.person", who["agency"], who["agency_type"], who["role"])
        stated = Stated("tension-monitoring", None, None)
        stream = SignalFeed(world.services, asker, stated, SignalFilter()).events(0)
        got.append([await anext(stream), await anext(stream)])
        await stream.aclose()  # type: ignore[attr-defined]
    got.append(await posted(world))
    return got


async def posted(world: World) -> list[bytes]:
    """Bodies that webhooks post now."""
    bodies: list[bytes] = []

    def receive(request: httpx.Request) -> httpx.Response:
        bodies.append(request.content)
        return httpx.Response(204)

    await running.fill(world.services)
    async with httpx.AsyncClient(transport=httpx.MockTransport(receive)) as client:
        await running.courier_of(world.services, client).deliver()
    return bodies


@asynccontextmanager
async def twins(folder: Path) -> AsyncIterator[tuple[World, World, RegorusEngine]]:
    """Two hubs with the same keys, areas, time and engine, whose own couriers stay at home."""

    async def idle(_services: Any) -> None:
        return

    now = utc_now()
    engine = RegorusEngine(assemble([]))
    given: dict[str, Any] = {"engine": engine, "geography": made_up(), "clock": lambda: now}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "run", idle)
        first, second = folder / "first", folder / "second"
        async with opened(first, f"sqlite:///{folder}/first.db", **given) as one:
            shutil.copytree(first / "keys", second / "keys")
            async with opened(second, f"sqlite:///{folder}/second.db", **given) as other:
                yield one, other, engine


async def interferes(
    one: World, other: World, engine: RegorusEngine, seed: int, seen: Counter[str]
) -> bool:
    """Tell whether a subscriber can tell the two hubs apart."""
    drawn = scene(random.Random(seed), f"{seed:04d}")
    engine.replace(assemble([drawn.agreement]))
    first = await play(one, drawn, other=False)
    second = await play(other, drawn, other=True)
    for world in (one, other):
        await forget(world)
    seen["items"] += sum(b'"removed":false' in str(each).encode() for each in first)
    seen["tombstones"] += sum(b'"removed":true' in str(each).encode() for each in first)
    seen["posted"] += sum(len(each) for each in first if isinstance(each, list))
    return first != second


async def forget(world: World) -> None:
    """Leave nothing of a scene to the next one, under whose agreement more might show."""
    async with world.services.database.begin() as connection:
        for table in FORGOTTEN:
            await connection.exec_driver_sql(f"DELETE FROM {table}")


async def scenes(folder: Path, count: int, seen: Counter[str]) -> list[int]:
    """The first of so many scenes that can be told apart, if any; `seen` counts what happened."""
    async with twins(folder) as (one, other, engine):
        for seed in range(count):
            if await interferes(one, other, engine, seed, seen):
                return [seed]
    return []


async def test_what_is_withheld_changes_no_byte_of_any_feed(tmp_path: Path) -> None:
    """Five formats, the stream and webhooks: numbers, names, references and headers too."""
    seen: Counter[str] = Counter()
    assert await scenes(tmp_path, 4, seen) == []
    assert min(seen["items"], seen["tombstones"], seen["posted"]) > 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
async def test_the_same_of_many_agreements(tmp_path: Path) -> None:
    """What the fast test asks of a few."""
    seen: Counter[str] = Counter()
    assert await scenes(tmp_path, SCENES, seen) == []
    assert min(seen["items"], seen["tombstones"], seen["posted"]) > SCENES


async def test_a_feed_numbered_by_what_is_withheld_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests above are not vacuous: a number for a change that nobody sees is found."""

    def leaky(_self: Opening, subject: Any, *_rest: Any) -> dict[str, Any]:
        return dict(subject.clear)

    monkeypatch.setattr(Opening, "outline", leaky)
    assert await scenes(tmp_path, 8, Counter())


@pytest.mark.slow
async def test_an_order_that_hidden_changes_move_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers in the order of the store's changes tell that something out of sight came later."""
    monkeypatch.setattr(places, "_turn", lambda one: one[1].place)
    assert await scenes(tmp_path, 40, Counter())
