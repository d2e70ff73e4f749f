"""What an operator watches of linkage says what is there, and names nobody."""

from __future__ import annotations

from typing import Any

from prometheus_client import REGISTRY

from processors.linkage import figures
from processors.linkage.agent import LinkageCore
from processors.linkage.matcher import Matcher
from processors.linkage.parameters import load
from processors.log import LogRecord
from tests.unit.processors.linkage.builders import NOON, in_clear, incident, person

HOME = {"house": "12", "street": "Mill Road", "locality": "Dunmoor", "postcode": "CX5 1AA"}
RUTH = person(given_names="Ruth", family_name="Abelson", date_of_birth="1950-10-09", **HOME)
NEAR = person(given_names="Ruth", family_name="Abelson", **HOME)
ZOE = person("suspect", given_names="Zoe", family_name="Marsh", emails=["zoe@example.org"])
INCIDENTS = [incident(0, RUTH), incident(1, NEAR), incident(2, ZOE), incident(3, RUTH, ZOE)]


def surveyed() -> LinkageCore:
    """A core that has taken in all of it and looked at itself."""
    core = LinkageCore(Matcher(load(), in_clear))
    for at, each in enumerate(INCIDENTS):
        value: Any = each
        core.apply(LogRecord("hub.incident.v1", 0, at, "", value, NOON))
    core.changes(whole=True)
    return core


def shown(name: str, **labels: str) -> float:
    """What a metric shows."""
    found = REGISTRY.get_sample_value(name, labels)
    assert found is not None
    return found


def test_persons_components_agencies_and_the_backlog_are_counted() -> None:
    """Ruth has three mentions in two records, Zoe two in one."""
    core = surveyed()
    engine = core._matcher._state.engine
    assert shown("concord_linkage_persons", mentions="3-5") == 1
    assert shown("concord_linkage_persons", mentions="2") == 1
    assert shown("concord_linkage_components", records="2") == 1
    assert shown("concord_linkage_components", records="1") == 1
    assert shown("concord_linkage_mentions", agency="south") == 3
    assert shown("concord_linkage_linked_mentions", agency="south") == 3
    assert shown("concord_linkage_review_pairs") == 0
    alive = list(core._matcher._state.nodes)
    found = sorted(len(engine.component(slot)) for slot in alive)
    assert sorted(size for size in engine.component_sizes().tolist() for _ in range(size)) == found


def test_candidates_are_those_of_new_records_alone() -> None:
    """Ruth's second record met her first; what is looked at again counts once."""
    before = figures.CANDIDATES._value.get()
    core = surveyed()
    assert figures.CANDIDATES._value.get() == before + 1
    core._survey()
    assert figures.CANDIDATES._value.get() == before + 1
    again = LinkageCore(Matcher(load(), in_clear))
    again.recall(iter([bytes(each) for each in core.frozen()]))
    again._survey()
    assert figures.CANDIDATES._value.get() == before + 1


def test_sizes_of_components_are_right_in_rings_of_any_length() -> None:
    """Removed rows belong to none."""
    core = surveyed()
    engine = core._matcher._state.engine
    for number in range(4, 60):
        one: Any = incident(number, person(given_names="Ruth", **HOME, age=number))
        core.apply(LogRecord("hub.incident.v1", 0, number, "", one, NOON))
    gone: Any = incident(10, version=2, retracted=True)
    core.apply(LogRecord("hub.incident.v1", 0, 99, "", gone, NOON))
    expected: list[int] = []
    seen: set[int] = set()
    for slot in core._matcher._state.nodes:
        ring = engine.component(slot)
        if seen.isdisjoint(ring):
            expected.append(len(ring))
        seen.update(ring)
    assert sorted(engine.component_sizes().tolist()) == sorted(expected)
    assert len(expected) > 1
