"""Takes the snapshot of one entity out of the matcher's memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import cast

from schemas.identifiers import mention_id
from schemas.records import Entity, Member

from . import entities
from .entities import Possible
from .exclusions import PREFIX
from .households import LISTED
from .mentions import Standing, opposed
from .nodes import Node, meetings
from .rulings import DIFFERENT, SAME
from .scoring import Scorer
from .state import Cluster, State


def snapshot(state: State, scorer: Scorer, entity_id: str) -> Entity:
    """An entity as it now stands; dissolved if nothing has that id any more."""
    if entity_id.startswith(PREFIX):
        return state.exclusions.entity(entity_id, state.version)
    if entity_id in state.places:
        incidents = state.places[entity_id]
        if len(incidents) > entities.MEMBERS:
            return entities.overcommon_place(entity_id, state.version)
        members = [_member(state.incidents[each], -1, "place", "other", []) for each in incidents]
        return entities.place(entity_id, members, state.version)
    owner = state.owners.get(entity_id)
    if owner is None:
        kind = "place" if entity_id.startswith("plc_") else "person"
        return entities.blank(entity_id, kind, "dissolved", state.version)
    cluster = state.clusters[owner.slot]
    if cluster.entity_id != entity_id:
        return entities.absorbed(entity_id, cluster.entity_id, state.version)
    return _person(state, scorer, cluster)


def _member(
    of: Standing, position: int, role: str, category: str, counterparts: list[str]
) -> Member:
    own = {
        "mention_id": mention_id(of.incident_id, position),
        "position": position,
        "role": role,
        "category": category,
        "counterparts": counterparts,
    }
    return cast("Member", of.facts | own)


def _person(state: State, scorer: Scorer, cluster: Cluster) -> Entity:
    entity = entities.blank(cluster.entity_id, "person", "live", state.version)
    nodes = [state.nodes[slot] for slot in cluster.slots]
    members = [
        _member(
            state.incidents[each.incident_id],
            each.position,
            each.role,
            each.category,
            state.opposite(each),
        )
        for node in nodes
        for each in node.mentions.values()
    ]
    entity["members"], cut = entities.newest(members)
    entity["links"] = entities.links_within(nodes, state.index.rows, scorer)
    conflicts = list(_contradicted(state, cluster))
    known = {(each.one.slot, each.two.slot) for each in conflicts}
    across = (p for p in _across(state, cluster) if (p.one.slot, p.two.slot) not in known)
    possible = [*conflicts, *across]
    entity["review"] = entities.possible_links(possible, state.index.rows, scorer)
    entity["flags"] = _flags(state, cluster, nodes, possible, cut=cut)
    entity["households"] = _households(state, scorer, cluster)
    return entity


def _households(state: State, scorer: Scorer, cluster: Cluster) -> list[str]:
    """Other persons of the same household."""
    found: set[str] = set()
    for slot in cluster.slots:
        node = state.nodes[slot]
        for other in state.households.near(slot, node.words):
            theirs = state.clusters[other]
            if theirs is not cluster and theirs.entity_id not in found:
                evidence = partial(scorer.evidence, state.index.rows, slot, other)
                if state.households.related(node.signature, state.nodes[other].signature, evidence):
                    found.add(theirs.entity_id)
    return sorted(found)[:LISTED]


def _across(state: State, cluster: Cluster) -> Iterator[Possible]:
    """Pairs of nodes of this and other entities that might be one person and are not ruled."""
    ruled_out: dict[str, bool] = {}
    for slot in cluster.slots:
        for other in state.graph.edges[slot]:
            theirs = state.clusters[other]
            if theirs is cluster:
                continue
            if theirs.entity_id not in ruled_out:
                ruled_out[theirs.entity_id] = _ruled_apart(state, cluster, theirs)
            if not ruled_out[theirs.entity_id]:
                yield _possible(state.nodes[slot], state.nodes[other])


def _possible(one: Node, two: Node) -> Possible:
    """A pair under the mentions that stand for it: if they are opposed in an incident, those."""
    sides = sorted(
        (left.mention_id, right.mention_id)
        for _, left, _, right in meetings((one, two))
        if opposed(left, right)
    )
    left, right = sides[0] if sides else (one.representative(), two.representative())
    return Possible(one, two, left, right, "review", bool(sides))


def _contradicted(state: State, cluster: Cluster) -> Iterator[Possible]:
    """Mentions that were ruled to be one person with a mention that other rulings keep away."""
    if not state.rulings.any():
        return
    for slot in cluster.slots:
        node = state.nodes[slot]
        for name in node.mentions:
            for other, ruling in state.rulings.on(name).items():
                partner = state.mentions.get(other)
                if ruling == SAME and partner and state.clusters[partner.slot] is not cluster:
                    two = state.nodes[partner.slot]
                    yield Possible(node, two, name, other, "conflict", opposed=False)


def _ruled_apart(state: State, one: Cluster, two: Cluster) -> bool:
    if not state.rulings.any():
        return False
    there = {name for slot in two.slots for name in state.nodes[slot].mentions}
    return any(
        ruling == DIFFERENT and other in there
        for slot in one.slots
        for name in state.nodes[slot].mentions
        for other, ruling in state.rulings.on(name).items()
    )


def _flags(
    state: State,
    cluster: Cluster,
    nodes: list[Node],
    possible: Sequence[Possible],
    *,
    cut: bool,
) -> list[str]:
    flags = {"oversize"} if cluster.oversize or cut else set()
    if any(state.index.overcommon(slot) for slot in cluster.slots):
        flags.add("overcommon-key")
    if any(each.opposed for each in possible) or any(
        opposed(one, two) for _, one, _, two in meetings(nodes)
    ):
        flags.add("role-conflict")
    if any(each.band == "conflict" for each in possible):
        flags.add("ruling-conflict")
    return sorted(flags)
