"""What a version goes through before it may be approved: its examples, and what must be told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from policies.agreements import Agreement
from policies.examination.examples import Answering, Outcome, embedded, run
from policies.examination.findings import Finding, findings, term_sentences, verdict
from policies.examination.versions import with_draft
from policies.examination.warnings import Warned, warnings
from policies.examination.widening import Comparison, widening


@dataclass(frozen=True, slots=True)
class Examined:
    """The whole examination. It passes where it has examples and each comes out as expected."""

    outcomes: tuple[Outcome, ...]
    warned: tuple[Warned, ...]
    compared: Comparison
    opened: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Tell whether the version may be approved."""
        return bool(self.outcomes) and all(one.passed for one in self.outcomes)

    def as_json(self) -> dict[str, Any]:
        """Give it for a machine; `findings` has what failed, or that nothing was tested."""
        failed = [
            f"example {one.name!r}: expected {one.expected}, came {one.came}"
            for one in self.outcomes
            if not one.passed
        ]
        return {
            "passed": self.passed,
            "findings": failed if self.outcomes else ["it has no examples: nothing was tested"],
            "examples": [one.as_json() for one in self.outcomes],
            "warnings": [one.as_json() for one in self.warned],
            "wider": self.compared.wider,
            "verdict": verdict(self.compared),
            "opens": [one.as_json() for one in self.opened],
            "terms": list(term_sentences(self.compared)),
        }


def examine(
    agreement: Agreement, in_force: Iterable[Agreement], *, answering: Answering = embedded
) -> Examined:
    """Examine a version beside what is in force. Raises EngineUnavailable."""
    live = list(in_force)
    compared = widening(live, with_draft(live, agreement))
    return Examined(
        run(agreement, answering=answering),
        warnings(agreement, live),
        compared,
        findings(compared),
    )
