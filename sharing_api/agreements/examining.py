"""What a version goes through before anybody may approve it.

Its examples must come out as they say, on every engine that the hub has. What it opens, what looks
odd and what a regulator would miss is for people to judge: it stands in the report, and the report
with the test's event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from policies.agreements import Agreement
from policies.agreements.completeness import missing
from policies.bundle import Bundle
from policies.engine import Decision, EngineUnavailable, PolicyEngine, TryingEngine
from policies.examination import examples, findings
from policies.examination.examples import Answering, Outcome
from policies.examination.versions import with_draft
from policies.examination.warnings import warnings
from policies.examination.widening import widening

SAID: Final = 50
"""So many sentences of each sort stand in a report; their number is always told."""
EMBEDDED: Final[Mapping[str, Answering]] = MappingProxyType({"embedded": examples.embedded})
_DIFFER: Final = "the engines differ: this is a fault of the hub, not of the agreement"


def engines(engine: PolicyEngine) -> Mapping[str, Answering]:
    """Name what examples are run on: the embedded engine, and OPA where the gate asks one.

    To be called on the event loop that the engine was opened on; its answers are waited for on
    another thread, and raise EngineUnavailable.
    """
    if not isinstance(engine, TryingEngine):
        return EMBEDDED
    loop = asyncio.get_running_loop()

    def opa(bundle: Bundle, questions: Sequence[Mapping[str, Any]]) -> Sequence[Decision]:
        asked = engine.tried(bundle.data["agreements"], questions)
        return asyncio.run_coroutine_threadsafe(asked, loop).result()

    return {**EMBEDDED, "opa": opa}


def examine(
    agreement: Agreement,
    in_force: Sequence[Mapping[str, Any]],
    on: Mapping[str, Answering] = EMBEDDED,
    agencies: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Examine a version beside what is in force. `passed` says whether it may be approved.

    `on` has the embedded engine first; `agencies` has the type of each agency of the hub. Takes its
    time: call it on a thread of its own. Raises EngineUnavailable where an engine other than the
    embedded one does not answer.
    """
    beside = [dict(one) for one in in_force]
    embedded, *others = on.items()
    try:
        outcomes = examples.run(agreement, beside, answering=embedded[1])
    except EngineUnavailable:
        return {"passed": False, "failed": ["the policy does not compile with this version"]}
    ran = [examples.run(agreement, beside, answering=each) for _, each in others]
    failed = [*_failed(outcomes), *([] if all(one == outcomes for one in ran) else [_DIFFER])]
    return {
        "passed": not failed,
        "engines": list(on),
        "examples": len(outcomes),
        "failed": failed[:SAID],
        "missing": list(missing(agreement)),
        **_compared(agreement, beside, agencies),
    }


def _failed(outcomes: Sequence[Outcome]) -> list[dict[str, Any] | str]:
    return [outcome.as_json() for outcome in outcomes if not outcome.passed]


def _compared(
    agreement: Agreement, beside: Sequence[Agreement], agencies: Mapping[str, str] | None
) -> dict[str, Any]:
    compared = widening(beside, with_draft(beside, agreement))
    wider = findings.findings(compared)
    odd = warnings(agreement, beside, agencies)
    return {
        "widening": findings.verdict(compared),
        "opened_cells": compared.opened_cells,
        "openings": [one.sentence for one in wider][:SAID],
        "openings_count": len(wider),
        "terms": list(findings.term_sentences(compared)),
        "warnings": [one.said() for one in odd][:SAID],
        "warnings_count": len(odd),
    }
