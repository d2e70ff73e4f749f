"""After an erasure and a compaction nothing of a person is left, and copies do not open.

On Apache Kafka and PostgreSQL: every byte of every file of the broker, the database, its
write-ahead log and the hub is searched for the person in clear, for the tokens made of them, and
for the sealed bytes themselves. Nothing is left out; holes in sparse files are zeros. What linkage
keeps for a restart is searched as well, after opening it with the hub's own keys.
"""

from __future__ import annotations

import asyncio
import errno
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiokafka import AIOKafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType

from concord.askers import Client, Person
from concord.session import Session
from concord.stack.local import LocalHub
from concord.stack.resealing import destroy, rotate
from processors.linkage.engine.keeping import kept
from processors.linkage.recovery import FILE
from schemas.sealing import SealError, encoding_aad, identity_aad
from schemas.topics import agency_topics, hub_topics, topic_for
from tests.real.hub import COORDINATOR, SPLIT, RealHub, incident, settings_of, stack_in
from tests.real.postgres import RealPostgres
from tests.real.registry import RealRegistry
from tests.real.stack import RealStack

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(900)]

REFERENCES = ("ZzqRef-881-A", "ZzqRef-882-B", "ZzqRef-883-C")
CLEAR = ("Zzqwilhelmina", "Zzqhollander", "900733", "zzqmail", "ZzqRef-88", "Zzqstreet")
OFFICER = Person("officer", "hub", "operator", "hub-governance-officer", "erasure")
SECOND = replace(OFFICER, agency="hub-two")
SMALL = {
    "segment.ms": "500",
    "min.cleanable.dirty.ratio": "0.001",
    "max.compaction.lag.ms": "500",
    "min.compaction.lag.ms": "0",
    "delete.retention.ms": "0",
    "file.delete.delay.ms": "500",
}


def person() -> dict[str, Any]:
    """Somebody whose every value carries a marker."""
    return {
        "role": "victim",
        "category": "victim",
        "basis": "fact",
        "given_names": "Zzqwilhelmina",
        "family_name": "Zzqhollander",
        "date_of_birth": "1979-05-02",
        "sex": "female",
        "address": {"house": "3", "street": "Zzqstreet", "postcode": "CX25 8QQ"},
        "phones": ["07700 900733"],
        "emails": ["w@zzqmail.example.net"],
    }


@pytest.fixture
def stack(
    tmp_path: Path, real_registry: RealRegistry, real_postgres: RealPostgres
) -> Iterator[RealStack]:
    """A broker and a database of this test's own: their files are searched."""
    with stack_in(tmp_path / "stack", real_registry, real_postgres) as made:
        yield made


async def published(hub: RealHub) -> dict[str, Mapping[str, Any]]:
    """Three incidents of the person at two agencies, one of somebody else; what the log holds."""
    police, council = await hub.agency("police", "police"), await hub.agency("council")
    owners = (police, council, police)
    events = [
        incident(owner, reference, persons=[person()])
        for owner, reference in zip(owners, REFERENCES, strict=True)
    ]
    events.append(incident(police, "OTHER-1"))
    session = hub.session
    await session.send([session.message("incident.v1", event) for event in events])
    await session.receipts(len(events))
    await session.digested()
    held = await hub.records("hub.incident.v1")
    return {name: record for name, record in held.items() if record["persons"]}


def asked(hub: RealHub, who: Person, path: str, body: Any = None) -> dict[str, Any]:
    """Ask or tell the API; gives the fields of the answer."""
    client = Client(hub.local.settings.public_url, who)
    try:
        answer = client.get(path) if body is None else client._http.post(path, json=body)
    finally:
        client.close()
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def until(done: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        await asyncio.sleep(1)


def counted(stack: RealStack) -> None:
    """Let the database count values of columns, and write what is in memory: it would by itself."""
    url = stack.database_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")
        connection.execute("CHECKPOINT")


async def erased(hub: RealHub, incident_ids: list[str]) -> list[str]:
    """Asked for by one officer, approved by another, carried out; what is left, as it is told."""
    wish = {"incident_ids": incident_ids, "reason": "Asked for by the person", "wait_hours": 0}
    made = await asyncio.to_thread(asked, hub, OFFICER, "/v1/erasures", wish)
    path = f"/v1/erasures/{made['fields']['erasure_id']}"
    await asyncio.to_thread(asked, hub, SECOND, f"{path}/approval", {})

    def removed() -> bool:
        return bool(asked(hub, OFFICER, path)["fields"]["status"] == "removed")

    await until(removed, 120, "the erasure")
    told: list[str] = asked(hub, OFFICER, path)["fields"]["remaining"]
    return told


async def compacted(hub: RealHub) -> None:
    """Small segments, all of them cleaned or expired, as time would do it by itself."""
    agencies = list(hub.session.onboarding)
    expiring = [each.name for one in agencies for each in agency_topics(one)]
    compact = [each for each in hub_topics() if each.cleanup == "compact"]
    admin = hub.kafka.admin()
    try:
        resources = [ConfigResource(ConfigResourceType.TOPIC, t.name, SMALL) for t in compact]
        expired = {"retention.ms": "1000", "segment.ms": "500", "file.delete.delay.ms": "500"}
        resources += [ConfigResource(ConfigResourceType.TOPIC, name, expired) for name in expiring]
        admin.alter_configs(resources, incremental=True)
    finally:
        admin.close()
    producer = AIOKafkaProducer(**hub.kafka.client())
    await producer.start()
    try:
        for _ in range(4):
            await asyncio.sleep(1.2)
            for topic in compact:
                for partition in range(topic.partitions):
                    await producer.send_and_wait(
                        topic.name, None, key=b"filler", partition=partition
                    )
    finally:
        await producer.stop()


def traces(record: Mapping[str, Any], encoding: bytes) -> dict[str, bytes]:
    """Bytes by which the person could be found: token of the place, of the person, and sealed."""
    found = {"place token": bytes(record["place_token"] or b"")}
    found["details"] = bytes(record["details"])[:24]
    for each in record["persons"]:
        found["identity"] = bytes(each["identity"])[:24]
        found["encoding, sealed"] = bytes(each["encoding"])[:24]
    for at in range(0, len(encoding) - 16, 16):
        if len(set(encoding[at : at + 16])) > 8:  # zeros are nobody's token
            found[f"encoding at {at}"] = encoding[at : at + 16]
    return {name: needle for name, needle in found.items() if len(needle) >= 8}


def holding(folders: Mapping[str, Path], needles: Mapping[str, bytes]) -> list[str]:
    """Where any of these stands: file and what was found."""
    found = []
    for name, folder in folders.items():
        for file in sorted(folder.rglob("*")):
            try:
                held = content(file) if file.is_file() else b""
            except FileNotFoundError:  # gone between listing and reading
                continue
            where = file.relative_to(folder)
            found += [f"{name}: {where}: {what}" for what, n in needles.items() if n in held]
    return found


def content(file: Path) -> bytes:
    """All that a file holds; of a hole, which reads as zeros, one zero."""
    held = []
    with file.open("rb", buffering=0) as opened:
        end = os.fstat(opened.fileno()).st_size
        at = 0
        while at < end:
            try:
                begin = os.lseek(opened.fileno(), at, os.SEEK_DATA)
            except OSError as error:
                if error.errno != errno.ENXIO:  # no data behind: a hole to the end
                    raise
                break
            at = os.lseek(opened.fileno(), begin, os.SEEK_HOLE)
            held.append(os.pread(opened.fileno(), at - begin, begin))
    return b"\0".join(held)


def remembered(hub: LocalHub, needles: Mapping[str, bytes]) -> list[str]:
    """What of this linkage keeps for a restart; nothing if it has not kept anything yet."""
    ring = hub.settings.keyring
    try:
        pieces = kept(hub.folder / "linkage" / FILE, ring.linkage_opener(), ring.log_secret)
        clear = b"".join(pieces)
    except FileNotFoundError:
        return []
    return [name for name, needle in needles.items() if needle in clear]


async def test_an_erased_person_is_nowhere_and_copies_do_not_open(
    stack: RealStack, real_postgres: RealPostgres
) -> None:
    """Found before in topics, database and by keys; afterwards nowhere, and by no key."""
    folder = stack.folder / "hub"
    folders = {
        "broker": stack.kafka.folder,
        "database": real_postgres.folder,
        "hub": folder,
    }
    values = {**settings_of(stack), "linkage_memory_seconds": "2"}
    with LocalHub(values, folder=folder, workers=SPLIT) as local:
        hub = RealHub(stack, local, Session(local))
        copies = await published(hub)
        assert len(copies) == 3
        linkage = local.settings.keyring.linkage_opener()
        needles = {name: name.encode() for name in CLEAR}
        for name, record in copies.items():
            sealed = record["persons"][0]["encoding"]
            keys = (record["linkage_key_id"], record["linkage_wrapped_key"])
            opened = linkage.open(*keys, sealed, encoding_aad(name, 0))
            needles |= {f"{name} {k}": v for k, v in traces(record, opened).items()}
        counted(stack)
        before = holding(folders, needles)
        for place in (
            "broker: data/hub.incident.v1",
            "database: data/base",
            "database: data/pg_wal",
        ):
            assert any(each.startswith(place) and "identity" in each for each in before), place
        assert [one for one in before if "data/base" in one and "ZzqRef" in one]
        await until(lambda: bool(remembered(local, needles)), 60, "what linkage keeps")
        council = next(iter(a for a in hub.session.onboarding if a.startswith("council")))
        coordinator = replace(COORDINATOR, agency=council)
        alerts = await asyncio.to_thread(asked, hub, coordinator, "/v1/alerts")
        assert alerts["items"]
        left = await erased(hub, sorted(copies))
        assert not [one for one in left if "PostgreSQL" in one]
        assert holding({"database": folders["database"]}, needles) == []
        notices = await hub.records(topic_for("notice", council))
        assert "retraction" in {each["fact"] for each in notices.values()}
        await hub.session.digested()
        await until(lambda: not remembered(local, needles), 60, "what linkage keeps, renewed")
        await compacted(hub)
    await rotate(local.settings)
    with LocalHub({**values, **ports(local)}, folder=folder, workers=SPLIT) as again:
        await Session(again).digested()
        assert await destroy(again.settings) == ["release-1", "linkage-1"]
        await compacted(RealHub(stack, again, hub.session))
    stack.kafka.stop()
    stack.kafka.start()

    def clean() -> bool:
        return not holding({"broker": folders["broker"]}, needles)

    try:
        await until(clean, 240, "compaction")
    except TimeoutError:
        assert holding(folders, needles) == []
    assert holding(folders, needles) == []
    assert remembered(again, needles) == []
    opener = again.settings.keyring.release_opener()
    for name, record in copies.items():
        with pytest.raises(SealError):
            opener.open(
                record["release_key_id"],
                record["release_wrapped_key"],
                record["persons"][0]["identity"],
                identity_aad(name, 0),
            )


def ports(local: LocalHub) -> dict[str, Any]:
    """The same address as before."""
    return {"api_port": local.settings.api_port}
