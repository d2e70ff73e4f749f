"""From a person's decision to the topic: recorded in the ledger first, then signed and sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from schemas import codec, envelope
from schemas.records import FieldEvidence, LinkReview
from sharing_api.problems import Problem, unavailable
from sharing_api.release import Asker, GateClosed
from sharing_api.services import Outgoing, PublisherAway, Services
from sharing_api.store.ledger import LedgerEntry, LedgerUnavailable
from sharing_api.wording import Sentence

TOPIC = "hub.link-review.v1"
RECORD = "link-review.v1"


class Why(BaseModel):
    """The reason for a decision."""

    reason: Sentence = Field(
        description="Why, in a sentence without names. Kept with the decision and in the ledger."
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """What a decision is about, and what the person saw of it. `right` empty: it is no pair."""

    subject_id: str
    left: str
    right: str = ""
    weight: float = 0.0
    evidence: Sequence[Mapping[str, Any]] = ()


def pseudonym(services: Services, asker: Asker) -> str:
    """Who decided, as everybody may know it."""
    return services.parts.pseudonyms.pseudonym("link-review", asker.subject)


async def decide(
    services: Services,
    asker: Asker,
    purpose: str,
    why: Why,
    decision: str,
    seen: Seen,
    moment: datetime,
) -> None:
    """Record and publish a decision that the gate has permitted.

    Raises GateClosed without a ledger, Problem 503 without a broker: then the ledger says too
    much, never too little.
    """
    if services.parts.publisher is None:
        raise unavailable("broker")
    entry = LedgerEntry(
        operation="alteration",
        actor=asker.subject,
        agency=asker.agency,
        purpose=purpose,
        justification=why.reason,
        record_ids=tuple(name for name in (seen.subject_id, seen.left, seen.right) if name),
        detail={"decision": decision},
        at=moment,
    )
    try:
        await services.ledger.append(entry)
    except LedgerUnavailable:
        raise GateClosed("ledger") from None
    record = _record(asker, purpose, why, decision, seen, moment)
    record["by"] = pseudonym(services, asker)
    try:
        await services.parts.publisher.publish([_message(services, record)])
    except PublisherAway:
        raise unavailable("broker") from None


def _record(
    asker: Asker, purpose: str, why: Why, decision: str, seen: Seen, moment: datetime
) -> LinkReview:
    """The decision as it travels, but for who decided."""
    return LinkReview(
        left=seen.left,
        right=seen.right,
        decision=decision,
        by="",
        reason=why.reason,
        decided_at=moment,
        agency=asker.agency,
        purpose=purpose,
        weight=seen.weight,
        evidence=[
            FieldEvidence(field=each["field"], level=each["level"], weight=each["weight"])
            for each in seen.evidence
        ],
    )


def conflict(detail: str) -> Problem:
    """409: a decision stands already, or there is none to take back."""
    return Problem(409, "decided-already", detail)


def _message(services: Services, record: LinkReview) -> Outgoing:
    milliseconds = int(record["decided_at"].timestamp() * 1000)
    key = f"{record['left']}|{record['right']}|{milliseconds}|{record['by']}"
    framed = codec.frame(services.parts.schema_ids.id_of(RECORD), codec.encode(RECORD, record))
    raw = envelope.headers(id_=key, source="/hub/api", type_=RECORD, time=record["decided_at"])
    return Outgoing(TOPIC, key.encode(), framed, raw)
