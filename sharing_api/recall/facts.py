"""What recall reasons about: disclosures, what changed since, and the notices that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from schemas.identifiers import stable_id

Action = Literal["delete", "stop-use", "correct"]

RETRACTED: Final = "retraction"
CORRECTED: Final = "correction"
SPLIT: Final = "split"
CONSENT: Final = "consent-withdrawn"
WISHES: Final = "wishes-changed"
RESTRICTED: Final = "no-longer-permitted"
AGREEMENT_NARROWED: Final = "agreement-narrowed"
AGREEMENT_WITHDRAWN: Final = "agreement-withdrawn"

ACTIONS: Final[Mapping[str, Action]] = {
    RETRACTED: "delete",
    CORRECTED: "correct",
    SPLIT: "correct",
    CONSENT: "stop-use",
    WISHES: "stop-use",
    RESTRICTED: "stop-use",
    AGREEMENT_NARROWED: "stop-use",
    AGREEMENT_WITHDRAWN: "stop-use",
}
"""What a recipient is asked to do. `stop-use`: use and pass on no more, and delete."""

GRACE: Final = timedelta(seconds=30)
"""How long an answer may be on its way between the store and the ledger."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One record that one ledger entry disclosed.

    `fields` is the treatment by field, `document` the decision input, `parts` the incidents that
    the record rested on; an incident rests on itself.
    """

    sequence: int
    agency: str
    record_id: str
    kind: str
    at: datetime
    fields: Mapping[str, str]
    agreements: frozenset[str]
    document: Mapping[str, Any]
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """An incident that a later version replaced, or a retraction ended.

    `fields` are those of an incident whose value is another now; `restricts` is the kind of fact
    if facts changed that the policy looks at, else None.
    """

    incident_id: str
    edition: str
    at: datetime
    retracted: bool = False
    fields: frozenset[str] = frozenset()
    restricts: str | None = None


@dataclass(frozen=True, slots=True)
class AgreementChange:
    """An agreement whose terms are others now, or that is no more."""

    agreement: str
    edition: str
    at: datetime
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """What a notice is about: a kind, whose, and which change of it."""

    kind: str
    source: str
    edition: str

    @property
    def fact_id(self) -> str:
        """The same for the same fact, wherever it is found."""
        return stable_id("fct", self.kind, self.source, self.edition)


@dataclass(frozen=True, slots=True)
class Due:
    """One notice that a recipient must have: one for each recipient, record and fact."""

    agency: str
    record_id: str
    kind: str
    fact: Fact
    fields: frozenset[str]
    sequences: frozenset[int]
    treatments: Mapping[str, str] = field(default_factory=dict, compare=False)
    """How the recipient was shown the record; tells by which id it knows it."""

    @property
    def notice_id(self) -> str:
        """Derived from recipient, record and fact."""
        return stable_id("ntc", self.agency, self.record_id, self.fact.fact_id)

    @property
    def action(self) -> Action:
        """What to do."""
        return ACTIONS[self.fact.kind]
