"""Places and persons that very many incidents share: their snapshots stay small."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from processors.linkage import entities
from processors.linkage.agent import LinkageCore
from processors.log import LogRecord
from processors.repeats.alerts import alerts
from processors.repeats.rules import load as load_rules
from schemas.codec import encode
from schemas.records import Entity, HubIncident
from tests.unit.processors.linkage.builders import NOON, incident, live, matched, person

MIB = 2**20
FATHER = person(
    given_names="Imran",
    family_name="Hussain",
    date_of_birth="1984-03-12",
    phones=["07700 900123"],
)


def at_the_hall(number: int) -> HubIncident:
    """An incident at the town hall, on a day of its own."""
    made = incident(number, place=b"town hall")
    made["occurred"]["from"] = NOON - timedelta(hours=number)
    return made


def only(kind: str, *incidents: HubIncident) -> Entity:
    """The one live entity of a kind."""
    (entity,) = live(matched(*incidents), kind)
    return entity


def test_a_place_that_thousands_share_lists_nobody_and_says_so() -> None:
    """One incident too many; with one fewer they are all there, far below a message's limit."""
    incidents = [at_the_hall(number) for number in range(entities.MEMBERS + 1)]
    crowded = only("place", *incidents)
    assert (crowded["members"], crowded["links"]) == ([], [])
    assert crowded["flags"] == ["overcommon-place"]
    assert alerts(crowded, load_rules(), NOON) == []
    full = only("place", *incidents[1:])
    assert len(full["members"]) == entities.MEMBERS
    assert full["flags"] == []
    assert len(encode("entity.v1", full)) < MIB


def test_an_overcommon_place_revives_and_depends_on_the_set_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the order, and back below the limit after retractions as if it had never been."""
    monkeypatch.setattr(entities, "MEMBERS", 5)
    incidents = [at_the_hall(number) for number in range(8)]
    gone = [incident(number, version=2, retracted=True) for number in (1, 4, 6)]
    left = [one for number, one in enumerate(incidents) if number not in (1, 4, 6)]
    revived = only("place", *left)
    assert len(revived["members"]) == 5
    for seed in range(8):
        mixed = [*incidents, *gone]
        random.Random(seed).shuffle(mixed)
        assert only("place", *mixed) == revived
        random.Random(seed).shuffle(incidents)
        assert only("place", *incidents)["flags"] == ["overcommon-place"]


def test_traffic_stops_once_a_place_is_overcommon(monkeypatch: pytest.MonkeyPatch) -> None:
    """More incidents change nothing in its snapshot, so nothing is published."""
    monkeypatch.setattr(entities, "MEMBERS", 3)
    core = LinkageCore(matched())
    published = []
    for number in range(9):
        value = dict(at_the_hall(number))
        core.apply(LogRecord("hub.incident.v1", 0, number, str(value["incident_id"]), value, NOON))
        published.append(len(core.changes()))
    assert published == [1, 1, 1, 1, 0, 0, 0, 0, 0]


def test_a_person_with_very_many_mentions_lists_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """In any order the same; the entity keeps its id and says that it is cut."""
    monkeypatch.setattr(entities, "MEMBERS", 4)
    incidents = []
    for number in range(9):
        made = incident(number, FATHER)
        made["occurred"]["from"] = NOON + timedelta(days=number % 3)
        incidents.append(made)
    whole = only("person", *incidents)
    assert [each["incident_id"] for each in whole["members"]] == [
        "inc_002",
        "inc_005",
        "inc_007",
        "inc_008",
    ]
    assert "oversize" in whole["flags"]
    for seed in range(8):
        random.Random(seed).shuffle(incidents)
        assert only("person", *incidents) == whole
    assert "oversize" not in only("person", *incidents[:4])["flags"]


def test_wordy_members_are_cut_by_size_too() -> None:
    """Long risk forms and many persons in each incident do not make a message too large."""
    form = {f"a question of the form, number {at}": 1 for at in range(60)}
    incidents = []
    for number in range(entities.MEMBERS):
        made = incident(number, place=b"town hall")
        made["rubric"] = dict(form)
        incidents.append(made)
    entity = only("place", *incidents)
    assert 0 < len(entity["members"]) < entities.MEMBERS
    assert entity["flags"] == ["oversize"]
    assert len(encode("entity.v1", entity)) < MIB
