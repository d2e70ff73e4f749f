"""What routes ask of the tables about links; each question is one statement a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from schemas.identifiers import stable_id
from sharing_api.reviews import Decision, in_order
from sharing_api.store.link_tables import LinkDecisionRow, LinkListingRow, LinkReviewRow
from sharing_api.store.queries import Stored
from sharing_api.store.tables import EntityRow
from sharing_api.store.upsert import chunks, in_session, table_of

_FIRST: Final = "exc_"
_BEYOND: Final = "exc`"


@dataclass(frozen=True, slots=True)
class Review:
    """A pair as the store holds it, and what was decided, oldest first.

    `entity_ids` are the persons to which its mentions belong now, and those that list it.
    """

    review_id: str
    left: str
    right: str
    band: str
    weight: float
    evidence: Sequence[Mapping[str, Any]]
    listed: bool
    decision: str
    entity_ids: tuple[str, ...]
    decisions: tuple[Decision, ...]


async def review(session: AsyncSession, review_id: str) -> Review | None:
    """One pair; None if nothing lists it and nobody decided about it."""
    table = table_of(LinkReviewRow)
    found = await session.execute(select(table).where(table.c.review_id == review_id))
    return next(iter(await _filled(session, found.mappings().all())), None)


async def reviews(session: AsyncSession, *, after: str | None, limit: int) -> list[Review]:
    """Pairs in the order in which they first came, beginning after the one with id `after`."""
    table = table_of(LinkReviewRow)
    query = select(table).where(or_(table.c.listed, table.c.decision != ""))
    if after is not None:
        place = select(table.c.ordinal).where(table.c.review_id == after).scalar_subquery()
        query = query.where(table.c.ordinal > place)
    found = await session.execute(query.order_by(table.c.ordinal).limit(limit))
    return await _filled(session, found.mappings().all())


async def places(session: AsyncSession, mentions: Iterable[str]) -> dict[str, str]:
    """The entity in which each mention is now; empty where it is in none.

    The id that a mention would give its entity is that entity's, or leads to it.
    """
    own = {mention: own_id(mention) for mention in mentions}
    found: dict[str, str] = {}
    for some in chunks(sorted(set(own.values()))):
        query = select(EntityRow.entity_id, EntityRow.status, EntityRow.heir)
        for line in await session.execute(query.where(EntityRow.entity_id.in_(some))):
            lives = {"live": line.entity_id, "absorbed": line.heir or ""}
            found[line.entity_id] = lives.get(line.status, "")
    return {mention: found.get(name, "") for mention, name in own.items()}


def own_id(mention: str) -> str:
    """The id that a mention gives an entity of which it is the founder."""
    return stable_id("ent", mention)


async def exclusion(session: AsyncSession, entity_id: str) -> Stored | None:
    """One value that is left out or restored."""
    found = await session.execute(_excluded().where(EntityRow.entity_id == entity_id))
    line = found.first()
    return None if line is None else Stored(line.entity_id, 0, line.message)


async def exclusions(session: AsyncSession, *, after: str | None, limit: int) -> list[Stored]:
    """Values that are left out or restored, by id, beginning after `after`."""
    query = _excluded().where(EntityRow.entity_id > (after or _FIRST))
    found = await session.execute(query.order_by(EntityRow.entity_id).limit(limit))
    return [Stored(line.entity_id, 0, line.message) for line in found]


def _excluded() -> Select[str, bytes]:
    """All of them have ids that begin alike, so that the key finds them among all entities."""
    ids, states = EntityRow.entity_id, EntityRow.status
    query = select(ids, EntityRow.message).where(ids >= _FIRST, ids < _BEYOND)
    return query.where(EntityRow.kind == "value", states.in_(("excluded", "restored")))


async def decisions(
    session: AsyncSession, subject_ids: Iterable[str]
) -> dict[str, tuple[Decision, ...]]:
    """Decisions by what they are about, oldest first."""
    return await in_session(session, decided, subject_ids)


def decided(connection: Connection, subject_ids: Iterable[str]) -> dict[str, tuple[Decision, ...]]:
    """The same for the projector."""
    table = table_of(LinkDecisionRow)
    found: dict[str, list[Decision]] = {}
    for some in chunks(sorted(set(subject_ids))):
        lines = connection.execute(select(table).where(table.c.subject_id.in_(some)))
        for line in lines:
            found.setdefault(line.subject_id, []).append(
                Decision(
                    line.decision,
                    line.by,
                    line.agency,
                    line.purpose,
                    line.reason,
                    line.decided_at,
                )
            )
    return {key: tuple(in_order(listed)) for key, listed in found.items()}


async def _filled(session: AsyncSession, rows: Sequence[Mapping[Any, Any]]) -> list[Review]:
    ids = [row["review_id"] for row in rows]
    entities: dict[str, list[str]] = {}
    table = table_of(LinkListingRow)
    for some in chunks(ids):
        for line in await session.execute(select(table).where(table.c.review_id.in_(some))):
            entities.setdefault(line.review_id, []).append(line.entity_id)
    pairs = {row["review_id"]: (row["left"], row["right"]) for row in rows}
    where = await places(session, {mention for pair in pairs.values() for mention in pair})
    for key, pair in pairs.items():
        entities.setdefault(key, []).extend(where[each] for each in pair if where[each])
    known = await decisions(session, ids)
    return [
        Review(
            review_id=row["review_id"],
            left=row["left"],
            right=row["right"],
            band=row["band"],
            weight=row["weight"],
            evidence=json.loads(row["evidence"]),
            listed=row["listed"],
            decision=row["decision"],
            entity_ids=tuple(sorted(set(entities[row["review_id"]]))),
            decisions=known.get(row["review_id"], ()),
        )
        for row in rows
    ]
