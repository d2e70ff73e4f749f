"""Small persons, incidents and rulings for linkage tests; encodings travel unsealed here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from processors.linkage.matcher import Matcher
from processors.linkage.parameters import load
from schemas.encoding import decode, encode
from schemas.records import Entity, HubIncident, LinkReview, Person, SealedPerson

KEY = b"a key for tests that nobody uses"
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


def person(role: str = "victim", **known: Any) -> Person:
    """A person of whom only the given fields are known; address fields are given directly."""
    blank: dict[str, Any] = {
        "category": "victim",
        "basis": "fact",
        "given_names": None,
        "family_name": None,
        "full_name": None,
        "also_known_as": [],
        "date_of_birth": None,
        "age": None,
        "sex": None,
        "ethnicity": None,
        "religion": None,
        "occupation": None,
        "place_of_birth": None,
        "address": None,
        "phones": [],
        "emails": [],
        "identifiers": [],
        "vulnerabilities": [],
        "wants_contact": None,
    }
    parts = ("house", "street", "locality", "region", "postcode")
    if any(part in known for part in parts):
        blank["address"] = {"uprn": None} | {part: known.pop(part, None) for part in parts}
    return {**blank, "role": role, **known}  # type: ignore[typeddict-item]


def words(role: str = "victim", **known: Any) -> tuple[int, ...]:
    """The words of a person's encoding."""
    data = encode(person(role, **known), KEY, NOON)
    assert data is not None
    return decode(data).words


def incident(
    number: int, *persons: Person, version: int = 1, retracted: bool = False, place: bytes = b""
) -> HubIncident:
    """An incident with these persons, their encodings in clear."""
    sealed = [
        SealedPerson(
            position=position,
            role=each["role"],
            category=each["category"],
            basis="fact",
            child=None,
            identity=b"",
            encoding=encode(each, KEY, NOON),
        )
        for position, each in enumerate(persons)
    ]
    harm = dict.fromkeys(("weapon", "threat", "threat_to_life", "arson", "damage"), False)
    facts: dict[str, Any] = {
        "incident_id": f"inc_{number:03d}",
        "agency": ("north", "south")[number % 2],
        "version": version,
        "event_id": f"event-{number}-{version}",
        "content_digest": bytes([version % 256]),
        "retracted": retracted,
        "recorded_at": NOON + timedelta(days=number),
        "occurred": {"from": NOON, "to": None, "precision": "exact"},
        "kind": "crime",
        "strands": ["race"],
        "ward": None,
        "district": None,
        "place_token": place or None,
        "harm": {"injury": "none", **harm},
        "severity": 2,
        "rubric": {},
        "referred_at": None,
        "linkable": True,
        "persons": [] if retracted else sealed,
        "linkage_key_id": "k",
        "linkage_wrapped_key": b"",
    }
    return facts  # type: ignore[return-value]


def ruling(left: str, right: str, decision: str, minute: int = 0) -> LinkReview:
    """A person's decision about two mentions."""
    first, second = sorted((left, right))
    return LinkReview(
        left=first,
        right=second,
        decision=decision,
        by="psn_test",
        reason="known to the coordinator",
        decided_at=NOON + timedelta(minutes=minute),
        agency="north",
        purpose="link-review",
        weight=0.0,
        evidence=[],
    )


def in_clear(_: HubIncident, sealed: SealedPerson) -> bytes:
    """Open an encoding that was never sealed."""
    assert sealed["encoding"] is not None
    return sealed["encoding"]


def matcher() -> Matcher:
    """A matcher with the shipped parameters."""
    return Matcher(load(), in_clear)


def matched(*incidents: HubIncident) -> Matcher:
    """A matcher that has seen these incidents."""
    made = matcher()
    for each in incidents:
        made.apply(each)
    return made


def live(made: Matcher, kind: str = "person") -> list[Entity]:
    """The live entities of a kind."""
    return [
        entity
        for entity in made.entities()
        if entity["status"] == "live" and entity["kind"] == kind
    ]


def groups(made: Matcher) -> set[frozenset[str]]:
    """The mentions of each live person."""
    return {
        frozenset(member["mention_id"] for member in entity["members"]) for entity in live(made)
    }


def together(made: Matcher, left: int, right: int, position: int = 0) -> bool:
    """Whether the persons at a position of two incidents are one entity."""
    pair = {f"inc_{left:03d}#{position}", f"inc_{right:03d}#{position}"}
    return any(pair <= group for group in groups(made))


def review_pairs(made: Matcher) -> set[tuple[str, str]]:
    """All pairs that lie before a coordinator."""
    return {(link["left"], link["right"]) for entity in live(made) for link in entity["review"]}
