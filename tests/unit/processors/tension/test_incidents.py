"""Incidents as the hub counts them."""

from __future__ import annotations

from typing import Any

from processors.tension.incidents import item_of
from schemas import codec
from tests.unit.processors.intake.example import incident, intake, message


def hub_incident(**changes: Any) -> Any:
    """An incident as intake publishes it."""
    return intake().take(message(incident(**changes))).incident


def test_an_incident_is_an_evidenced_signal_of_full_weight() -> None:
    """Under its own id, at its place and time, without anything sealed."""
    hub = hub_incident(location={"ward": "E05"})
    item = item_of(hub)
    assert item["item_id"] == hub["incident_id"]
    assert (item["source"], item["eep"], item["weight_milli"]) == ("incident", "evidenced", 1000)
    assert item["strands"] == hub["strands"] == ["other", "race", "religion"]
    assert (item["ward"], item["district"]) == ("E05", "north")
    assert item["group_affected"] == "religion:sikh"
    assert item["details"] is None


def test_a_group_is_named_only_if_it_is_one() -> None:
    """Two targets are no single group."""
    hub = hub_incident(perceived_target=["religion:sikh", "race:asian"])
    assert item_of(hub)["group_affected"] is None


def test_a_retracted_incident_counts_nothing() -> None:
    """Its item is retracted, in its version, and says nothing more."""
    item = item_of(hub_incident(retracted=True, version=2, persons=[]))
    assert (item["retracted"], item["version"], item["weight_milli"]) == (True, 2, 0)
    assert (item["eep"], item["handling"], item["ward"]) == (None, None, None)


def test_an_item_is_a_record_of_the_contract() -> None:
    """It could travel."""
    for hub in (hub_incident(), hub_incident(retracted=True, version=2, persons=[])):
        assert codec.encode("tension-item.v1", item_of(hub))
