"""The rules of `policies/sharing` once more, clause by clause: what each clause says, and why.

An engine answers which fields go out; this says which clause lets them, and what every other clause
lacks. It decides nothing that leaves the hub. A property test holds it equal to both engines,
decision by decision; whoever changes a rule changes it here too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from policies.fields import TREATMENTS

Document = Mapping[str, Any]
Data = Mapping[str, Any]
"""What the rules read of agreements: `Bundle.data["agreements"]`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One clause that names the asker, purpose and kind. `clause` counts from 0.

    `asker` and `record`: codes of the conditions that fail, those on the record being looked at
    only where none on the asker fails. `offers`: rank by field, where nothing fails.
    """

    agreement: str
    version: int
    clause: int
    asker: tuple[str, ...] = ()
    record: tuple[str, ...] = ()
    lifted: tuple[str, ...] = ()
    offers: Mapping[str, int] | None = None

    @property
    def holds(self) -> bool:
        """Tell whether the clause holds in full."""
        return not self.asker and not self.record


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision with the verdict of every clause that it looked at."""

    permit: bool
    covered: bool
    fields: Mapping[str, str]
    reasons: tuple[str, ...]
    denials: tuple[str, ...]
    verdicts: tuple[Verdict, ...]

    def giving(self, name: str) -> Verdict | None:
        """Name the first clause that gives a field as openly as it goes out."""
        offering = [one for one in self.verdicts if one.holds and (one.offers or {}).get(name)]
        rank = max(((one.offers or {})[name] for one in offering), default=0)
        return next((one for one in offering if (one.offers or {})[name] == rank), None)


def judge(data: Data, document: Document) -> Judgement:
    """Judge a valid decision input as the rules do."""
    clauses = list(addressed(data, document))
    verdicts = tuple(_verdict(data, document, name, number) for name, number in clauses)
    own_denials = set(asker_denials(document))
    coverers = [one for one in verdicts if not one.asker]
    covered = bool(coverers) and not own_denials
    if not covered:
        reasons = {*own_denials, *_uncovered(data, document, verdicts)}
        return Judgement(False, False, {}, tuple(sorted(reasons)), (), verdicts)
    denials = own_denials | set(record_denials(document))
    holding = [one for one in coverers if not one.record]
    if not holding or denials:
        lacking = set() if holding else {code for one in coverers for code in one.record}
        reasons = lacking | denials
        return Judgement(False, True, {}, tuple(sorted(reasons)), tuple(sorted(denials)), verdicts)
    fields = _treatments(holding)
    if not fields:
        return Judgement(False, True, {}, (EMPTY,), (), verdicts)
    lifted = {code for one in holding for code in one.lifted}
    reasons = {"agreement-permits"} | lifted
    return Judgement(True, True, fields, tuple(sorted(reasons)), (), verdicts)


EMPTY: Final = "nothing-to-release"
"""Clauses hold and no field is left: a permit would tell that the record exists."""


DECIDING: Final = frozenset(
    {"link-decision", "agreement-decision", "emergency-decision", "emergency-verdict"}
)
"""Kinds of record that are decisions: they need a reason, and no emergency hurries them."""


def own_work(document: Document) -> bool:
    """Tell whether the asker would decide about what they wrote or asked for themselves."""
    return document["requester"]["subject"] in document["record"]["authors"]


def asker_denials(document: Document) -> Iterator[str]:
    """Give the denials that depend on the asker alone."""
    flag = document["emergency"]["flag"]
    if flag and document["emergency"]["second_approver"] in {"", document["requester"]["subject"]}:
        yield "second-approver-missing"
    if document["record"]["kind"] in DECIDING:
        if document["justification"] == "":
            yield "reason-missing"
        if flag:
            yield "decision-in-emergency"


def record_denials(document: Document) -> Iterator[str]:
    """Give the denials that depend on the record."""
    record = document["record"]
    if own_work(document):
        yield "four-eyes"
    if not record["exists"]:
        yield "no-such-record"
    if record["status"] != "current":
        yield "record-withdrawn"
    if not owns(document) and _unwished(document):
        yield "victim-wishes"
    if record["about_subject"] and not _crime_or_police(document):
        yield "subject-of-non-crime"


def named(name: str, names: Collection[str]) -> bool:
    """Tell whether a list of names has this one, or stands for all."""
    return "*" in names or name in names


def owns(document: Document) -> bool:
    """Tell whether the record is the asking agency's alone."""
    own: bool = document["record"]["originators"] == [document["requester"]["agency"]]
    return own


def asker_shortfalls(agreement: Data, clause: Data, document: Document) -> Iterator[str]:
    """Give the conditions on the asker that fail, for a clause that names the asker."""
    requester = document["requester"]
    day = document["now"]["epoch_day"]
    in_force = agreement["starts_day"] <= day <= agreement["ends_day"]
    if agreement["status"] != "live" or not in_force:
        yield "agreement-not-live"
    if not named(requester["vetting"], clause["vetting"]):
        yield "vetting-insufficient"
    if clause["relevant_authority"] and not requester["relevant_authority"]:
        yield "gateway-not-open"
    if clause["justification"] and document["justification"] == "":
        yield "justification-missing"


def consented(clause: Data, document: Document) -> bool:
    """Tell whether the consent that the clause asks for is recorded, or none is asked for."""
    consent = document["record"]["consent"]
    given = consent["state"] == "given" and not set(clause["consent"]).isdisjoint(consent["scope"])
    return not clause["consent"] or given


def addressed(data: Data, document: Document) -> Iterator[tuple[str, int]]:
    """Give agreement and number of each clause that names the asker, purpose and kind."""
    requester, kind = document["requester"], document["record"]["kind"]
    for name in data["by_purpose"].get(document["purpose"], ()):
        for number, clause in enumerate(data["by_id"][name]["clauses"]):
            recipients = clause["recipients"]
            if (
                document["purpose"] in clause["purposes"]
                and kind in clause["items"]
                and named(requester["agency"], recipients["agencies"])
                and named(requester["agency_type"], recipients["agency_types"])
                and named(requester["role"], recipients["roles"])
            ):
                yield name, number


def _verdict(data: Data, document: Document, name: str, number: int) -> Verdict:
    agreement = data["by_id"][name]
    clause = agreement["clauses"][number]
    version = agreement["version"]
    asker = tuple(asker_shortfalls(agreement, clause, document))
    if asker:
        return Verdict(name, version, number, asker)
    lifted: list[str] = []
    record = tuple(_record_shortfalls(clause, document, lifted))
    if record:
        return Verdict(name, version, number, (), record)
    hidden = _protected(data, document) | _history(data, clause, document)
    items = clause["items"][document["record"]["kind"]]
    offers = {field: rank for field, rank in items.items() if field not in hidden}
    return Verdict(name, version, number, (), (), tuple(lifted), offers)


def _record_shortfalls(clause: Data, document: Document, lifted: list[str]) -> Iterator[str]:
    record, requester = document["record"], document["requester"]
    emergency = document["emergency"]["flag"]
    for code, fine, condition in (
        ("consent-missing", consented(clause, document), "consent"),
        ("not-a-case-member", _on_the_case(clause, document), "case_member"),
    ):
        if not fine and emergency and condition in clause["emergency_lifts"]:
            lifted.append(_SET_ASIDE[condition])
        elif not fine:
            yield code
    related = {
        "any": True,
        "own": owns(document),
        "tenant": requester["agency"] in record["tenant_of"],
    }
    if not related[clause["relation"]]:
        yield "not-related"
    if record["entity_kind"] not in clause["entity_kinds"]:
        yield "record-kind-not-covered"
    if record["handling"] not in clause["handling"]:
        yield "handling-conditions"
    if not _outside(clause["exclude"], record):
        yield "excluded"


_SET_ASIDE = {
    "consent": "emergency-consent-set-aside",
    "case_member": "emergency-case-membership-set-aside",
}


def _on_the_case(clause: Data, document: Document) -> bool:
    member = document["record"]["id"] in document["requester"]["case_membership"]
    return not clause["case_member"] or member


def _outside(exclude: Data, record: Data) -> bool:
    return (
        set(exclude["subject_categories"]).isdisjoint(record["subject_categories"])
        and set(exclude["strands"]).isdisjoint(record["strands_present"])
        and set(exclude["recording_regimes"]).isdisjoint(record["recording_regimes"])
        and not (exclude["children"] and record["child"])
    )


def _unwished(document: Document) -> bool:
    wishes, requester = document["record"]["victim_wishes"], document["requester"]
    kind = requester["agency_type"]
    landlord = kind == "housing" or requester["agency"] in document["record"]["tenant_of"]
    return (
        ("no_police" in wishes and kind == "police")
        or ("no_landlord" in wishes and landlord)
        or ("no_school" in wishes and kind in {"school", "university"})
    )


def _crime_or_police(document: Document) -> bool:
    police: bool = document["requester"]["agency_type"] == "police"
    return police or not document["record"]["non_crime"]


def _protected(data: Data, document: Document) -> set[str]:
    table = data["fields"].get(document["record"]["kind"], {"subject": (), "victim_identity": ()})
    hidden = set() if _crime_or_police(document) else set(table["subject"])
    if "anonymous" in document["record"]["victim_wishes"]:
        hidden |= set(table["victim_identity"])
    return hidden


def _history(data: Data, clause: Data, document: Document) -> set[str]:
    agreed = (
        clause["transgender_history"] == "with-consent"
        and bool(clause["consent"])
        and consented(clause, document)
    )
    if agreed or "transgender" not in document["record"]["strands_present"]:
        return set()
    return set(data["fields"][document["record"]["kind"]]["victim_identity"])


def _treatments(holding: list[Verdict]) -> dict[str, str]:
    ranks: dict[str, int] = {}
    for one in holding:
        for name, rank in (one.offers or {}).items():
            ranks[name] = max(rank, ranks.get(name, 0))
    return {name: TREATMENTS[rank] for name, rank in sorted(ranks.items()) if rank}


def _uncovered(data: Data, document: Document, verdicts: tuple[Verdict, ...]) -> Iterator[str]:
    if document["purpose"] == "":
        yield "purpose-missing"
    elif document["purpose"] not in data["by_purpose"]:
        yield "purpose-unknown"
    elif not verdicts:
        yield "no-agreement"
    if all(one.asker for one in verdicts):
        for one in verdicts:
            yield from one.asker
