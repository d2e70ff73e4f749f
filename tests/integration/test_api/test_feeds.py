"""Feeds under an agreement: every format, one sequence, tombstones, nothing that is withheld."""

from __future__ import annotations

import asyncio
import csv
import io
import socket
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from geojson_pydantic import FeatureCollection
from httpx_sse import aconnect_sse
from icalendar import Calendar
from lxml import etree

from concord.stack.areas import made_up
from sharing_api.feeds.csv_text import csv_text
from sharing_api.open_feed.running import Timetable
from sharing_api.services import utc_now
from sharing_api.trigger_windows import TriggerWindow
from tests.integration.test_api.world import (
    MOMENT,
    MONITOR,
    STRANGER,
    TENSION,
    World,
    alert,
    opened,
    signal,
)

PROJECT = Path(__file__).parents[3]
ATOM = etree.RelaxNG(etree.parse(str(PROJECT / "tests/contract/atom/atom.rng")))
NS = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}
DISTRICT = "X08000002"
WHY = {**TENSION, "Concord-Justification": "Weekly meeting"}


async def feed(world: World, **query: Any) -> httpx.Response:
    """A monitor's feed."""
    return await world.get("/v1/tension/feed", MONITOR, TENSION, **query)


async def set_level(world: World, **other: Any) -> httpx.Response:
    """Set a level as a monitor, and let it come back from its topic."""
    body = {
        "area": DISTRICT, "strand": "race", "level": 3, "reason": "Three wards in one week",
        "review_by": (utc_now() + timedelta(days=3)).date().isoformat(),
        "expires_on": (utc_now() + timedelta(days=14)).date().isoformat(),
        **other,
    }  # fmt: skip
    answer = await world.post("/v1/tension/levels", MONITOR, TENSION, body)
    await world.echo()
    return answer


async def test_one_sequence_goes_through_all_formats(county: World) -> None:
    """Signals and a level, numbered alike in JSON, CSV and GeoJSON."""
    await county.put("tension-signal.v1", signal("sig_1", area=DISTRICT), signal("sig_2"))
    await set_level(county)
    listed = (await feed(county)).json()
    assert [(i["sequence"], i["kind"]) for i in listed["items"]] == [
        (1, "signal"), (2, "signal"), (3, "level"),
    ]  # fmt: skip
    table = await feed(county, format="csv")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row["sequence"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["area_name"] == "Stanmoor"
    shapes: Any = FeatureCollection(**(await feed(county, format="geojson")).json())
    assert [each.properties["sequence"] for each in shapes.features] == [1, 2, 3]
    assert shapes.features[0].geometry.type == "MultiPolygon"
    assert shapes.features[1].geometry is None
    assert (await feed(county, after=3)).json() == {"items": [], "last": 3, "more": False}


async def test_a_monitor_gets_all_that_it_takes_to_judge_a_signal(county: World) -> None:
    """Group, kind, methods, what would have been quiet, since when and by how much; no agency."""
    whole: dict[str, Any] = {
        "group": "religion:muslim", "kind": "count", "quiet_at": 2, "ratio": 3.0,
        "rising_since": MOMENT, "trigger_windows": ["Election"],
        "methods": [{"name": "mixture", "statistic": 4.25, "threshold": 2.5, "fired": True}],
    }  # fmt: skip
    await county.put("tension-signal.v1", signal("sig_1", area=DISTRICT, **whole))
    (item,) = (await feed(county)).json()["items"]
    assert whole.keys() <= item["fields"].keys()
    assert "agencies" not in item["fields"]
    table = await feed(county, format="csv")
    (row,) = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))
    assert row["kind"] == "signal"
    assert row["signal_kind"] == "count"
    assert row["group"] == "religion:muslim"
    assert row["methods"] == "mixture 4.25 against 2.5 (spoke)"
    assert (row["quiet_at"], row["trigger_windows"], row["agencies"]) == ("2", "Election", "")
    (feature,) = (await feed(county, format="geojson")).json()["features"]
    assert feature["properties"]["signal_kind"] == "count"
    title = etree.fromstring((await feed(county, format="atom")).content).find(
        "a:entry/a:title", NS
    )
    assert title is not None
    assert title.text == "Stanmoor, religion: muslim, amber raised"


async def test_atom_validates_against_its_schema_with_a_tombstone(county: World) -> None:
    """RFC 4287 and RFC 6721, whatever a text holds; the title names the place."""
    odd = [{"code": "x", "text": "5 < 6 & \x0b\ud7ff"}]
    await county.put("tension-signal.v1", signal("sig_1", area=DISTRICT, reasons=odd))
    await county.put("tension-signal.v1", signal("sig_2"))
    await county.put("tension-signal.v1", removed=["sig_2"])
    for query in ({}, {"limit": 1}, {"after": 9}):
        answer = await feed(county, format="atom", **query)
        document = etree.fromstring(answer.content)
        ATOM.assertValid(document)
    document = etree.fromstring((await feed(county, format="atom")).content)
    assert document.xpath("a:entry/a:title/text()", namespaces=NS) == [
        "Stanmoor, race, amber raised"
    ]
    assert len(document.xpath("at:deleted-entry", namespaces=NS)) == 1


async def test_a_subscriber_away_for_a_month_resumes_without_gap_or_repeat(world: World) -> None:
    """What changed often comes once as it stands, what went away as a tombstone, the rest not."""
    await world.put("tension-signal.v1", *(signal(f"sig_{n}") for n in range(6)))
    last = (await feed(world)).json()["last"]
    for turn in range(30):
        await world.put("tension-signal.v1", signal(f"sig_{turn % 3}", observed=turn))
    await world.put("tension-signal.v1", removed=["sig_4"])
    seen: list[Any] = []
    while True:
        page = (await feed(world, after=last, limit=2)).json()
        seen += page["items"]
        last = page["last"]
        if not page["more"]:
            break
    told = [(i["fields"]["signal_id"], i["removed"], i["fields"].get("observed")) for i in seen]
    assert told == [
        ("sig_0", False, 27), ("sig_1", False, 28), ("sig_2", False, 29), ("sig_4", True, None),
    ]  # fmt: skip


async def test_what_is_withheld_changes_no_byte_of_a_feed(tmp_path: Path) -> None:
    """Who reported, how often that changed, and alerts that nobody may see: no number moves."""
    answers = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        async with opened(tmp_path / name, f"sqlite:///{tmp_path}/{name}.db") as world:
            await world.put("tension-signal.v1", signal("sig_1"))
            await feed(world)
            if name == "other":
                await world.put("alert.v1", alert("alr_1", ["i1"]), alert("alr_2", ["i2"]))
                await world.put("tension-signal.v1", signal("sig_1", agencies=["wyp"]))
                await world.put("tension-signal.v1", signal("sig_1", agencies=[]))
            await world.put("tension-signal.v1", signal("sig_2"))
            got = [await feed(world, format=f) for f in ("json", "csv", "atom", "geojson")]
            answers.append([(each.status_code, each.content) for each in got])
    assert answers[0] == answers[1]


async def test_every_look_is_accounted_for_and_a_stranger_is_refused(world: World) -> None:
    """Each answer names its entry in the ledger."""
    await world.put("tension-signal.v1", signal("sig_1"))
    looks = [await feed(world), await feed(world)]
    first, second = [await world.place(look) for look in looks]
    assert second == first + 1
    rows = await world.services.ledger.read(after=first - 1)
    assert [row.record_ids for row in rows] == [("sig_1",), ("sig_1",)]
    assert (await world.get("/v1/tension/feed", STRANGER, TENSION)).status_code == 403


async def test_the_calendar_has_reviews_and_expiries(county: World) -> None:
    """Icalendar reads it; ids stay the same when it is read again."""
    await set_level(county)
    twice = []
    for _ in range(2):
        answer = await county.get("/v1/tension/calendar.ics", MONITOR, TENSION)
        events: Any = Calendar.from_ical(answer.content).walk("VEVENT")
        twice.append([(str(e["uid"]), str(e["summary"]), e["dtstart"].dt) for e in events])
    assert twice[0] == twice[1]
    assert [each[1].partition(":")[0] for each in twice[0]] == ["Look again", "Level expires"]
    assert twice[0][0][2] == (utc_now() + timedelta(days=3)).date()


WATCHED = TriggerWindow("A verdict", date(2026, 3, 1), date(2026, 3, 21), ("religion:muslim",))


async def test_the_calendar_has_trigger_windows(tmp_path: Path, database_url: str) -> None:
    """Whole days, both included, for whom it concerns and who is shown them in signals too."""
    async with opened(tmp_path, database_url, trigger_windows=(WATCHED,)) as world:

        async def events(**query: str) -> list[Any]:
            answer = await world.get("/v1/tension/calendar.ics", MONITOR, TENSION, **query)
            return list(Calendar.from_ical(answer.content).walk("VEVENT"))

        assert await events() == []
        await world.put("tension-signal.v1", signal("sig_1"))
        (event,) = await events()
        assert str(event["summary"]) == "Trigger event: A verdict"
        assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 3, 1), date(2026, 3, 22))
        assert WATCHED.concerns("religion")
        assert not WATCHED.concerns("disability")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "=cmd|'/c x'!A1"])
def test_no_text_is_a_formula_for_a_spreadsheet(text: str) -> None:
    """A leading apostrophe makes it text; numbers stay numbers."""
    told = csv_text(("a", "b"), [{"a": text, "b": -1.5}])
    (row,) = list(csv.reader(io.StringIO(told.removeprefix("\ufeff"))))[1:]
    assert row == [f"'{text}", "-1.5"]


@pytest.mark.slow
async def test_a_client_killed_fifty_times_sees_each_change_once_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a real socket with httpx-sse; the hub itself restarts half-way through."""
    monkeypatch.setattr("sharing_api.feeds.streaming.LOOK_AGAIN_SECONDS", 0.05)
    url, seen, last = f"sqlite:///{tmp_path}/store.db", [], "0"
    for half in range(2):
        async with opened(tmp_path, url) as world, served(world) as address:
            headers = {**world.token(MONITOR), **TENSION}
            for turn in range(25):
                number = half * 25 + turn
                await world.put("tension-signal.v1", signal(f"sig_{number % 4}", observed=number))
                async with (
                    httpx.AsyncClient(base_url=address, headers=headers, timeout=10) as client,
                    aconnect_sse(
                        client, "GET", "/v1/tension/signals/stream",
                        headers={"Last-Event-ID": last},
                    ) as source,
                ):  # fmt: skip
                    async for event in source.aiter_sse():
                        if not event.data:
                            continue
                        seen.append(event.json()["fields"]["observed"])
                        last = event.id
                        break
    assert seen == list(range(50))


class served:  # noqa: N801 (reads as a verb where it is used)
    """The app on a socket of this machine."""

    def __init__(self, world: World) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(world.app, lifespan="off", log_level="error", ws="none")
        self._server = uvicorn.Server(config)
        self._server.capture_signals = contextless  # type: ignore[method-assign,assignment]

    async def __aenter__(self) -> str:
        """Its address."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:  # noqa: ASYNC110 (uvicorn rings no bell)
            await asyncio.sleep(0.01)
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        """Stop at once."""
        self._server.should_exit = self._server.force_exit = True
        await self._task


class contextless:  # noqa: N801 (stands in for a context manager)
    """Leaves signals to the test runner."""

    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, *_: object) -> None:
        """Nothing."""


async def test_a_person_sets_the_level_and_it_says_when_it_is_out_of_date(
    tmp_path: Path, database_url: str
) -> None:
    """It never changes by itself; history, disagreement and outcome are kept."""
    now = [utc_now()]
    async with opened(tmp_path, database_url, geography=made_up(), clock=lambda: now[0]) as world:
        await world.put("tension-signal.v1", signal("sig_1", area=DISTRICT, proposed_level=4))
        answer = await set_level(world, level=2)
        assert answer.status_code == 201
        name = answer.json()["fields"]["level_id"]
        now[0] += timedelta(days=20)
        standing = (await world.get("/v1/tension/levels", MONITOR, TENSION)).json()["items"]
        assert [(i["fields"]["level"], i["expired"]) for i in standing] == [(2, True)]
        body = {"outcome": "incident", "reason": "Windows were broken"}
        said = await world.post(f"/v1/tension/levels/{name}/outcome", MONITOR, TENSION, body)
        assert said.status_code == 201
        await world.echo()
        told = (await world.get("/v1/tension/levels/history", MONITOR, TENSION)).json()
        assert told["items"][0]["fields"]["outcome"] == "incident"
        judged = told["judged"]
        assert (judged["disagreement_rate"], judged["person_graver"]) == (1.0, 1)
        assert (judged["person_right"], judged["machine_right"]) == (1.0, 1.0)
        page = (await feed(world)).json()
        assert [i["kind"] for i in page["items"]] == ["signal", "level"]
        rows = await world.services.ledger.read()
        assert [r.justification for r in rows if r.operation == "alteration"] == [
            "Three wards in one week", "Windows were broken",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"area": "X99"}, "body.area"),
        ({"area": "all"}, "body.area"),
        ({"strand": "left-handed"}, "body.strand"),
        ({"expires_on": "2020-01-01"}, "body.expires_on"),
        ({"level": 7}, "body.level"),
        ({"reason": ""}, "body.reason"),
        ({"review_by": "2020-01-01"}, "body.review_by"),
    ],
)
async def test_a_level_that_makes_no_sense_is_named(
    county: World, wrong: dict[str, Any], field: str
) -> None:
    """Field and rule."""
    answer = await set_level(county, **wrong)
    assert answer.status_code == 422
    assert field in {each["field"] for each in answer.json()["errors"]}


async def test_who_may_not_set_a_level_is_refused_and_an_unknown_one_gets_no_outcome(
    county: World,
) -> None:
    """Nothing is published."""
    body = {"area": DISTRICT, "level": 3, "reason": "x", "expires_on": "2099-01-01"}
    body["expires_on"] = (utc_now() + timedelta(days=2)).date().isoformat()
    assert (await county.post("/v1/tension/levels", STRANGER, TENSION, body)).status_code == 403
    told = {"outcome": "nothing", "reason": "All quiet"}
    answer = await county.post("/v1/tension/levels/lvl_x/outcome", MONITOR, TENSION, told)
    assert answer.status_code == 403
    assert county.publisher.sent == []


async def test_the_open_feed_is_open_and_says_the_same_in_every_format(
    tmp_path: Path, database_url: str
) -> None:
    """Without a token: sentence, budget, table, Atom; sizes and tags follow what was published."""
    now = [MOMENT]
    async with opened(tmp_path, database_url, geography=made_up(), clock=lambda: now[0]) as world:
        services = world.services
        assert services.press is not None
        services.progress.caught_up = True
        services.progress.lag["hub.open-table.v1"] = 0
        table = Timetable(
            services.press, services.sessions, world.publisher, services.progress, lambda: now[0]
        )
        await table.look()
        now[0] += timedelta(days=12)
        await table.look()
        assert (await world.client.get("/v1/open/tables/district-week")).json() == {
            "publications": []
        }
        await world.echo()
        index = (await world.client.get("/v1/open")).json()
        assert "factor of 3, either way" in index["sentence"]
        assert {line["epsilon"] for line in index["budget"]} == {"1/2", "17/50", "1/4"}
        first = await world.client.get("/v1/open/tables/district-week")
        cells = first.json()["publications"][0]["cells"]
        assert len(cells) == 6
        same = await world.client.get(
            "/v1/open/tables/district-week", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert (same.status_code, same.content) == (304, b"")
        table_ = await world.client.get("/v1/open/tables/district-week?format=csv")
        rows = list(csv.DictReader(io.StringIO(table_.content.decode("utf-8-sig"))))
        assert [int(row["value"]) for row in rows] == [
            c["value"] for p in first.json()["publications"] for c in p["cells"]
        ]
        shapes = await world.client.get("/v1/open/tables/district-week?format=geojson")
        assert len(FeatureCollection(**shapes.json()).features) == len(rows)
        ATOM.assertValid(etree.fromstring((await world.client.get("/v1/open/feed.atom")).content))


async def test_a_hub_without_areas_has_no_open_feed(world: World) -> None:
    """It says so."""
    assert (await world.client.get("/v1/open")).status_code == 404
