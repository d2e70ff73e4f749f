"""Typed records, generated from `schemas/avro`: change those and run `make generate`."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict


Occurred = TypedDict(
    "Occurred",
    {
        "from": datetime,
        "to": datetime | None,
        "precision": str,
    },
)
"""When it happened. A known time has from; precision says how far from can be trusted."""


class Location(TypedDict):
    """Where it happened."""

    uprn: str | None
    house: str | None
    street: str | None
    postcode: str | None
    ward: str | None
    district: str | None
    place_type: str | None
    online: bool
    platform: str | None


class Address(TypedDict):
    """A person's address in the originator's words."""

    house: str | None
    street: str | None
    locality: str | None
    region: str | None
    postcode: str | None
    uprn: str | None


class Identifier(TypedDict):
    """A number by which some system knows the person."""

    scheme: str
    value: str


class Person(TypedDict):
    """A person in this incident. Everything here that can tell who it is is sealed at intake
    and then forgotten."""

    role: str
    category: str
    basis: str
    given_names: str | None
    family_name: str | None
    full_name: str | None
    also_known_as: list[str]
    date_of_birth: str | None
    age: int | None
    sex: str | None
    ethnicity: str | None
    religion: str | None
    occupation: str | None
    place_of_birth: str | None
    address: Address | None
    phones: list[str]
    emails: list[str]
    identifiers: list[Identifier]
    vulnerabilities: list[str]
    wants_contact: bool | None


class Harm(TypedDict):
    """What was done, as facts that raise urgency."""

    injury: str
    weapon: bool
    threat: bool
    threat_to_life: bool
    arson: bool
    damage: bool


class Consent(TypedDict):
    """The victim's consent to sharing, as recorded by the originator."""

    state: str
    scope: list[str]
    asked_at: datetime | None
    withdrawn_at: datetime | None


class Handling(TypedDict):
    """3x5x2 handling code of the originator."""

    code: str
    conditions: str | None


class Outcome(TypedDict):
    """The result so far."""

    code: str
    at: datetime | None


class Incident(TypedDict):
    """One hate crime or hate incident as an agency reports it, with the persons inside. A
    later version of the same agency and reference replaces the earlier one; a retraction ends
    it."""

    event_id: str
    agency: str
    reference: str
    version: int
    supersedes: str | None
    retracted: bool
    recorded_at: datetime
    occurred: Occurred
    kind: str
    recording_regime: str | None
    strands: list[str]
    other_strands: list[str]
    perceived_by: list[str]
    perceived_target: list[str]
    incident_type: str | None
    source_code: str | None
    offence_code: str | None
    aggravated: bool | None
    narrative: str | None
    location: Location
    persons: list[Person]
    harm: Harm
    rubric: dict[str, int]
    referred_at: datetime | None
    consent: Consent
    victim_wishes: list[str]
    gsc: str
    handling: Handling
    linked_references: list[str]
    outcome: Outcome | None
    review_by: datetime | None


class Grading(TypedDict):
    """3x5x2 intelligence grading."""

    source: int
    intelligence: str
    handling: str
    conditions: str | None


class TensionReport(TypedDict):
    """One item of a community tension return, weekly or ad hoc. A nil return is an item
    too."""

    event_id: str
    agency: str
    reference: str
    version: int
    retracted: bool
    recorded_at: datetime
    observed: Occurred
    nil_return: bool
    eep: str | None
    category: str | None
    strands: list[str]
    group_affected: str | None
    ward: str | None
    district: str
    grading: Grading | None
    direction: str | None
    proposed_level: int | None
    source_of_tension: str | None
    trigger_event: str | None
    trigger_date: str | None
    online: bool
    platform: str | None
    detail: str | None
    partner_action: str | None
    kin_consulted: bool | None
    review_by: datetime | None
    origin_ref: str | None
    lsoa: str | None


class Fault(TypedDict):
    """One rule that the event breaks."""

    code: str
    path: str
    rule: str


class Receipt(TypedDict):
    """The hub's answer to one inbound event: exactly one final state. Its bytes depend on the
    event and the agency's row alone, so that answering twice is answering the same."""

    receipt_id: str
    event_id: str
    agency: str
    reference: str | None
    record: str
    status: str
    faults: list[Fault]
    incident_id: str | None


class Notice(TypedDict):
    """What the hub tells an agency after a release, to be acknowledged; or a checkpoint of its
    ledger, to be kept."""

    notice_id: str
    agency: str
    kind: str
    disclosure_id: str | None
    fact: str
    record_ids: list[str]
    issued_at: datetime
    acknowledge_by: datetime | None
    record_kind: str
    action: str
    fields: list[str]
    ledger_sequences: list[int]
    instruction: str
    reminder: int
    checkpoint: str | None
    ledger_references: list[str]


class AgencyKey(TypedDict):
    """A public signing key."""

    key_id: str
    public_key: bytes
    valid_from: datetime
    valid_to: datetime | None


class Agency(TypedDict):
    """An agency is a row."""

    agency: str
    name: str
    type: str
    status: str
    signature: str
    keys: list[AgencyKey]
    recording_regime: str
    defaults: dict[str, str]
    updated_at: datetime
    contact: str | None


class HubHandling(TypedDict):
    """Handling code; its conditions are in the sealed details."""

    code: str
    conditional: bool


class SealedPerson(TypedDict):
    """A person of the incident, sealed."""

    position: int
    role: str
    category: str
    basis: str
    child: bool | None
    identity: bytes
    encoding: bytes | None


class HubIncident(TypedDict):
    """An accepted incident: facts in clear, everything identifying sealed. No processor after
    intake sees a person."""

    incident_id: str
    agency: str
    version: int
    event_id: str
    content_digest: bytes
    retracted: bool
    recorded_at: datetime
    occurred: Occurred
    kind: str
    recording_regime: str
    strands: list[str]
    perceived_by: list[str]
    perceived_target: list[str]
    incident_type: str | None
    offence_code: str | None
    aggravated: bool | None
    ward: str | None
    district: str | None
    place_type: str | None
    online: bool
    place_token: bytes | None
    harm: Harm
    severity: int
    rubric: dict[str, int]
    referred_at: datetime | None
    consent: Consent
    victim_wishes: list[str]
    gsc: str
    handling: HubHandling
    outcome_code: str | None
    review_by: datetime | None
    linkable: bool
    tenant_of: list[str]
    persons: list[SealedPerson]
    details: bytes
    release_key_id: str
    release_wrapped_key: bytes
    linkage_key_id: str
    linkage_wrapped_key: bytes


class TensionItem(TypedDict):
    """An accepted tension report or the tension-relevant side of an incident, without persons:
    what the tension processor reads."""

    item_id: str
    agency: str
    version: int
    content_digest: bytes
    retracted: bool
    source: str
    observed_from: datetime
    recorded_at: datetime
    nil_return: bool
    eep: str | None
    category: str | None
    strands: list[str]
    group_affected: str | None
    ward: str | None
    district: str | None
    source_grade: int | None
    intelligence_grade: str | None
    handling: str | None
    direction: str | None
    proposed_level: int | None
    online: bool
    origin_token: bytes | None
    weight_milli: int
    review_by: datetime | None
    details: bytes | None
    release_key_id: str | None
    release_wrapped_key: bytes | None
    groups: list[str]
    lsoa: str | None


class Member(TypedDict):
    """One mention."""

    mention_id: str
    incident_id: str
    position: int
    role: str
    category: str
    agency: str
    strands: list[str]
    occurred_from: datetime
    recorded_at: datetime
    severity: int
    kind: str
    district: str | None
    ward: str | None
    immediate: list[str]
    rubric: dict[str, int]
    referred_at: datetime | None
    counterparts: list[str]


class FieldEvidence(TypedDict):
    """What one field says for or against the link."""

    field: str
    level: str
    weight: float


class Link(TypedDict):
    """Two mentions held to be one person (or one place), and why."""

    left: str
    right: str
    weight: float
    band: str
    evidence: list[FieldEvidence]


class Exclusion(TypedDict):
    """A value that more records share than tell persons apart, so that sharing it no longer
    brings two mentions together. It names the kind of value, never the value."""

    kind: str
    count: int
    cap: int
    since: datetime


class Entity(TypedDict):
    """One person or place as it now stands, over all agencies: never a change, always the
    whole."""

    entity_id: str
    kind: str
    status: str
    heir: str | None
    members: list[Member]
    links: list[Link]
    review: list[Link]
    parameters: str
    flags: list[str]
    households: list[str]
    exclusion: Exclusion | None


class Alert(TypedDict):
    """A rule holds for an entity. Counts and links, never an identity."""

    alert_id: str
    rule: str
    rules_version: str
    entity_id: str
    entity_kind: str
    status: str
    heir: str | None
    level: str
    since: datetime | None
    until: datetime | None
    incidents: int
    agencies: list[str]
    strands: list[str]
    districts: list[str]
    incident_ids: list[str]
    mention_ids: list[str]
    score: int | None
    score_upper: int
    items_unknown: list[str]
    reasons: list[str]
    links: list[Link]
    possible: list[Link]
    households: list[str]


class SignalReason(TypedDict):
    """A sentence with its numbers."""

    code: str
    text: str


class SignalMethod(TypedDict):
    """What one method says."""

    name: str
    statistic: float
    threshold: float
    fired: bool


class TensionSignal(TypedDict):
    """Something may be building in an area against a group. A machine proposes; a person sets
    the level."""

    signal_id: str
    area: str
    area_level: str
    strand: str
    status: str
    colour: str
    proposed_level: int
    method: str
    as_of: datetime
    window_from: datetime
    observed: int
    observed_weight_milli: int
    expected: float
    probability: float
    agencies: list[str]
    grades: dict[str, int]
    reasons: list[SignalReason]
    kind: str
    group: str | None
    methods: list[SignalMethod]
    quiet_at: int | None
    rising_since: datetime | None
    ratio: float | None
    trigger_windows: list[str]


class Tick(TypedDict):
    """The hub's clock as data: windows are judged as of the latest tick on the log."""

    as_of: datetime


class LinkReview(TypedDict):
    """A person's decision about linkage: about a pair of mentions, about a value that is left
    out, or to link everything anew."""

    left: str
    right: str
    decision: str
    by: str
    reason: str
    decided_at: datetime
    agency: str
    purpose: str
    weight: float
    evidence: list[FieldEvidence]


class AuditEntry(TypedDict):
    """One processing operation (DPA 2018 s.62): what happened to which records, never what
    they say."""

    audit_id: str
    operation: str
    at: datetime | None
    actor: str
    subject_ids: list[str]
    detail: dict[str, str]


class DeadLetter(TypedDict):
    """A message that could not be read at all, sealed to the release key for an operator."""

    event_id: str
    agency: str | None
    source: str
    reason: str
    size: int
    release_key_id: str
    release_wrapped_key: bytes
    payload: bytes


class OpenCell(TypedDict):
    """One cell; every cell of a table is there in every period."""

    area: str
    strand: str
    value: int | None
    band: str | None


class OpenTable(TypedDict):
    """One table of the open feed for one period, as published: noise is in it, it is never
    restated."""

    table: str
    period: str
    first_day: str
    last_day: str
    drawn_at: datetime
    epsilon: str
    definition: str
    cells: list[OpenCell]


class TensionLevel(TypedDict):
    """What a person decided about the level of tension of an area and strand, or recorded
    later about what came of it."""

    level_id: str
    action: str
    area: str
    area_level: str
    strand: str
    level: int
    proposed_level: int | None
    reason: str
    review_by: str | None
    expires_at: datetime | None
    outcome: str | None
    decided_at: datetime
    by: str
    agency: str
    purpose: str


class Lookup(TypedDict):
    """A question whether a person is known, as an encoding alone. It asks nothing for longer
    than a minute."""

    lookup_id: str
    asked_at: datetime
    encoding: bytes
    linkage_key_id: str
    linkage_wrapped_key: bytes


class LookupAnswer(TypedDict):
    """Which mentions are held to be the person of a lookup. What of that may be told is the
    gate's decision."""

    lookup_id: str
    mention_ids: list[str]
    parameters: str
