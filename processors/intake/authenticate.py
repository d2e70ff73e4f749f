"""Who sent this? The topic says so, and nothing in the message may say otherwise.

On a secured broker only the agency itself, and the hub for those who publish over HTTP, can
write to an agency's topic. A signature that is present must verify; an agency's row can require
one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from processors.intake.inbound import Inbound
from processors.intake.reading import Message, key_of
from schemas import envelope
from schemas.keyring import HUB_KEY_ID
from schemas.records import Agency, AgencyKey, Fault

_SOURCE: Final = "/agency/"


def check_agency(agency: Agency | None) -> Fault | None:
    """The fault of a topic whose agency may not publish: unknown to the hub, or suspended."""
    if agency is None:
        return _fault("agency-unknown", "agency", "an agency that is registered with this hub")
    if agency["status"] != "active":
        return _fault("agency-suspended", "agency", "an agency that is not suspended")
    return None


def check_claims(message: Message, agency: str) -> list[Fault]:
    """Faults where the message names another agency, event or reference than it should.

    A CloudEvents source that is not of the form /agency/<id> is the sender's own affair.
    """
    faults: list[Fault] = []
    source = message.envelope.source or ""
    if source.startswith(_SOURCE) and source != f"{_SOURCE}{agency}":
        rule = "/agency/ and the id of the agency whose topic this is"
        faults.append(_fault("agency-mismatch", "ce_source", rule))
    record = message.record
    if record is None:
        return faults
    if record["agency"] != agency:
        rule = "the id of the agency whose topic this is"
        faults.append(_fault("agency-mismatch", "agency", rule))
    if message.envelope.id is not None and message.envelope.id != record["event_id"]:
        rule = "the same as header ce_id, where there is one"
        faults.append(_fault("event-id-mismatch", "event_id", rule))
    if message.inbound.key is not None and key_of(message.inbound) != record["reference"]:
        rule = "the same as the message key, where there is one"
        faults.append(_fault("key-mismatch", "reference", rule))
    return faults


class Signatures:
    """Checks signatures against the keys of agencies' rows, and against the hub's own."""

    def __init__(self, hub_key: Ed25519PublicKey) -> None:
        self._hub_key = hub_key
        self._loaded: dict[bytes, Ed25519PublicKey] = {}

    def check(self, message: Message, agency: Agency) -> Fault | None:
        """The fault of a missing or wrong signature.

        A rotated key verifies what the log received before it was rotated out. What the hub
        signs, it publishes on behalf of the agency whose token it was shown over HTTP.
        """
        inbound, parsed = message.inbound, message.envelope
        if parsed.signature is None:
            if agency["signature"] != "required" and parsed.key_id is None:
                return None
            rule = "an Ed25519 signature by one of the agency's keys"
            return _fault("signature-missing", "", rule)
        if parsed.key_id == HUB_KEY_ID:
            return self._verify(self._hub_key, inbound)
        key = _key(agency, parsed.key_id)
        if key is None:
            rule = "header concord_key_id names one of the agency's keys"
            return _fault("signature-key-unknown", "", rule)
        if not _valid(key, inbound.received_at):
            rule = "a key that was valid when the hub received the message"
            return _fault("signature-key-expired", "", rule)
        return self._verify(self._public(key["public_key"]), inbound)

    def _public(self, raw: bytes) -> Ed25519PublicKey:
        public = self._loaded.get(raw)
        if public is None:
            public = self._loaded[raw] = Ed25519PublicKey.from_public_bytes(raw)
        return public

    @staticmethod
    def _verify(public: Ed25519PublicKey, inbound: Inbound) -> Fault | None:
        value = inbound.value if inbound.value is not None else b""
        if envelope.verify(public, inbound.topic, inbound.key, inbound.headers, value):
            return None
        rule = "a signature over this topic, key, headers and value"
        return _fault("signature-invalid", "", rule)


def _key(agency: Agency, key_id: str | None) -> AgencyKey | None:
    return next((key for key in agency["keys"] if key["key_id"] == key_id), None)


def _valid(key: AgencyKey, at: datetime) -> bool:
    return key["valid_from"] <= at and (key["valid_to"] is None or at < key["valid_to"])


def _fault(code: str, path: str, rule: str) -> Fault:
    return {"code": code, "path": path, "rule": rule}
