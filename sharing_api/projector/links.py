"""Possible links and decisions into the store: what entities list now, and what people decided.

Topics arrive in any order among themselves: a decision may come before the pair is listed and after
it ceased to be. So what stands is worked out anew whenever either changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sharing_api import reviews
from sharing_api.projector import rows
from sharing_api.projector.messages import Change
from sharing_api.store import link_queries
from sharing_api.store.link_tables import LinkDecisionRow, LinkListingRow, LinkReviewRow
from sharing_api.store.upsert import chunks, draw, table_of, upsert

Latest = Mapping[str, Change]
_REVIEWS = table_of(LinkReviewRow)
_LISTINGS = table_of(LinkListingRow)


async def list_pairs(session: AsyncSession, latest: Latest) -> bool:
    """Take in which pairs these entities name; whether anything changed."""
    items: dict[str, dict[str, Any]] = {}
    wanted: set[tuple[str, str]] = set()
    for key, change in latest.items():
        if change.record is not None:
            for item in rows.review_items(change.record):  # type: ignore[arg-type]
                items[item["review_id"]] = item
                wanted.add((key, item["review_id"]))
    standing = await _listings(session, latest)
    if not wanted and not standing:
        return False
    new, gone = wanted - standing, standing - wanted
    for entity_id, review_id in sorted(gone):
        await session.execute(
            delete(_LISTINGS).where(
                _LISTINGS.c.entity_id == entity_id, _LISTINGS.c.review_id == review_id
            )
        )
    listed = [{"entity_id": entity, "review_id": review} for entity, review in sorted(new)]
    await upsert(session, LinkListingRow, listed)
    changed = await _write(session, items)
    await _settle(session, {review for _, review in new | gone})
    return bool(new or gone or changed)


async def decide(session: AsyncSession, latest: Latest) -> bool:
    """Take in decisions; whether there were any."""
    found = [(key, change.record) for key, change in latest.items() if change.record and change.key]
    decided = [rows.decision_row(record, key) for key, record in found if record["left"]]  # type: ignore[arg-type]
    await upsert(session, LinkDecisionRow, decided)
    pairs = {item["review_id"]: item for _, record in found for item in rows.decided_item(record)}  # type: ignore[arg-type]
    known = await _known(session, pairs)
    await _write(session, {key: item for key, item in pairs.items() if key not in known})
    await _settle(session, pairs)
    return bool(decided)


async def _listings(session: AsyncSession, entities: Iterable[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for some in chunks(entities):
        lines = await session.execute(select(_LISTINGS).where(_LISTINGS.c.entity_id.in_(some)))
        found.update((line.entity_id, line.review_id) for line in lines)
    return found


async def _known(session: AsyncSession, ids: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    columns = _REVIEWS.c
    for some in chunks(ids):
        query = select(columns.review_id, columns.band, columns.weight, columns.evidence)
        for line in await session.execute(query.where(columns.review_id.in_(some))):
            found[line.review_id] = (line.band, line.weight, line.evidence)
    return found


async def _write(session: AsyncSession, items: Mapping[str, dict[str, Any]]) -> bool:
    """Write pairs that are new or are seen otherwise now; place and decision stay as they were."""
    known = await _known(session, items)
    changed = [
        item
        for key, item in items.items()
        if known.get(key) != (item["band"], item["weight"], item["evidence"])
    ]
    fresh = sum(item["review_id"] not in known for item in changed)
    places = iter(await draw(session, fresh))
    values = [
        {
            **item,
            "ordinal": next(places) if item["review_id"] not in known else 0,
            "listed": False,
            "decision": "",
        }
        for item in changed
    ]
    added = [value for value in values if value["ordinal"]]
    await upsert(session, LinkReviewRow, added)
    for value in values:
        if not value["ordinal"]:
            seen = {name: value[name] for name in ("band", "weight", "evidence")}
            await session.execute(
                update(_REVIEWS).where(_REVIEWS.c.review_id == value["review_id"]).values(**seen)
            )
    return bool(changed)


async def _settle(session: AsyncSession, ids: Iterable[str]) -> None:
    """Work out anew what stands for these pairs; forget those that nobody lists or decided."""
    for some in chunks(sorted(ids)):
        lines = await session.execute(
            select(_LISTINGS.c.review_id).where(_LISTINGS.c.review_id.in_(some))
        )
        listed = {line.review_id for line in lines}
        decided = await link_queries.decisions(session, some)
        for key in some:
            if key not in listed and key not in decided:
                await session.execute(delete(_REVIEWS).where(_REVIEWS.c.review_id == key))
                continue
            stands = reviews.standing(decided.get(key, ()))
            await session.execute(
                update(_REVIEWS)
                .where(_REVIEWS.c.review_id == key)
                .values(listed=key in listed, decision=stands)
            )
