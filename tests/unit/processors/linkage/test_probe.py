"""Asking whether a person is known leaves no trace, and says what an incident would have said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.test_linkage_order import PEOPLE, feed, histories, state, unambiguous
from tests.unit.processors.linkage.builders import incident, live, matched, matcher, person, words

ASKED = datetime(2027, 1, 1, tzinfo=UTC)
KNOWN = {"given_names": "Yusuf", "family_name": "Adeyemi", "date_of_birth": "1984-03-12"}


def test_a_person_who_is_known_is_found_in_every_mention() -> None:
    """The mentions of one person, and not the neighbour's."""
    other = person(given_names="Oren", family_name="Kestrel", date_of_birth="1951-11-02")
    made = matched(incident(1, person(**KNOWN)), incident(2, person(**KNOWN)), incident(3, other))
    assert made.probe(words(**KNOWN), ASKED) == ["inc_001#0", "inc_002#0"]


def test_a_stranger_is_not_found() -> None:
    """Nobody is nearest: no answer is made up."""
    asked = words(given_names="Marek", family_name="Duda", date_of_birth="1990-01-05")
    assert matched(incident(1, person(**KNOWN))).probe(asked, ASKED) == []


@pytest.mark.timeout(240)
@settings(max_examples=60, deadline=None)
@given(histories, st.sampled_from(PEOPLE))
def test_a_question_leaves_no_trace(history: list, asked: dict) -> None:  # type: ignore[type-arg]
    """Entities stay byte for byte, before and after more comes; the answer is an incident's."""
    made, undisturbed = matcher(), matcher()
    for each in unambiguous(history):
        made.probe(words(**{**asked, "role": "victim"}), ASKED)
        feed(made, each)
        feed(undisturbed, each)
    found = made.probe(words(**{**asked, "role": "victim"}), ASKED)
    assert state(made) == state(undisturbed)
    undisturbed.apply(incident(99, person(**{**asked, "role": "victim"})))
    mine = [
        {member["mention_id"] for member in entity["members"]}
        for entity in live(undisturbed)
        if any(member["mention_id"] == "inc_099#0" for member in entity["members"])
    ]
    assert set(found) == set().union(*mine) - {"inc_099#0"}
