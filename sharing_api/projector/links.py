"""Possible links and decisions into the store: what entities list now, and what people decided.

Topics arrive in any order among themselves: a decision may come before the pair is listed and after
it ceased to be. So what stands is worked out anew whenever either changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, select, update

from sharing_api import reviews
from sharing_api.projector import rows
from sharing_api.projector.messages import Change
from sharing_api.store import link_queries
from sharing_api.store.link_tables import LinkDecisionRow, LinkListingRow, LinkReviewRow
from sharing_api.store.upsert import chunks, draw, table_of, upsert

Latest = Mapping[str, Change]
_REVIEWS = table_of(LinkReviewRow)
_LISTINGS = table_of(LinkListingRow)


def list_pairs(connection: Connection, latest: Latest) -> bool:
    """Take in which pairs these entities name; whether anything changed."""
    items: dict[str, dict[str, Any]] = {}
    wanted: set[tuple[str, str]] = set()
    for key, change in latest.items():
        if change.record is not None:
            for item in rows.review_items(change.record):  # type: ignore[arg-type]
                items[item["review_id"]] = item
                wanted.add((key, item["review_id"]))
    standing = _listings(connection, latest)
    if not wanted and not standing:
        return False
    new, gone = wanted - standing, standing - wanted
    for entity_id, review_id in sorted(gone):
        connection.execute(
            delete(_LISTINGS).where(
                _LISTINGS.c.entity_id == entity_id, _LISTINGS.c.review_id == review_id
            )
        )
    listed = [{"entity_id": entity, "review_id": review} for entity, review in sorted(new)]
    upsert(connection, LinkListingRow, listed)
    changed = _write(connection, items)
    _settle(connection, {review for _, review in new | gone})
    return bool(new or gone or changed)


def decide(connection: Connection, latest: Latest) -> bool:
    """Take in decisions; whether there were any."""
    found = [(key, change.record) for key, change in latest.items() if change.record and change.key]
    decided = [rows.decision_row(record, key) for key, record in found if record["left"]]  # type: ignore[arg-type]
    upsert(connection, LinkDecisionRow, decided)
    pairs = {item["review_id"]: item for _, record in found for item in rows.decided_item(record)}  # type: ignore[arg-type]
    known = _known(connection, pairs)
    _write(connection, {key: item for key, item in pairs.items() if key not in known})
    _settle(connection, pairs)
    return bool(decided)


def _listings(connection: Connection, entities: Iterable[str]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for some in chunks(entities):
        lines = connection.execute(select(_LISTINGS).where(_LISTINGS.c.entity_id.in_(some)))
        found.update((line.entity_id, line.review_id) for line in lines)
    return found


def _known(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    columns = _REVIEWS.c
    for some in chunks(ids):
        query = select(columns.review_id, columns.band, columns.weight, columns.evidence)
        for line in connection.execute(query.where(columns.review_id.in_(some))):
            found[line.review_id] = (line.band, line.weight, line.evidence)
    return found


def _write(connection: Connection, items: Mapping[str, dict[str, Any]]) -> bool:
    """Write pairs that are new or are seen otherwise now; place and decision stay as they were."""
    known = _known(connection, items)
    changed = [
        item
        for key, item in items.items()
        if known.get(key) != (item["band"], item["weight"], item["evidence"])
    ]
    fresh = sum(item["review_id"] not in known for item in changed)
    places = iter(draw(connection, fresh))
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
    upsert(connection, LinkReviewRow, added)
    for value in values:
        if not value["ordinal"]:
            seen = {name: value[name] for name in ("band", "weight", "evidence")}
            connection.execute(
                update(_REVIEWS).where(_REVIEWS.c.review_id == value["review_id"]).values(**seen)
            )
    return bool(changed)


def _settle(connection: Connection, ids: Iterable[str]) -> None:
    """Work out anew what stands for these pairs; forget those that nobody lists or decided."""
    for some in chunks(sorted(ids)):
        lines = connection.execute(
            select(_LISTINGS.c.review_id).where(_LISTINGS.c.review_id.in_(some))
        )
        listed = {line.review_id for line in lines}
        decided = link_queries.decided(connection, some)
        for key in some:
            if key not in listed and key not in decided:
                connection.execute(delete(_REVIEWS).where(_REVIEWS.c.review_id == key))
                continue
            stands = reviews.standing(decided.get(key, ()))
            connection.execute(
                update(_REVIEWS)
                .where(_REVIEWS.c.review_id == key)
                .values(listed=key in listed, decision=stands)
            )
