"""The finite space in which agreements are compared: every question for one purpose and kind.

A dimension for each thing that a clause or a rule can look at, and for each the values that the
clauses concerned can tell apart (`vocabulary`), one of which stands for all others. Left out is
only what every agreement answers with a refusal: an emergency without a second approver, a record
that is withdrawn or does not exist, no purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from policies.examination.boxes import Box
from policies.examination.vocabulary import OTHER, WISHES, Key, Vocabulary, document_of

BOTH: Final = (False, True)
RELATIONS: Final = ("neither", "tenant", "own", "own and tenant")
"""Is the asking agency among the landlords, and is the record its own alone?"""
EMERGENCIES: Final = ("none", "approved")
_LAST_DAY: Final = 100_000


@dataclass(frozen=True)
class Space:
    """All questions for one purpose and kind of record, as points with a coordinate each."""

    purpose: str
    kind: str
    words: Vocabulary

    @cached_property
    def dimensions(self) -> Mapping[str, tuple[Any, ...]]:
        """The values of each dimension, by name."""
        words = self.words
        days = {0, *(max(0, day) for day in words.days if day <= _LAST_DAY)}

        def named(names: Iterable[str]) -> tuple[str, ...]:
            return (*sorted(names), OTHER)

        def flags(prefix: str, names: Iterable[str]) -> dict[str, tuple[Any, ...]]:
            return {f"{prefix}:{name}": BOTH for name in sorted(names)}

        return {
            "day": tuple(sorted(days)),
            "agency": named(words.agencies),
            "agency_type": named(words.agency_types),
            "role": named(words.roles),
            "vetting": named(words.vetting),
            "authority": BOTH,
            "justification": BOTH,
            "emergency": EMERGENCIES,
            "case_member": BOTH,
            "relation": RELATIONS,
            "entity_kind": ("person", "place", "none"),
            "handling": ("P", "C"),
            "child": BOTH,
            "non_crime": BOTH,
            "about_subject": BOTH,
            "consent": BOTH,
            **flags("scope", words.scopes),
            **flags("category", words.categories),
            **flags("strand", words.strands),
            **flags("regime", words.regimes),
            **flags("wish", WISHES),
        }

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The place of each dimension in a box."""
        return {name: place for place, name in enumerate(self.dimensions)}

    @cached_property
    def full(self) -> Box:
        """The whole space."""
        return tuple((1 << len(values)) - 1 for values in self.dimensions.values())

    def box(self, allowed: Mapping[str, Iterable[Any]]) -> Box:
        """Give the box in which these dimensions have these values and all others any."""
        bits = list(self.full)
        for name, values in allowed.items():
            known = self.dimensions[name]
            bits[self.places[name]] &= sum(1 << known.index(value) for value in set(values))
        return tuple(bits)

    def values(self, box: Box, name: str) -> tuple[Any, ...]:
        """List the values that a box allows in a dimension."""
        bits = box[self.places[name]]
        return tuple(v for n, v in enumerate(self.dimensions[name]) if bits >> n & 1)

    def whole(self, box: Box, name: str) -> bool:
        """Tell whether a box allows every value of a dimension."""
        place = self.places[name]
        return box[place] == self.full[place]

    def document(self, point: Box) -> dict[str, Any]:
        """Write the decision input that stands for one point."""
        at = {name: self.values(point, name)[0] for name in self.dimensions}
        return document_of(self._key(at))

    def point(self, document: Mapping[str, Any]) -> Box | None:
        """Give the point of a valid decision input for this purpose and kind; None outside."""
        key = self.words.key(document)
        emergency, current, exists, mine = key[9], *key[13:16]
        if not (current and exists) or mine or emergency == 1:
            return None
        return self.box({name: [value] for name, value in self._coordinates(key).items()})

    def _key(self, at: Mapping[str, Any]) -> Key:
        relation = RELATIONS.index(at["relation"])
        return (
            self.purpose, self.kind, at["agency"], at["agency_type"], at["role"], at["vetting"],
            at["authority"], at["justification"], at["day"],
            2 if at["emergency"] == "approved" else False, at["case_member"],
            relation >= RELATIONS.index("own"), relation % 2 == 1, True, True, False,
            at["entity_kind"], at["handling"], at["child"], at["non_crime"], at["about_subject"],
            at["consent"], *(_present(at, prefix) for prefix in _PRESENT),
        )  # fmt: skip

    def _coordinates(self, key: Key) -> dict[str, Any]:
        (
            _purpose, _kind, agency, agency_type, role, vetting, authority, justified, day,
            emergency, member, own, tenant, _current, _exists, _mine, entity_kind,
            handling, child, non_crime, about, given, *present,
        ) = key  # fmt: skip
        at = {
            "day": day, "agency": agency, "agency_type": agency_type, "role": role,
            "vetting": vetting, "authority": authority, "justification": justified,
            "emergency": EMERGENCIES[bool(emergency)], "case_member": member,
            "relation": RELATIONS[2 * own + tenant], "entity_kind": entity_kind,
            "handling": handling, "child": child, "non_crime": non_crime,
            "about_subject": about, "consent": given,
        }  # fmt: skip
        for prefix, names in zip(_PRESENT, present, strict=True):
            flags: Sequence[str] = [n for n in self.dimensions if n.startswith(f"{prefix}:")]
            at |= {flag: flag.partition(":")[2] in names for flag in flags}
        return at


_PRESENT: Final = ("scope", "category", "strand", "regime", "wish")


def _present(at: Mapping[str, Any], prefix: str) -> frozenset[str]:
    flags = (name for name, value in at.items() if value is True and name.startswith(f"{prefix}:"))
    return frozenset(flag.partition(":")[2] for flag in flags)
