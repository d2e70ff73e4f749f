"""What really happened: which mention is whom, who was a victim again, and how alerts compare.

The rule that is measured is the hub's first: at least two incidents as a victim within any twelve
months. A victim is *identifiable* as a repeat victim if two of those reports have something in
common beyond a name: a telephone number, an e-mail address or a personal number; or, beside a name
in both, a date of birth in both, one postcode, one street and house, or one tenancy. Nobody, clerk
or machine, can find a victim whose reports share a name at most, so both counts are kept and
recall is taken over the identifiable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from typing import Any

from schemas.identifiers import mention_id, stable_id

WINDOW = timedelta(days=365)
VICTIM_ROLES = frozenset({"victim", "complainant"})
_STANDING = frozenset({"raised", "lapsed"})
IncidentId = Callable[[str, str], str]
"""Gives the hub's id of an incident for agency and reference."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One person of one incident, as the incident stands at last."""

    agency: str
    reference: str
    position: int
    role: str
    person: str
    occurred_from: datetime
    clues: frozenset[str]
    """What the report knows beyond a name; hashes, so that two reports can be compared."""
    dated: bool = False
    """Whether the report knows a whole date of birth."""
    undated: bool = False
    """Whether it knows no date of birth, no part of one, no age and no personal number."""

    @property
    def identifiable(self) -> bool:
        """Whether there is anything to know the person by."""
        return bool(self.clues)


@dataclass(frozen=True, slots=True)
class TruePerson:
    """What reports on fairness need to know of a person."""

    household: str
    ethnicity: str
    sex: str
    age_band: str
    name_origin: str
    parent: str = ""
    """The parent in the same household, as far as the scenario has one."""
    twin: str = ""
    namesake: str = ""
    """The parent who bears the same whole name."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How repeat-victim alerts compare with the truth."""

    victims_repeat: int
    identifiable_victims: int
    found: int
    alerts: int
    false: int

    def to_json(self) -> dict[str, int]:
        """Write it down."""
        return asdict(self)


@dataclass(slots=True)
class Truth:
    """The truth of one scenario."""

    persons: dict[str, TruePerson] = field(default_factory=dict)
    mentions: list[Mention] = field(default_factory=list)
    households: dict[str, list[str]] = field(default_factory=dict)

    def repeat_victims(self, *, identifiable: bool = False) -> frozenset[str]:
        """Persons with two or more incidents as a victim within twelve months.

        With `identifiable`, only where two such reports have a clue in common.
        """
        if identifiable:
            return frozenset(p for p, mentions in self._by_victim().items() if connect(mentions))
        return frozenset(
            person
            for person, mentions in self._by_victim().items()
            if recurs((one.occurred_from, (one.agency, one.reference)) for one in mentions)
        )

    def repeat_perpetrators(self) -> frozenset[str]:
        """Persons with two or more incidents as suspect, subject or perpetrator."""
        seen: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for mention in self.mentions:
            if mention.role in {"suspect", "subject", "perpetrator"}:
                seen[mention.person].add((mention.agency, mention.reference))
        return frozenset(person for person, incidents in seen.items() if len(incidents) > 1)

    def repeat_share(self) -> float:
        """Part of the incidents whose victim had one in the twelve months before."""
        incidents = {(mention.agency, mention.reference) for mention in self.mentions}
        again: set[tuple[str, str]] = set()
        for mentions in self._by_victim().values():
            ordered = sorted(mentions, key=lambda one: one.occurred_from)
            for before, after in pairwise(ordered):
                if after.occurred_from - before.occurred_from <= WINDOW:
                    again.add((after.agency, after.reference))
        return len(again) / max(1, len(incidents))

    def evaluate(
        self,
        entities: Iterable[Mapping[str, Any]],
        alerts: Iterable[Mapping[str, Any]],
        incident_id: IncidentId,
    ) -> Evaluation:
        """Compare standing repeat-victim alerts with the truth.

        A true repeat victim is *found* if one alert's entity covers two of that person's incidents
        as a victim that lie within twelve months of each other. An alert is *false* if no one
        person among the victims of its entity is a repeat victim: without the mixing of persons
        the rule would not hold. An alert stands while it is raised and after it has lapsed: over
        several years windows pass, and what was true in one of them was found. Cleared and
        superseded alerts are not counted; `false` is to be read as a part of `alerts`.
        """
        covered = {entity["entity_id"]: entity["members"] for entity in entities}
        known = {
            mention_id(incident_id(one.agency, one.reference), one.position): one
            for one in self.mentions
        }
        truly = self.repeat_victims(identifiable=True)
        found: set[str] = set()
        counted = false = 0
        for alert in alerts:
            if alert["rule"] != "repeat-victim" or alert["status"] not in _STANDING:
                continue
            counted += 1
            again = _repeat_in(covered.get(alert["entity_id"], ()), known)
            found |= again
            false += not again
        return Evaluation(
            len(self.repeat_victims()), len(truly), len(found & truly), counted, false
        )

    def to_json(self) -> dict[str, Any]:
        """Write the truth down."""
        return {
            "persons": {key: asdict(person) for key, person in self.persons.items()},
            "mentions": [
                {
                    **asdict(one),
                    "occurred_from": one.occurred_from.isoformat(),
                    "clues": sorted(one.clues),
                }
                for one in self.mentions
            ],
            "households": self.households,
            "repeat_victims": sorted(self.repeat_victims()),
            "repeat_victims_identifiable": sorted(self.repeat_victims(identifiable=True)),
            "repeat_perpetrators": sorted(self.repeat_perpetrators()),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Truth:
        """Read what `to_json` wrote."""
        return cls(
            {key: TruePerson(**row) for key, row in value["persons"].items()},
            [
                Mention(
                    **{
                        **row,
                        "occurred_from": datetime.fromisoformat(row["occurred_from"]),
                        "clues": frozenset(row["clues"]),
                    }
                )
                for row in value["mentions"]
            ],
            {key: list(row) for key, row in value["households"].items()},
        )

    def _by_victim(self) -> dict[str, list[Mention]]:
        found: dict[str, list[Mention]] = defaultdict(list)
        for mention in self.mentions:
            if mention.role in VICTIM_ROLES:
                found[mention.person].append(mention)
        return found


def recurs(happened: Iterable[tuple[datetime, Any]]) -> bool:
    """Tell whether two different incidents of (time, incident) lie within twelve months."""
    ordered = sorted(dict.fromkeys(happened), key=lambda one: (one[0], str(one[1])))
    return any(
        after[0] - before[0] <= WINDOW and after[1] != before[1]
        for before, after in pairwise(ordered)
    )


def _repeat_in(
    members: Iterable[Mapping[str, Any]], known: Mapping[str, Mention]
) -> frozenset[str]:
    seen: dict[str, list[tuple[datetime, Any]]] = defaultdict(list)
    for member in members:
        mention = known.get(member["mention_id"])
        if mention is not None and mention.role in VICTIM_ROLES:
            seen[mention.person].append(
                (mention.occurred_from, (mention.agency, mention.reference))
            )
    return frozenset(person for person, happened in seen.items() if recurs(happened))


def connect(mentions: Iterable[Mention]) -> bool:
    """Tell whether two reports of different incidents within the window share a clue."""
    return any(
        one.clues & two.clues
        and (one.agency, one.reference) != (two.agency, two.reference)
        and abs(one.occurred_from - two.occurred_from) <= WINDOW
        for one, two in combinations(mentions, 2)
    )


def clues(person: Mapping[str, Any]) -> frozenset[str]:
    """List what a written person can be known by (see the top of this file), hashed."""
    found = {f"phone {''.join(filter(str.isdigit, phone))[-9:]}" for phone in person["phones"]}
    found |= {f"email {email.casefold()}" for email in person["emails"]}
    numbers = {f"{one['scheme']} {one['value']}" for one in person["identifiers"]}
    found |= {number for number in numbers if not number.startswith("tenancy")}
    if person["given_names"] or person["family_name"] or person["full_name"]:
        found |= numbers | set(_beside_a_name(person))
    return frozenset(stable_id("clue", clue) for clue in found)


def _beside_a_name(person: Mapping[str, Any]) -> Iterator[str]:
    if person["date_of_birth"]:
        yield "birth"
    home = person["address"] or {}
    if home.get("postcode"):
        yield f"postcode {home['postcode'].replace(' ', '').casefold()}"
    if home.get("street") and home.get("house"):
        yield f"home {home['house']} {home['street'].split()[0]}".casefold()
