"""Whole-entity snapshots: members, the links that hold them together and why, possible links.

Snapshots are values: everything in them is sorted, and nothing in them depends on the order in
which mentions arrived. No evidence names a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from schemas.records import Entity, FieldEvidence, Link, Member

from .nodes import Node
from .scoring import Rows, Scorer

LINKS: Final = 200
"""Links listed in a snapshot at most: the tree of strongest links comes first."""
REVIEWS: Final = 20
"""Possible links listed in a snapshot at most: contradictions first, then the strongest."""
MEMBERS: Final = 2_000
"""Members listed in a snapshot at most; a place with more incidents is over-common."""
MEMBERS_BYTES: Final = 700_000
"""What listed members may take up, about, so that no snapshot comes near a message's limit."""
PLACE_WEIGHT: Final = 12.0
"""Weight of a place's exact token, in natural log: equality of one is no accident."""


def blank(entity_id: str, kind: str, status: str, parameters: str) -> Entity:
    """A snapshot without members."""
    return Entity(
        entity_id=entity_id,
        kind=kind,
        status=status,
        heir=None,
        members=[],
        links=[],
        review=[],
        parameters=parameters,
        flags=[],
        households=[],
        exclusion=None,
    )


def absorbed(entity_id: str, heir: str, parameters: str) -> Entity:
    """The snapshot of an entity whose mention belongs to another entity now."""
    entity = blank(entity_id, "person", "absorbed", parameters)
    entity["heir"] = heir
    return entity


def link(left: str, right: str, band: str, evidence: Iterable[tuple[str, str, float]]) -> Link:
    """A link with its evidence; the weights add up to the link's weight."""
    listed = [
        FieldEvidence(field=field, level=level, weight=weight) for field, level, weight in evidence
    ]
    first, second = sorted((left, right))
    return Link(
        left=first,
        right=second,
        weight=sum(each["weight"] for each in listed),
        band=band,
        evidence=listed,
    )


def _strongest_tree(scores: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The spanning tree of greatest total weight (Prim); ties go to earlier rows."""
    best = {at: (scores[0][at], 0) for at in range(1, len(scores))}
    tree = []
    while best:
        at = min(best, key=lambda each: (-best[each][0], best[each][1], each))
        _, towards = best.pop(at)
        tree.append((towards, at))
        for other, (weight, _) in best.items():
            if scores[at][other] > weight:
                best[other] = (scores[at][other], at)
    return tree


def links_within(nodes: Sequence[Node], rows: Rows, scorer: Scorer) -> list[Link]:
    """The links that hold a cluster together; `nodes` in canonical order."""
    found: list[Link] = []
    if len(nodes) > 1:
        kept = nodes[: LINKS + 1]
        scores = scorer.pairs(rows[[node.slot for node in kept]])
        for one, two in _strongest_tree(scores):
            a, b = kept[one], kept[two]
            evidence = scorer.evidence(rows, a.slot, b.slot)
            found.append(link(a.representative(), b.representative(), "link", evidence))
    for node in nodes:
        if len(node.mentions) > 1 and len(found) < LINKS:
            first, *others = sorted(node.mentions)
            evidence = scorer.evidence(rows, node.slot, node.slot)
            found.extend(
                link(first, other, "link", evidence) for other in others[: LINKS - len(found)]
            )
    return sorted(found[:LINKS], key=lambda each: (each["left"], each["right"]))


class Possible(NamedTuple):
    """Two nodes that a person should look at together, and the mentions that stand for them."""

    one: Node
    two: Node
    left: str
    right: str
    band: str
    """review, or conflict."""
    opposed: bool
    """Whether the two mentions are on opposite sides of one incident."""


def possible_links(pairs: Iterable[Possible], rows: Rows, scorer: Scorer) -> list[Link]:
    """Possible links between nodes of this and other entities, those that matter most, sorted.

    What contradicts itself comes before what is merely likely.
    """
    found = [
        (
            (each.band != "conflict", not each.opposed),
            link(
                each.left,
                each.right,
                each.band,
                scorer.evidence(rows, each.one.slot, each.two.slot),
            ),
        )
        for each in pairs
    ]
    found.sort(key=lambda each: (each[0], -each[1]["weight"], each[1]["left"], each[1]["right"]))
    kept = [each for _, each in found[:REVIEWS]]
    return sorted(kept, key=lambda each: (each["left"], each["right"]))


def newest(members: Iterable[Member]) -> tuple[list[Member], bool]:
    """The newest members that a snapshot can list, sorted by mention id, and whether others exist.

    Newest by when it happened, then by mention id: a function of the set alone.
    """
    latest = sorted(
        members, key=lambda each: (each["occurred_from"], each["mention_id"]), reverse=True
    )
    kept: list[Member] = []
    left = MEMBERS_BYTES
    for member in latest[:MEMBERS]:
        left -= _size(member)
        if left < 0:
            break
        kept.append(member)
    return sorted(kept, key=lambda each: each["mention_id"]), len(kept) < len(latest)


def _size(member: Member) -> int:
    """About the bytes that a member takes up: its many-valued fields, and the rest as one sum."""
    listed = (member["strands"], member["immediate"], member["counterparts"], member["rubric"])
    return 200 + sum(len(text) + 2 for texts in listed for text in texts)


def overcommon_place(entity_id: str, parameters: str) -> Entity:
    """The snapshot of a place that too many incidents share to say anything: it lists none."""
    entity = blank(entity_id, "place", "live", parameters)
    entity["flags"] = ["overcommon-place"]
    return entity


def place(entity_id: str, members: list[Member], parameters: str) -> Entity:
    """The snapshot of a place: its incidents, held together by the equality of its token."""
    entity = blank(entity_id, "place", "live", parameters)
    entity["members"], cut = newest(members)
    entity["flags"] = ["oversize"] if cut else []
    evidence = (("prior", "none", 0.0), ("place", "same", PLACE_WEIGHT))
    first, *others = entity["members"]
    entity["links"] = [
        link(first["mention_id"], other["mention_id"], "link", evidence) for other in others[:LINKS]
    ]
    return entity
