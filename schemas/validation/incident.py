"""What an incident must keep beyond its shape."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from schemas.records import Fault, Incident
from schemas.validation import codes, persons, places, text, times
from schemas.validation.faults import Faults
from schemas.vocabulary import RUBRIC

LINKED: Final = 200
"""Linked references at most."""
CONDITIONS: Final = 2_000
"""Characters of handling conditions at most."""


def validate_incident(record: Incident, *, now: datetime) -> list[Fault]:
    """All faults of an incident of the right shape; empty if it can be taken in.

    `now` (aware) is when the hub received it. A retracted incident needs only its ids and when
    it was recorded: nothing else of it is looked at.
    """
    faults = Faults()
    _check_head(faults, record, now)
    if not record["retracted"]:
        _check_classification(faults, record)
        times.check_period(faults, "occurred", record["occurred"], record["recorded_at"], now)
        times.check_past(faults, "referred_at", record["referred_at"], now)
        times.check_not_ancient(faults, "review_by", record["review_by"])
        places.check_location(faults, record["location"])
        persons.check_persons(faults, record["persons"], record["recorded_at"].date())
        times.check_consent(faults, record["consent"], now)
        _check_rubric(faults, record["rubric"])
        _check_handling(faults, record)
        _check_outcome(faults, record, now)
    return faults.listed()


def _check_head(faults: Faults, record: Incident, now: datetime) -> None:
    text.check_reference(faults, "event_id", record["event_id"])
    text.check_reference(faults, "agency", record["agency"])
    text.check_reference(faults, "reference", record["reference"])
    check_version(faults, record["version"])
    times.check_past(faults, "recorded_at", record["recorded_at"], now)
    text.check_reference(faults, "supersedes", record["supersedes"])
    if record["supersedes"] is not None:
        if record["version"] < 2:
            rule = "2 or higher where supersedes names an earlier event"
            faults.add("version-supersedes", "version", rule)
        if record["supersedes"] == record["event_id"]:
            rule = "the id of an earlier event, not of this one"
            faults.add("supersedes-itself", "supersedes", rule)


def check_version(faults: Faults, version: int) -> None:
    """Fault unless the version is 1 or higher."""
    if version < 1:
        faults.add("version-range", "version", "1 for the first report, higher for later ones")


def _check_classification(faults: Faults, record: Incident) -> None:
    codes.check_code(faults, "kind", "kind", record["kind"])
    codes.check_codes(faults, "strands", "strand", record["strands"])
    text.check_lengths(faults, "other_strands", record["other_strands"])
    codes.check_codes(faults, "perceived_by", "perceived_by", record["perceived_by"])
    codes.check_codes(faults, "perceived_target", "target", record["perceived_target"])
    if not (record["strands"] or record["other_strands"] or record["perceived_target"]):
        rule = "at least one of strands, other_strands and perceived_target"
        faults.add("strand-missing", "strands", rule)
    codes.check_code(faults, "incident_type", "incident_type", record["incident_type"])
    codes.check_code(faults, "harm.injury", "injury", record["harm"]["injury"])
    codes.check_codes(faults, "victim_wishes", "victim_wish", record["victim_wishes"])
    text.check_foreign_code(faults, "offence_code", record["offence_code"])
    text.check_foreign_code(faults, "recording_regime", record["recording_regime"])
    text.check_length(faults, "source_code", record["source_code"])
    text.check_length(faults, "narrative", record["narrative"], text.LONG)


def _check_rubric(faults: Faults, rubric: dict[str, int]) -> None:
    """The item's number is named only if it is one of ours: a key could hold anything."""
    for item, points in rubric.items():
        allowed = RUBRIC.get(item)
        if allowed is None:
            rule = f"item numbers 1 to {len(RUBRIC)}; leave out unknown items"
            faults.add("unknown-rubric-item", "rubric", rule)
        elif points not in allowed:
            rule = f"one of {', '.join(map(str, sorted(allowed)))}; leave it out where not known"
            faults.add("rubric-points", f"rubric.{item}", rule)


def _check_handling(faults: Faults, record: Incident) -> None:
    codes.check_code(faults, "gsc", "gsc", record["gsc"])
    handling = record["handling"]
    codes.check_code(faults, "handling.code", "handling", handling["code"])
    check_conditions(faults, "handling.conditions", handling["code"], handling["conditions"])
    text.check_lengths(
        faults,
        "linked_references",
        record["linked_references"],
        limit=text.REFERENCE,
        entries=LINKED,
    )


def check_conditions(faults: Faults, path: str, code: str, conditions: str | None) -> None:
    """Fault if handling code C comes without its conditions, or they are too long."""
    if code.strip().upper() == "C" and not (conditions or "").strip():
        rule = "required where the handling code is C: the text that must travel with the data"
        faults.add("conditions-missing", path, rule)
    text.check_length(faults, path, conditions, CONDITIONS)


def _check_outcome(faults: Faults, record: Incident, now: datetime) -> None:
    outcome = record["outcome"]
    if outcome is not None:
        text.check_foreign_code(faults, "outcome.code", outcome["code"])
        times.check_past(faults, "outcome.at", outcome["at"], now)
