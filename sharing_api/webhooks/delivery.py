"""Delivering: fills the outbox from the feeds, posts what is due, tries again, gives up after days.

All state is in rows, so a restart goes on where it was. A delivery that was received but whose
answer was lost is sent again under the same id: receivers keep the ids that they have had.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import httpx
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.exc import SQLAlchemyError

from schemas.identifiers import Pseudonyms
from schemas.keyring import KeyMissing
from schemas.shape import timestamp_text
from sharing_api.store.upsert import in_session
from sharing_api.webhooks import outbox, signing
from sharing_api.webhooks.addresses import AddressRefused, Rules, resolved

log = structlog.get_logger(__name__)

AT_ONCE: Final = 20
POST_SECONDS: Final = 10.0
HELD: Final = timedelta(seconds=60)
"""A delivery that a node took is nobody else's for so long."""
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(hours=1)
GIVEN_UP_AFTER: Final = timedelta(days=3)
MEDIA_TYPE: Final = "application/cloudevents+json"
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Means:
    """What delivering needs of the hub."""

    sessions: Any
    client: httpx.AsyncClient
    pseudonyms: Pseudonyms
    signer: Callable[[], Ed25519PrivateKey]
    clock: Callable[[], datetime]
    rules: Rules
    hub: str


def pause(attempts: int, chance: random.Random) -> timedelta:
    """Twice as long after each attempt, up to an hour, and somewhere in its upper half by chance.

    So receivers that went down together are not all knocked at in the same second.
    """
    whole: timedelta = min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)
    return whole * chance.uniform(0.5, 1.0)


def event(hub: str, delivery: Any) -> dict[str, Any]:
    """A delivery as CloudEvents 1.0, structured JSON; its source is the list that it stands in."""
    listed = "notices" if delivery.event_type.startswith("notice.") else "tension"
    return {
        "specversion": "1.0",
        "id": delivery.event_id,
        "source": f"{hub}/v1/{listed}",
        "type": f"uk.concord.{delivery.event_type}",
        "time": timestamp_text(delivery.created_at),
        "datacontenttype": "application/json",
        "data": json.loads(delivery.data),
    }


class Courier:
    """Posts deliveries; several may run on one store."""

    def __init__(self, means: Means) -> None:
        """Nothing is posted before `deliver`."""
        self._means = means
        self._chance = random.Random(secrets.randbits(64))  # noqa: S311 (spreads attempts in time)

    async def deliver(self) -> int:
        """Post everything that is due now; how many were received.

        Of each subscription one after another, subscriptions side by side.
        """
        received = 0
        while True:
            async with self._means.sessions() as session:
                found = await in_session(session, outbox.due, self._means.clock(), AT_ONCE)
            if not found:
                return received
            done = await asyncio.gather(*(self._one(each) for each in found))
            received += sum(done)

    async def _one(self, delivery: Any) -> bool:
        means, now = self._means, self._means.clock()
        async with means.sessions.begin() as session:
            taken = await in_session(
                session, outbox.claim, delivery.delivery_id, delivery.attempts, now + HELD
            )
        if not taken:
            return False
        answer, status = await self.post(delivery)
        at = means.clock()
        received = status is not None and 200 <= status < 300
        async with means.sessions.begin() as session:
            if received:
                state = outbox.DELIVERED
                await in_session(session, outbox.settle, delivery.delivery_id, state, answer, at)
            elif status == _GONE or at - delivery.created_at >= GIVEN_UP_AFTER:
                state = outbox.DEAD
                await in_session(session, outbox.settle, delivery.delivery_id, state, answer, at)
                log.warning("webhook.given_up", webhook=delivery.webhook_id, answer=answer)
            else:
                until = at + pause(delivery.attempts + 1, self._chance)
                await in_session(session, outbox.postpone, delivery.delivery_id, answer, until)
        return received

    async def post(self, delivery: Any) -> tuple[str, int | None]:
        """Post one delivery: what came of it in a word, and the status if there was an answer."""
        means = self._means
        body = json.dumps(event(means.hub, delivery), separators=(",", ":")).encode()
        try:
            target = await resolved(delivery.url, means.rules)
            signed = self._signed(delivery, body)
            answer = await means.client.post(
                target.url,
                content=body,
                headers={"Content-Type": MEDIA_TYPE, "Host": target.authority, **signed},
                extensions={"sni_hostname": target.host},
                timeout=POST_SECONDS,
                follow_redirects=False,
            )
        except AddressRefused as refused:
            return f"refused: {refused}", None
        except KeyMissing:
            return "the hub's signing key is missing", None
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            return type(error).__name__, None
        return f"status {answer.status_code}", answer.status_code

    def _signed(self, delivery: Any, body: bytes) -> dict[str, str]:
        means = self._means
        key: bytes | Ed25519PrivateKey
        if delivery.signing == signing.ED25519:
            key = means.signer()
        else:
            key = signing.secret(means.pseudonyms, delivery.webhook_id, delivery.secret_version)
        moment = int(means.clock().timestamp())
        return signing.headers(delivery.delivery_id, moment, body, key)


FAILURES: Final = (SQLAlchemyError, OSError)
