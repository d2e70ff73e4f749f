"""After intake nobody's name, address or number stands anywhere in clear.

Every identifying value of the county carries a marker. The same search that must find nothing is
shown to find the markers where they may be: in the agencies' own topics, and in the answer to
somebody whom an agreement permits.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from concord.askers import Client, Person
from concord.session import Message
from processors.log import Decoder, LogReader
from schemas.topics import agency_topics, hub_topics, topic_for
from tests.e2e.hubs import COORDINATOR, HOUSING, MONITOR, OFFICER, PARTNER, TEACHER, Peopled

pytestmark = pytest.mark.timeout(240)

AGENCY = "oakline-homes"
POISON = b"\x00ZzqPoisonous Zzqbytes\xff"
GARBLED = "ZzqGarbledvalue"
UNPERMITTED = (
    HOUSING,
    MONITOR,
    OFFICER,
    TEACHER,
    replace(COORDINATOR, purpose="curiosity"),
    replace(COORDINATOR, role="caretaker"),
    replace(COORDINATOR, agency_type="school"),
    replace(COORDINATOR, vetting="none"),
    PARTNER,
)


BEGINNING, BEGINNING_OF_NUMBER = 7, 9  # enough that chance does not make one in sealed bytes
ID = re.compile(rb"[a-z2-7]{26,}")
"""Ids and digests in base 32: of so many, chance does spell the beginning of a name in one."""


class Search:
    """Finds a marked value in any bytes, in whatever case."""

    def __init__(self, values: Iterable[str]) -> None:
        """Looks for every word of these values that carries a marker, and every phone number."""
        words = {word for value in values for word in re.findall(r"[\w@.-]+", value)}
        self._begins = {
            word.encode()[:BEGINNING].lower()
            for word in words
            if "zzq" in word[:3].casefold() and len(word) >= BEGINNING
        }
        self._numbers = {
            w.lstrip("0")[:BEGINNING_OF_NUMBER] for w in words if w.isdigit() and len(w) > 9
        }

    def hits(self, data: bytes) -> set[bytes]:
        """The marked values in the bytes, or their beginnings."""
        found = set(re.findall(rb"Zzq\w{5,}", data))
        apart = ID.sub(lambda run: b"-" * len(run[0]), data)
        for place in re.finditer(b"zzq", apart, re.IGNORECASE):
            word = apart[place.start() : place.start() + BEGINNING]
            found |= {word} if word.lower() in self._begins else set()
        for run in re.findall(rb"[0-9]{9,40}", data):
            number = run.decode().lstrip("0")[:BEGINNING_OF_NUMBER]
            found |= {run} if number in self._numbers else set()
        return found


@dataclass(frozen=True)
class Sealed:
    """The county after messages that go wrong, and what to look for."""

    county: Peopled
    search: Search
    rejected: str
    poisoned: int


def values_of(record: Any) -> Iterator[str]:
    """Every text in a record."""
    if isinstance(record, dict):
        for value in record.values():
            yield from values_of(value)
    elif isinstance(record, list):
        for value in record:
            yield from values_of(value)
    elif isinstance(record, str):
        yield record


@pytest.fixture(scope="module")
def sealed(county: Peopled) -> Sealed:
    """A rejected event and dead letters added, each full of markers."""
    event = _one(county)
    bad = {
        **event,
        "event_id": "evt-to-be-rejected",
        "reference": "OH/REJECTED/1",
        "kind": GARBLED,
        "incident_type": GARBLED,
        "narrative": "Zzqnarrative of Zzqsomebody",
    }
    good = county.session.message("incident.v1", {**bad, "kind": "incident"})
    topic = topic_for("incident", AGENCY)
    cut = county.session.message("incident.v1", {**event, "reference": "OH/CUT/1"})
    sent = [
        county.session.message("incident.v1", bad),
        Message(topic, b"OH/POISON/1", POISON, []),
        Message(topic, b"OH/POISON/2", POISON, [("ce_id", b"evt-poison"), ("note", b"ZzqHeader")]),
        Message(topic, cut.key, cut.value[: len(cut.value) // 2], []),
        Message(topic, good.key, good.value, [*good.headers[:-1], ("signature", b"ZzqForged")]),
    ]
    asyncio.run(_send(county, sent))
    values = [v for one in county.scenario.events for v in values_of(one.value)]
    values += [*values_of(bad), "ZzqPoisonous Zzqbytes ZzqHeader ZzqForged"]
    return Sealed(county, Search(values), bad["event_id"], 3)


def _one(county: Peopled) -> dict[str, Any]:
    """An incident of the agency with a named victim."""
    return next(
        event.value
        for event in county.scenario.events
        if event.record == "incident.v1"
        and event.value["agency"] == AGENCY
        and any(person["family_name"] for person in event.value["persons"])
    )


async def _send(county: Peopled, sent: list[Message]) -> None:
    before = len(await _receipts(county))
    await county.session.send(sent)
    async with asyncio.timeout(60):
        while len(await _receipts(county)) < before + len(sent):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await county.session.digested()


async def _receipts(county: Peopled) -> list[dict[str, Any]]:
    settings = county.hub.settings
    topic = topic_for("receipt", AGENCY)
    reader = LogReader(settings.connection, [topic], Decoder(settings.schema_ids()))
    found: list[dict[str, Any]] = []
    await reader.start()
    try:
        await reader.catch_up(lambda record: found.append(record.value or {}))
    finally:
        await reader.stop()
    return found


async def raw(county: Peopled, names: Iterable[str]) -> dict[str, list[bytes]]:
    """Every byte of topics: keys, values, header names and values, by topic."""
    found: dict[str, list[bytes]] = {name: [] for name in names}
    settings = county.hub.settings.connection
    consumer = AIOKafkaConsumer(
        **settings.client(), auto_offset_reset="earliest", enable_auto_commit=False
    )
    await consumer.start()
    try:
        partitions = []
        for name in found:
            await consumer.topics()
            partitions += [
                TopicPartition(name, number) for number in consumer.partitions_for_topic(name) or ()
            ]
        consumer.assign(partitions)
        idle = 0
        while idle < 5:
            batch = await consumer.getmany(timeout_ms=300)
            idle = 0 if batch else idle + 1
            for tp, got in batch.items():
                for m in got:
                    headers = [part for k, v in m.headers for part in (k.encode(), v or b"")]
                    found[tp.topic].append(b"\n".join([m.key or b"", m.value or b"", *headers]))
    finally:
        await consumer.stop()
    return found


def test_the_search_finds_what_is_in_clear(sealed: Sealed) -> None:
    """In the agencies' own topics the markers stand: the search can fail."""
    names = [t.name for a in sealed.county.session.onboarding for t in agency_topics(a)]
    there = asyncio.run(raw(sealed.county, [n for n in names if n.endswith("incident.v1")]))
    hits = set().union(*(sealed.search.hits(one) for got in there.values() for one in got))
    assert len(hits) > 200
    assert {b"ZzqPoisonous", b"Zzqbytes", GARBLED.encode()} <= hits


def test_no_hub_topic_holds_an_identity(sealed: Sealed) -> None:
    """Keys, values and headers of every topic of the hub, dead letters included."""
    there = asyncio.run(raw(sealed.county, [topic.name for topic in hub_topics()]))
    assert len(there["hub.incident.v1"]) >= 160
    assert there["hub.dead-letter.v1"]
    assert there["hub.entity.v1"]
    assert there["hub.alert.v1"]
    found = {name: set().union(*map(sealed.search.hits, got)) for name, got in there.items()}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_no_receipt_or_notice_holds_an_identity(sealed: Sealed) -> None:
    """A receipt names fields and rules, never values; a rejected event's neither."""
    names = [
        topic_for(kind, agency)
        for agency in sealed.county.session.onboarding
        for kind in ("receipt", "notice")
    ]
    there = asyncio.run(raw(sealed.county, names))
    found = {name: set().union(*map(sealed.search.hits, got)) for name, got in there.items()}
    assert {name: hits for name, hits in found.items() if hits} == {}
    rejected = [r for r in asyncio.run(_receipts(sealed.county)) if r["status"] == "rejected"]
    assert sealed.rejected in {receipt["event_id"] for receipt in rejected}
    assert len(rejected) >= 1 + sealed.poisoned


def test_no_file_of_the_hub_holds_an_identity(sealed: Sealed) -> None:
    """Database with its write-ahead log, logs, keys, state: every byte of the folder."""
    files = [path for path in sealed.county.hub.folder.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {"store.sqlite", "api.log", "worker-all.log", "broker.log"} <= names
    found = {path.name: sealed.search.hits(path.read_bytes()) for path in files}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_no_metric_holds_an_identity(sealed: Sealed) -> None:
    """Of workers and API."""
    hub = sealed.county.hub
    urls = [f"http://127.0.0.1:{port}/metrics" for port in hub.metrics_ports.values()]
    for url in [*urls, f"{sealed.county.url}/metrics"]:
        text = httpx.get(url).content
        assert b"concord_" in text
        assert sealed.search.hits(text) == set()


def answers(county: Peopled, client: Client) -> Iterator[bytes]:
    """Lists, details, counts, errors and the stream, with their headers, as one asker gets them."""
    outputs = asyncio.run(county.session.outputs())
    alerts, incidents = list(outputs.alerts)[:12], list(outputs.incidents)[:12]
    paths = ["alerts", "tension/signals", "tension/counts", "receipts", "ledger", "agreements"]
    paths += [f"alerts/{one}" for one in alerts] + [f"incidents/{one}" for one in incidents]
    paths += ["alerts/nothing", "incidents/nothing", "alerts?limit=0", "alerts?cursor=!", "nowhere"]
    paths += [f"receipts/{one}" for one in ("evt-to-be-rejected", "evt-poison", "nothing")]
    for path in paths:
        answer = client.get(f"/v1/{path}")
        assert answer.status_code < 500
        yield b"\n".join([answer.content, *(k + v for k, v in answer.headers.raw)])
    yield _streamed(client)


def _streamed(client: Client) -> bytes:
    """The first events of the signals' stream, or the refusal."""
    got = b""
    with client._http.stream("GET", "/v1/tension/signals/stream", timeout=2) as answer:
        if answer.status_code != 200:
            return answer.read()
        try:
            for chunk in answer.iter_bytes():
                got += chunk
        except httpx.ReadTimeout:
            pass
    return got


@pytest.mark.parametrize("person", UNPERMITTED, ids=lambda p: f"{p.role}-{p.purpose}-{p.vetting}")
def test_nobody_without_a_permitting_agreement_gets_an_identity(
    sealed: Sealed, person: Person
) -> None:
    """Whatever is asked, the body and the headers of the answer hold no marker."""
    client = sealed.county.client(person)
    try:
        for answer in answers(sealed.county, client):
            assert sealed.search.hits(answer) == set()
    finally:
        client.close()


def test_a_permitted_asker_gets_the_name(sealed: Sealed) -> None:
    """The same search finds it in the answer, where consent is recorded, and only there."""
    county, client = sealed.county, sealed.county.client(COORDINATOR)
    outputs = asyncio.run(county.session.outputs())
    named = 0
    for alert in outputs.alerts.values():
        answer = client.get(f"/v1/alerts/{alert['alert_id']}")
        hits = sealed.search.hits(answer.content)
        if "victim_name" in answer.json().get("fields", {}):
            named += bool(hits)
        else:
            assert hits == set()
    client.close()
    assert named > 0
