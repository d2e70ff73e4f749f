"""Intake of one message: read, authenticate, validate, apply the regime, then accept or reject."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from typing import Any, Final, Self, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from processors.intake import normalise, replies
from processors.intake.acceptance import Acceptance
from processors.intake.authenticate import Signatures, check_agency, check_claims
from processors.intake.decide import Standing
from processors.intake.inbound import Inbound, Outcome
from processors.intake.reading import LARGEST, Message, UnreadableError, event_id_of, key_of, read
from processors.intake.regimes import Regimes
from processors.intake.seal import Sealing
from schemas.encoding import encode
from schemas.envelope import parse
from schemas.identifiers import Pseudonyms
from schemas.keyring import Keyring
from schemas.records import Agency, Fault, Incident, TensionReport
from schemas.registry import RegistryError, SchemaIds
from schemas.topics import agency_of, record_of
from schemas.validation import validate_incident, validate_tension_report
from schemas.validation.text import is_reference

_LOG: Final = logging.getLogger(__name__)
_RECORDS: Final = {"incident.v1": "incident", "tension-report.v1": "tension-report"}
_WRONG_TOPIC: Final[Fault] = {
    "code": "wrong-topic",
    "path": "",
    "rule": "a topic on which agencies publish",
}


class Intake:
    """Takes in messages one by one. State: agencies' rows, and which version of what stands."""

    def __init__(
        self,
        *,
        schema_ids: SchemaIds,
        regimes: Regimes,
        pseudonyms: Pseudonyms,
        sealing: Sealing,
        hub_key: Ed25519PublicKey,
        agencies: dict[str, Agency] | None = None,
        max_event_bytes: int = LARGEST,
        districts: Mapping[str, str] | None = None,
    ) -> None:
        self.agencies: dict[str, Agency] = {} if agencies is None else agencies
        """Rows by agency id; whoever reads the agencies' topic keeps them up to date."""
        self._schema_ids = schema_ids
        self._regimes = regimes
        self._acceptance = Acceptance(pseudonyms, sealing)
        self._sealing = sealing
        self._signatures = Signatures(hub_key)
        self._largest = max_event_bytes
        self._districts = districts or {}

    @classmethod
    def from_keyring(
        cls,
        keyring: Keyring,
        schema_ids: SchemaIds,
        *,
        regimes: Regimes | None = None,
        max_event_bytes: int = LARGEST,
        districts: Mapping[str, str] | None = None,
    ) -> Self:
        """An intake with a hub's keys: public halves and secrets, no key that opens anything.

        `districts` are those of the hub's wards, by code. Raises KeyMissing.
        """
        sealing = Sealing(
            keyring.release_sealer(), keyring.linkage_sealer(), encode, keyring.encoding_secret
        )
        return cls(
            schema_ids=schema_ids,
            regimes=regimes or Regimes.shipped(),
            pseudonyms=keyring.pseudonyms,
            sealing=sealing,
            hub_key=keyring.signing_public,
            max_event_bytes=max_event_bytes,
            districts=districts,
        )

    @property
    def current(self) -> Mapping[str, Standing]:
        """What stands, by incident id or tension item id."""
        return self._acceptance.current

    def restore(self, topic: str, record: Mapping[str, Any]) -> None:
        """Learn from what was published earlier on `hub.incident.v1` or `hub.tension.v1`."""
        self._acceptance.restore(topic, record)

    def take(self, inbound: Inbound) -> Outcome:
        """Everything that the message leads to. Never raises, whatever the bytes.

        RegistryError alone passes: it says that the registry is away, so that the message must
        wait. An unexpected failure rejects the event as `internal-error` and keeps it as a dead
        letter; its log line names the place in the code and no value (a traceback could show one).
        """
        agency = agency_of(inbound.topic)
        try:
            return self._take(inbound, agency)
        except RegistryError:
            raise
        except UnreadableError as unreadable:
            return self._refused(inbound, agency, unreadable.fault)
        except Exception as error:  # noqa: BLE001 - a poison message never stops the stream
            last = traceback.extract_tb(error.__traceback__)[-1]
            _LOG.error(
                "intake failed at %s: %s in %s line %d",
                inbound.position,
                type(error).__name__,
                last.name,
                last.lineno or 0,
            )
            return self._refused(inbound, agency, replies.INTERNAL_ERROR)

    def _refused(self, inbound: Inbound, agency: str | None, fault: Fault) -> Outcome:
        """A receipt and a dead letter for a message that could not be processed."""
        event_id = event_id_of(inbound, parse(inbound.headers), None)
        record = _RECORDS.get(_record_name(inbound.topic), "unknown")
        receipt = replies.rejected(event_id, agency or "", record, key_of(inbound), [fault])
        letter = replies.dead_letter(inbound, agency, fault["code"], self._sealing)
        return Outcome(receipt, dead_letter=letter)

    def _take(self, inbound: Inbound, agency_id: str | None) -> Outcome:
        name = _record_name(inbound.topic)
        if name not in _RECORDS or agency_id is None:
            return self._refused(inbound, agency_id, _WRONG_TOPIC)
        row = self.agencies.get(agency_id)
        barred = check_agency(row)
        if barred is not None or row is None:
            return self._refused(inbound, agency_id, barred or replies.INTERNAL_ERROR)
        message = read(inbound, name, self._schema_ids, self._largest)
        faults = check_claims(message, agency_id)
        unsigned = self._signatures.check(message, row)
        if unsigned is not None:
            return _rejected(message, name, agency_id, [unsigned, *faults])
        if message.record is None:
            return self._tombstone(message, name, agency_id, faults)
        if name == "incident.v1":
            return self._incident(message, cast("Incident", message.record), row, faults)
        return self._report(message, cast("TensionReport", message.record), row, faults)

    def _tombstone(self, message: Message, name: str, agency: str, faults: list[Fault]) -> Outcome:
        """An empty value whose key is the reference that it retracts."""
        reference = key_of(message.inbound)
        if reference is None:
            rule = "the reference to retract, as the key of the message"
            faults.append({"code": "reference-form", "path": "reference", "rule": rule})
        if faults or reference is None:
            return _rejected(message, name, agency, faults)
        event_id = event_id_of(message.inbound, message.envelope, None)
        standing = self._acceptance.tombstone(message.inbound.topic, reference)
        accept = self._acceptance
        withdraw = accept.withdraw_incident if name == "incident.v1" else accept.withdraw_report
        return withdraw(event_id, agency, reference, standing)

    def _incident(
        self, message: Message, record: Incident, row: Agency, faults: list[Fault]
    ) -> Outcome:
        faults += validate_incident(record, now=message.inbound.received_at)
        regime, unsuitable = self._regimes.applied(record, row)
        if unsuitable is not None and not record["retracted"]:
            faults.append(unsuitable)
        if faults:
            return _rejected(message, "incident.v1", row["agency"], faults)
        standing = self._acceptance.standing(record, message.inbound.value or b"")
        if record["retracted"]:
            return self._acceptance.withdraw_incident(
                record["event_id"], record["agency"], record["reference"], standing
            )
        kept, notes = normalise.incident(record, row, regime, self._districts)
        return self._acceptance.incident(kept, standing, regime, notes)

    def _report(
        self, message: Message, record: TensionReport, row: Agency, faults: list[Fault]
    ) -> Outcome:
        faults += validate_tension_report(record, now=message.inbound.received_at)
        if faults:
            return _rejected(message, "tension-report.v1", row["agency"], faults)
        standing = self._acceptance.standing(record, message.inbound.value or b"")
        if record["retracted"]:
            return self._acceptance.withdraw_report(
                record["event_id"], record["agency"], record["reference"], standing
            )
        return self._acceptance.report(normalise.report(record, row), standing)


def _rejected(message: Message, name: str, agency: str, faults: list[Fault]) -> Outcome:
    record = message.record
    event_id = event_id_of(message.inbound, message.envelope, record)
    reference = key_of(message.inbound)
    if record is not None and is_reference(record["reference"]):
        reference = record["reference"]
    return Outcome(replies.rejected(event_id, agency, _RECORDS[name], reference, faults))


def _record_name(topic: str) -> str:
    try:
        return record_of(topic)
    except KeyError:
        return ""
