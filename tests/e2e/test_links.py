"""A coordinator decides about links from the terminal, and the hub follows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.scenario import generate
from concord.session import Session
from concord.stack.embedded import EmbeddedHub
from tests.e2e.hubs import concord, day_after, hub_for, only_object, run_through

pytestmark = pytest.mark.timeout(240)

AGENCY = ("--agency", "hallowby-council")
REASON = "Both agencies confirmed it at the meeting"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmbeddedHub, Session]]:
    """A hub with a small county in it, of which this file alone asks."""
    scenario = generate(160, 11)
    with hub_for(scenario, tmp_path_factory.mktemp("links") / "hub") as (hub, session):
        asyncio.run(run_through(session, [scenario.events], day_after(scenario)))
        yield hub, session


def linkage(hub: EmbeddedHub, *arguments: str, code: int = 0) -> Any:
    """What a `concord linkage` command prints."""
    done = concord("linkage", *arguments, "--json", environment=hub.environment)
    assert done.returncode == code, done.stdout + done.stderr
    return only_object(done) if code == 0 else done.stderr


def persons(session: Session) -> dict[str, frozenset[str]]:
    """Members of each live person on the topic."""
    asyncio.run(session.digested())
    found = asyncio.run(session.outputs()).live_entities()
    return {
        one["entity_id"]: frozenset(member["mention_id"] for member in one["members"])
        for one in found
        if one["kind"] == "person"
    }


def together(session: Session, left: str, right: str) -> bool:
    """Whether two mentions are in one person."""
    return any({left, right} <= members for members in persons(session).values())


def test_a_decision_is_followed_taken_back_and_kept(running: tuple[EmbeddedHub, Session]) -> None:
    """From `list` over `decide` to `undo`; nobody overrides a decision that stands."""
    hub, session = running
    before = persons(session)
    listed = linkage(hub, "review", "list", *AGENCY)["reviews"]
    assert listed
    one = next(each for each in listed if each["status"] == "open")
    pair = (one["left_mention"], one["right_mention"])
    shown = linkage(hub, "review", "show", one["review_id"], *AGENCY)
    assert shown["waterfall"]["steps"][-1]["total"] == pytest.approx(shown["weight"], abs=1e-5)
    told = ("--reason", REASON, *AGENCY)
    linkage(hub, "review", "decide", one["review_id"], "same", *told)
    assert together(session, *pair)
    assert "409" not in linkage(
        hub, "review", "decide", one["review_id"], "different", *told, code=1
    )
    linkage(hub, "review", "undo", one["review_id"], *told)
    assert persons(session) == before
    again = linkage(hub, "review", "show", one["review_id"], *AGENCY)
    assert [each["decision"] for each in again["decisions"]] == ["same", "open"]
    assert {each["reason"] for each in again["decisions"]} == {REASON}


def test_a_refusal_says_why_and_ends_with_one(running: tuple[EmbeddedHub, Session]) -> None:
    """Somebody whom no agreement lets look."""
    hub, _ = running
    said = linkage(hub, "review", "list", *AGENCY, "--role", "clerk", code=1)
    assert "No agreement" in said


def test_relinking_changes_nothing_while_the_parameters_are_the_same(
    running: tuple[EmbeddedHub, Session],
) -> None:
    """The worker links all it knows anew and publishes no difference."""
    hub, session = running
    before = asyncio.run(session.outputs()).entities
    port = hub.metrics_ports["all"]
    done = linkage(hub, "relink", "--metrics", f"http://127.0.0.1:{port}/metrics", "--wait", "60")
    assert done["done"]
    assert done["records"] >= 100
    asyncio.run(session.digested())
    assert asyncio.run(session.outputs()).entities == before


def test_an_alert_and_its_person_are_explained_alike(
    running: tuple[EmbeddedHub, Session],
) -> None:
    """Steps add up; a link says without which step it would not be one."""
    hub, session = running
    alerts = asyncio.run(session.outputs()).alerts.values()
    alert = next(each for each in alerts if each["links"] and each["entity_kind"] == "person")
    told = linkage(hub, "explain", alert["alert_id"], *AGENCY)
    assert len(told["links"]) == len(alert["links"]) + len(alert["possible"])
    for link in told["links"]:
        assert link["steps"][-1]["total"] == pytest.approx(link["weight"], abs=1e-6)
    of_person = linkage(hub, "explain", alert["entity_id"], *AGENCY)
    assert len(of_person["links"]) >= len(told["links"])


def test_exclusions_and_metrics_are_there(running: tuple[EmbeddedHub, Session]) -> None:
    """A small county has few values that too many share; the operator's figures add up."""
    hub, session = running
    found = linkage(hub, "exclusions", "list", *AGENCY)["exclusions"]
    assert all(each["count"] >= 1 and each["reason"] for each in found)
    import httpx

    port = hub.metrics_ports["all"]
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    values = {
        line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.startswith("concord_linkage_")
    }
    mentions = sum(v for name, v in values.items() if name.startswith("concord_linkage_mentions"))
    assert mentions == sum(len(members) for members in persons(session).values())
    assert values["concord_linkage_records_total"] >= 100


def test_the_folder_of_the_hub_holds_the_note(running: tuple[EmbeddedHub, Session]) -> None:
    """Without settings, commands find the hub that runs on this machine."""
    hub, _ = running
    note = hub.announce(Path(hub.settings.data_dir))
    done = concord(
        "linkage", "review", "list", *AGENCY, "--json",
        environment={"CONCORD_DATA_DIR": str(hub.settings.data_dir)},
    )  # fmt: skip
    note.unlink()
    assert done.returncode == 0, done.stderr
    assert "reviews" in only_object(done)
