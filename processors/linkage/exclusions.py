"""Values that so many records share that they tell nobody apart: found, listed, restored.

What is excluded is a key of the index (blocking.py): it brings no mentions together any more. Each
is published as a snapshot of its own that names the kind of value and how many share it, never the
value. A coordinator may restore one; that is remembered by its id and takes effect as soon as the
key is found to be over-common, so it does not matter which of the two is heard of first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, Protocol

from schemas.identifiers import stable_id
from schemas.records import Entity, Exclusion, LinkReview

from . import entities

PREFIX: Final = "exc_"
"""How ids of excluded values begin."""
RESTORE: Final = "restore"
"""The decision to compare by a value all the same; any other takes that back."""
UNDATED: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for `since` until it is known when the value was first left out."""


class DeadKey(NamedTuple):
    """A key that too many rows hold to compare them."""

    key: int
    kind: str
    holders: int
    cap: int


def exclusion_id(dead: DeadKey) -> str:
    """The id of a key: it says nothing about the value."""
    return stable_id("exc", dead.kind, f"{dead.key:x}")


def at_least(count: int) -> int:
    """A count rounded down to one figure, so that a crowd that grows is not news every time."""
    step: int = 10 ** (len(str(count)) - 1)
    return count // step * step


class Lists(Protocol):
    """What finds over-common keys: the engine, or a stand-in."""

    def dead_keys(self) -> Sequence[tuple[int, str, int, int]]:
        """Key, kind, holders and cap of each."""
        ...


class Exclusions:
    """What was over-common at the last survey, and what people have restored."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._dead: dict[str, DeadKey] = {}
        self._decided: dict[str, tuple[Any, ...]] = {}
        self._acted: dict[str, DeadKey] = {}

    def decide(self, review: LinkReview) -> bool:
        """Take in what a person wants for a value, known or not yet; whether it is news.

        The latest decision stands, in whatever order they come.
        """
        rank = (review["decided_at"], review["decision"], review["by"], review["reason"])
        before = self._decided.get(review["left"])
        if before is not None and rank <= before:
            return False
        self._decided[review["left"]] = rank
        return before is None or before[1] != review["decision"]

    def _wanted(self, name: str) -> bool:
        decided = self._decided.get(name)
        return decided is not None and decided[1] == RESTORE

    def anew(self) -> Exclusions:
        """What people have decided, without what was found: for another index."""
        fresh = Exclusions()
        fresh._decided = self._decided
        return fresh

    def told(self) -> dict[str, Any]:
        """What is known and decided, to be kept."""
        return {
            "decided": [[name, *rank] for name, rank in self._decided.items()],
            "dead": dict(self._dead),
            "acted": dict(self._acted),
        }

    def recall(self, told: Mapping[str, Any]) -> None:
        """Take over what was kept."""
        for name, decided_at, *rest in told["decided"]:
            self._decided[name] = (datetime.fromisoformat(decided_at), *rest)
        self._dead = {name: DeadKey(*each) for name, each in told["dead"].items()}
        self._acted = {name: DeadKey(*each) for name, each in told["acted"].items()}

    def survey(self, index: Lists) -> tuple[list[int], list[int], set[str]]:
        """Look for over-common keys: keys to restore now, keys to let go again, changed ids.

        A restored key is over-common no more, so what was found of it before stands.
        """
        found = {exclusion_id(each): each for each in _dead_keys(index)}
        changed = {
            name
            for name in found.keys() | self._dead.keys()
            if _shown(found.get(name)) != _shown(self._dead.get(name))
        }
        again = {name: dead for name, dead in self._acted.items() if not self._wanted(name)}
        fresh = {
            name: dead
            for name, dead in found.items()
            if self._wanted(name) and name not in self._acted
        }
        kept = {name: dead for name, dead in self._acted.items() if name not in again}
        self._acted = kept | fresh
        self._dead = found
        changed -= kept.keys()
        changed |= again.keys() | fresh.keys()
        return [each.key for each in fresh.values()], [each.key for each in again.values()], changed

    def ids(self) -> Iterator[str]:
        """Ids of everything that is excluded or restored."""
        yield from sorted(self._dead.keys() | self._acted.keys())

    def kinds(self) -> Iterator[str]:
        """The kind of every value that is left out."""
        yield from (each.kind for name, each in self._dead.items() if name not in self._acted)

    def entity(self, name: str, parameters: str) -> Entity:
        """The snapshot of a value; dissolved if it is neither excluded nor restored."""
        dead = self._acted.get(name) or self._dead.get(name)
        status = "restored" if name in self._acted else "excluded"
        entity = entities.blank(name, "value", status if dead else "dissolved", parameters)
        if dead is not None:
            entity["exclusion"] = Exclusion(
                kind=dead.kind, count=at_least(dead.holders), cap=dead.cap, since=UNDATED
            )
        return entity


def _shown(dead: DeadKey | None) -> tuple[str, int] | None:
    return None if dead is None else (dead.kind, at_least(dead.holders))


def _dead_keys(index: Lists) -> list[DeadKey]:
    return [DeadKey(*each) for each in index.dead_keys()]
