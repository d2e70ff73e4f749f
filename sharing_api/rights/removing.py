"""Carrying an erasure out: retract at the source, wait until it has passed through, sweep, compact.

The retraction goes the way of every other: an empty message on the agency's topic, signed by the
hub, so that intake, linkage, repeats and recall act on it, and nothing brings the record back: a
retraction is final. What then still tells of it in the store is deleted, decisions about its links
on their topic as well, and the database file is rewritten.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, delete, or_, select

from schemas import envelope
from schemas.identifiers import stable_id
from schemas.sealing import SealError, details_aad
from schemas.topics import topic_for
from sharing_api.rights import erasures, reviews, schedule
from sharing_api.rights.compacting import compact
from sharing_api.services import Outgoing, Publisher, Services
from sharing_api.store.ledger import LedgerEntry
from sharing_api.store.link_tables import (
    EntityLossRow,
    LinkDecisionRow,
    LinkListingRow,
    LinkReviewRow,
)
from sharing_api.store.recall_tables import RecordChangeRow
from sharing_api.store.tables import IncidentRow, ReceiptRow, event_key
from sharing_api.store.upsert import in_session, table_of

log = structlog.get_logger(__name__)

AGAIN: Final = timedelta(minutes=10)
"""After how long a retraction that has not passed through is sent again."""
HOURLY: Final = timedelta(hours=1)
LATE: Final = timedelta(days=1)
"""How long what comes late is swept too."""
_REVIEWS_TOPIC: Final = "hub.link-review.v1"

Row = Mapping[Any, Any]


class Removing:
    """Carries out what is approved and due, a step at each look; every step can be repeated."""

    def __init__(self, services: Services) -> None:
        """Nothing is done before `once`."""
        self._services = services
        self._asked: dict[str, datetime] = {}
        self._scheduled_at: datetime | None = None

    async def run(self) -> None:
        """Look for ever, where this node is to."""
        seconds = self._services.settings.recall_seconds
        while seconds:
            try:
                await self.once(self._services.parts.clock())
            except Exception as error:  # noqa: BLE001 (ledger, key, store, broker, ours)
                log.warning("erasure.waiting", fault=type(error).__name__)
            await asyncio.sleep(seconds)

    async def once(self, now: datetime) -> None:
        """Take each erasure as far as it can go now. Raises whatever part is missing."""
        publisher = self._services.parts.publisher
        if publisher is None:
            return
        await self._by_schedule(now)
        async with self._services.sessions() as session:
            approved = await erasures.in_status(session, erasures.APPROVED)
            removing = await erasures.in_status(session, erasures.REMOVING)
            removed = await erasures.in_status(session, erasures.REMOVED)
        for row in approved:
            if row["not_before"] <= now:
                await self._begin(row, publisher, now)
        for row in removing:
            await self._go_on(row, publisher, now)
        for row in removed:
            if row["finished_at"] + LATE > now:
                await self._sweep_late(row)

    async def _by_schedule(self, now: datetime) -> None:
        """Once an hour ask for what the retention schedule calls automatic."""
        if self._scheduled_at is not None and now < self._scheduled_at + HOURLY:
            return
        self._scheduled_at = now
        rules = schedule.load(self._services.settings.retention_file)
        if any(rule.action == "automatic" for rule in rules):
            async with self._services.sessions.begin() as session:
                decode = self._services.reader.decode
                await reviews.by_schedule(session, decode, rules, now)

    async def _go_on(self, row: Row, publisher: Publisher, now: datetime) -> None:
        if await self._passed_through(row):
            await self._sweep(row, publisher, now)
        elif now > self._asked.get(row["erasure_id"], now - AGAIN * 2) + AGAIN:
            await self._retract(row, publisher, now)

    async def _begin(self, row: Row, publisher: Publisher, now: datetime) -> None:
        """The ledger first, then the retractions; a crash between them repeats both."""
        names: list[str] = json.loads(row["incident_ids"])
        await self._services.ledger.append(
            LedgerEntry(
                operation="erasure",
                actor=row["requested_by"],
                agency=row["agency"],
                purpose="erasure",
                record_ids=tuple(names),
                reasons=(row["origin"],),
                detail={"erasure": row["erasure_id"], "approved_by": row["approved_by"]},
                key=row["erasure_id"],
                at=now,
            )
        )
        await self._retract(row, publisher, now)
        key_id = self._services.parts.opener().key_id
        async with self._services.sessions.begin() as session:
            await in_session(session, erasures.begin, row["erasure_id"], key_id, now)

    async def _retract(self, row: Row, publisher: Publisher, now: datetime) -> None:
        """Ask intake, and again after a while: a suspended agency's events it does not take."""
        names: list[str] = json.loads(row["incident_ids"])
        async with self._services.sessions() as session:
            query = select(IncidentRow).where(IncidentRow.incident_id.in_(names))
            standing = list((await session.execute(query)).scalars())
        records = [self._decoded(each.message) for each in standing if not each.retracted]
        await publisher.publish([self._retraction(row, record, now) for record in records])
        self._asked[row["erasure_id"]] = now

    def _decoded(self, message: bytes) -> dict[str, Any]:
        return self._services.reader.decode("hub-incident.v1", message)

    def _retraction(self, row: Row, record: Mapping[str, Any], now: datetime) -> Outgoing:
        """An empty message under the agency's own reference, which the details hold."""
        opened = self._services.parts.opener().open(
            record["release_key_id"],
            record["release_wrapped_key"],
            record["details"],
            details_aad(record["incident_id"]),
        )
        reference = json.loads(opened)["reference"]
        if not isinstance(reference, str):
            raise SealError("the details hold no reference")
        headers = envelope.headers(
            id_=_event_id(row, record["incident_id"]),
            source=f"/agency/{record['agency']}",
            type_="incident.v1",
            time=now,
        )
        topic = topic_for("incident", record["agency"])
        return Outgoing(topic, reference.encode(), b"", headers)

    async def _passed_through(self, row: Row) -> bool:
        """Whether intake has retracted all of it, answered, and recall is done with what was."""
        names: list[str] = json.loads(row["incident_ids"])
        async with self._services.sessions() as session:
            query = select(IncidentRow).where(IncidentRow.incident_id.in_(names))
            standing = list((await session.execute(query)).scalars())
            if any(not each.retracted for each in standing):
                return False
            changes = table_of(RecordChangeRow)
            unsettled = select(changes.c.change_id).where(
                changes.c.incident_id.in_(names), changes.c.settled.is_(False)
            )
            return (await session.execute(unsettled.limit(1))).first() is None

    async def _sweep(self, row: Row, publisher: Publisher, now: datetime) -> None:
        names: list[str] = json.loads(row["incident_ids"])
        async with self._services.sessions() as session:
            keys = await in_session(session, _decision_keys, names)
        await publisher.publish([_tombstone(key, now) for key in keys])
        async with self._services.sessions.begin() as session:
            receipts = await in_session(session, self._receipts, row, names)
            await in_session(session, _delete, names, receipts)
        await compact(self._services.database)  # before it is called done: a crash repeats it
        async with self._services.sessions.begin() as session:
            await in_session(session, erasures.finish, row["erasure_id"], now)
        log.info("erasure.removed", incidents=len(names))

    async def _sweep_late(self, row: Row) -> None:
        """The receipt of the retraction itself may come after all else; it too names the record."""
        ours = [event_key(_event_id(row, name)) for name in json.loads(row["incident_ids"])]
        async with self._services.sessions.begin() as session:
            swept: Any = await session.execute(
                delete(ReceiptRow).where(ReceiptRow.event_id.in_(ours))
            )
        if swept.rowcount:
            await compact(self._services.database)

    def _receipts(self, connection: Connection, row: Row, names: Sequence[str]) -> list[str]:
        """Receipts of all that was ever sent about these incidents: they name the reference."""
        agencies = connection.execute(
            select(IncidentRow.agency).where(IncidentRow.incident_id.in_(names)).distinct()
        ).scalars()
        found = []
        for agency in list(agencies):
            query = select(ReceiptRow.receipt_id, ReceiptRow.message)
            for line in connection.execute(query.where(ReceiptRow.agency == agency)):
                receipt = self._services.reader.decode("receipt.v1", line.message)
                if receipt["incident_id"] in names:
                    found.append(line.receipt_id)
        ours = [event_key(_event_id(row, name)) for name in names]
        answered = select(ReceiptRow.receipt_id).where(ReceiptRow.event_id.in_(ours))
        return [*found, *connection.execute(answered).scalars()]


def _event_id(row: Row, incident_id: str) -> str:
    return stable_id("erv", row["erasure_id"], incident_id)


def _of(column: Any, names: Sequence[str]) -> Any:
    """Whether a mention is of one of these incidents."""
    return or_(*(column.like(f"{name}#%") for name in names))


def _decision_keys(connection: Connection, names: Sequence[str]) -> list[str]:
    """Keys on their topic of the decisions about links of these incidents."""
    query = (
        select(
            LinkReviewRow.left,
            LinkReviewRow.right,
            LinkDecisionRow.decided_at,
            LinkDecisionRow.by,
            LinkDecisionRow.decision_id,
        )
        .join(LinkReviewRow, LinkReviewRow.review_id == LinkDecisionRow.subject_id)
        .where(or_(_of(LinkReviewRow.left, names), _of(LinkReviewRow.right, names)))
    )
    found = []
    for line in connection.execute(query):
        moment = int(line.decided_at.timestamp() * 1000)
        pairs = ((line.left, line.right), (line.right, line.left))
        written = (f"{one}|{two}|{moment}|{line.by}" for one, two in pairs)
        found += [key for key in written if stable_id("dec", key) == line.decision_id]
    return found


def _delete(connection: Connection, names: Sequence[str], receipts: Sequence[str]) -> None:
    query = select(LinkReviewRow.review_id)
    reviews = list(
        connection.execute(
            query.where(or_(_of(LinkReviewRow.left, names), _of(LinkReviewRow.right, names)))
        ).scalars()
    )
    for table, column in (
        (LinkDecisionRow, LinkDecisionRow.subject_id),
        (LinkListingRow, LinkListingRow.review_id),
        (LinkReviewRow, LinkReviewRow.review_id),
    ):
        connection.execute(delete(table).where(column.in_(reviews)))
    connection.execute(delete(ReceiptRow).where(ReceiptRow.receipt_id.in_(receipts)))
    changes = table_of(RecordChangeRow)
    connection.execute(delete(changes).where(changes.c.incident_id.in_(names)))
    losses = table_of(EntityLossRow)
    lost = or_(*(losses.c.mentions.contains(f'"{name}#', autoescape=True) for name in names))
    connection.execute(delete(losses).where(lost, losses.c.settled.is_(True)))


def _tombstone(key: str, now: datetime) -> Outgoing:
    headers = envelope.headers(id_=key, source="/hub/erasure", type_="link-review.v1", time=now)
    return Outgoing(_REVIEWS_TOPIC, key.encode(), b"", headers)
