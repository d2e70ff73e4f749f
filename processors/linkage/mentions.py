"""What linkage keeps of an incident: its mentions and the facts each entity snapshot repeats."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from schemas.encoding import decode
from schemas.identifiers import mention_id, stable_id
from schemas.records import HubIncident, SealedPerson

HARMED: Final = frozenset({"victim", "complainant"})
"""Roles of those against whom an incident was aimed."""
ACCUSED: Final = frozenset({"suspect", "subject", "perpetrator"})
"""Roles of those who are said to have done it."""

OpenEncoding = Callable[[HubIncident, SealedPerson], bytes]
"""Gives the encoding of a sealed person in clear, or raises."""


@dataclass(slots=True)
class Mention:
    """One person of one incident, as it now stands."""

    mention_id: str
    entity_id: str
    incident_id: str
    position: int
    role: str
    category: str
    known_since: datetime
    """When the incident was recorded, as far as its standing version tells."""
    words: tuple[int, ...]
    slot: int = -1

    @property
    def seniority(self) -> tuple[datetime, str]:
        """Orders mentions by age; an entity is named after the first of its own."""
        return self.known_since, self.mention_id


@dataclass(slots=True)
class Standing:
    """The current version of one incident."""

    incident_id: str
    rank: tuple[Any, ...]
    """Orders the versions of one incident: the greatest stands, in whatever order they came."""
    facts: dict[str, Any] = field(default_factory=dict)
    """The fields of a member that all mentions of the incident have in common."""
    mentions: dict[str, Mention] = field(default_factory=dict)
    place: str | None = None
    """Entity id of the place where it happened."""


def distinct(first: Mention, second: Mention) -> bool:
    """Whether two mentions of one incident are two persons.

    They are, unless an agency may have listed one person under two roles of the same side, such as
    victim and complainant.
    """
    one_side = (first.role in HARMED) == (second.role in HARMED)
    return not one_side or first.role == second.role


def opposed(first: Mention, second: Mention) -> bool:
    """Whether one is harmed and the other accused."""
    return (first.role in HARMED) != (second.role in HARMED)


def rank_of(incident: HubIncident) -> tuple[Any, ...]:
    """What decides between two versions: retraction, version, recording time, content."""
    return (
        incident["retracted"],
        incident["version"],
        incident["recorded_at"],
        incident["content_digest"],
    )


def _immediate(incident: HubIncident) -> list[str]:
    harm = incident["harm"]
    found = [name for name in ("arson", "threat_to_life", "weapon") if harm[name]]
    return sorted([*found, "injury"] if harm["injury"] in {"minor", "serious"} else found)


def _facts(incident: HubIncident) -> dict[str, Any]:
    return {
        "incident_id": incident["incident_id"],
        "agency": incident["agency"],
        "strands": sorted(incident["strands"]),
        "occurred_from": incident["occurred"]["from"],
        "recorded_at": incident["recorded_at"],
        "severity": incident["severity"],
        "kind": incident["kind"],
        "district": incident["district"],
        "ward": incident["ward"],
        "immediate": _immediate(incident),
        "rubric": dict(sorted(incident["rubric"].items())),
        "referred_at": incident["referred_at"],
    }


def known_since(incident: HubIncident) -> datetime:
    """From when on an incident can have been known to anyone here.

    A first version says when it was recorded. A later one says when it was changed: what is left of
    the first recording is that it cannot have been before the incident. So an amendment never makes
    a mention younger, and an entity keeps its name when the record behind it is brought up to date.
    """
    if incident["version"] <= 1:
        return incident["recorded_at"]
    return min(incident["recorded_at"], incident["occurred"]["from"])


def _mentions(incident: HubIncident, open_encoding: OpenEncoding) -> Iterator[Mention]:
    if not incident["linkable"]:
        return
    for person in incident["persons"]:
        if person["encoding"] is None or person["role"] not in HARMED | ACCUSED:
            continue
        name = mention_id(incident["incident_id"], person["position"])
        yield Mention(
            mention_id=name,
            entity_id=stable_id("ent", name),
            incident_id=incident["incident_id"],
            position=person["position"],
            role=person["role"],
            category=person["category"],
            known_since=known_since(incident),
            words=decode(open_encoding(incident, person)).words,
        )


def place_id(token: bytes) -> str:
    """The entity id of a place, from its token."""
    return stable_id("plc", token.hex())


def standing(incident: HubIncident, open_encoding: OpenEncoding) -> Standing:
    """What to keep of an incident; nothing but its rank if it is retracted."""
    kept = Standing(incident["incident_id"], rank_of(incident))
    if not incident["retracted"]:
        kept.facts = _facts(incident)
        kept.mentions = {each.mention_id: each for each in _mentions(incident, open_encoding)}
        token = incident["place_token"]
        kept.place = place_id(token) if token else None
    return kept
