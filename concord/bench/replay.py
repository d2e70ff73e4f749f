"""How fast past decisions are put again under a draft, beside a bare loop of the same engine.

The decisions are drawn: askers of the agreements in force, each with a name, a reason and a record
of its own, and facts of records in every combination, more various than those of a real county.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final

from policies import agreements
from policies.agreements import Agreement, epoch_day
from policies.bundle import assemble
from policies.decided import Decided
from policies.embedded import RegorusEngine
from policies.examination.questions import question_of
from policies.examination.replay import replay
from policies.examination.versions import with_draft
from schemas.vocabulary import codes

BARE: Final = 5_000
"""Decisions of the bare loop; it takes as long for each, however many there are."""
_AGENCIES: Final = tuple(f"agency-{number}" for number in range(12))


def run(decisions: int, seed: int) -> dict[str, object]:
    """Measure; gives decisions a second of both."""
    live = agreements.load()
    draft = narrower(max(live, key=lambda one: len(one["clauses"])))
    past = list(drawn(decisions, seed, live))
    began, worked = time.perf_counter(), time.process_time()
    result = replay(past, live, with_draft(live, draft))
    took, worked = time.perf_counter() - began, time.process_time() - worked
    bare, bare_worked = _bare(past[:BARE], live)
    return {
        "decisions": decisions,
        "asked": result.asked,
        "changed": decisions - result.unchanged,
        "seconds": took,
        "processor_seconds": worked,
        "decisions_per_second": decisions / took,
        "baseline_decisions_per_second": bare,
        "baseline_of_two_versions_per_second": bare / 2,
        "ratio": decisions / took / (bare / 2),
        "ratio_of_processor_time": decisions / worked / (bare_worked / 2),
    }


def drawn(count: int, seed: int, live: Sequence[Agreement]) -> Iterator[Decided]:
    """Draw decisions as a ledger would hold them, all taken as refused."""
    draw = random.Random(seed)
    clauses = [(one, clause) for one in live for clause in one["clauses"]]
    for number in range(count):
        agreement, clause = draw.choice(clauses)
        kind = draw.choice(sorted(clause["items"]))
        agency = draw.choice(_AGENCIES)
        facts = {**_facts(draw, agency), "kind": kind, "id": f"record-{number}"}
        facts["entity_kind"] = draw.choice(clause["entity_kinds"])
        document = question_of(
            facts, _asker(draw, clause, agency), purpose="", epoch_day=_day(draw, agreement)
        )
        document["requester"]["subject"] = f"person-{draw.randrange(200)}"
        document["justification"] = f"reason {number}" if draw.random() < 0.9 else ""
        yield Decided(number, facts["id"], document, permit=False, fields={})


def narrower(agreement: Agreement) -> Agreement:
    """Give a draft that asks more of everybody: one that changes as many answers as one can."""
    draft = deepcopy(agreement)
    draft["version"] += 1
    for clause in draft["clauses"]:
        clause["handling"] = ["P"]
        clause["exclude"] = {**clause["exclude"], "children": True}
    return draft


def _asker(draw: random.Random, clause: Mapping[str, Any], agency: str) -> dict[str, Any]:
    recipients = clause["recipients"]

    def one(names: Sequence[str], other: Sequence[str]) -> str:
        named = draw.random() < 0.9 and "*" not in names
        return draw.choice(names if named else other)

    return {
        "agency": one(recipients["agencies"], [agency]),
        "agency_type": one(recipients["agency_types"], codes("agency_type")),
        "role": one(recipients["roles"], ["clerk", "analyst"]),
        "vetting": one(clause["vetting"], ["none"]),
        "purpose": draw.choice(clause["purposes"]),
        "emergency": (emergency := draw.random() < 0.05),
        "second_approver": emergency,
    }


def _facts(draw: random.Random, agency: str) -> dict[str, Any]:
    def some(names: Sequence[str], most: int) -> list[str]:
        return sorted(draw.sample(names, draw.randint(0, most)))

    states = ("given", *codes("consent_state"))
    return {
        "originators": [agency] if draw.random() < 0.3 else some(_AGENCIES, 3),
        "subject_categories": some(codes("category"), 2),
        "strands_present": some(codes("strand"), 2),
        "child": draw.random() < 0.1,
        "handling": draw.choice("PPPC"),
        "recording_regimes": some(codes("recording_regime"), 2),
        "non_crime": draw.random() < 0.3,
        "consent": {"state": draw.choice(states), "scope": some(codes("consent_scope"), 2)},
        "victim_wishes": some(codes("victim_wish"), 1),
        "tenant_of": some(_AGENCIES, 2),
        "case_member": draw.random() < 0.5,
    }


def _day(draw: random.Random, agreement: Agreement) -> int:
    return draw.randint(epoch_day(agreement["starts"]), epoch_day(agreement["ends"]))


def _bare(past: Sequence[Decided], live: Sequence[Agreement]) -> tuple[float, float]:
    """Decisions a second of one engine: by the clock, and by processor time."""
    engine = RegorusEngine(assemble(live))
    began, worked = time.perf_counter(), time.process_time()
    for one in past:
        engine.answer(one.document)
    took, worked = time.perf_counter() - began, time.process_time() - worked
    return len(past) / took, len(past) / worked
