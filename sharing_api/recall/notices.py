"""Notices in the store: written once for each recipient, record and fact; then their history.

Every function writes within the caller's transaction. A row says how things stand, the history
says how they came to be so. What is to be told goes into the outbox of the recipient's webhooks in
the same transaction; `sending` puts it on the recipient's topic.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, select, update

from schemas import shape
from schemas.identifiers import Pseudonyms, stable_id
from sharing_api.recall.facts import Due
from sharing_api.recall.message import RECORD, named, telling_id, told
from sharing_api.store.recall_tables import NoticeEventRow, NoticeRow
from sharing_api.store.upsert import draw, insert_new, table_of
from sharing_api.webhooks import outbox

OPEN: Final = "open"
ACKNOWLEDGED: Final = "acknowledged"
DONE: Final = ("deleted", "corrected", "stopped", "held-nothing", "disputed")
"""What a recipient can say that it did."""
TIMES: Final[Mapping[str, timedelta]] = {
    "delete": timedelta(days=5),
    "stop-use": timedelta(days=5),
    "correct": timedelta(days=14),
}
"""How long a recipient has, by what it is asked to do."""
REMINDED_EVERY: Final = timedelta(days=7)
HUB: Final = "hub/recall"

_NOTICES = table_of(NoticeRow)
_EVENTS = table_of(NoticeEventRow)
_KEYS: Final = {"incident": "incident_id", "alert": "alert_id", "link-review": "review_id"}


def known_as(due: Due, pseudonyms: Pseudonyms) -> str | None:
    """The id by which the recipient knows the record; None where it was given none."""
    treatment = due.treatments.get(_KEYS.get(due.kind, ""))
    if treatment == "release":
        return due.record_id
    return pseudonyms.pseudonym(due.agency, due.record_id) if treatment == "pseudonymise" else None


def keep(
    connection: Connection, found: Iterable[Due], pseudonyms: Pseudonyms, now: datetime
) -> int:
    """Write notices that are not there, extend those that name too little; how many were new."""
    fresh = 0
    for due in found:
        standing = connection.execute(
            select(_NOTICES.c.fields, _NOTICES.c.sequences).where(
                _NOTICES.c.notice_id == due.notice_id
            )
        ).first()
        if standing is None:
            fresh += _issue(connection, due, known_as(due, pseudonyms), now)
        else:
            _extend(connection, due, standing, now)
    return fresh


def _issue(connection: Connection, due: Due, name: str | None, now: datetime) -> bool:
    (ordinal,) = draw(connection, 1)
    by = now + TIMES[due.action]
    row = {
        "notice_id": due.notice_id,
        "ordinal": ordinal,
        "agency": due.agency,
        "record_id": due.record_id,
        "record_kind": due.kind,
        "known_as": name,
        "fact": due.fact.kind,
        "source": due.fact.source,
        "action": due.action,
        "fields": json.dumps(sorted(due.fields)),
        "sequences": json.dumps(sorted(due.sequences)),
        "issued_at": now,
        "acknowledge_by": by,
        "remind_at": by,
        "reminders": 0,
        "wanted": 1,
        "sent": 0,
        "status": OPEN,
        "done": None,
        "acknowledged_by": None,
        "acknowledged_at": None,
    }
    new = insert_new(connection, NoticeRow, row)
    if new:
        note(connection, due.notice_id, "issued", now)
        _post(connection, due.notice_id, now)
    return new


def _extend(connection: Connection, due: Due, standing: Any, now: datetime) -> None:
    """A disclosure that was on its way when the notice was written joins it."""
    fields, sequences = set(json.loads(standing.fields)), set(json.loads(standing.sequences))
    if due.fields <= fields and due.sequences <= sequences:
        return
    number = connection.execute(
        update(_NOTICES)
        .where(_NOTICES.c.notice_id == due.notice_id)
        .values(
            fields=json.dumps(sorted(fields | due.fields)),
            sequences=json.dumps(sorted(sequences | due.sequences)),
            wanted=_NOTICES.c.wanted + 1,
        )
        .returning(_NOTICES.c.wanted)
    ).scalar_one()
    note(connection, due.notice_id, "extended", now, detail=str(number))
    _post(connection, due.notice_id, now)


def acknowledge(connection: Connection, notice_id: str, done: str, by: str, now: datetime) -> bool:
    """Note what the recipient did; False if that was said before."""
    changed = connection.execute(
        update(_NOTICES)
        .where(_NOTICES.c.notice_id == notice_id, _NOTICES.c.status == OPEN)
        .values(status=ACKNOWLEDGED, done=done, acknowledged_by=by, acknowledged_at=now)
    )
    if changed.rowcount:
        note(connection, notice_id, "acknowledged", now, by=by, detail=done)
    return bool(changed.rowcount)


def remind(connection: Connection, notice_id: str, now: datetime, by: str = HUB) -> int | None:
    """Have an open notice sent again with the next number; None if it is not open."""
    number = connection.execute(
        update(_NOTICES)
        .where(_NOTICES.c.notice_id == notice_id, _NOTICES.c.status == OPEN)
        .values(
            reminders=_NOTICES.c.reminders + 1,
            wanted=_NOTICES.c.wanted + 1,
            remind_at=now + REMINDED_EVERY,
        )
        .returning(_NOTICES.c.reminders)
    ).scalar()
    if number is not None:
        note(connection, notice_id, "reminded", now, by=by, detail=str(number))
        _post(connection, notice_id, now)
    return number


def overdue(connection: Connection, now: datetime) -> list[str]:
    """Open notices whose recipient is to be reminded."""
    query = select(_NOTICES.c.notice_id).where(
        _NOTICES.c.status == OPEN, _NOTICES.c.remind_at <= now
    )
    return list(connection.execute(query).scalars())


def _post(connection: Connection, notice_id: str, now: datetime) -> None:
    """Tell the recipient's webhooks; the same telling twice is one delivery."""
    row = (
        connection.execute(select(_NOTICES).where(_NOTICES.c.notice_id == notice_id))
        .mappings()
        .one()
    )
    data = shape.to_json(RECORD, {**told(*named(connection, [row]))})
    outbox.enqueue(connection, row["agency"], RECORD, telling_id(row), data, now=now)


def note(
    connection: Connection,
    notice_id: str,
    event: str,
    now: datetime,
    *,
    by: str = HUB,
    detail: str = "",
) -> None:
    """Add to the history."""
    row = {"notice_id": notice_id, "at": now, "event": event, "by": by, "detail": detail}
    name = stable_id("nev", notice_id, event, detail, now.isoformat())
    connection.execute(insert(_EVENTS).values(event_id=name, **row))
