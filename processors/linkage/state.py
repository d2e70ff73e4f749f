"""What the matcher remembers: incidents, mentions, rows, edges, clusters, rulings.

Everything here can be had again by replaying the current incidents and rulings.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .exclusions import Exclusions
from .graph import Graph
from .households import Households
from .index import Index
from .mentions import Mention, Standing, opposed
from .nodes import Node
from .rulings import Rulings


@dataclass(slots=True)
class Cluster:
    """Rows held to be one person, in canonical order, and the id of their entity."""

    entity_id: str
    slots: tuple[int, ...]
    oversize: bool


@dataclass(slots=True)
class State:
    """The matcher's memory; `version` is that of the parameters."""

    version: str
    index: Index = field(default_factory=Index)
    graph: Graph = field(default_factory=Graph)
    rulings: Rulings = field(default_factory=Rulings)
    incidents: dict[str, Standing] = field(default_factory=dict)
    mentions: dict[str, Mention] = field(default_factory=dict)
    owners: dict[str, Mention] = field(default_factory=dict)
    """Entity id -> the mention that gives it."""
    nodes: dict[int, Node] = field(default_factory=dict)
    by_signature: dict[bytes, Node] = field(default_factory=dict)
    clusters: dict[int, Cluster] = field(default_factory=dict)
    places: dict[str, set[str]] = field(default_factory=dict)
    """Entity id of a place -> its incidents."""
    exclusions: Exclusions = field(default_factory=Exclusions)
    households: Households = field(default_factory=Households)

    def opposite(self, mention: Mention) -> list[str]:
        """Entity ids on the other side of a mention's incident, sorted."""
        return sorted(
            {
                self.clusters[other.slot].entity_id
                for other in self.incidents[mention.incident_id].mentions.values()
                if opposed(mention, other) and other.slot in self.clusters
            }
        )
