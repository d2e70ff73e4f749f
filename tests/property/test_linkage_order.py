"""Entities depend on which incidents and rulings stand, never on how they came to be known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.linkage import blocking, clustering, graph
from processors.linkage.matcher import Matcher
from schemas.codec import encode
from schemas.records import Entity, HubIncident, LinkReview, Person
from tests.unit.processors.linkage.builders import incident, matcher, person, ruling

_HOME = {"house": "12", "street": "Mill Road", "locality": "Dunmoor", "postcode": "CX5 1AA"}
PEOPLE: list[Person] = [
    person(given_names="Imran", family_name="Hussain", date_of_birth="1984-03-12", **_HOME),
    person(given_names="Imran", family_name="Hussein", date_of_birth="1984-03-12"),
    person(full_name="Imran Hussain", phones=["07700 900123"], **_HOME),
    person(given_names="Imran", family_name="Hussain", date_of_birth="2009-11-30", **_HOME),
    person(full_name="I Hussain", date_of_birth="1984-12-03", phones=["07700 900123"]),
    person("suspect", given_names="Zoe", family_name="Smith", date_of_birth="1990-01-01"),
    person("suspect", full_name="Smith, Zoe", age=36, emails=["zoe.smith@example.org"]),
    person("suspect", given_names="Zoe", family_name="Smith", emails=["zoe.smith@example.org"]),
    person(given_names="Imran", family_name="Hussain"),
    person("complainant", given_names="Imran", family_name="Hussain", date_of_birth="1984-03-12"),
]

Input = HubIncident | LinkReview
people = st.lists(st.sampled_from(PEOPLE), max_size=3)
incidents = st.builds(
    lambda number, version, retracted, persons, place: incident(
        number, *persons, version=version, retracted=retracted, place=place
    ),
    st.integers(0, 9),
    st.integers(1, 3),
    st.sampled_from([False, False, False, True]),
    people,
    st.sampled_from([b"", b"somewhere", b"elsewhere"]),
)
mentions = st.builds(lambda number, at: f"inc_{number:03d}#{at}", st.integers(0, 9), st.just(0))
rulings = st.builds(
    lambda pair, decision, minute: ruling(pair[0], pair[1], decision, minute),
    st.lists(mentions, min_size=2, max_size=2, unique=True),
    st.sampled_from(["same", "different", "open"]),
    st.integers(0, 5),
)
histories = st.lists(incidents | rulings, max_size=24)


@contextmanager
def tight_limits() -> Iterator[None]:
    """Limits so small that keys die and revive and components break up in short histories."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in blocking.CAPS:
            patch.setitem(blocking.CAPS, kind, 2)
        for module in (graph, clustering):
            patch.setattr(module, "LARGEST", 4)
        yield


def feed(made: Matcher, each: Input) -> set[str]:
    """Give the matcher an incident or a ruling."""
    if "decision" in each:
        return made.decide(cast("LinkReview", each))
    return made.apply(each)


def state(made: Matcher) -> list[bytes]:
    """All entities, as bytes."""
    return [encode("entity.v1", entity) for entity in made.entities()]


def unambiguous(history: list[Input]) -> list[Input]:
    """The history without second contents under one version, which no agency's digest allows."""
    seen: dict[tuple[str, int, bool], Input] = {}
    for each in history:
        if "decision" not in each:
            this = each
            seen.setdefault((this["incident_id"], this["version"], this["retracted"]), this)
    return [each for each in history if "decision" in each] + list(seen.values())


@settings(max_examples=150)
@given(histories, st.randoms(use_true_random=False))
def test_order_and_duplicates_leave_no_trace(history: list[Input], random: object) -> None:
    """Any permutation of a history, with duplicates, ends in the same bytes."""
    history = unambiguous(history)
    shuffled = [*history, *history[:5]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    with tight_limits():
        first, second = matcher(), matcher()
        for each in history:
            feed(first, each)
        for each in shuffled:
            feed(second, each)
        assert state(first) == state(second)


def standing_of(history: list[Input]) -> dict[str, HubIncident]:
    """The version of each incident that stands in the end."""
    standing: dict[str, HubIncident] = {}
    for each in history:
        if "decision" not in each:
            incident_ = each
            known = standing.get(incident_["incident_id"])
            rank = (incident_["retracted"], incident_["version"])
            if known is None or rank > (known["retracted"], known["version"]):
                standing[incident_["incident_id"]] = incident_
    return standing


@settings(max_examples=150)
@given(histories)
def test_only_what_stands_counts(history: list[Input]) -> None:
    """A fresh matcher that sees only the final versions says the same as one that saw all."""
    history = unambiguous(history)
    standing = standing_of(history)
    with tight_limits():
        lived, fresh = matcher(), matcher()
        for each in history:
            feed(lived, each)
        for each in history:
            if "decision" in each:
                feed(fresh, each)
        for name in sorted(standing):
            if not standing[name]["retracted"]:
                feed(fresh, standing[name])
        assert state(lived) == state(fresh)


@settings(max_examples=150)
@given(histories)
def test_every_change_is_announced(history: list[Input]) -> None:
    """Whoever follows the announced ids knows every entity as it stands."""
    with tight_limits():
        made = matcher()
        known: dict[str, Entity] = {}
        for each in history:
            for entity_id in feed(made, each):
                known[entity_id] = made.entity(entity_id)
        current = {key: now for key, now in known.items() if now["status"] != "dissolved"}
        assert current == {entity["entity_id"]: entity for entity in made.entities()}


@settings(max_examples=100)
@given(histories)
def test_each_mention_is_in_exactly_one_live_entity(history: list[Input]) -> None:
    """Live entities partition the mentions; every other id leads to a live one."""
    made = matcher()
    for each in history:
        feed(made, each)
    by_id = {entity["entity_id"]: entity for entity in made.entities()}
    persons = [entity for entity in by_id.values() if entity["kind"] == "person"]
    listed = [member["mention_id"] for entity in persons for member in entity["members"]]
    assert len(listed) == len(set(listed)) == len(persons)
    for person_ in persons:
        assert person_["status"] == "live" or by_id[person_["heir"] or ""]["status"] == "live"


@settings(max_examples=60)
@given(histories, st.integers(0, 24))
def test_a_restart_from_what_was_kept_leaves_no_trace(history: list[Input], at: int) -> None:
    """Wherever it comes: the same entities then, and the same whatever comes later."""
    history = unambiguous(history)
    with tight_limits():
        lived, again = matcher(), matcher()
        for each in history[:at]:
            feed(lived, each)
        again.recall(iter([bytes(piece) for piece in lived.frozen().pieces()]))
        assert state(again) == state(lived)
        for each in history[at:]:
            assert feed(again, each) == feed(lived, each)
        assert state(again) == state(lived)
