"""The classes of askers that agreements can tell apart: who is named, and all others together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import Any, Final

from policies.examination.vocabulary import OTHER
from policies.examination.words import type_name, who

Clause = Mapping[str, Any]
ANY: Final = ("*",)


@dataclass(frozen=True, slots=True, order=True)
class AskerClass:
    """Everybody of these types, roles and agencies who states this purpose; "*" stands for any."""

    purpose: str
    agency_types: tuple[str, ...]
    roles: tuple[str, ...]
    agencies: tuple[str, ...] = ANY

    def said(self) -> str:
        """Say it: "a housing-officer of a housing association, for support"."""
        parts = zip((self.agency_types, self.roles, self.agencies), _OTHERS, strict=True)
        types, roles, agencies = (
            [] if names == ANY else [other if name == OTHER else say(name) for name in names]
            for names, (other, say) in parts
        )
        return f"{who(types, roles, agencies)}, for {self.purpose}"


_OTHERS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("an agency of another type", type_name),
    ("person in another role", str),
    ("any other agency", str),
)
"""How the others are said, and each that is named: by type, role and agency."""


def classes(
    clauses: Iterable[Clause], more: Mapping[str, Iterable[str]] = MappingProxyType({})
) -> list[AskerClass]:
    """Give the finest classes that some clause names, each with one of everything.

    `more` has names that are to stand apart though no clause mentions them.
    """
    listed = list(clauses)
    found: set[AskerClass] = set()
    for purpose in {purpose for clause in listed for purpose in clause["purposes"]}:
        concerned = [clause for clause in listed if purpose in clause["purposes"]]
        atoms = (_atoms(concerned, name, more) for name in _NAMES)
        for agency_type, role, agency in product(*atoms):
            one = AskerClass(purpose, (agency_type,), (role,), (agency,))
            if any(names(clause, one) for clause in concerned):
                found.add(one)
    return sorted(found)


def names(clause: Clause, asker: AskerClass) -> bool:
    """Tell whether a clause names this finest class of askers."""
    recipients = clause["recipients"]
    return asker.purpose in clause["purposes"] and all(
        "*" in recipients[name] or one in recipients[name]
        for name, (one,) in (
            ("agency_types", asker.agency_types),
            ("roles", asker.roles),
            ("agencies", asker.agencies),
        )
    )


def together(
    alike: Iterable[AskerClass],
    clauses: Iterable[Clause],
    more: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> list[AskerClass]:
    """Put classes of one purpose that are given the same into as few as can be said."""
    listed = list(clauses)
    found = list(alike)
    for place in range(3):
        joined: dict[tuple[Any, ...], list[str]] = {}
        for one in found:
            parts = (one.agency_types, one.roles, one.agencies)
            rest = (one.purpose, *parts[:place], *parts[place + 1 :])
            joined.setdefault(rest, []).extend(parts[place])
        found = []
        for rest, several in joined.items():
            concerned = [clause for clause in listed if rest[0] in clause["purposes"]]
            everybody = set(_atoms(concerned, _NAMES[place], more))
            said = ANY if everybody <= {*several} else tuple(sorted(set(several)))
            found.append(_put(rest, place, said))
    return sorted(found)


_NAMES: Final = ("agency_types", "roles", "agencies")


def _put(rest: tuple[Any, ...], place: int, names: tuple[str, ...]) -> AskerClass:
    purpose, *parts = rest
    parts.insert(place, names)
    return AskerClass(purpose, *parts)


def _atoms(
    clauses: Iterable[Clause], name: str, more: Mapping[str, Iterable[str]]
) -> Iterator[str]:
    mentioned = {one for clause in clauses for one in clause["recipients"][name]}
    yield from sorted({*mentioned, *more.get(name, ())} - {"*"})
    yield OTHER
