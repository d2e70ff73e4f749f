"""The gate for many askers at once: what a feed's change costs does not grow with its subscribers.

Each of them is released exactly what `Gate.release_all` would release to them alone, under an entry
of their own. What is saved is deciding the same thing again, and committing entries one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from policies.alike import seen
from policies.decision_input import validate
from sharing_api.release import question
from sharing_api.release.answers import (
    Alike,
    Batch,
    GateClosed,
    Missing,
    Refusal,
    Statement,
    Subject,
    Wanted,
)
from sharing_api.release.gate import Chosen, Course, Gate
from sharing_api.release.keeping import Addressed, Asked, addressed
from sharing_api.store.decision_inputs import Inputs
from sharing_api.store.ledger import LedgerEntry, LedgerUnavailable
from sharing_api.store.ledger_entries import UNASKED


class _Member(NamedTuple):
    """One of a group: their place among those who asked, their course, and how it is kept."""

    place: int
    course: Course
    asked: Addressed


class _Prepared(NamedTuple):
    """Everything of a statement that is the same all day."""

    ask: question.Question
    asked: Addressed
    seen: str
    askable: bool


@lru_cache(maxsize=8192)
def _prepared(said: Statement, purpose: str, day: int, kind: str) -> _Prepared:
    """Put a statement into the terms of the policy; `day` counts as `date.toordinal` does."""
    now = datetime.fromordinal(day).replace(tzinfo=UTC)
    why = said.justification or ""
    ask = question.Question.of(said.asker, purpose, why, said.emergency, now)
    askable = validate(ask.about(question.facts(Missing(kind, "none")), "none"))
    return _Prepared(ask, addressed(ask), seen(ask.asked()), askable)


class GateForMany(Gate):
    """The release gate, which answers several askers together too."""

    async def release_to_each(
        self,
        statements: Sequence[Statement],
        purpose: str,
        subjects: Sequence[Subject],
        *,
        kind: str,
        wanted: Wanted | None = None,
        unasked: str = "",
    ) -> list[Alike]:
        """`release_all` for several askers at once: every one of them has an entry of their own.

        `unasked` says what sends it to them without their asking just then; their entries say so.

        Those whom the policy cannot tell apart (`policies.alike`) are decided on together, and all
        entries are made in one transaction, before anything is opened. Raises GateClosed; then
        nobody is released anything.
        """
        beside = {UNASKED: unasked} if unasked else {}
        decided = [
            (group, await self._choose(group[0].course, subjects, kind, None, wanted or {}))
            for group in self._groups(statements, purpose, subjects, kind, beside)
        ]
        entries = [entry for group, chosen in decided for entry in self._entries(group, chosen)]
        names = iter(await self._append_all(entries))
        return [
            self._alike(group, chosen, tuple(next(names) for _ in group))
            for group, chosen in decided
        ]

    async def outlines(
        self,
        statement: Statement,
        purpose: str,
        subjects: Iterable[Subject],
        *,
        kind: str,
        wanted: Wanted | None = None,
    ) -> dict[str, dict[str, Any]] | None:
        """Tell by record id what `release_all` would give of the fields that are not sealed.

        For numbering what will be released: nothing may leave on it, so nothing is recorded, and no
        seal is opened. None where the asker is not covered. Raises GateClosed.
        """
        asker = statement.asker
        course = self._course(asker, purpose, statement.justification, statement.emergency)
        chosen = await self._choose(course, subjects, kind, None, wanted or {})
        if not chosen.combined.covered:
            return None
        today = course.now.date()
        return {
            subject.id: self._opening.outline(subject, decision, asker.agency, today)
            for subject, decision in chosen.permitted
        }

    def _groups(
        self,
        statements: Sequence[Statement],
        purpose: str,
        subjects: Sequence[Subject],
        kind: str,
        beside: Mapping[str, str],
    ) -> list[list[_Member]]:
        """Put those together whom the policy cannot tell apart, each with a place in the list.

        Whoever could not be asked about at all stands apart from those who can.
        """
        self._opening.require_key()
        now = self._clock()
        day = now.astimezone(UTC).toordinal()
        authors = [question.facts(subject)["authors"] for subject in subjects]
        groups: dict[tuple[str, bool, tuple[bool, ...]], list[_Member]] = {}
        for place, said in enumerate(statements):
            ready = _prepared(said, purpose, day, kind)
            wrote = tuple(said.asker.subject in each for each in authors)
            course = Course(said.asker, purpose, ready.ask, now, Asked(ready.ask), beside=beside)
            key = (ready.seen, ready.askable, wrote)
            groups.setdefault(key, []).append(_Member(place, course, ready.asked))
        return list(groups.values())

    def _entries(self, group: Sequence[_Member], chosen: Chosen) -> Iterator[LedgerEntry]:
        """Write an entry for each member of a group: what was decided for the first holds for all.

        What could not be asked has no inputs.
        """
        decision, ids = chosen.combined, tuple(subject.id for subject, _ in chosen.permitted)
        if not decision.covered:
            decision = replace(decision, permit=False)
        kept: list[Inputs | None] = list(
            group[0].course.asked.inputs_by(
                (member.asked for member in group), self._texts, decision.policy_revision
            )
        )
        for member, inputs in zip(group, kept or [None] * len(group), strict=True):
            yield self._entry(member.course, decision, ids, inputs)

    def _alike(self, group: Sequence[_Member], chosen: Chosen, names: tuple[str, ...]) -> Alike:
        decision, first = chosen.combined, names[0]
        places = tuple(member.place for member in group)
        if not decision.covered:
            refusal = Refusal(decision.reasons, first, decision.policy_revision)
            return Alike(places, names, refusal)
        course = group[0].course
        releases = tuple(self._released(course, s, d, first) for s, d in chosen.permitted)
        return Alike(places, names, Batch(releases, None, first, decision.policy_revision))

    async def _append_all(self, entries: Sequence[LedgerEntry]) -> list[str]:
        try:
            return [each.reference for each in await self._ledger.append_all(entries)]
        except LedgerUnavailable:
            raise GateClosed("ledger") from None
