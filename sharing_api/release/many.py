"""The gate for many askers at once: what a feed's change costs does not grow with its subscribers.

Each of them is released exactly what `Gate.release_all` would release to them alone, under an entry
of their own. What is saved is deciding the same thing again, and committing entries one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

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
from sharing_api.store.ledger import LedgerEntry, LedgerUnavailable


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
    ) -> list[Alike]:
        """`release_all` for several askers at once: every one of them has an entry of their own.

        Those whom the policy cannot tell apart (`policies.alike`) are decided on together, and all
        entries are made in one transaction, before anything is opened. Raises GateClosed; then
        nobody is released anything.
        """
        decided = [
            (group, await self._choose(group[0][1], subjects, kind, None, wanted or {}))
            for group in self._groups(statements, purpose, subjects, kind)
        ]
        entries = [entry for group, chosen in decided for entry in self._each_entry(group, chosen)]
        numbers = iter(await self._append_all(entries))
        return [
            self._alike(group, chosen, tuple(next(numbers) for _ in group))
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
    ) -> list[list[tuple[int, Course]]]:
        """Put those together whom the policy cannot tell apart, each with a place in the list.

        Whoever could not be asked about at all stands apart from those who can.
        """
        authors = [question.facts(subject)["authors"] for subject in subjects]
        made_up = question.facts(Missing(kind, "none"))
        groups: dict[tuple[str, bool], list[tuple[int, Course]]] = {}
        for place, said in enumerate(statements):
            course = self._course(said.asker, purpose, said.justification, said.emergency)
            askable = validate(course.ask.about(made_up, "none"))
            key = (seen(course.ask.asked(), authors), askable)
            groups.setdefault(key, []).append((place, course))
        return list(groups.values())

    def _each_entry(
        self, group: Sequence[tuple[int, Course]], chosen: Chosen
    ) -> Iterator[LedgerEntry]:
        """Write an entry for each asker of a group, what was decided for the first in every one."""
        decision, ids = chosen.combined, tuple(subject.id for subject, _ in chosen.permitted)
        if not decision.covered:
            decision = replace(decision, permit=False)
        asked = group[0][1].asked
        for _, course in group:
            course.asked = asked.by(course.ask)
            yield self._entry(course, decision, ids)

    def _alike(
        self, group: Sequence[tuple[int, Course]], chosen: Chosen, numbers: tuple[int, ...]
    ) -> Alike:
        decision, first = chosen.combined, numbers[0]
        places = tuple(place for place, _ in group)
        if not decision.covered:
            refusal = Refusal(decision.reasons, first, decision.policy_revision)
            return Alike(places, numbers, refusal)
        course = group[0][1]
        releases = tuple(self._released(course, s, d, first) for s, d in chosen.permitted)
        return Alike(places, numbers, Batch(releases, None, first, decision.policy_revision))

    async def _append_all(self, entries: Sequence[LedgerEntry]) -> list[int]:
        try:
            return await self._ledger.append_all(entries)
        except LedgerUnavailable:
            raise GateClosed("ledger") from None
