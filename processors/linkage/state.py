"""What the matcher remembers: incidents, mentions, rows, edges, clusters, rulings.

Everything here can be had again by replaying the current incidents and rulings.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .exclusions import Exclusions
from .households import Households
from .mentions import Mention, Standing, opposed
from .nodes import Node
from .rulings import Rulings

if TYPE_CHECKING:
    from .engine.engine import Engine  # numba costs a second to import


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
    engine: Engine
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

    @property
    def index(self) -> Engine:
        """What knows rows by their keys."""
        return self.engine

    @property
    def graph(self) -> Engine:
        """What knows edges."""
        return self.engine

    def founder(self, slots: Iterable[int]) -> Mention:
        """The mention after which the entity of these rows is named."""
        mentions = (each for slot in slots for each in self.nodes[slot].mentions.values())
        return min(mentions, key=lambda each: each.seniority)

    def opposite(self, mention: Mention) -> list[str]:
        """Entity ids on the other side of a mention's incident, sorted."""
        return sorted(
            {
                self.clusters[other.slot].entity_id
                for other in self.incidents[mention.incident_id].mentions.values()
                if opposed(mention, other) and other.slot in self.clusters
            }
        )
