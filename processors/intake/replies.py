"""What goes back to the sender, to operators and to the ledger about one message."""

from __future__ import annotations

from typing import Final

from processors.intake.decide import Standing
from processors.intake.inbound import Inbound
from processors.intake.reading import event_id_of
from processors.intake.seal import Sealing
from schemas.envelope import parse
from schemas.identifiers import receipt_id, stable_id
from schemas.records import AuditEntry, DeadLetter, Fault, Receipt

KEPT: Final = 64 * 1024
"""Bytes of an unreadable message that are kept for an operator, sealed."""
ACTOR: Final = "intake"

INTERNAL_ERROR: Final[Fault] = {
    "code": "internal-error",
    "path": "",
    "rule": "the hub failed on this event and has kept it, sealed, for an operator",
}


def accepted(
    event_id: str, agency: str, record: str, reference: str, notes: list[Fault], hub_id: str
) -> Receipt:
    """The receipt of an accepted event; notes say what its recording regime left out."""
    return {
        "receipt_id": receipt_id(agency, event_id),
        "event_id": event_id,
        "agency": agency,
        "reference": reference,
        "record": record,
        "status": "accepted",
        "faults": notes,
        "incident_id": hub_id,
    }


def rejected(
    event_id: str, agency: str, record: str, reference: str | None, faults: list[Fault]
) -> Receipt:
    """The receipt of a rejected event, with every reason."""
    return {
        "receipt_id": receipt_id(agency, event_id),
        "event_id": event_id,
        "agency": agency,
        "reference": reference,
        "record": record,
        "status": "rejected",
        "faults": faults,
        "incident_id": None,
    }


def dead_letter(inbound: Inbound, agency: str | None, reason: str, sealing: Sealing) -> DeadLetter:
    """What an operator needs of a message that could not be processed.

    The payload opens with the release key, bound to `details_aad` of the letter's event id.
    """
    value = inbound.value or b""
    event_id = event_id_of(inbound, parse(inbound.headers), None)
    sealed = sealing.bytes_of(event_id, value[:KEPT])
    return {
        "event_id": event_id,
        "agency": agency,
        "source": inbound.position,
        "reason": reason,
        "size": len(value),
        "release_key_id": sealed.key_id,
        "release_wrapped_key": sealed.wrapped_key,
        "payload": sealed.data,
    }


def audit(record: str, hub_id: str, agency: str, standing: Standing) -> AuditEntry:
    """The operation that an accepted event is (DPA 2018 s.62).

    A first version is a collection, a later one an alteration, a retraction an erasure. It
    depends on the event alone, and so does its id: redelivery adds no entry.
    """
    if standing.retracted:
        operation = "erasure"
    else:
        operation = "collection" if standing.version == 1 else "alteration"
    return {
        "audit_id": stable_id("aud", operation, hub_id, standing.digest.hex()),
        "operation": operation,
        "at": None,
        "actor": ACTOR,
        "subject_ids": [hub_id],
        "detail": {"agency": agency, "record": record, "version": str(standing.version)},
    }
