"""What in an agreement cannot be meant: clauses that never hold, change nothing or contradict.

A warning keeps nothing from being approved. Whether a clause can hold and whether another one is as
open is worked out over the whole finite space (`space`), not tried on samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Final

from policies.agreements import Agreement
from policies.decision_input import authority
from policies.examination.judging import DECIDING
from policies.examination.shadows import shadows
from policies.examination.words import (
    all_of,
    code_name,
    field_name,
    kind_name,
    one_of,
    type_name,
)
from policies.fields import policy_data
from schemas.vocabulary import VOCABULARY

Clause = Mapping[str, Any]

ABOUT: Final[Mapping[str, frozenset[str]]] = {
    "alert": frozenset({"person", "place"}),
    "incident": frozenset({"person"}),
    "link-review": frozenset({"person"}),
    "link-decision": frozenset({"person", "none"}),
    "pointer": frozenset({"person"}),
}
"""What records of a kind can be about; those of other kinds are about no one in particular."""
_NO_ONE: Final = frozenset({"none"})
_WITH_CASES: Final = frozenset({"alert", "incident"})


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing to look at. `clause` counts from 1; 0 stands for the whole agreement."""

    code: str
    clause: int
    sentence: str

    def said(self) -> str:
        """Say where it is and what."""
        return f"{f'clause {self.clause}' if self.clause else 'agreement'}: {self.sentence}"

    def as_json(self) -> dict[str, Any]:
        """Give it for a machine."""
        return asdict(self)


def warnings(
    agreement: Agreement,
    beside: Iterable[Agreement] = (),
    agencies: Mapping[str, str] | None = None,
) -> tuple[Warned, ...]:
    """Warn about an agreement, taken as live, beside the other live ones.

    `agencies` has the types of those that a hub knows, by id; None where no hub is asked.
    """
    live = list(beside)
    others = [one for one in live if one["id"] != agreement["id"]]
    found = [
        Warned(code, number, sentence)
        for number, clause in enumerate(agreement["clauses"], 1)
        for code, sentence in _clause(clause)
    ]
    found += [
        Warned("shadowed", number, sentence) for number, sentence in shadows(agreement, others)
    ]
    found += [Warned("contradiction", n, sentence) for n, sentence in _withheld_given(agreement)]
    found += [Warned("agency", n, sentence) for n, sentence in _strangers(agreement, agencies)]
    found += [Warned("new-purpose", 0, sentence) for sentence in _purposes(agreement, live)]
    return tuple(sorted(found, key=lambda one: (one.clause, one.code, one.sentence)))


def _clause(clause: Clause) -> Iterator[tuple[str, str]]:
    for code, looks in _CHECKS:
        for sentence in looks(clause):
            yield code, sentence


def _never(clause: Clause) -> Iterator[str]:
    types = clause["recipients"]["agency_types"]
    if clause["relevant_authority"] and "*" not in types:
        closed = [name for name in types if not authority(name)[0]]
        if closed == list(types):
            yield f"It never holds: it asks for a relevant authority, and {one_of(closed)} is none."
        elif closed:
            yield f"It never holds for {one_of(closed)}: it asks for a relevant authority."
    for kind, items in clause["items"].items():
        reason = _impossible(clause, kind, items)
        if reason:
            yield f"It never gives {kind_name(kind)}: {reason}."


def _impossible(clause: Clause, kind: str, items: Mapping[str, str]) -> str | None:
    about = ABOUT.get(kind, _NO_ONE)
    lifts = () if kind in DECIDING else clause["emergency_lifts"]
    if about.isdisjoint(clause["entity_kinds"]):
        return f"they are about {one_of(_SAID[one] for one in sorted(about))}"
    if all(treatment == "withhold" for treatment in items.values()):
        return "it withholds every field that it names"
    if clause["consent"] and about == _NO_ONE and "consent" not in lifts:
        return "it asks for a consent, and they are about no person who could give one"
    if clause["relation"] == "tenant" and about == _NO_ONE:
        return "it asks for a tenant, and they are about no person"
    if clause["case_member"] and kind not in _WITH_CASES and "case_member" not in lifts:
        return "it asks for a member of the case, and only alerts and incidents have members"
    return None


_SAID: Final = {"person": "a person", "place": "a place", "none": "no one in particular"}


def _idle(clause: Clause) -> Iterator[str]:
    """What a clause says without effect."""
    for condition, held in (
        ("consent", clause["consent"]),
        ("case_member", clause["case_member"]),
    ):
        if condition in clause["emergency_lifts"] and not held:
            yield f"An emergency sets {_CONDITIONS[condition]} aside, but the clause asks for none."
    identity = policy_data()
    gives = any(
        name in identity[kind]["victim_identity"] and treatment != "withhold"
        for kind, items in clause["items"].items()
        for name, treatment in items.items()
    )
    if clause["transgender_history"] == "with-consent" and not gives:
        yield "It speaks of transgender history, but gives nothing that tells who a victim is."
    excluded = [one_of(v) for v in _excluded(clause) if v]
    if excluded and all(ABOUT.get(kind, _NO_ONE) == _NO_ONE for kind in clause["items"]):
        kinds = all_of(kind_name(kind) for kind in clause["items"])
        yield f"It excludes {one_of(excluded)}, but gives only {kinds}, which have none of them."


def _excluded(clause: Clause) -> list[list[str]]:
    exclude = clause["exclude"]
    listed = [exclude[name] for name in _CODES]
    return [*listed, ["children"] if exclude["children"] else []]


_CONDITIONS: Final = {"consent": "consent", "case_member": "membership of the case"}
_CODES: Final[Mapping[str, str]] = {
    "subject_categories": "category",
    "strands": "strand",
    "recording_regimes": "recording_regime",
}


def _unknown(clause: Clause) -> Iterator[str]:
    """Names that no record or agency can have."""
    for name, table in _CODES.items():
        strange = [one for one in clause["exclude"][name] if one not in VOCABULARY[table]]
        if strange:
            kind = table.replace("_", " ")
            near = _near(strange, {code: code_name(table, code) for code in VOCABULARY[table]})
            yield f"It excludes {one_of(strange)}, which no record has as its {kind}{near}"
    scopes = [one for one in clause["consent"] if one not in VOCABULARY["consent_scope"]]
    if scopes:
        said = {code: code_name("scope", code) for code in VOCABULARY["consent_scope"]}
        near = _near(scopes, said)
        yield f"It asks for consent to {one_of(scopes)}, which no record has as a scope{near}"
    known = {*VOCABULARY["agency_type"], "*"}
    types = [one for one in clause["recipients"]["agency_types"] if one not in known]
    if types:
        near = _near(types, {code: type_name(code) for code in VOCABULARY["agency_type"]})
        yield f"It names {one_of(types)}, which is no type of agency{near}"


def _strangers(
    agreement: Agreement, agencies: Mapping[str, str] | None
) -> Iterator[tuple[int, str]]:
    """Agencies that a clause names and that the hub does not know, or has under another type."""
    for number, clause in enumerate(agreement["clauses"] if agencies is not None else (), 1):
        types = clause["recipients"]["agency_types"]
        for name in (one for one in clause["recipients"]["agencies"] if one != "*"):
            known = (agencies or {}).get(name)
            if known is None:
                near = _near([name], {one: one for one in agencies or ()})
                yield number, f"It names {name}, which is no agency of this hub{near}"
            elif "*" not in types and known not in types:
                wanted, had = one_of(type_name(one) for one in types), type_name(known)
                says = f"it asks for {wanted}, and this hub has it as {had}."
                yield number, f"It never holds for {name}: {says}"


def _near(strange: Iterable[str], known: Mapping[str, str]) -> str:
    """Ask whether those of the known codes were meant that are most like the strange ones."""
    alike = (get_close_matches(one.casefold(), known, 1, 0.7) for one in strange)
    found = dict.fromkeys(known[code] for codes in alike for code in codes)
    quoted = all_of(f"“{said}”" for said in found)
    return f"; did you mean {quoted}?" if found else "."


_CHECKS: Final[Sequence[tuple[str, Callable[[Clause], Iterator[str]]]]] = (
    ("never", _never),
    ("idle", _idle),
    ("unknown-name", _unknown),
)


def _withheld_given(agreement: Agreement) -> Iterator[tuple[int, str]]:
    """What one clause withholds and another gives to some of the same askers: it is given."""
    clauses = agreement["clauses"]
    for number, clause in enumerate(clauses, 1):
        for other_number, other in enumerate(clauses, 1):
            if number == other_number or not _meet(clause, other):
                continue
            both = [
                field_name(name)
                for kind, items in clause["items"].items()
                for name, treatment in items.items()
                if treatment == "withhold"
                and other["items"].get(kind, {}).get(name, "withhold") != "withhold"
            ]
            if both:
                told = all_of(both)
                yield (
                    number,
                    f"It withholds {told}, which clause {other_number} gives all the same.",
                )


def _meet(one: Clause, other: Clause) -> bool:
    """Tell whether two clauses can hold for one asker."""
    recipients = ("agencies", "agency_types", "roles")
    lists = [(one["purposes"], other["purposes"])]
    lists += [(one["recipients"][name], other["recipients"][name]) for name in recipients]
    return all("*" in (*a, *b) or set(a) & set(b) for a, b in lists)


def _purposes(agreement: Agreement, live: Iterable[Agreement]) -> Iterator[str]:
    known = {p for one in live for clause in one["clauses"] for p in clause["purposes"]}
    own = {purpose for clause in agreement["clauses"] for purpose in clause["purposes"]}
    if known and own - known:
        names = one_of(sorted(own - known))
        yield f"No agreement in force knows the purpose {names}: askers must be told to state it."
