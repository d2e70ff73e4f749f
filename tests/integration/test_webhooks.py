"""Webhooks: signed, in order, once; through a day of failure; verified by strangers' libraries."""

from __future__ import annotations

import base64
import random
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from sharing_api.store.upsert import in_session
from sharing_api.webhooks import addresses, outbox, pruning
from sharing_api.webhooks.addresses import AddressRefused, Rules
from sharing_api.webhooks.delivery import LONGEST_PAUSE, pause
from tests.integration.receivers import Hub
from tests.integration.test_api.world import (
    MONITOR,
    PARTNER,
    STRANGER,
    TAKING_PART,
    TENSION,
    signal,
)


async def test_a_change_arrives_as_a_signed_cloudevent_that_strangers_accept(hub: Hub) -> None:
    """`standardwebhooks` verifies it, `cloudevents` reads it; a changed byte is refused."""
    made = await hub.subscribe()
    await hub.world.put("tension-signal.v1", signal("sig_1"))
    assert await hub.go() == 1
    (request,) = hub.receiver.accepted
    body = request.content.decode()
    Webhook(made["secret"]).verify(body, dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(body.replace("sig_1", "sig_2"), dict(request.headers))
    event = JSONFormat().read(CloudEvent, request.content)
    assert event.get_type() == "uk.concord.tension-signal.v1"
    data: Any = event.get_data()
    assert data["fields"]["observed"] == 5
    assert "agencies" not in data["fields"]


async def test_the_hubs_public_key_verifies_ed25519(hub: Hub) -> None:
    """As the scheme has it: v1a over id, time and body."""
    made = await hub.subscribe(signing="ed25519")
    assert made.get("secret") is None
    await hub.world.put("tension-signal.v1", signal("sig_1"))
    await hub.go()
    (request,) = hub.receiver.accepted
    told = (await hub.world.client.get("/v1/webhook-key")).json()["public_key"]
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(told.removeprefix("whpk_")))
    mark, _, signature = request.headers["webhook-signature"].partition(",")
    named = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
    key.verify(base64.b64decode(signature), named.encode() + request.content)
    assert mark == "v1a"


async def test_a_receiver_that_fails_for_a_day_gets_everything_once_and_in_order(
    hub: Hub,
) -> None:
    """Twelve changes within the day; attempts become rare; afterwards each comes once."""
    await hub.subscribe()
    hub.receiver.status = 503
    for hour in range(24):
        if hour % 2 == 0:
            await hub.world.put("tension-signal.v1", signal(f"sig_{hour}"))
        await hub.go()
        hub.clock.now += timedelta(hours=1)
    assert hub.receiver.attempts < 40
    hub.receiver.status = 204
    for _ in range(3):
        await hub.go()
        hub.clock.now += LONGEST_PAUSE
    assert hub.receiver.sequences() == list(range(1, 13))
    assert len({each.headers["webhook-id"] for each in hub.receiver.accepted}) == 12


async def test_what_stays_refused_for_days_is_given_up_and_can_be_sent_again(hub: Hub) -> None:
    """The dead letter is listed; one command brings it back, under the same id."""
    made = await hub.subscribe()
    where = f"/v1/webhooks/{made['webhook_id']}"
    hub.receiver.status = 500
    await hub.world.put("tension-signal.v1", signal("sig_1"))
    for _ in range(80):
        await hub.go()
        hub.clock.now += LONGEST_PAUSE
    listed = await hub.world.get(f"{where}/deliveries", MONITOR, {}, state="dead")
    (dead,) = listed.json()["items"]
    assert dead["answer"] == "status 500"
    hub.receiver.status = 200
    assert await hub.go() == 0
    answer = await hub.world.post(f"{where}/redeliver", MONITOR, {}, None)
    assert answer.json() == {"count": 1}
    assert await hub.go() == 1
    assert hub.receiver.accepted[0].headers["webhook-id"] == dead["delivery_id"]


async def test_what_is_over_is_forgotten_after_its_days_and_nothing_else(hub: Hub) -> None:
    """Received and given up alike; what waits stays, and nothing comes twice."""
    made = await hub.subscribe()
    where = f"/v1/webhooks/{made['webhook_id']}/deliveries"
    services = hub.world.services
    await hub.world.put("tension-signal.v1", signal("sig_1"))
    await hub.go()
    hub.clock.now += timedelta(days=20)
    hub.receiver.status = 410
    await hub.world.put("tension-signal.v1", signal("sig_2"))
    await hub.go()
    hub.receiver.status = 503
    await hub.world.put("tension-signal.v1", signal("sig_3"))
    await hub.go()
    for days, gone, left in ((9, 0, ["delivered", "dead", "pending"]), (2, 1, ["dead", "pending"]),
                             (20, 1, ["pending"])):  # fmt: skip
        hub.clock.now += timedelta(days=days)
        assert await pruning.look(services) == gone
        listed = (await hub.world.get(where, MONITOR, {})).json()["items"]
        assert [each["state"] for each in listed] == left
    hub.receiver.status = 204
    await hub.go()
    assert hub.receiver.sequences() == [1, 3]


async def test_more_than_one_handful_is_forgotten_at_once(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In transactions of a few, until none is left."""
    monkeypatch.setattr(pruning, "AT_ONCE", 2)
    await hub.subscribe()
    for number in range(5):
        await hub.world.put("tension-signal.v1", signal(f"sig_{number}"))
    assert await hub.go() == 5
    hub.clock.now += timedelta(days=31)
    assert await pruning.look(hub.world.services) == 5


async def test_a_receiver_can_be_tried_and_the_answer_is_told(hub: Hub) -> None:
    """Nothing listens on that port; the hub says so and nothing is left in the outbox."""
    made = await hub.subscribe()
    where = f"/v1/webhooks/{made['webhook_id']}"
    answer = await hub.world.post(f"{where}/test", MONITOR, {}, None)
    assert answer.json() == {"received": False, "answer": "ConnectError"}
    assert (await hub.world.get(f"{where}/deliveries", MONITOR, {})).json()["items"] == []


async def test_a_page_tries_a_receiver_of_ones_own(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One signed test event; another agency's subscription and a bad token are refused."""
    made = await hub.subscribe()
    page = (await hub.world.client.get("/forms/receiver")).text
    assert "<script" not in page
    given = {"webhook": made["webhook_id"]}
    for who, status in ((STRANGER, 404), (MONITOR, 200)):
        given["token"] = hub.world.token(who)["Authorization"].removeprefix("Bearer ")
        answer = await hub.world.client.post("/forms/receiver", data=given)
        assert answer.status_code == status
        assert given["token"] not in answer.text
    assert "has not taken it: ConnectError" in answer.text
    real = httpx.AsyncClient

    def client(**_: Any) -> httpx.AsyncClient:
        return real(transport=httpx.MockTransport(hub.receiver))

    monkeypatch.setattr("sharing_api.routes.receiver_page.httpx.AsyncClient", client)
    answer = await hub.world.client.post("/forms/receiver", data=given)
    assert "Your receiver has it: status 204." in answer.text
    (request,) = hub.receiver.accepted
    Webhook(made["secret"]).verify(request.content.decode(), dict(request.headers))
    for wrong, status in (({"token": "x"}, 401), ({"webhook": '"><b>'}, 422)):
        answer = await hub.world.client.post("/forms/receiver", data={**given, **wrong})
        assert answer.status_code == status
        assert "<b>" not in answer.text


async def test_the_outbox_takes_an_event_once_and_for_those_alone_who_want_it(hub: Hub) -> None:
    """In the caller's transaction: what is rolled back was never told."""
    answer = await hub.world.post(
        "/v1/webhooks", PARTNER, TAKING_PART, {"url": "https://a.example/", "events": ["notice.v1"]}
    )
    assert answer.status_code == 201
    await hub.subscribe()
    told = ("north-council", "notice.v1", "ntc_1", {"disclosure": "7"})
    async with hub.world.services.sessions.begin() as session:
        assert await in_session(session, outbox.enqueue, *told) == 1
        assert await in_session(session, outbox.enqueue, *told) == 0
        assert await in_session(session, outbox.enqueue, "elsewhere", *told[1:]) == 0
    async with hub.world.services.sessions() as session:
        assert await in_session(session, outbox.enqueue, *told[:2], "ntc_2", {}) == 1
        await session.rollback()
    where = f"/v1/webhooks/{answer.json()['webhook_id']}/deliveries"
    items = (await hub.world.get(where, PARTNER, {})).json()["items"]
    assert [each["event_id"] for each in items] == ["ntc_1"]
    async with hub.world.services.sessions.begin() as session:
        assert await in_session(session, outbox.enqueue, *told[:2], "ntc_3", {}) == 1
    more = await hub.world.get(where, PARTNER, {}, after=items[0]["delivery_id"])
    assert [each["event_id"] for each in more.json()["items"]] == ["ntc_3"]
    none = await hub.world.get(where, PARTNER, {}, after=f"dlv_{'a' * 26}")
    assert none.json()["items"] == []


async def test_a_stranger_cannot_subscribe_nor_see_another_agencys(hub: Hub) -> None:
    """The gate decides about the feed; a subscription is its agency's own."""
    made = await hub.subscribe()
    body = {"url": "https://a.example/"}
    refused = await hub.world.post("/v1/webhooks", STRANGER, TENSION, body)
    assert refused.status_code == 403
    where = f"/v1/webhooks/{made['webhook_id']}"
    assert (await hub.world.get(f"{where}/deliveries", STRANGER, {})).status_code == 404
    assert (await hub.world.get("/v1/webhooks", STRANGER, {})).json() == {"items": []}


async def test_a_paused_subscription_loses_nothing_and_a_new_secret_replaces_the_old(
    hub: Hub,
) -> None:
    """It goes on where it was."""
    made = await hub.subscribe()
    where = f"/v1/webhooks/{made['webhook_id']}"
    await hub.world.post(f"{where}/status/paused", MONITOR, {}, None)
    await hub.world.put("tension-signal.v1", signal("sig_1"))
    assert await hub.go() == 0
    await hub.world.post(f"{where}/status/active", MONITOR, {}, None)
    changed = (await hub.world.post(f"{where}/secret", MONITOR, {}, None)).json()
    assert await hub.go() == 1
    (request,) = hub.receiver.accepted
    Webhook(changed["secret"]).verify(request.content.decode(), dict(request.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(made["secret"]).verify(request.content.decode(), dict(request.headers))
    headers = hub.world.token(MONITOR)
    assert (await hub.world.client.delete(where, headers=headers)).status_code == 204
    assert (await hub.world.get(f"{where}/deliveries", MONITOR, {})).status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example/",
        "ftp://receiver.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/",
        "https://user:word@receiver.example/",
        "https://receiver.example:0/",
        "https:///nowhere",
        "https://receiver.example/\n",
        "nonsense",
    ],
)
def test_the_hub_posts_to_nothing_inside(url: str) -> None:
    """No address of its own network, no plain http, nothing that hides who it is."""
    with pytest.raises(AddressRefused, match="url: "):
        addresses.parsed(url, Rules())


async def test_a_name_is_judged_by_every_address_that_it_has() -> None:
    """A name that leads inside is refused when it is looked up, not when it is entered."""
    addresses.parsed("https://localhost/", Rules())
    with pytest.raises(AddressRefused):
        await addresses.resolved("https://localhost/", Rules())
    target = await addresses.resolved("https://localhost:8443/x?y=1", Rules(loopback=True))
    assert target.host == "localhost"
    assert target.url in {"https://127.0.0.1:8443/x?y=1", "https://[::1]:8443/x?y=1"}


def test_pauses_double_up_to_an_hour_and_differ() -> None:
    """Jitter lies in the upper half, so nobody is knocked at twice in a row at once."""
    chance = random.Random(1)
    pauses = [[pause(n, chance) for _ in range(50)] for n in range(1, 20)]
    assert all(timedelta(seconds=2.5) <= each for each in pauses[0])
    assert all(LONGEST_PAUSE / 2 <= each <= LONGEST_PAUSE for each in pauses[-1])
    assert len(set(pauses[5])) > 40
