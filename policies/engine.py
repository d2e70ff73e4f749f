"""The port to a policy engine: what is asked, what is answered, and how an engine fails.

Two adapters stand behind it: `policies.embedded` (in process) and `policies.opa` (OPA's REST API).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, runtime_checkable

from policies.fields import TREATMENTS

ENTRYPOINT: Final = "concord.sharing.decision"
"""The one rule that is asked, as a path below `data`."""
TRIAL: Final = "concord.sharing.trial.decisions"
"""The rule that answers under agreements which are not in force; nothing is released on it."""

_TREATMENTS: Final = frozenset(TREATMENTS)


class EngineUnavailable(Exception):
    """The policy engine gave no answer that can be trusted: nothing may be released."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy says.

    `covered`: some clause covers the asker, purpose and kind, whatever the record; when False, the
    reasons depend on the asker alone. `fields`: name to treatment; what is absent is withheld.
    `agreements`: id and version of every agreement that permits, sorted.
    """

    permit: bool
    covered: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    obligations: tuple[Mapping[str, Any], ...] = ()
    agreements: tuple[tuple[str, int], ...] = ()
    policy_revision: str = ""

    @property
    def agreement(self) -> str:
        """The agreements as one text: `id@version`, separated by a comma and a space."""
        return ", ".join(f"{name}@{version}" for name, version in self.agreements)

    @property
    def agreement_id(self) -> str | None:
        """The first agreement that permits."""
        return self.agreements[0][0] if self.agreements else None

    @property
    def agreement_version(self) -> int | None:
        """Its version."""
        return self.agreements[0][1] if self.agreements else None


class PolicyEngine(Protocol):
    """Answers decision inputs that `policies.decision_input.validate` has found valid."""

    async def decide(self, document: Mapping[str, Any]) -> Decision:
        """Decide on one input. Raises EngineUnavailable."""
        ...

    async def ready(self) -> bool:
        """Tell whether decisions can be had now; never raises."""
        ...


@runtime_checkable
class TryingEngine(Protocol):
    """An engine outside this process that can be asked under other agreements than its own."""

    async def tried(
        self, agreements: Mapping[str, Any], questions: Sequence[Mapping[str, Any]]
    ) -> list[Decision]:
        """Decide valid inputs in order under `Bundle.data["agreements"]`. EngineUnavailable."""
        ...


def read(result: Any) -> Decision:
    """Read an engine's answer. Raises EngineUnavailable for any shape but the expected one.

    No answer at all (an undefined rule, a missing bundle) is such a shape: it must never permit.
    """
    try:
        decision = Decision(
            permit=result["permit"],
            covered=result["covered"],
            fields=dict(sorted(result["fields"].items())),
            reasons=tuple(sorted(result["reasons"])),
            obligations=tuple(sorted(result["obligations"], key=_order)),
            agreements=tuple(sorted((a["id"], a["version"]) for a in result["agreements"])),
            policy_revision=str(result["revision"]),
        )
    except (KeyError, TypeError, AttributeError):
        raise EngineUnavailable("the policy engine's answer has not the expected shape") from None
    if not _sound(decision):
        raise EngineUnavailable("the policy engine's answer contradicts itself")
    return decision


def _order(obligation: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted((key, str(value)) for key, value in obligation.items())


def _sound(decision: Decision) -> bool:
    flags: tuple[Any, ...] = (decision.permit, decision.covered)
    if any(type(flag) is not bool for flag in flags) or not decision.policy_revision:
        return False
    if not decision.permit:
        return not decision.fields
    known = all(treatment in _TREATMENTS for treatment in decision.fields.values())
    return decision.covered and known and bool(decision.fields) and bool(decision.agreements)
