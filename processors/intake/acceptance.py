"""What an accepted event leads to, given what stands: the one place of intake that has state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from processors.intake import hub_records, replies, tension_items
from processors.intake.decide import Decision, Standing, decide, standing_of
from processors.intake.inbound import Outcome
from processors.intake.places import place_token
from processors.intake.regimes import Regime
from processors.intake.seal import Sealing
from schemas.identifiers import Pseudonyms
from schemas.records import Fault, Incident, TensionReport


class Acceptance:
    """Accepts events in canonical form.

    An event that stands already (redelivered after a crash, say) gives its audit entry again,
    which is equal byte for byte, but not its sealed incident or report.
    """

    def __init__(self, pseudonyms: Pseudonyms, sealing: Sealing) -> None:
        self.current: dict[str, Standing] = {}
        """What stands, by incident id or tension item id."""
        self._pseudonyms = pseudonyms
        self._sealing = sealing

    def restore(self, topic: str, record: Mapping[str, Any]) -> None:
        """Learn from what was published earlier on `hub.incident.v1` or `hub.tension.v1`.

        Items of incidents, which earlier versions of the hub wrote, have no standing of their own.
        """
        if topic == "hub.tension.v1" and record["source"] != "report":
            return
        key = record["incident_id" if topic == "hub.incident.v1" else "item_id"]
        standing = standing_of(record)
        if decide(self.current.get(key), standing) is Decision.NEW:
            self.current[key] = standing

    def standing(self, record: Incident | TensionReport, body: bytes) -> Standing:
        """How an event compares with others of its reference. `body` is its bytes."""
        return Standing(
            retracted=record["retracted"],
            version=record["version"],
            recorded_at=record["recorded_at"],
            digest=self._pseudonyms.digest(body),
        )

    def tombstone(self, topic: str, reference: str) -> Standing:
        """How the retraction of a reference by an empty message compares with others."""
        return Standing(
            retracted=True,
            version=0,
            recorded_at=hub_records.NEVER,
            digest=self._pseudonyms.digest(f"tombstone|{topic}|{reference}".encode()),
        )

    def incident(
        self, record: Incident, standing: Standing, regime: Regime, notes: list[Fault]
    ) -> Outcome:
        """Accept an incident in canonical form, recorded under `regime`."""
        agency, reference = record["agency"], record["reference"]
        incident_id = self._pseudonyms.incident_id(agency, reference)
        receipt = replies.accepted(
            record["event_id"], agency, "incident", reference, notes, incident_id
        )
        decision = decide(self.current.get(incident_id), standing)
        if decision is Decision.STALE:
            return Outcome(receipt)
        audit = [replies.audit("incident", incident_id, agency, standing)]
        if decision is Decision.REPEATED:
            return Outcome(receipt, audit=audit)
        sealed = self._sealing.incident(incident_id, record, regime)
        token = place_token(record["location"], self._pseudonyms)
        hub = hub_records.accepted(incident_id, record, standing, regime, token, sealed)
        self.current[incident_id] = standing
        return Outcome(receipt, hub, None, audit)

    def report(self, record: TensionReport, standing: Standing) -> Outcome:
        """Accept a tension report in canonical form."""
        agency, reference = record["agency"], record["reference"]
        item_id = self._pseudonyms.item_id(agency, reference)
        receipt = replies.accepted(
            record["event_id"], agency, "tension-report", reference, [], item_id
        )
        decision = decide(self.current.get(item_id), standing)
        if decision is Decision.STALE:
            return Outcome(receipt)
        audit = [replies.audit("tension-report", item_id, agency, standing)]
        if decision is Decision.REPEATED:
            return Outcome(receipt, audit=audit)
        origin = record["origin_ref"]
        token = self._pseudonyms.token("origin", origin.casefold()) if origin else None
        sealed = self._sealing.report(item_id, record)
        item = tension_items.of_report(item_id, record, standing, token, sealed)
        self.current[item_id] = standing
        return Outcome(receipt, None, item, audit)

    def withdraw_incident(
        self, event_id: str, agency: str, reference: str, standing: Standing
    ) -> Outcome:
        """Accept the retraction of an incident. What nobody knew is retracted too, for good."""
        incident_id = self._pseudonyms.incident_id(agency, reference)
        receipt = replies.accepted(event_id, agency, "incident", reference, [], incident_id)
        decision = decide(self.current.get(incident_id), standing)
        if decision is Decision.STALE:
            return Outcome(receipt)
        audit = [replies.audit("incident", incident_id, agency, standing)]
        if decision is Decision.REPEATED:
            return Outcome(receipt, audit=audit)
        self.current[incident_id] = standing
        hub = hub_records.withdrawn(incident_id, agency, event_id, standing)
        return Outcome(receipt, hub, None, audit)

    def withdraw_report(
        self, event_id: str, agency: str, reference: str, standing: Standing
    ) -> Outcome:
        """Accept the retraction of a tension report."""
        item_id = self._pseudonyms.item_id(agency, reference)
        receipt = replies.accepted(event_id, agency, "tension-report", reference, [], item_id)
        if decide(self.current.get(item_id), standing) is Decision.STALE:
            return Outcome(receipt)
        self.current[item_id] = standing
        item = tension_items.withdrawn(item_id, agency, standing)
        audit = [replies.audit("tension-report", item_id, agency, standing)]
        return Outcome(receipt, None, item, audit)
