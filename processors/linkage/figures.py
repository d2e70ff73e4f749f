"""What an operator watches of linkage: counts over the matcher's memory, never an identity."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
from prometheus_client import Counter as Total
from prometheus_client import Gauge

from .blocking import KINDS
from .state import State

SIZES: Final = ((1, "1"), (2, "2"), (5, "3-5"), (10, "6-10"), (48, "11-48"))
"""Most mentions, and the name of the class, of persons by their number of mentions."""
LARGER: Final = "49 and more"

RECORDS = Total("concord_linkage_records_total", "Incidents and decisions taken into linkage.")
MENTIONS = Gauge("concord_linkage_mentions", "Mentions known.", ["agency"])
LINKED = Gauge(
    "concord_linkage_linked_mentions", "Mentions in a person of two or more.", ["agency"]
)
ENTITIES = Gauge("concord_linkage_persons", "Persons, by their number of mentions.", ["mentions"])
COMPONENTS = Gauge(
    "concord_linkage_components",
    "Records that are looked at together, by their number.",
    ["records"],
)
CANDIDATES = Total(
    "concord_linkage_candidates_total", "Records compared with a new one: they share a key with it."
)
REVIEWS = Gauge("concord_linkage_review_pairs", "Pairs of records that await a person's look.")
DEAD_KEYS = Gauge("concord_linkage_excluded_values", "Values left out.", ["kind"])
EPOCH = Gauge("concord_linkage_epoch", "The parameters in force.", ["version"])
RELINKS = Total("concord_linkage_relinks_total", "Times that everything was linked anew.")
RELINKING = Gauge("concord_linkage_relinking", "1 while everything is linked anew.")
RELINKED = Gauge("concord_linkage_relinked_records", "Incidents linked anew by the last relink.")
TO_RELINK = Gauge("concord_linkage_relink_records", "Incidents that the last relink is about.")
MEMORY_AT = Gauge("concord_linkage_memory_written_seconds", "When its memory was last kept.")
MEMORY_BYTES = Gauge("concord_linkage_memory_bytes", "Size of the memory that was last kept.")
MEMORY_SECONDS = Gauge("concord_linkage_memory_write_seconds", "How long writing it took.")
MEMORY_PAUSE = Gauge("concord_linkage_memory_pause_seconds", "How long linkage stood still for it.")
MEMORY_FAILED = Total("concord_linkage_memory_failures_total", "Times it could not be written.")
MEMORY_REFUSED = Total("concord_linkage_memory_refused_total", "Times it could not be used.")


@dataclass(frozen=True, slots=True)
class Figures:
    """Linkage in numbers at one moment."""

    version: str
    mentions: Counter[str]
    """Mentions by agency."""
    linked: Counter[str]
    """Mentions by agency that share a person with another."""
    persons: Counter[str]
    """Persons by class of size."""
    components: Counter[str]
    """Working components of records by class of size."""
    candidates: int
    """Comparisons of new records, in the life of this memory."""
    reviews: int
    excluded: Counter[str]
    """Over-common values by kind."""


def figures(state: State) -> Figures:
    """Count over the whole memory."""
    mentions: Counter[str] = Counter()
    linked: Counter[str] = Counter()
    persons: Counter[str] = Counter()
    for cluster in {id(each): each for each in state.clusters.values()}.values():
        members = [each for slot in cluster.slots for each in state.nodes[slot].mentions.values()]
        agencies = [state.incidents[each.incident_id].facts["agency"] for each in members]
        mentions.update(agencies)
        persons[_class(len(members))] += 1
        if len(members) > 1:
            linked.update(agencies)
    across = sum(
        state.clusters[slot] is not state.clusters[other]
        for slot in state.clusters
        for other in state.graph.edges[slot]
        if other > slot
    )
    components: Counter[str] = Counter()
    sizes, counts = np.unique(state.engine.component_sizes(), return_counts=True)
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        components[_class(size)] += count
    return Figures(
        version=state.version,
        mentions=mentions,
        linked=linked,
        persons=persons,
        components=components,
        candidates=state.engine.candidates(),
        reviews=across,
        excluded=Counter(state.exclusions.kinds()),
    )


def show(found: Figures, before: int | None = None) -> None:
    """Set the gauges; `before` is how many candidates there were when they were last set."""
    if before is not None:  # a memory that was made anew counts from nothing
        CANDIDATES.inc(found.candidates - before * (found.candidates >= before))
    REVIEWS.set(found.reviews)
    EPOCH.clear()
    EPOCH.labels(found.version).set(1)
    for agency, count in found.mentions.items():
        MENTIONS.labels(agency).set(count)
        LINKED.labels(agency).set(found.linked[agency])
    for name in (*(name for _, name in SIZES), LARGER):
        ENTITIES.labels(name).set(found.persons[name])
        COMPONENTS.labels(name).set(found.components[name])
    for kind in KINDS:
        DEAD_KEYS.labels(kind).set(found.excluded[kind])


def _class(size: int) -> str:
    return next((name for most, name in SIZES if size <= most), LARGER)
