"""The whole pipeline without a broker: the processors' own cores, message by message, one process.

What it ends in is what a hub must end in, whatever the order, the batches and the interruptions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from concord.agencies import new_row
from concord.scenario import Event, Scenario
from processors.intake.inbound import Inbound, Outcome
from processors.intake.intake import Intake
from processors.linkage.agent import LinkageCore
from processors.log import LogRecord
from processors.reconciler import Core
from processors.repeats.agent import RepeatsCore
from processors.repeats.rules import load as repeats_rules
from processors.tension.agent import TensionCore
from processors.tension.rules import load as tension_rules
from schemas import codec, envelope
from schemas.keyring import Keyring
from schemas.registry import ShippedSchemaIds
from schemas.topics import topic_for

_KINDS = {"incident.v1": "incident", "tension-report.v1": "tension"}
_LONG_AGO = datetime(2019, 1, 1, tzinfo=UTC)
_NOW = datetime(2026, 7, 2, tzinfo=UTC)

Standing = dict[str, dict[str, bytes]]
"""Live entities, standing alerts and signals, encoded, by kind and id."""


class WholeCore:
    """Intake, linkage, repeats and tension in one."""

    def __init__(self, keyring: Keyring, scenario: Scenario) -> None:
        """Nothing is taken in yet; the scenario's agencies are known."""
        self._ids = ShippedSchemaIds()
        self._intake = Intake.from_keyring(keyring, self._ids)
        for agency in scenario.agencies:
            row = new_row(agency.id, agency.name, agency.type, _some_key(agency.id), _LONG_AGO)
            self._intake.agencies[agency.id] = row
        self._linkage: Core = LinkageCore.from_keyring(keyring)
        self._repeats: Core = RepeatsCore(repeats_rules(None))
        self._tension: Core = TensionCore(tension_rules(None))
        self.entities: dict[str, Mapping[str, Any]] = {}
        self.alerts: dict[str, Mapping[str, Any]] = {}
        self.signals: dict[str, Mapping[str, Any]] = {}
        self.receipts: dict[tuple[str, str], Mapping[str, Any]] = {}

    def take(self, event: Event) -> Outcome:
        """Take one message as its agency would send it, and everything that follows from it."""
        outcome = self._intake.take(self._inbound(event))
        receipt: Any = outcome.receipt
        self.receipts[receipt["agency"], receipt["event_id"]] = receipt
        if outcome.incident is not None:
            self._linkage.apply(_record("hub.incident.v1", outcome.incident))
            self._tension.apply(_record("hub.incident.v1", outcome.incident))
        if outcome.tension_item is not None:
            self._tension.apply(_record("hub.tension.v1", outcome.tension_item))
        return outcome

    def pass_on(self) -> None:
        """Let linkage, repeats and tension publish what has changed."""
        for entity in self._linkage.changes():
            self.entities[entity["entity_id"]] = entity
            self._repeats.apply(_record("hub.entity.v1", entity, entity["entity_id"]))
        for alert in self._repeats.changes():
            self.alerts[alert["alert_id"]] = alert
        for signal in self._tension.changes():
            self.signals[signal["signal_id"]] = signal

    def tick(self, as_of: datetime) -> None:
        """Pass time."""
        for core in (self._repeats, self._tension):
            core.apply(_record("hub.tick.v1", {"as_of": as_of}))
        self.pass_on()

    def standing(self) -> Standing:
        """What stands, byte for byte."""
        return standing(self.entities.values(), self.alerts.values(), self.signals.values())

    def _inbound(self, event: Event) -> Inbound:
        value = event.value
        agency = value["agency"]
        framed = codec.frame(self._ids.id_of(event.record), codec.encode(event.record, value))
        headers = envelope.headers(
            id_=value["event_id"],
            source=f"/agency/{agency}",
            type_=event.record,
            time=value["recorded_at"],
        )
        topic = topic_for(_KINDS[event.record], agency)
        return Inbound(topic, 0, 0, value["reference"].encode(), framed, headers, _NOW)


def standing(
    entities: Iterable[Mapping[str, Any]],
    alerts: Iterable[Mapping[str, Any]],
    signals: Iterable[Mapping[str, Any]],
) -> Standing:
    """Encode what stands: what is absorbed, cleared, superseded or quiet is history, not state."""
    return {
        "entities": {
            one["entity_id"]: codec.encode("entity.v1", one)
            for one in entities
            if one["status"] == "live"
        },
        "alerts": {
            one["alert_id"]: codec.encode("alert.v1", one)
            for one in alerts
            if one["status"] in {"raised", "lapsed"}
        },
        "signals": {
            one["signal_id"]: codec.encode("tension-signal.v1", one)
            for one in signals
            if one["status"] != "quiet"
        },
    }


def run(
    keyring: Keyring, scenario: Scenario, events: Iterable[Event], as_of: datetime, batch: int = 1
) -> WholeCore:
    """Run events through a whole core in their order, passing on after every `batch`."""
    core = WholeCore(keyring, scenario)
    for number, event in enumerate(events, 1):
        core.take(event)
        if number % batch == 0:
            core.pass_on()
    core.tick(as_of)
    return core


def _record(topic: str, value: Any, key: str = "") -> LogRecord:
    return LogRecord(topic, 0, 0, key, value, _NOW)


def _some_key(agency: str) -> Any:
    public = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    return {"key_id": agency, "public_key": public, "valid_from": _LONG_AGO, "valid_to": None}
