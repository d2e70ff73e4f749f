"""What agreements can tell apart: the names that they mention, and one more for all others.

Two decision inputs that differ only in what no clause and no rule can tell apart are given the same
fields. `Vocabulary.key` names the class of each and `document_of` writes one that stands for it, so
that a hundred thousand past decisions are some thousand questions and an unbounded world is a
finite space. A property test holds the answers equal.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from policies.examination.judging import DECIDING, own_work

OTHER: Final = " any other"
"""Stands for every name that no agreement mentions; none can, since names have no spaces."""
WISHES: Final = ("anonymous", "no_landlord", "no_police", "no_school")
"""Wishes that decide; others become obligations."""
RULED_TYPES: Final = frozenset({"housing", "police", "school", "university"})
"""Types of agency that the rules themselves know."""
RULED_STRANDS: Final = frozenset({"transgender"})

READS: Final = frozenset({
    "authority", "justification", "emergency", "case_member", "own", "tenant", "entity_kind",
    "handling", "child", "consent", "victim", "subject",
})  # fmt: skip
"""The facts that a clause may look at or not."""

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that clauses mention, the days on which one turns, and which facts any looks at."""

    agencies: frozenset[str]
    agency_types: frozenset[str]
    roles: frozenset[str]
    vetting: frozenset[str]
    purposes: frozenset[str]
    scopes: frozenset[str]
    categories: frozenset[str]
    strands: frozenset[str]
    regimes: frozenset[str]
    days: tuple[int, ...]
    reads: frozenset[str] = READS

    def key(self, document: Mapping[str, Any]) -> Key:
        """Give the class of a valid decision input: inputs of one class are given the same fields.

        The reasons of a refusal may differ within a class.
        """
        asker, record = document["requester"], document["record"]
        agency, kind = asker["agency"], record["kind"]
        reads, consent = self.reads, record["consent"]
        given = consent["state"] == "given" and "consent" in reads
        wishes = _telling(document, reads)
        crime = asker["agency_type"] == "police" or not record["non_crime"]
        return (
            _known(document["purpose"], self.purposes) if document["purpose"] else "",
            kind,
            _known(agency, self.agencies),
            _known(asker["agency_type"], self.agency_types),
            _known(asker["role"], self.roles),
            _known(asker["vetting"], self.vetting),
            "authority" in reads and asker["relevant_authority"],
            _reason_read(kind, reads) and document["justification"] != "",
            self.day(document["now"]["epoch_day"]),
            _emergency(document, reads),
            "case_member" in reads and record["id"] in asker["case_membership"],
            "own" in reads and record["originators"] == [agency],
            ("tenant" in reads or "no_landlord" in wishes) and agency in record["tenant_of"],
            record["status"] == "current",
            record["exists"],
            own_work(document),
            record["entity_kind"] if "entity_kind" in reads else "none",
            record["handling"] if "handling" in reads else "P",
            "child" in reads and record["child"],
            not crime and ("subject" in reads or record["about_subject"]),
            not crime and record["about_subject"],
            given,
            frozenset(self.scopes.intersection(consent["scope"])) if given else frozenset(),
            frozenset(self.categories.intersection(record["subject_categories"])),
            frozenset(self.strands.intersection(record["strands_present"])),
            frozenset(self.regimes.intersection(record["recording_regimes"])),
            wishes,
        )

    def day(self, epoch_day: int) -> int:
        """Give the first of the days between which no agreement begins or ends."""
        place = bisect_right(self.days, epoch_day)
        return max(0, self.days[place - 1]) if place else 0


def vocabulary(*bundles: Mapping[str, Any]) -> Vocabulary:
    """Collect what the agreements of one or more bundles mention (`Bundle.data["agreements"]`)."""
    agreements = [one for data in bundles for one in data["by_id"].values()]
    return of_clauses(agreements, [clause for one in agreements for clause in one["clauses"]])


def of_clauses(
    agreements: Iterable[Mapping[str, Any]],
    clauses: Sequence[Mapping[str, Any]],
    reads: frozenset[str] = READS,
    strands: frozenset[str] = RULED_STRANDS,
) -> Vocabulary:
    """Collect what compiled clauses mention; the days are those of their agreements."""

    def names(lists: Iterable[Iterable[str]]) -> frozenset[str]:
        return frozenset(name for each in lists for name in each if name != "*")

    return Vocabulary(
        agencies=names(c["recipients"]["agencies"] for c in clauses),
        agency_types=names(c["recipients"]["agency_types"] for c in clauses) | RULED_TYPES,
        roles=names(c["recipients"]["roles"] for c in clauses),
        vetting=names(c["vetting"] for c in clauses),
        purposes=names(c["purposes"] for c in clauses),
        scopes=names(c["consent"] for c in clauses),
        categories=names(c["exclude"]["subject_categories"] for c in clauses),
        strands=names(c["exclude"]["strands"] for c in clauses) | strands,
        regimes=names(c["exclude"]["recording_regimes"] for c in clauses),
        days=tuple(sorted({d for a in agreements for d in (a["starts_day"], a["ends_day"] + 1)})),
        reads=reads,
    )


def read_by(
    clauses: Iterable[Mapping[str, Any]], kind: str, about: Mapping[str, Iterable[str]]
) -> frozenset[str]:
    """Name the facts that some of these clauses look at in a record of a kind.

    `about` has the fields that tell who a victim and who a subject is (`policies.fields`).
    """
    found: set[str] = set()
    for clause in clauses:
        items = clause["items"][kind].keys()
        found |= {"victim"} if items & set(about["victim_identity"]) else set()
        found |= {"subject"} if items & set(about["subject"]) else set()
        found |= {name for name, looks in _LOOKS.items() if looks(clause)}
    return frozenset(found)


_ENTITY_KINDS: Final = ("person", "place", "none")
_HANDLING: Final = ("P", "C")
_LOOKS: Final[Mapping[str, Callable[[Mapping[str, Any]], bool]]] = {
    "authority": lambda clause: clause["relevant_authority"],
    "justification": lambda clause: clause["justification"],
    "emergency": lambda clause: bool(clause["emergency_lifts"]),
    "case_member": lambda clause: clause["case_member"],
    "own": lambda clause: clause["relation"] == "own",
    "tenant": lambda clause: clause["relation"] == "tenant",
    "entity_kind": lambda clause: len(clause["entity_kinds"]) < len(_ENTITY_KINDS),
    "handling": lambda clause: len(clause["handling"]) < len(_HANDLING),
    "child": lambda clause: clause["exclude"]["children"],
    "consent": lambda clause: bool(clause["consent"]),
}


def document_of(key: Key) -> dict[str, Any]:
    """Write the decision input that stands for a class."""
    (
        purpose, kind, agency, agency_type, role, vetting, authority, justified, day, emergency,
        member, own, tenant, *facts,
    ) = key  # fmt: skip
    return {
        "requester": {
            "subject": "asker",
            "agency": agency,
            "agency_type": agency_type,
            "role": role,
            "vetting": vetting,
            "relevant_authority": authority,
            "competent_authority": False,
            "case_membership": ["record"] if member else [],
        },
        "purpose": purpose,
        "justification": "stated" if justified else "",
        "now": {"epoch_day": day},
        "emergency": {
            "flag": bool(emergency),
            "second_approver": "approver" if emergency == _APPROVED else "",
        },
        "record": {
            "kind": kind,
            "id": "record",
            "originators": [agency] if own else [],
            "tenant_of": [agency] if tenant else [],
            **_facts_of(facts),
        },
    }


def _facts_of(facts: Sequence[Any]) -> dict[str, Any]:
    (
        current, exists, mine, entity_kind, handling, child, non_crime, about, given, scopes,
        categories, strands, regimes, wishes,
    ) = facts  # fmt: skip
    return {
        "exists": exists,
        "status": "current" if current else "withdrawn",
        "entity_kind": entity_kind,
        "subject_categories": sorted(categories),
        "strands_present": sorted(strands),
        "special_category": False,
        "child": child,
        "gsc": "OFFICIAL",
        "handling": handling,
        "recording_regimes": sorted(regimes),
        "non_crime": non_crime,
        "about_subject": about,
        "consent": {"state": "given" if given else "not_asked", "scope": sorted(scopes)},
        "victim_wishes": sorted(wishes),
        "contains_possible_links": False,
        "authors": ["asker"] if mine else [],
    }


_APPROVED: Final = 2


def _emergency(document: Mapping[str, Any], reads: frozenset[str]) -> int:
    """Tell an emergency that changes nothing (0), one that nobody else approves (1), and one."""
    emergency = document["emergency"]
    if not emergency["flag"]:
        return 0
    if emergency["second_approver"] in {"", document["requester"]["subject"]}:
        return 1
    told = "emergency" in reads or document["record"]["kind"] in DECIDING
    return _APPROVED if told else 0


def _reason_read(kind: str, reads: frozenset[str]) -> bool:
    return "justification" in reads or kind in DECIDING


def _telling(document: Mapping[str, Any], reads: frozenset[str]) -> frozenset[str]:
    """Keep the wishes that decide about this asker."""
    wishes = document["record"]["victim_wishes"]
    if not wishes:
        return frozenset()
    asker, record = document["requester"], document["record"]
    agency, agency_type = asker["agency"], asker["agency_type"]
    telling = {"anonymous"} if "victim" in reads else set()
    if record["originators"] != [agency]:
        landlord = agency_type == "housing" or agency in record["tenant_of"]
        telling |= {"no_police"} if agency_type == "police" else set()
        telling |= {"no_landlord"} if landlord else set()
        telling |= {"no_school"} if agency_type in {"school", "university"} else set()
    return frozenset(telling.intersection(wishes))


def _known(name: str, mentioned: frozenset[str]) -> str:
    return name if name in mentioned else OTHER
