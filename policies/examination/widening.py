"""What a draft opens: every cell in which more could be seen than now, or the proof of none.

For each purpose and kind that the draft's changed agreements name, and each field, the boxes in
which a clause of the draft holds are taken, and the boxes in which a clause in force already gives
the field as openly are taken away, as are those in which the rules deny. What is left is all that
opens. It is exhaustive without visiting a cell, and each opening names one question that shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from policies.agreements import Agreement
from policies.bundle import assemble
from policies.examination import boxes
from policies.examination.boxes import Box
from policies.examination.regions import denials, holding
from policies.examination.space import Space
from policies.examination.versions import changed
from policies.examination.vocabulary import vocabulary
from policies.fields import FIELDS, TREATMENTS

RECORD: Final = ""
"""Stands among the fields for the record itself: that there is one, and its number."""

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Opening:
    """What one clause of the draft opens in one box.

    `fields`: name to treatment before and after. `cells`: how many questions it concerns, times
    fields. `witness`: one of them, as a decision input. `throughout`: on every day on which the
    clause holds at all.
    """

    space: Space
    box: Box
    agreement: str
    clause: int
    fields: Mapping[str, tuple[str, str]]
    cells: int
    witness: Mapping[str, Any]
    throughout: bool = True


@dataclass(frozen=True, slots=True)
class Term:
    """A term of an agreement that holds the recipient less: retention or onward sharing."""

    agreement: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether a draft is wider than what is in force. `cells`: the size of the space compared."""

    openings: tuple[Opening, ...]
    terms: tuple[Term, ...]
    agreements: tuple[str, ...]
    cells: int
    spaces: tuple[Space, ...] = field(repr=False, default=())

    @property
    def wider(self) -> bool:
        """Tell whether anything becomes more open."""
        return bool(self.openings or self.terms)

    @property
    def opened_cells(self) -> int:
        """Count the cells that become more open."""
        return sum(one.cells for one in self.openings)

    def opened(self, document: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        """Say of one valid decision input which fields open, from what to what."""
        found: dict[str, tuple[str, str]] = {}
        for one in self.openings:
            if _concerns(one.space, document):
                point = one.space.point(document)
                if point is not None and boxes.intersection(point, one.box):
                    found |= {
                        name: change
                        for name, change in one.fields.items()
                        if not _denied(one.space, point, name)
                    }
        return found


def widening(live: Iterable[Agreement], draft: Iterable[Agreement]) -> Comparison:
    """Compare two complete sets of agreements: what the second opens that the first does not.

    Swap them for what it closes.
    """
    before, after = list(live), list(draft)
    names = changed(before, after)
    old, new = (assemble(each).data["agreements"] for each in (before, after))
    openings: list[Opening] = []
    spaces: list[Space] = []
    for purpose, kind in _groups(new, names):
        group = _Group(purpose, kind, old, new, names)
        spaces.append(group.space)
        openings += group.openings()
    cells = sum(boxes.size(s.full) * len(FIELDS.get(s.kind, ())) for s in spaces)
    terms = tuple(_terms(before, after))
    return Comparison(tuple(openings), terms, tuple(sorted(names)), cells, tuple(spaces))


def _groups(new: Data, names: Iterable[str]) -> list[tuple[str, str]]:
    clauses = [c for name in names for c in new["by_id"].get(name, {"clauses": ()})["clauses"]]
    return sorted({(p, kind) for c in clauses for p in c["purposes"] for kind in c["items"]})


@dataclass(frozen=True, slots=True)
class _Clause:
    agreement: str
    number: int
    items: Mapping[str, int]
    plain: Sequence[Box]
    history: Sequence[Box]

    def rank(self, name: str) -> int:
        """How openly it gives a field; the record itself it gives wherever it holds."""
        return 1 if name == RECORD else self.items.get(name, 0)


class _Group:
    """The clauses of both sets for one purpose and kind, in the space that they span."""

    def __init__(self, purpose: str, kind: str, old: Data, new: Data, names: Iterable[str]) -> None:
        chosen = set(names)
        concerned = [_only(data, purpose, kind) for data in (old, new)]
        self.space = Space(purpose, kind, vocabulary(*concerned))
        self._old = [one for _, one in self._clauses(concerned[0])]
        self._new = [one for name, one in self._clauses(concerned[1]) if name in chosen]
        self._about = old["fields"].get(kind, {"victim_identity": [], "subject": []})

    def _clauses(self, data: Data) -> Iterator[tuple[str, _Clause]]:
        for name, agreement in data["by_id"].items():
            for number, clause in agreement["numbered"]:
                both = [holding(self.space, agreement, clause, history=h) for h in (False, True)]
                yield name, _Clause(name, number, clause["items"][self.space.kind], *both)

    def openings(self) -> Iterator[Opening]:
        """Give the openings; fields that open alike stand together."""
        found: dict[tuple[str, int, Box, str], dict[str, tuple[str, str]]] = {}
        for profile, fields in self._profiles().items():
            for clause, box, before, after in self._opened(fields[0], profile):
                change = (TREATMENTS[before], TREATMENTS[after])
                key = (clause.agreement, clause.number, box, self._nature(fields[0]))
                found.setdefault(key, {}).update(dict.fromkeys(fields, change))
        for (agreement, number, box, _), names in sorted(found.items(), key=lambda f: f[0]):
            left = boxes.minus_all([box], self._denials(next(iter(names))))
            yield Opening(
                self.space,
                box,
                agreement,
                number,
                dict(sorted(names.items())),
                sum(map(boxes.size, left)) * len(names),
                self.space.document(boxes.first(left[0])),
                self._throughout(agreement, number, box),
            )

    def _throughout(self, agreement: str, number: int, box: Box) -> bool:
        chosen = (one for one in self._new if (one.agreement, one.number) == (agreement, number))
        place = self.space.places["day"]
        return all(box[place] == own[place] for one in chosen for own in one.plain)

    def _profiles(self) -> dict[tuple[Any, ...], list[str]]:
        """Group the fields that every clause gives alike and that the rules keep alike."""
        names = {RECORD, *(name for one in self._new for name in one.items)}
        profiles: dict[tuple[Any, ...], list[str]] = {}
        for name in sorted(names):
            ranks = tuple(one.rank(name) for one in (*self._new, *self._old))
            profiles.setdefault((self._nature(name), ranks), []).append(name)
        return profiles

    def _nature(self, name: str) -> str:
        marks = ("victim_identity", "subject")
        return " ".join(mark for mark in marks if name in self._about[mark])

    def _denials(self, name: str) -> list[Box]:
        return _denial_boxes(self.space, self._nature(name))

    def _opened(
        self, name: str, profile: tuple[Any, ...]
    ) -> Iterator[tuple[_Clause, Box, int, int]]:
        history = "victim_identity" in profile[0]
        kept_back = self._denials(name)
        told: list[Box] = []
        for clause in sorted(self._new, key=lambda one: -one.rank(name)):
            rank = clause.rank(name)
            if not rank:
                continue
            given = self._given(name, rank, history=history)
            own = clause.history if history else clause.plain
            new = boxes.merged(boxes.minus_all(own, [*given, *told]))
            told += new
            for box, before in self._split(new, name, rank, history=history):
                if boxes.minus_all([box], kept_back):
                    yield clause, box, before, rank

    def _given(self, name: str, least: int, *, history: bool) -> list[Box]:
        """Where what is in force gives a field at least so openly."""
        giving = (one for one in self._old if one.rank(name) >= least)
        return [box for one in giving for box in (one.history if history else one.plain)]

    def _split(
        self, new: Sequence[Box], name: str, rank: int, *, history: bool
    ) -> Iterator[tuple[Box, int]]:
        """Split boxes by how openly the field is given now."""
        left = list(new)
        lower = {one.rank(name) for one in self._old if 0 < one.rank(name) < rank}
        for before in sorted(lower, reverse=True):
            given = self._given(name, before, history=history)
            rest = boxes.minus_all(left, given)
            for box in boxes.merged(boxes.minus_all(left, rest)):
                yield box, before
            left = boxes.merged(rest)
        for box in left:
            yield box, 0


def _only(data: Data, purpose: str, kind: str) -> dict[str, Any]:
    """Keep the clauses for a purpose and kind, with their numbers."""
    kept: dict[str, Any] = {}
    for name in data["by_purpose"].get(purpose, ()):
        agreement = data["by_id"][name]
        numbered = [
            (number, clause)
            for number, clause in enumerate(agreement["clauses"])
            if purpose in clause["purposes"] and kind in clause["items"]
        ]
        if numbered:
            clauses = [clause for _, clause in numbered]
            kept[name] = {**agreement, "clauses": clauses, "numbered": numbered}
    return {"by_id": kept}


def _concerns(space: Space, document: Mapping[str, Any]) -> bool:
    asked = (document["purpose"], document["record"]["kind"])
    return asked == (space.purpose, space.kind)


def _denied(space: Space, point: Box, name: str) -> bool:
    row = FIELDS.get(space.kind, {}).get(name)
    about = row.about if row else None
    marks = {"victim": "victim_identity", "suspect": "subject", "anyone": "victim_identity subject"}
    found = _denial_boxes(space, marks.get(about or "", ""))
    return any(boxes.intersection(point, box) for box in found)


def _denial_boxes(space: Space, nature: str) -> list[Box]:
    marks = nature.split()
    return denials(space, victim="victim_identity" in marks, subject="subject" in marks)


def _terms(live: Sequence[Agreement], draft: Sequence[Agreement]) -> Iterator[Term]:
    old = {one["id"]: one for one in live}
    for new in draft:
        before = old.get(new["id"])
        if before is None:
            continue
        if new["retention_days"] > before["retention_days"]:
            days = [f"{one['retention_days']} days" for one in (before, new)]
            yield Term(new["id"], "retention", *days)
        if (before["onward_sharing"], new["onward_sharing"]) == _LOOSER:
            yield Term(new["id"], "onward sharing", *_LOOSER)


_LOOSER: Final = ("never", "with-originator-consent")
