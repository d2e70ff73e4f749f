"""Topic names and owners."""

from __future__ import annotations

import pytest

from schemas import topics


def test_an_agencys_topics_bear_its_id() -> None:
    """And lead back to it."""
    name = topics.topic_for("incident", "north-council")

    assert name == "agency.north-council.incident.v1"
    assert topics.agency_of(name) == "north-council"
    assert topics.record_of(name) == "incident.v1"


@pytest.mark.parametrize("agency", ["", "a", "North", "a.b", "-ab", "ab-", "a*", "a" * 33, "1ab"])
def test_an_id_that_could_reach_further_is_refused(agency: str) -> None:
    """An id is part of topic names and rights."""
    with pytest.raises(ValueError, match="agency id"):
        topics.topic_for("incident", agency)


def test_hub_topics_belong_to_no_agency() -> None:
    """However they are named."""
    assert all(topics.agency_of(topic.name) is None for topic in topics.hub_topics())
    assert topics.agency_of("agency.north.incident.v1.evil") is None


def test_the_incident_log_has_one_partition() -> None:
    """One total order: linkage depends on it."""
    assert topics.TOPICS["hub.incident.v1"].partitions == 1


def test_what_processors_publish_is_compacted() -> None:
    """A reconciler reads back what stands."""
    for name in ("incident", "entity", "alert", "tension-signal", "agency"):
        assert topics.TOPICS[f"hub.{name}.v1"].cleanup == "compact"
