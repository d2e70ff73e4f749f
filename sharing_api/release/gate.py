"""The release gate: ask, record, only then open and treat.

1. build the decision input and check it against its schema;
2. ask the policy engine: anything but an explicit permit is a refusal;
3. append the decision to the ledger, and what was asked beside it: no entry, no release;
4. open the sealed fields that are granted, treat each field, attach obligations.

A refusal says only what depends on the asker (docs/decisions/0041): a record that is refused and
one that does not exist get the same answer.
"""

from __future__ import annotations

from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol

from policies.bundle import canonical
from policies.decision_input import validate
from policies.engine import Decision, EngineUnavailable, PolicyEngine
from schemas.identifiers import Pseudonyms
from schemas.sealing import Opener
from sharing_api.release import question
from sharing_api.release.answers import (
    Asker,
    Batch,
    Emergency,
    GateClosed,
    Missing,
    Refusal,
    Release,
    Subject,
    Wanted,
)
from sharing_api.release.keeping import AgreementTexts, Asked
from sharing_api.release.opening import Opening
from sharing_api.store.decision_inputs import Inputs
from sharing_api.store.ledger import Entered, LedgerEntry, LedgerUnavailable

_MALFORMED: Final = Decision(
    permit=False, covered=False, reasons=("malformed-input",), policy_revision="none"
)
NOT_AVAILABLE: Final = ("record-not-available",)
"""All that an asker learns of a record that is refused or does not exist."""


class Recorder(Protocol):
    """Keeps the record of decisions; `sharing_api.store.ledger.Ledger` is the one in use."""

    async def append(self, entry: LedgerEntry) -> Entered:
        """Append for good and say where the entry stands. Raises LedgerUnavailable."""
        ...

    async def append_all(self, entries: Sequence[LedgerEntry]) -> list[Entered]:
        """Append several in one transaction, all or none. Raises LedgerUnavailable."""
        ...


@dataclass(slots=True)
class Course:
    """One request on its way: what is asked, and the decisions made so far by record facts.

    `beside` is what the entry says besides.
    """

    asker: Asker
    purpose: str
    ask: question.Question
    now: datetime
    asked: Asked
    known: dict[tuple[str, bool], Decision] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)


class _Verdict(NamedTuple):
    """A decision about a record, and the facts that it was made on; None if they were no facts."""

    decision: Decision
    facts: str | None


class Chosen(NamedTuple):
    """What of a collection may be released, and the decision that the ledger is told of."""

    permitted: Sequence[tuple[Subject, Decision]]
    combined: Decision
    more: bool = False


class Gate:
    """Stands before every exit. Safe to share between requests."""

    def __init__(
        self,
        engine: PolicyEngine,
        ledger: Recorder,
        opener: Opener | None,
        pseudonyms: Pseudonyms,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        agreements: Callable[[], Sequence[Mapping[str, Any]]] = tuple,
    ) -> None:
        """`opener` None means that the release key is missing: the gate is closed.

        `agreements` gives those in force, so that their texts are kept with what they permitted.
        """
        self._texts = AgreementTexts(agreements)
        self._engine = engine
        self._ledger = ledger
        self._opening = Opening(opener, pseudonyms)
        self._clock = clock

    async def release(
        self,
        asker: Asker,
        purpose: str,
        subject: Subject | Missing,
        *,
        justification: str | None = None,
        emergency: Emergency | None = None,
    ) -> Release | Refusal:
        """Release one record or refuse it. Raises GateClosed."""
        course = self._course(asker, purpose, justification, emergency)
        verdict = await self._decide(course, question.facts(subject), subject.id)
        _keep(course, verdict, subject.id)
        decision = verdict.decision
        if not decision.permit or isinstance(subject, Missing):
            return await self._refuse(course, decision, (subject.id,))
        name = await self._record(course, decision, (subject.id,))
        return self._released(course, subject, decision, name)

    async def release_all(
        self,
        asker: Asker,
        purpose: str,
        subjects: Iterable[Subject] | AsyncIterable[Subject],
        *,
        kind: str,
        limit: int | None = None,
        wanted: Wanted | None = None,
        justification: str | None = None,
        emergency: Emergency | None = None,
    ) -> Batch | Refusal:
        """Release those records of a collection that may be, in their order, at most `limit`.

        `wanted` keeps those that pass a filter by what this asker is shown of them, judged before
        the entry is made: neither the answer, its entry nor the number of entries tells a field
        that is withheld. A Refusal means that the asker is not covered for this kind, whatever the
        collection holds. Refused records leave no trace in the answer. Raises GateClosed.
        """
        course = self._course(asker, purpose, justification, emergency)
        chosen = await self._choose(course, subjects, kind, limit, wanted or {})
        if not chosen.combined.covered:
            return await self._refuse(course, chosen.combined, ())
        permitted = chosen.permitted
        name = await self._record(course, chosen.combined, tuple(s.id for s, _ in permitted))
        releases = tuple(self._released(course, s, d, name) for s, d in permitted)
        after = permitted[-1][0].id if chosen.more and permitted else None
        return Batch(releases, after, name, chosen.combined.policy_revision)

    async def passes(
        self,
        asker: Asker,
        purpose: str,
        subject: Subject,
        wanted: Wanted,
        *,
        justification: str | None = None,
        emergency: Emergency | None = None,
    ) -> bool:
        """Tell whether `release_all` would keep this record under a filter.

        For a made-up record that stands for what is about to be fetched: nothing leaves and nothing
        is recorded. Raises GateClosed.
        """
        course = self._course(asker, purpose, justification, emergency)
        verdict = await self._decide(course, question.facts(subject), subject.id)
        return self._passes(course, subject, verdict.decision, wanted)

    async def _choose(
        self,
        course: Course,
        subjects: Iterable[Subject] | AsyncIterable[Subject],
        kind: str,
        limit: int | None,
        wanted: Wanted,
    ) -> Chosen:
        """Decide about the records of a collection; about none where the asker is not covered."""
        made_up = await self._decide(course, question.facts(Missing(kind, "none")), "none")
        probe = made_up.decision
        if not probe.covered:
            _keep(course, made_up, "none")
            return Chosen((), probe)
        permitted: list[tuple[Subject, Decision]] = []
        more = False
        async for subject in _each(subjects):
            verdict = await self._decide(course, question.facts(subject), subject.id)
            decision = verdict.decision
            if not decision.permit:
                _keep(course, verdict, subject.id)
            if subject.kind != kind or not self._passes(course, subject, decision, wanted):
                continue
            if limit is not None and len(permitted) >= limit:
                more = True
                break
            _keep(course, verdict, subject.id)
            permitted.append((subject, decision))
        return Chosen(permitted, _combined(probe, [each for _, each in permitted]), more)

    def _passes(self, course: Course, subject: Subject, decision: Decision, wanted: Wanted) -> bool:
        today = course.now.date()
        return decision.permit and self._opening.shows(
            subject, decision, wanted, course.asker.agency, today
        )

    def _course(
        self, asker: Asker, purpose: str, justification: str | None, emergency: Emergency | None
    ) -> Course:
        self._opening.require_key()
        now = self._clock()
        ask = question.Question.of(asker, purpose, justification or "", emergency, now)
        return Course(asker, purpose, ask, now, Asked(ask))

    async def _decide(self, course: Course, facts: dict[str, Any], record_id: str) -> _Verdict:
        """Decide on one record; equal facts are asked once within a request.

        The id matters to the policy only where the asker is a member of that case.
        """
        document = course.ask.about(facts, record_id)
        if not validate(document):
            return _Verdict(await self._malformed(course, facts["kind"]), None)
        text = canonical(facts).decode("utf-8")
        key = (text, record_id in course.asker.case_membership)
        decision = course.known.get(key)
        if decision is None:
            try:
                decision = await self._engine.decide(document)
            except EngineUnavailable:
                raise GateClosed("engine") from None
            course.known[key] = decision
        return _Verdict(decision, text)

    async def _malformed(self, course: Course, kind: str) -> Decision:
        """Refuse what cannot be asked, telling an asker no more than of a missing record."""
        document = course.ask.about(question.facts(Missing(kind, "none")), "none")
        if not validate(document):
            return _MALFORMED
        try:
            probe = await self._engine.decide(document)
        except EngineUnavailable:
            raise GateClosed("engine") from None
        reasons = _MALFORMED.reasons if probe.covered else probe.reasons
        return Decision(
            permit=False,
            covered=probe.covered,
            reasons=reasons,
            policy_revision=probe.policy_revision,
        )

    async def _refuse(
        self, course: Course, decision: Decision, record_ids: tuple[str, ...]
    ) -> Refusal:
        refused = replace(decision, permit=False)
        name = await self._record(course, refused, record_ids)
        reasons = NOT_AVAILABLE if decision.covered else decision.reasons
        return Refusal(reasons, name, decision.policy_revision)

    async def _record(self, course: Course, decision: Decision, record_ids: tuple[str, ...]) -> str:
        """Enter a decision; how the asker is told of the entry."""
        inputs = course.asked.inputs(self._texts, decision.policy_revision)
        try:
            entry = self._entry(course, decision, record_ids, inputs)
            return (await self._ledger.append(entry)).reference
        except LedgerUnavailable:
            raise GateClosed("ledger") from None

    def _entry(
        self,
        course: Course,
        decision: Decision,
        record_ids: tuple[str, ...],
        inputs: Inputs | None,
    ) -> LedgerEntry:
        return LedgerEntry(
            operation="disclosure" if decision.permit else "consultation",
            actor=course.asker.subject,
            agency=course.asker.agency,
            purpose=course.purpose,
            justification=course.ask.justification or None,
            decision="permit" if decision.permit else "refuse",
            input_digest=inputs.digest if inputs else None,
            agreement=decision.agreement or None,
            policy_revision=decision.policy_revision,
            record_ids=record_ids,
            fields=tuple(sorted(decision.fields)),
            reasons=decision.reasons,
            detail={**course.ask.detail(), **course.beside},
            at=course.now,
            inputs=inputs,
        )

    def _released(self, course: Course, subject: Subject, decision: Decision, name: str) -> Release:
        fields, obligations = self._opening.treat(
            subject, decision, course.asker.agency, course.now.date()
        )
        return Release(
            record_id=subject.id,
            fields=fields,
            obligations=obligations,
            reasons=decision.reasons,
            ledger_reference=name,
            agreement=decision.agreement,
            policy_revision=decision.policy_revision,
        )


def _keep(course: Course, verdict: _Verdict, record_id: str) -> None:
    """Note what is answered, for the ledger; what could not be asked cannot be asked again."""
    if verdict.facts is not None:
        course.asked.add(verdict.facts, record_id, verdict.decision)


def _combined(probe: Decision, decisions: list[Decision]) -> Decision:
    """Put what was released of a collection into one decision for one ledger entry."""
    return Decision(
        permit=True,
        covered=True,
        fields={name: "" for decision in decisions for name in decision.fields},
        reasons=tuple(sorted({code for decision in decisions for code in decision.reasons})),
        agreements=tuple(sorted({pair for decision in decisions for pair in decision.agreements})),
        policy_revision=probe.policy_revision,
    )


async def _each(subjects: Iterable[Subject] | AsyncIterable[Subject]) -> AsyncIterator[Subject]:
    if isinstance(subjects, AsyncIterable):
        async for subject in subjects:
            yield subject
    else:
        for subject in subjects:
            yield subject
