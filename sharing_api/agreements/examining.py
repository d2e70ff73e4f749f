"""What a version goes through before anybody may approve it.

Its examples must come out as they say. What it opens, and what looks odd, is for people to judge:
it stands in the report, and the report with the test's event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from policies.agreements import Agreement
from policies.engine import EngineUnavailable
from policies.examination import examples, findings
from policies.examination.versions import with_draft
from policies.examination.warnings import warnings
from policies.examination.widening import widening

SAID: Final = 50
"""So many sentences of each sort stand in a report; their number is always told."""


def examine(agreement: Agreement, in_force: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Examine a version beside what is in force. `passed` says whether it may be approved.

    Takes its time: call it on a thread of its own.
    """
    beside = [dict(one) for one in in_force]
    try:
        outcomes = examples.run(agreement, beside)
    except EngineUnavailable:
        return {"passed": False, "failed": ["the policy does not compile with this version"]}
    failed = [outcome.as_json() for outcome in outcomes if not outcome.passed]
    compared = widening(beside, with_draft(beside, agreement))
    wider = findings.findings(compared)
    odd = warnings(agreement, beside)
    return {
        "passed": not failed,
        "examples": len(outcomes),
        "failed": failed[:SAID],
        "widening": findings.verdict(compared),
        "opened_cells": compared.opened_cells,
        "openings": [one.sentence for one in wider][:SAID],
        "openings_count": len(wider),
        "terms": list(findings.term_sentences(compared)),
        "warnings": [one.sentence for one in odd][:SAID],
        "warnings_count": len(odd),
    }
