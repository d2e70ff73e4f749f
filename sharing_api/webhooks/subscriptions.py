"""Subscriptions as rows: who wants what posted where, and what the gate is asked with for them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update

from sharing_api.auth.requests import Stated
from sharing_api.release import Asker, Emergency
from sharing_api.store.upsert import insert_new, table_of
from sharing_api.webhooks.outbox import ACTIVE
from sharing_api.webhooks.rows import DeliveryRow, WebhookRow

FEED_EVENTS: Final = ("tension-signal.v1", "tension-level.v1")
OWN_EVENTS: Final = ("notice.v1",)
EVENTS: Final = (*FEED_EVENTS, *OWN_EVENTS)
PAUSED: Final = "paused"

_HOOKS = table_of(WebhookRow)
_OUT = table_of(DeliveryRow)


def create(
    connection: Connection,
    asker: Asker,
    stated: Stated,
    *,
    url: str,
    events: Sequence[str],
    signing: str,
    after: int,
    now: datetime,
) -> str:
    """A new subscription's id."""
    webhook_id = f"whk_{secrets.token_hex(12)}"
    terms: dict[str, Any] = {"purpose": stated.purpose, "justification": stated.justification}
    approver = stated.emergency.second_approver if stated.emergency else None
    row = {
        "webhook_id": webhook_id,
        "agency": asker.agency,
        "url": url,
        "events": json.dumps(sorted(set(events))),
        "signing": signing,
        "secret_version": 1,
        "asker": json.dumps(asdict(asker)),
        "stated": json.dumps({**terms, "second_approver": approver}),
        "status": ACTIVE,
        "created_at": now,
        "position": after,
    }
    insert_new(connection, WebhookRow, row)
    return webhook_id


def of_agency(connection: Connection, agency: str) -> list[Any]:
    """An agency's subscriptions in the order in which they were made."""
    query = select(_HOOKS).where(_HOOKS.c.agency == agency)
    return list(connection.execute(query.order_by(_HOOKS.c.created_at, _HOOKS.c.webhook_id)))


def one(connection: Connection, agency: str, webhook_id: str) -> Any | None:
    """A subscription of this agency, None if it has none of this id."""
    mine = (_HOOKS.c.agency == agency) & (_HOOKS.c.webhook_id == webhook_id)
    return connection.execute(select(_HOOKS).where(mine)).first()


def following(connection: Connection) -> list[Any]:
    """Active subscriptions to the feed of tension."""
    rows = connection.execute(select(_HOOKS).where(_HOOKS.c.status == ACTIVE))
    return [row for row in rows if set(FEED_EVENTS) & set(json.loads(row.events))]


def move(connection: Connection, webhook_id: str, before: int, after: int) -> bool:
    """Move a subscription's place in its feed; False if another node has moved it."""
    mine = (_HOOKS.c.webhook_id == webhook_id) & (_HOOKS.c.position == before)
    return bool(connection.execute(update(_HOOKS).where(mine).values(position=after)).rowcount)


def change(connection: Connection, webhook_id: str, values: Mapping[str, Any]) -> None:
    """Change status or secret version."""
    connection.execute(update(_HOOKS).where(_HOOKS.c.webhook_id == webhook_id).values(**values))


def end(connection: Connection, webhook_id: str) -> None:
    """Forget a subscription with everything that was to be delivered to it."""
    connection.execute(delete(_OUT).where(_OUT.c.webhook_id == webhook_id))
    connection.execute(delete(_HOOKS).where(_HOOKS.c.webhook_id == webhook_id))


def asks(row: Any) -> tuple[Asker, Stated]:
    """Who the gate is asked for, and with what."""
    known = json.loads(row.asker)
    asker = replace(Asker(**known), case_membership=tuple(known["case_membership"]))
    stated = json.loads(row.stated)
    approver = stated["second_approver"]
    return asker, Stated(
        stated["purpose"], stated["justification"], Emergency(approver) if approver else None
    )
