"""Setting a level and recording an outcome: an entry in the ledger first, then the topic."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from schemas import codec, envelope
from schemas.identifiers import stable_id
from schemas.records import TensionLevel
from sharing_api.problems import unavailable
from sharing_api.release import Asker, GateClosed
from sharing_api.services import Outgoing, PublisherAway, Services
from sharing_api.store.ledger import LedgerEntry, LedgerUnavailable

TOPIC: Final = "hub.tension-level.v1"
RECORD: Final = "tension-level.v1"


def pseudonym(services: Services, asker: Asker) -> str:
    """Who decided, as everybody may know it."""
    return services.parts.pseudonyms.pseudonym("tension-level", asker.subject)


def level_id(area: str, strand: str, moment: datetime, by: str) -> str:
    """Name a level after what it is of, when it was set and by whom."""
    return stable_id("lvl", area, strand, moment.isoformat(), by)


async def decide(services: Services, asker: Asker, record: TensionLevel) -> None:
    """Record and publish what the gate has permitted.

    Raises GateClosed without a ledger, Problem 503 without a broker.
    """
    if services.parts.publisher is None:
        raise unavailable("broker")
    detail = {"action": record["action"], "level": str(record["level"])}
    detail |= {"outcome": record["outcome"]} if record["outcome"] else {}
    entry = LedgerEntry(
        operation="alteration",
        actor=asker.subject,
        agency=asker.agency,
        purpose=record["purpose"],
        justification=record["reason"],
        record_ids=(record["level_id"],),
        detail=detail,
        at=record["decided_at"],
    )
    try:
        await services.ledger.append(entry)
    except LedgerUnavailable:
        raise GateClosed("ledger") from None
    try:
        await services.parts.publisher.publish([_message(services, record)])
    except PublisherAway:
        raise unavailable("broker") from None


def _message(services: Services, record: Any) -> Outgoing:
    milliseconds = int(record["decided_at"].timestamp() * 1000)
    key = f"{record['area']}|{record['strand']}|{milliseconds}|{record['by']}"
    framed = codec.frame(services.parts.schema_ids.id_of(RECORD), codec.encode(RECORD, record))
    raw = envelope.headers(id_=key, source="/hub/api", type_=RECORD, time=record["decided_at"])
    return Outgoing(TOPIC, key.encode(), framed, raw)
