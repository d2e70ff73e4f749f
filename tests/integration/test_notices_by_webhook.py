"""Notices of recall by webhook: signed, whatever the receiver fails, acknowledged by API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from sharing_api.recall.course import Recall
from sharing_api.store.upsert import in_session
from sharing_api.webhooks import outbox
from sharing_api.webhooks.delivery import LONGEST_PAUSE
from tests.integration.receivers import Hub
from tests.integration.test_api.test_recall import HUB_OFFICER, disclosed, later, sent
from tests.integration.test_api.world import ACCOUNT, MONITOR, PARTNER, TAKING_PART, TENSION


async def subscribed(hub: Hub) -> dict[str, Any]:
    """A partner's subscription to its notices."""
    body = {"url": "http://127.0.0.1:9/hook", "events": ["notice.v1"]}
    answer = await hub.world.post("/v1/webhooks", PARTNER, TAKING_PART, body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def called_back(hub: Hub) -> None:
    """An alert that the partner's agency received, and the retraction of what it rests on."""
    await disclosed(hub.world)
    gone = {**later(hub.world, "inc_a", "Zebedee", 9), "retracted": True, "persons": []}
    await hub.world.put("hub-incident.v1", gone)
    await Recall(hub.world.services).once(hub.clock.now)


async def outstanding(hub: Hub) -> list[str]:
    """Notices that nobody has acknowledged, as the hub's officer sees them."""
    answer = await hub.world.get("/v1/notices", HUB_OFFICER, ACCOUNT, status="open")
    return [one["fields"]["notice_id"] for one in answer.json()["items"]]


async def test_a_receiver_that_failed_for_minutes_gets_the_notice_and_answers_by_api(
    hub: Hub,
) -> None:
    """What arrives is what the topic has, signed; with the acknowledgement nothing is outstanding.

    Looking again sends nothing again.
    """
    made = await subscribed(hub)
    hub.receiver.status = 503
    await called_back(hub)
    (notice_id,) = await outstanding(hub)
    for _ in range(6):
        assert await hub.go() == 0
        hub.clock.now += timedelta(seconds=20)
    assert 2 < hub.receiver.attempts < 6
    hub.receiver.status = 204
    for _ in range(5):
        await hub.go()
        hub.clock.now += timedelta(seconds=20)
    (request,) = hub.receiver.accepted
    Webhook(made["secret"]).verify(request.content.decode(), dict(request.headers))
    event = json.loads(request.content)
    assert (event["type"], event["id"]) == ("uk.concord.notice.v1", f"{notice_id}.1")
    assert event["source"].endswith("/v1/notices")
    (on_topic,) = sent(hub.world)
    assert event["data"]["notice_id"] == on_topic["notice_id"] == notice_id
    assert event["data"]["instruction"] == on_topic["instruction"]
    assert event["data"]["fields"] == on_topic["fields"]
    assert "Zebedee" not in request.content.decode()
    path = f"/v1/notices/{notice_id}/acknowledgement"
    done = await hub.world.post(path, PARTNER, TAKING_PART, {"done": "deleted"})
    assert done.status_code == 201, done.text
    assert await outstanding(hub) == []
    await Recall(hub.world.services).once(hub.clock.now)
    assert await hub.go() == 0


async def test_reminders_reach_a_receiver_that_was_given_up(hub: Hub) -> None:
    """After days of failure the first telling is dead; the reminder is another telling."""
    await subscribed(hub)
    hub.receiver.status = 500
    await called_back(hub)
    for _ in range(80):
        await hub.go()
        hub.clock.now += LONGEST_PAUSE
    hub.receiver.status = 204
    assert await hub.go() == 0
    hub.clock.now += timedelta(days=5)
    await Recall(hub.world.services).once(hub.clock.now)
    assert await hub.go() == 1
    (request,) = hub.receiver.accepted
    data = json.loads(request.content)["data"]
    assert (data["reminder"], data["kind"]) == (1, "recall")


async def test_a_notice_that_was_rolled_back_was_never_told(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Notice and telling are one transaction: where the telling cannot be written, neither is."""

    def broken(*_a: Any, **_k: Any) -> int:
        raise OSError("full")

    await subscribed(hub)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "enqueue", broken)
        with pytest.raises(OSError, match="full"):
            await called_back(hub)
    assert await outstanding(hub) == []
    await Recall(hub.world.services).once(hub.clock.now)
    assert len(await outstanding(hub)) == 1
    assert await hub.go() == 1


async def test_a_paused_subscription_gets_its_notices_when_it_goes_on(hub: Hub) -> None:
    """Nothing is lost while it is paused."""
    made = await subscribed(hub)
    where = f"/v1/webhooks/{made['webhook_id']}/status"
    await hub.world.post(f"{where}/paused", PARTNER, {}, None)
    await called_back(hub)
    assert await hub.go() == 0
    await hub.world.post(f"{where}/active", PARTNER, {}, None)
    assert await hub.go() == 1


@pytest.mark.parametrize("events", [["notice.v1", "tension-signal.v1"], ["*"], ["notice.v1"]])
async def test_only_who_acts_for_the_agency_has_its_notices_posted(
    hub: Hub, events: list[str]
) -> None:
    """A monitor may have signals; that does not bring it what its agency is told about persons."""
    body = {"url": "http://127.0.0.1:9/hook", "events": events}
    answer = await hub.world.post("/v1/webhooks", MONITOR, TENSION, body)
    assert answer.status_code == 403
    async with hub.world.services.sessions.begin() as session:
        told = await in_session(
            session, outbox.enqueue, MONITOR["agency"], "notice.v1", "ntc_1.1", {}
        )
    assert told == 0
