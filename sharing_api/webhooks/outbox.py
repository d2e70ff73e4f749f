"""The outbox: what is to be delivered, written in the transaction of what it tells about.

A delivery is named after its subscription and the event, so telling the same event twice writes
nothing the second time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, or_, select, update

from schemas.identifiers import stable_id
from sharing_api.store.upsert import draw, insert_new, table_of
from sharing_api.webhooks.rows import DeliveryRow, WebhookRow

ACTIVE: Final = "active"
PENDING, DELIVERED, DEAD = "pending", "delivered", "dead"
EVERY: Final = "*"

_HOOKS = table_of(WebhookRow)
_OUT = table_of(DeliveryRow)


def enqueue(
    connection: Connection,
    agency: str,
    event_type: str,
    event_id: str,
    data: Mapping[str, Any],
    *,
    now: datetime | None = None,
) -> int:
    """Tell an agency's subscriptions to this type of event; how many are told that were not before.

    Call it in the transaction that makes the event true. `event_type` is a CloudEvents type without
    its prefix, such as `notice.v1`; `event_id` names the event for ever; `data` is JSON that this
    agency may have: nothing after this looks at it again. A paused subscription is told when it
    goes on.
    """
    query = select(_HOOKS.c.webhook_id, _HOOKS.c.events).where(_HOOKS.c.agency == agency)
    told = 0
    for row in connection.execute(query.order_by(_HOOKS.c.webhook_id)).all():
        if {event_type, EVERY} & set(json.loads(row.events)):
            told += post(connection, row.webhook_id, event_type, event_id, data, now=now)
    return told


def post(
    connection: Connection,
    webhook_id: str,
    event_type: str,
    event_id: str,
    data: Mapping[str, Any],
    *,
    now: datetime | None = None,
) -> bool:
    """Put one event into one subscription's outbox; False if it was there."""
    moment = now or datetime.now(UTC)
    (place,) = draw(connection, 1)
    row = {
        "delivery_id": stable_id("dlv", webhook_id, event_type, event_id),
        "webhook_id": webhook_id,
        "ordinal": place,
        "event_type": event_type,
        "event_id": event_id,
        "data": json.dumps(data, sort_keys=True, separators=(",", ":")),
        "created_at": moment,
        "next_at": moment,
        "attempts": 0,
        "state": PENDING,
        "answer": None,
        "settled_at": None,
    }
    return insert_new(connection, DeliveryRow, row)


def due(connection: Connection, now: datetime, limit: int) -> list[Any]:
    """Deliveries whose moment has come, oldest first, with the subscription that each is for.

    Of each subscription only the oldest that is pending: events arrive in their order.
    """
    earlier = _OUT.alias()
    first = (
        select(earlier.c.ordinal)
        .where(earlier.c.webhook_id == _OUT.c.webhook_id, earlier.c.state == PENDING)
        .order_by(earlier.c.ordinal)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(_OUT, _HOOKS.c.url, _HOOKS.c.signing, _HOOKS.c.secret_version, _HOOKS.c.agency)
        .join(_HOOKS, _HOOKS.c.webhook_id == _OUT.c.webhook_id)
        .where(_OUT.c.state == PENDING, _OUT.c.next_at <= now, _HOOKS.c.status == ACTIVE)
        .where(_OUT.c.ordinal == first)
        .order_by(_OUT.c.next_at)
        .limit(limit)
    )
    return list(connection.execute(query).all())


def claim(connection: Connection, delivery_id: str, attempts: int, until: datetime) -> bool:
    """Take a delivery for oneself until a moment; False if another node has taken it.

    A node that dies holds it no longer than that.
    """
    mine = (_OUT.c.delivery_id == delivery_id) & (_OUT.c.state == PENDING)
    statement = update(_OUT).where(mine, _OUT.c.attempts == attempts)
    return bool(connection.execute(statement.values(attempts=attempts + 1, next_at=until)).rowcount)


def settle(connection: Connection, delivery_id: str, state: str, answer: str, at: datetime) -> None:
    """Record that it was delivered, or that it is given up."""
    values = {"state": state, "answer": answer, "settled_at": at}
    connection.execute(update(_OUT).where(_OUT.c.delivery_id == delivery_id).values(**values))


def postpone(connection: Connection, delivery_id: str, answer: str, until: datetime) -> None:
    """Record a failure and when to try again."""
    values = {"answer": answer, "next_at": until}
    connection.execute(update(_OUT).where(_OUT.c.delivery_id == delivery_id).values(**values))


def again(connection: Connection, webhook_id: str, delivery_id: str | None, now: datetime) -> int:
    """Deliver again: one delivery whatever its state, or all that were given up; how many."""
    mine = _OUT.c.webhook_id == webhook_id
    chosen = _OUT.c.delivery_id == delivery_id if delivery_id else or_(_OUT.c.state == DEAD)
    values = {
        "state": PENDING, "attempts": 0, "created_at": now, "next_at": now, "settled_at": None,
    }  # fmt: skip
    return connection.execute(update(_OUT).where(mine, chosen).values(**values)).rowcount


def deliveries(
    connection: Connection, webhook_id: str, *, state: str | None, after: str | None, limit: int
) -> Sequence[Any]:
    """A subscription's deliveries in their order, behind the one with this id.

    Nothing behind one that is not there, or that was cleared away. The order has no numbers that
    could be shown: the store's own counter counts what befalls others too.
    """
    query = select(_OUT).where(_OUT.c.webhook_id == webhook_id)
    if after is not None:
        mine = (_OUT.c.webhook_id == webhook_id) & (_OUT.c.delivery_id == after)
        query = query.where(_OUT.c.ordinal > select(_OUT.c.ordinal).where(mine).scalar_subquery())
    if state is not None:
        query = query.where(_OUT.c.state == state)
    return connection.execute(query.order_by(_OUT.c.ordinal).limit(limit)).all()
