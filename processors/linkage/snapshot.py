"""Takes the snapshot of one entity out of the matcher's memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from schemas.identifiers import mention_id
from schemas.records import Entity, Member

from . import entities
from .mentions import Standing, opposed
from .nodes import Node, meetings
from .rulings import DIFFERENT
from .scoring import Scorer
from .state import Cluster, State


def snapshot(state: State, scorer: Scorer, entity_id: str) -> Entity:
    """An entity as it now stands; dissolved if nothing has that id any more."""
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
    across = list(_across(state, cluster))
    entity["review"] = entities.possible_links(across, state.index.rows, scorer)
    entity["flags"] = _flags(state, cluster, nodes, across, cut=cut)
    return entity


def _across(state: State, cluster: Cluster) -> Iterator[tuple[Node, Node]]:
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
                yield state.nodes[slot], state.nodes[other]


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
    across: Iterable[tuple[Node, Node]],
    *,
    cut: bool,
) -> list[str]:
    flags = {"oversize"} if cluster.oversize or cut else set()
    if any(state.index.overcommon(slot) for slot in cluster.slots):
        flags.add("overcommon-key")
    pairs = (pair for one, two in across for pair in meetings((one, two)))
    if any(opposed(one, two) for _, one, _, two in (*pairs, *meetings(nodes))):
        flags.add("role-conflict")
    return sorted(flags)
