"""How fast past decisions are put again under a draft, beside a bare loop of the same engine.

They are read from a ledger that is written beforehand, as `concord agreement replay --store` reads
them. The decisions are drawn: askers of the agreements in force, each request with a name and a
reason of its own about one to `PAGE` records, and facts of records in every combination, more
various than those of a real county.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

from concord.past import decisions as stored
from concord.progress import counting
from policies import agreements
from policies.agreements import Agreement, epoch_day
from policies.bundle import assemble, canonical
from policies.decided import Decided
from policies.embedded import RegorusEngine
from policies.engine import Decision
from policies.examination.questions import question_of, record_of
from policies.examination.replay import replay
from policies.examination.versions import with_draft
from schemas.vocabulary import codes
from sharing_api.release.keeping import AgreementTexts, Asked
from sharing_api.release.question import Question
from sharing_api.store.engine import make_engine, make_sessions
from sharing_api.store.ledger import Ledger, LedgerEntry
from sharing_api.store.migrate import upgrade

BARE: Final = 2_000
"""Decisions of the bare loop; it takes as long for each, however many there are."""
PAGE: Final = 19
"""Records of one request at most; ten on average."""
_BATCH: Final = 500
_REFUSED: Final = Decision(permit=False, reasons=("benchmark",), policy_revision="bench")
_AGENCIES: Final = tuple(f"agency-{number}" for number in range(12))


def run(decisions: int, seed: int) -> dict[str, object]:
    """Measure; gives decisions a second of both. Tells how far it is on the error stream."""
    live = agreements.load()
    draft = narrower(max(live, key=lambda one: len(one["clauses"])))
    past = list(drawn(decisions, seed, live))
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'store.sqlite'}"
        entries = asyncio.run(write(url, past))
        began, worked = time.perf_counter(), time.process_time()
        with counting("decisions") as told:
            result = replay(stored(url), live, with_draft(live, draft), progress=told)
        took, worked = time.perf_counter() - began, time.process_time() - worked
    bare, bare_worked = _bare(past[:BARE], live)
    return {
        "decisions": result.decisions,
        "entries": entries,
        "asked": result.asked,
        "changed": result.decisions - result.unchanged,
        "seconds": took,
        "processor_seconds": worked,
        "decisions_per_second": decisions / took,
        "baseline_decisions_per_second": bare,
        "baseline_of_two_versions_per_second": bare / 2,
        "ratio": decisions / took / (bare / 2),
        "ratio_of_processor_time": decisions / worked / (bare_worked / 2),
    }


def drawn(count: int, seed: int, live: Sequence[Agreement]) -> Iterator[Decided]:
    """Draw decisions as a ledger would hold them, all taken as refused; request by request."""
    draw = random.Random(seed)
    clauses = [(one, clause) for one in live for clause in one["clauses"]]
    done, entry = 0, 0
    while done < count:
        agreement, clause = draw.choice(clauses)
        ids = [f"record-{done + n}" for n in range(min(draw.randint(1, PAGE), count - done))]
        agency, entry = draw.choice(_AGENCIES), entry + 1
        document = question_of(
            {}, _asker(draw, clause, agency), purpose="", epoch_day=_day(draw, agreement)
        )
        document["requester"]["subject"] = f"person-{draw.randrange(200)}"
        document["requester"]["case_membership"] = [n for n in ids if draw.random() < 0.5]
        document["justification"] = f"reason {entry}" if draw.random() < 0.9 else ""
        kind = draw.choice(sorted(clause["items"]))
        for name in ids:
            facts = {**_facts(draw, agency), "kind": kind, "id": name}
            facts["entity_kind"] = draw.choice(clause["entity_kinds"])
            asked = {**document, "record": record_of(facts)}
            yield Decided(entry, name, asked, permit=False, fields={})
        done += len(ids)


async def write(url: str, past: Sequence[Decided]) -> int:
    """Write decisions into a new store's ledger, those of one sequence as one entry; how many."""
    engine = make_engine(url)
    await upgrade(engine)
    ledger, entries = Ledger(make_sessions(engine)), 0
    requests = [list(each) for _, each in groupby(past, attrgetter("sequence"))]
    for begin in range(0, len(requests), _BATCH):
        some = requests[begin : begin + _BATCH]
        entries += len(await ledger.append_all([_entry(each) for each in some]))
    await engine.dispose()
    return entries


def _entry(request: Sequence[Decided]) -> LedgerEntry:
    asked_of = request[0].document
    asked = Asked(
        Question(
            asked_of["requester"],
            asked_of["purpose"],
            asked_of["justification"],
            asked_of["now"]["epoch_day"],
            asked_of["emergency"],
        )
    )
    for one in request:
        facts = {name: each for name, each in one.document["record"].items() if name != "id"}
        asked.add(canonical(facts).decode(), one.record_id, _REFUSED)
    inputs = asked.inputs(AgreementTexts(tuple), "bench")
    asker = asked_of["requester"]
    return LedgerEntry(
        "consultation",
        asker["subject"],
        asker["agency"],
        decision="refuse",
        input_digest=inputs.digest if inputs else None,
        record_ids=tuple(one.record_id for one in request),
        inputs=inputs,
    )


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
