"""What linkage does to relatives: siblings, twins, and a father and son of one whole name.

Two relatives are *merged* if any entity holds a mention of both. Of a father and son of one name,
both of whose dates of birth stand in some report, a mention that knows neither date nor age fits
either: it should be on its own, and listed for review.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from concord.linkage.county import SealedCounty
from concord.scenario import Mention, Truth
from processors.linkage.fairness import wilson
from schemas.records import Entity

Named = tuple[str, Mention]
"""A mention's id and the truth about it."""
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Merged:
    """How many pairs of relatives there are, and how many share an entity."""

    pairs: int
    merged: int

    def told(self) -> dict[str, Any]:
        """The counts, the share, and its interval at 95 %."""
        interval = [round(bound, 4) for bound in wilson(self.merged, self.pairs)]
        share = round(self.merged / self.pairs, 4) if self.pairs else 0.0
        return asdict(self) | {"share": share, "interval": interval}


@dataclass(frozen=True, slots=True)
class Undated:
    """What became of undated mentions of a father and son whose dates are known elsewhere."""

    mentions: int
    linked: int
    """In an entity with a mention of either that has a date of birth."""
    in_review: int
    """On their own, and listed as possibly one of them."""
    apart: int
    """On their own, with too little to go by for a review."""


class Outcome:
    """Which entity holds each mention, and which entities are listed for review.

    Mentions with equal encodings are listed under one of them.
    """

    def __init__(self, entities: Iterable[Entity]) -> None:
        """Reads whole snapshots."""
        self.entity: dict[str, str] = {}
        listed: set[str] = set()
        for entity in entities:
            if entity["kind"] == "person" and entity["status"] == "live":
                self.entity |= {one["mention_id"]: entity["entity_id"] for one in entity["members"]}
                for link in entity["review"]:
                    listed |= {link["left"], link["right"]}
        self.reviewed = {self.entity[name] for name in listed if name in self.entity}

    def of(self, mentions: Iterable[Named]) -> set[str]:
        """The entities of mentions."""
        return {self.entity[name] for name, _ in mentions}


def relatives(truth: Truth) -> Iterator[tuple[str, Pair]]:
    """Pairs of mentioned persons: `siblings`, `twins` (who are no siblings here), `namesakes`."""
    for members in truth.households.values():
        for one, two in combinations(members, 2):
            first, second = truth.persons[one], truth.persons[two]
            if first.twin == two:
                yield "twins", (one, two)
            elif first.parent and first.parent == second.parent:
                yield "siblings", (one, two)
            elif two == first.namesake or one == second.namesake:
                yield "namesakes", (one, two)


def measured(county: SealedCounty, entities: Iterable[Entity]) -> dict[str, Any]:
    """Shares of relatives merged, and where undated mentions of namesakes ended."""
    outcome, known = Outcome(entities), defaultdict(list)
    for name, mention in county.truth():
        if name in outcome.entity:
            known[mention.person].append((name, mention))
    pairs: dict[str, list[Pair]] = defaultdict(list)
    for kind, pair in relatives(county.scenario.truth):
        if all(known[one] for one in pair):
            pairs[kind].append(pair)
    told = {kind: _merged(pairs[kind], known, outcome).told() for kind in ("siblings", "twins")}
    both = [pair for pair in pairs["namesakes"] if all(_dated(known[one]) for one in pair)]
    dated = {key: _dated(mentions) for key, mentions in known.items()}
    return {
        **told,
        "father_and_son": {
            "pairs": len(pairs["namesakes"]),
            "both_dated": _merged(both, dated, outcome).told(),
            "undated": asdict(_undated(both, known, outcome)),
        },
    }


def _dated(mentions: Iterable[Named]) -> list[Named]:
    return [each for each in mentions if each[1].dated]


def _merged(
    pairs: Sequence[Pair], known: Mapping[str, Sequence[Named]], outcome: Outcome
) -> Merged:
    merged = sum(
        not outcome.of(known[one]).isdisjoint(outcome.of(known[two])) for one, two in pairs
    )
    return Merged(len(pairs), merged)


def _undated(
    pairs: Iterable[Pair], known: Mapping[str, Sequence[Named]], outcome: Outcome
) -> Undated:
    linked = in_review = apart = 0
    for pair in pairs:
        mentions = [each for one in pair for each in known[one]]
        certain = outcome.of(_dated(mentions))
        for name, mention in mentions:
            if mention.undated and mention.identifiable:
                here = outcome.entity[name] in certain
                listed = outcome.entity[name] in outcome.reviewed
                linked, in_review, apart = (
                    linked + here,
                    in_review + (listed and not here),
                    apart + (not listed and not here),
                )
    return Undated(linked + in_review + apart, linked, in_review, apart)
