"""Which notices follow from what changed: pure rules over disclosures, in any order, any often.

A disclosure is concerned by what changed after it. What is *no longer true* is a released field
with another value, a retraction, a split. What is *no longer permitted* is found by deciding again:
the stored decision input, with the facts that changed, under the policy of now. An agreement that
merely ended took nothing back: its retention runs, so the day of the release counts as well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from policies.engine import Decision
from policies.fields import FIELDS, TREATMENTS
from sharing_api.recall.facts import (
    AGREEMENT_NARROWED,
    AGREEMENT_WITHDRAWN,
    CONSENT,
    CORRECTED,
    GRACE,
    RESTRICTED,
    RETRACTED,
    WISHES,
    AgreementChange,
    Change,
    Disclosure,
    Due,
    Fact,
)
from sharing_api.release.question import STRICTEST

Facts = Mapping[str, Any]
Decide = Callable[[Mapping[str, Any]], Awaitable[Decision]]
"""Decides on a decision input under the policy of now."""
After = Callable[[Disclosure], Facts | None]
"""Facts of a disclosed record as a change leaves them; None if it is there no more."""

_EPOCH: Final = date(1970, 1, 1)
_RANK: Final = {name: rank for rank, name in enumerate(TREATMENTS)}
_SAME: Final = frozenset({"strands", "victim_consent", "victim_wishes"})
_PLURAL: Final = {"district": "districts", "agency": "agencies"}
_PERSONAL: Final = ("name", "date_of_birth", "address", "phones", "emails")
_SIDED: Final = frozenset({"agency", "occurred_from", "district"})


def concerned(disclosure: Disclosure, at: datetime) -> bool:
    """Whether a disclosure tells what was so before a moment."""
    return disclosure.at <= at + GRACE


async def of_change(
    change: Change,
    disclosures: Iterable[Disclosure],
    after: After,
    decide: Decide,
    today: date,
) -> list[Due]:
    """Notices that a change of an incident makes due."""
    found: list[Due] = []
    for each in disclosures:
        if change.incident_id not in each.parts or not concerned(each, change.at):
            continue
        if change.retracted:
            found.append(_due(each, Fact(RETRACTED, change.incident_id, change.edition)))
            continue
        untrue = shown_fields(each.kind, change.fields) & each.fields.keys()
        if untrue:
            fact = Fact(CORRECTED, change.incident_id, change.edition)
            found.append(_due(each, fact, untrue))
        if change.restricts:
            lost = await _lost_by_facts(each, after(each), change.restricts, decide, today)
            if lost:
                fact = Fact(change.restricts, change.incident_id, change.edition)
                found.append(_due(each, fact, lost))
    return merged(found)


async def of_agreement(
    change: AgreementChange, disclosures: Iterable[Disclosure], decide: Decide, today: date
) -> list[Due]:
    """Notices that a narrowed or withdrawn agreement makes due, for what rested on it."""
    kind = AGREEMENT_WITHDRAWN if change.withdrawn else AGREEMENT_NARROWED
    fact = Fact(kind, change.agreement, change.edition)
    found: list[Due] = []
    for each in disclosures:
        if change.agreement in each.agreements and concerned(each, change.at):
            lost = await _lost(each, each.document["record"], decide, today)
            if lost:
                found.append(_due(each, fact, lost))
    return merged(found)


def of_split(
    edition: str, entity_id: str, kind: str, disclosures: Iterable[Disclosure]
) -> list[Due]:
    """Notices about a person whose incidents turned out to be those of several."""
    fact = Fact(kind, entity_id, edition)
    return merged(_due(each, fact) for each in disclosures)


def merged(found: Iterable[Due]) -> list[Due]:
    """One notice for each recipient, record and fact, whatever the order, sorted by its id."""
    by_id: dict[str, Due] = {}
    for each in found:
        known = by_id.get(each.notice_id)
        by_id[each.notice_id] = each if known is None else _together(known, each)
    return [by_id[name] for name in sorted(by_id)]


def _together(one: Due, two: Due) -> Due:
    latest = max(one, two, key=lambda due: max(due.sequences))
    return Due(
        one.agency,
        one.record_id,
        one.kind,
        one.fact,
        one.fields | two.fields,
        one.sequences | two.sequences,
        latest.treatments,
    )


def shown_fields(kind: str, changed: frozenset[str]) -> frozenset[str]:
    """Fields of a kind of record that tell these fields of an incident it rests on.

    A pointer tells that an agency knows a person: it is wrong where the person is another.
    """
    if kind == "incident":
        return changed
    if kind == "alert":
        people = {name for name in changed if name.startswith(("victim_", "suspect_"))}
        return frozenset(people | (changed & _SAME) | {_PLURAL[n] for n in changed & set(_PLURAL)})
    if kind == "pointer":
        person = {name for name in changed if name.startswith(("victim_", "suspect_"))} - _SAME
        return frozenset({"agency", "contact"}) if person else frozenset()
    if kind == "link-review":
        parts = {part for part in _PERSONAL for name in changed if name.endswith(f"_{part}")}
        parts |= changed & _SIDED
        return frozenset(f"{side}_{part}" for side in ("left", "right") for part in parts)
    return frozenset()


def restriction(before: Facts, after: Facts) -> str | None:
    """The kind of fact, if the policy may see the record with other eyes now; else None."""
    differing = {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)}
    if "consent" in differing:
        return CONSENT
    if "victim_wishes" in differing:
        return WISHES
    return RESTRICTED if differing else None


async def _lost_by_facts(
    each: Disclosure, after: Facts | None, kind: str, decide: Decide, today: date
) -> frozenset[str]:
    """Fields that the record's facts no longer permit; what the policy took is not theirs.

    Where nothing at all is permitted any more, no telling which of the two took it: then what a
    person decided, consent and wishes, counts as its own reason.
    """
    now = {**STRICTEST, "exists": False, "kind": each.kind} if after is None else after
    lost = await _lost(each, now, decide, today)
    if not lost:
        return lost
    anyway = await _lost(each, each.document["record"], decide, today)
    if anyway >= each.fields.keys() and kind in {CONSENT, WISHES}:
        return lost
    return lost - anyway


async def _lost(each: Disclosure, facts: Facts, decide: Decide, today: date) -> frozenset[str]:
    """Released fields that would not be released any more, or not as openly."""
    record = {**facts, "kind": each.kind, "id": each.record_id}
    best: dict[str, int] = {}
    for day in sorted({(today - _EPOCH).days, each.document["now"]["epoch_day"]}):
        decision = await decide({**each.document, "now": {"epoch_day": day}, "record": record})
        for name, treatment in decision.fields.items() if decision.permit else ():
            best[name] = max(best.get(name, -1), _RANK[treatment])
    return frozenset(
        name for name, treatment in each.fields.items() if best.get(name, -1) < _RANK[treatment]
    )


def _due(each: Disclosure, fact: Fact, fields: Iterable[str] | None = None) -> Due:
    named = frozenset(each.fields if fields is None else fields)
    return Due(
        each.agency,
        each.record_id,
        each.kind,
        fact,
        named & FIELDS.get(each.kind, {}).keys(),
        frozenset({each.sequence}),
        each.fields,
    )
