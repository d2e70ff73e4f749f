"""Replacing the keys that open: new keys, everything that stands sealed again, the old destroyed.

It needs both private keys for a while and so runs where an operator is, with workers and API
stopped; what a straggler publishes in between is found and put right by looking again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import select

from concord.settings import Settings
from processors.log import Decoder, LogReader, LogRecord
from processors.publisher import Publisher
from schemas import codec, retired
from schemas.identifiers import stable_id
from schemas.keyring import Keyring
from schemas.resealing import Resealing
from sharing_api.store.engine import make_engine
from sharing_api.store.tables import IncidentRow

INCIDENTS: Final = "hub.incident.v1"
ITEMS: Final = "hub.tension.v1"
_LOOKS: Final = 5
_BATCH: Final = 500


class StillNeeded(Exception):
    """Something that stands was not sealed again yet."""


@dataclass(slots=True)
class Counts:
    """What was sealed again."""

    incidents: int = 0
    items: int = 0


@dataclass(slots=True)
class _Standing:
    """The greatest version of a record, and whether it is the last one on the log."""

    topic: str
    record: Mapping[str, Any]
    last: bool = True


async def rotate(settings: Settings, *, resume: bool = False) -> Counts:
    """Make new keys and seal everything that stands to them. Raises SealError, StillNeeded."""
    folder = settings.keyring.folder
    if not resume:
        for name in retired.NAMES:
            retired.replace(folder, name)
    ring, counts = Keyring(folder), Counts()
    sealing = Resealing(
        ring.release_opener(), ring.linkage_opener(), ring.release_sealer(), ring.linkage_sealer()
    )
    publisher = Publisher(settings.connection, settings.schema_ids(), ring, "/hub/keys")
    await publisher.start()
    try:
        for _ in range(_LOOKS):
            due = [one for one in await _standing(settings) if not one.last or _old(one, ring)]
            if not due:
                return counts
            for number, one in enumerate(due, 1):
                await _publish(publisher, sealing, one, ring, counts)
                if number % _BATCH == 0:
                    await publisher.flush()
            await publisher.flush()
    finally:
        await publisher.stop()
    raise StillNeeded("records keep coming: stop the workers, then `concord keys rotate --resume`")


async def destroy(settings: Settings) -> list[str]:
    """Destroy replaced keys and say so in the audit log; their ids. Raises StillNeeded."""
    ring = settings.keyring
    held = [one for one in await _standing(settings) if _old(one, ring)]
    if held:
        raise StillNeeded(f"{len(held)} records on the log need an old key: concord keys rotate")
    stale = await _stored(settings, ring)
    if stale:
        raise StillNeeded(f"{stale} incidents in the store need an old key: let it catch up")
    gone = [key for name in retired.NAMES for key in retired.destroy(ring.folder, name)]
    if gone:
        await _say(settings, ring, gone)
    return gone


async def _publish(
    publisher: Publisher, sealing: Resealing, one: _Standing, ring: Keyring, counts: Counts
) -> None:
    record = one.record
    if one.topic == INCIDENTS:
        counts.incidents += 1
        fresh = sealing.incident(record) if _old(one, ring) else dict(record)
        await publisher.send(one.topic, str(record["incident_id"]), fresh)
    else:
        counts.items += 1
        fresh = sealing.item(record) if _old(one, ring) else dict(record)
        await publisher.send(one.topic, str(record["item_id"]), fresh)


async def _standing(settings: Settings) -> list[_Standing]:
    found: dict[tuple[str, str], _Standing] = {}

    def take(record: LogRecord) -> None:
        key = (record.topic, record.key)
        if record.value is None:
            found.pop(key, None)
            return
        known = found.get(key)
        if known is None or _rank(record.value) >= _rank(known.record):
            found[key] = _Standing(record.topic, record.value)
        else:
            known.last = False

    decoder = Decoder(settings.schema_ids())
    secret = settings.keyring.log_secret
    reader = LogReader(settings.connection, (INCIDENTS, ITEMS), decoder, secret)
    await reader.start()
    try:
        await reader.catch_up(take)
    finally:
        await reader.stop()
    return list(found.values())


def _rank(record: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(record[name] for name in ("retracted", "version", "recorded_at", "content_digest"))


def _old(one: _Standing, ring: Keyring) -> bool:
    """Whether a record is sealed to a key that is not the one in use."""
    record = one.record
    keys = {record["release_key_id"]}
    if one.topic == INCIDENTS and any(each["encoding"] for each in record["persons"]):
        keys.add(record["linkage_key_id"])
    current = {retired.key_id(ring.folder, name) for name in retired.NAMES}
    return bool({key for key in keys if key} - current)


async def _stored(settings: Settings, ring: Keyring) -> int:
    current, count = retired.key_id(ring.folder, "release"), 0
    decoder = Decoder(settings.schema_ids())
    engine = make_engine(settings.store_url)
    try:
        async with engine.connect() as connection:
            for message in (await connection.execute(select(IncidentRow.message))).scalars():
                record = decoder(INCIDENTS, message) or {}
                count += record.get("release_key_id") not in {"", current}
    finally:
        await engine.dispose()
    return count


async def _say(settings: Settings, ring: Keyring, gone: list[str]) -> None:
    publisher = Publisher(settings.connection, settings.schema_ids(), ring, "/hub/keys")
    entry = codec.complete(
        "audit.v1",
        {
            "audit_id": stable_id("aud", "keys-destroyed", *gone),
            "operation": "erasure",
            "at": datetime.now(UTC),
            "actor": "hub/keys",
            "subject_ids": [],
            "detail": {"keys_destroyed": ", ".join(gone)},
        },
    )
    await publisher.start()
    try:
        await publisher.send("hub.audit.v1", entry["audit_id"], entry)
        await publisher.flush()
    finally:
        await publisher.stop()
