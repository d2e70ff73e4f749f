"""What goes into the release gate and what comes out: plain values, no behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from schemas.sealing import Opener

Wanted = Mapping[str, Callable[[Any], bool]]
"""What an asker filters by: a test for each field, of its value as this asker is shown it."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as the bearer token says. `case_membership` are ids of alerts or incidents."""

    subject: str
    agency: str
    agency_type: str
    role: str
    vetting: str = "none"
    case_membership: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Emergency:
    """The asker calls it an emergency, and `second_approver`, another person, agrees.

    `request_id` names the request under which that person confirmed it.
    """

    second_approver: str
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One of several who ask the same at once: who they are, and what they state of themselves."""

    asker: Asker
    justification: str | None = None
    emergency: Emergency | None = None


class Sealed(Protocol):
    """Opens the sealed parts of one record."""

    def __call__(
        self, opener: Opener, names: frozenset[str], *, consent_set_aside: bool
    ) -> Mapping[str, Any]:
        """Give the values of these fields. Raises SealError.

        Unless consent was set aside, only persons whose consent is recorded are opened.
        """
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """One record before the gate.

    `facts` are those of the decision input, `clear` the values that are not sealed, `context`
    what treatments need (ward, district), `sealed` opens the rest when it comes to that.
    """

    kind: str
    id: str
    facts: Mapping[str, Any]
    clear: Mapping[str, Any]
    context: Mapping[str, Any] = field(default_factory=dict)
    sealed: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """An id that the store does not know. The gate's answer is that for a refused record."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Release:
    """What one asker receives of one record. `fields` hold JSON values, treated."""

    record_id: str
    fields: dict[str, Any]
    obligations: tuple[dict[str, Any], ...]
    reasons: tuple[str, ...]
    ledger_reference: str
    agreement: str
    policy_revision: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """No. `reasons` are codes that may be told (`policies.reasons`)."""

    reasons: tuple[str, ...]
    ledger_reference: str
    policy_revision: str


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of a collection that may be released, in the order given.

    `next_after` is the id of the last one if more would follow, else None.
    """

    releases: tuple[Release, ...]
    next_after: str | None
    ledger_reference: str
    policy_revision: str


@dataclass(frozen=True, slots=True)
class Alike:
    """What some of several askers receive, all of them the same, and the entry of each.

    `places` are theirs in the list of those who asked. `answer` names the first one's entry.
    """

    places: tuple[int, ...]
    references: tuple[str, ...]
    answer: Batch | Refusal

    def of(self, index: int) -> Batch | Refusal:
        """Give the answer of one of them, by their index in `places`, under their own entry."""
        name = self.references[index]
        if isinstance(self.answer, Refusal):
            return replace(self.answer, ledger_reference=name)
        releases = tuple(replace(one, ledger_reference=name) for one in self.answer.releases)
        return replace(self.answer, releases=releases, ledger_reference=name)


class GateClosed(Exception):
    """The gate cannot answer, so it releases nothing. `part`: engine, ledger, key or store."""

    def __init__(self, part: str) -> None:
        """`part` is what is missing."""
        super().__init__(f"nothing can be released now: {part} is not available")
        self.part = part
