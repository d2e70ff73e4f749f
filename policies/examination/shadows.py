"""Clauses that change nothing because another clause already gives as much wherever they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.agreements import Agreement
from policies.bundle import assemble
from policies.examination import boxes
from policies.examination.boxes import Box
from policies.examination.regions import denials, holding
from policies.examination.space import Space
from policies.examination.versions import as_live
from policies.examination.vocabulary import of_clauses
from policies.examination.words import all_of, field_name, kind_name, one_of

Where = tuple[str, int]
"""Agreement and number of a clause, from 0."""


@dataclass(frozen=True, slots=True)
class _Giving:
    where: Where
    agreement: Mapping[str, Any]
    clause: Mapping[str, Any]


def shadows(agreement: Agreement, others: Iterable[Agreement]) -> Iterator[tuple[int, str]]:
    """Give the number of each clause that is shadowed, from 1, with the sentence that says how."""
    data = assemble([*others, as_live(agreement)])
    compiled = data.data["agreements"]["by_id"]
    everything = [
        _Giving((name, number), one, clause)
        for name, one in compiled.items()
        for number, clause in enumerate(one["clauses"])
    ]
    about = data.data["agreements"]["fields"]
    for number in range(len(agreement["clauses"])):
        yield from _clause((agreement["id"], number), everything, about)


def _clause(
    where: Where, everything: Sequence[_Giving], about: Mapping[str, Any]
) -> Iterator[tuple[int, str]]:
    own = next(one for one in everything if one.where == where)
    shadowed: list[str] = []
    by: set[Where] = set()
    total = 0
    for kind, items in own.clause["items"].items():
        given = [name for name, rank in items.items() if rank]
        total += len(given)
        for name in given:
            hiding = _hidden(own, kind, name, everything, about[kind])
            if hiding is not None:
                shadowed.append(f"{field_name(name)} of {kind_name(kind)}")
                by |= hiding
    if not by:
        return
    givers = one_of(f"clause {n + 1} of {name}" for name, n in sorted(by))
    if len(shadowed) == total:
        yield where[1] + 1, f"It changes nothing: {givers} always gives as much."
    else:
        yield where[1] + 1, f"It adds nothing to {all_of(shadowed)}, given as openly by {givers}."


def _hidden(
    own: _Giving,
    kind: str,
    name: str,
    everything: Sequence[_Giving],
    about: Mapping[str, Sequence[str]],
) -> set[Where] | None:
    """Name the clauses that hide a field of this one; None if it is needed somewhere.

    Of clauses that give the same, the later one is hidden by the earlier.
    """
    victim, subject = (name in about[mark] for mark in ("victim_identity", "subject"))
    rank = own.clause["items"][kind][name]
    rivals = [
        one
        for one in everything
        if one.where != own.where
        and set(one.clause["purposes"]) & set(own.clause["purposes"])
        and (one.clause["items"].get(kind, {}).get(name, 0), _before(one.where, own.where))
        >= (rank, True)
    ]
    hiding: set[Where] = set()
    for purpose in own.clause["purposes"]:
        group = [one for one in rivals if purpose in one.clause["purposes"]]
        members = [own, *group]
        words = of_clauses([one.agreement for one in members], [one.clause for one in members])
        space = Space(purpose, kind, words)
        left = boxes.minus_all(
            _region(space, own, victim=victim), denials(space, victim=victim, subject=subject)
        )
        for one in group:
            smaller = boxes.minus_all(left, _region(space, one, victim=victim))
            if sum(map(boxes.size, smaller)) < sum(map(boxes.size, left)):
                hiding.add(one.where)
            left = smaller
        if left:
            return None
    return hiding


def _region(space: Space, one: _Giving, *, victim: bool) -> list[Box]:
    return boxes.apart(holding(space, one.agreement, one.clause, history=victim))


def _before(one: Where, other: Where) -> bool:
    """Tell whether a clause stands before another; those of other agreements all do."""
    return one[0] != other[0] or one[1] < other[1]
