"""The truth judges alerts as its definition says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from concord.scenario import Mention, Truth, generate
from concord.scenario.truth import clues, connect, recurs
from schemas.identifiers import mention_id

START = datetime(2026, 1, 1, tzinfo=UTC)


def mention(person: str, day: int, *, agency: str = "a1", known: bool = True) -> Mention:
    """A mention of a person on a day."""
    known_by = frozenset({"birth"} if known else ())
    when = START + timedelta(days=day)
    return Mention(agency, f"r{person}{day}", 0, "victim", person, when, known_by)


def name(agency: str, reference: str) -> str:
    """A stand-in for the hub's id of an incident."""
    return f"inc_{agency}_{reference}"


def entity(entity_id: str, *mentions: Mention) -> dict[str, Any]:
    """An entity of these mentions."""
    members = [
        {"mention_id": mention_id(name(one.agency, one.reference), one.position)}
        for one in mentions
    ]
    return {"entity_id": entity_id, "members": members}


def alert(entity_id: str, status: str = "raised", rule: str = "repeat-victim") -> dict[str, Any]:
    """An alert about an entity."""
    return {"entity_id": entity_id, "status": status, "rule": rule}


def test_a_victim_is_found_when_one_entity_covers_two_of_the_incidents() -> None:
    """Two of three are enough."""
    seen = [mention("p", 0), mention("p", 10), mention("p", 20)]
    truth = Truth(mentions=seen)
    result = truth.evaluate([entity("e", *seen[:2])], [alert("e")], name)
    assert result.to_json() == {
        "victims_repeat": 1,
        "identifiable_victims": 1,
        "found": 1,
        "alerts": 1,
        "false": 0,
    }


def test_an_alert_that_rests_on_two_persons_is_false() -> None:
    """Without the mixing there is one incident each."""
    one, other = mention("p", 0), mention("q", 5)
    result = Truth(mentions=[one, other]).evaluate([entity("e", one, other)], [alert("e")], name)
    assert (result.alerts, result.false, result.found) == (1, 1, 0)


def test_an_alert_that_would_hold_without_the_stranger_is_not_false() -> None:
    """The stranger is a linkage error, not a false alert."""
    seen = [mention("p", 0), mention("p", 10), mention("q", 12)]
    result = Truth(mentions=seen).evaluate([entity("e", *seen)], [alert("e")], name)
    assert (result.found, result.false) == (1, 0)


def test_a_window_that_has_passed_was_found_all_the_same() -> None:
    """The truth looks at any twelve months, not at the last."""
    seen = [mention("p", 0), mention("p", 10)]
    result = Truth(mentions=seen).evaluate([entity("e", *seen)], [alert("e", "lapsed")], name)
    assert (result.alerts, result.found, result.false) == (1, 1, 0)


def test_cleared_and_other_alerts_are_not_counted() -> None:
    """Only standing repeat-victim alerts are judged."""
    seen = [mention("p", 0), mention("p", 10)]
    alerts = [
        alert("e", "cleared"),
        alert("e", "superseded"),
        alert("e", rule="cmarac-candidate"),
    ]
    result = Truth(mentions=seen).evaluate([entity("e", *seen)], alerts, name)
    assert (result.alerts, result.found) == (0, 0)


def test_anonymous_mentions_make_a_repeat_victim_whom_nobody_can_find() -> None:
    """They count for the truth and not for what could have been found."""
    truth = Truth(mentions=[mention("p", 0), mention("p", 9, known=False)])
    result = truth.evaluate([], [], name)
    assert (result.victims_repeat, result.identifiable_victims) == (1, 0)


def test_incidents_more_than_a_year_apart_are_no_repetition() -> None:
    """The window is twelve months."""
    assert not Truth(mentions=[mention("p", 0), mention("p", 366)]).repeat_victims()
    assert Truth(mentions=[mention("p", 0), mention("p", 365)]).repeat_victims()


@given(st.lists(st.integers(0, 900), max_size=8))
def test_recurrence_is_having_any_two_within_the_window(days: list[int]) -> None:
    """Adjacent pairs decide, as all pairs would."""
    happened = [(START + timedelta(days=day), index) for index, day in enumerate(days)]
    expected = any(
        abs(days[i] - days[j]) <= 365 for i in range(len(days)) for j in range(i + 1, len(days))
    )
    assert recurs(happened) == expected


def test_a_perfect_matcher_finds_everybody_and_nobody_else() -> None:
    """Entities made of the truth itself give full marks."""
    truth = generate(400, 9).truth
    by_person: dict[str, list[Mention]] = {}
    for one in truth.mentions:
        if one.identifiable and one.role in {"victim", "complainant"}:
            by_person.setdefault(one.person, []).append(one)
    entities = [entity(person, *mentions) for person, mentions in by_person.items()]
    alerts = [alert(person) for person in truth.repeat_victims(identifiable=True)]
    result = truth.evaluate(entities, alerts, name)
    assert result.found == result.identifiable_victims == result.alerts
    assert result.false == 0


def test_the_truth_survives_its_file() -> None:
    """Reading what was written gives the same truth."""
    truth = generate(30, 9).truth
    again = Truth.from_json(truth.to_json())
    assert again == truth


def test_reports_that_share_a_name_at_most_cannot_be_connected() -> None:
    """Each has a telephone number, but not the same."""
    one, two = mention("p", 0), mention("p", 9)
    assert connect([one, two])
    assert not connect([replace(one, clues=frozenset({"a"})), replace(two, clues=frozenset({"b"}))])
    assert not connect([one, replace(two, reference=one.reference)])
    assert not connect([one, mention("p", 366)])


def test_what_a_report_can_be_known_by() -> None:
    """Numbers by themselves; birth, home and tenancy beside a name only."""
    blank: dict[str, Any] = {
        "given_names": None,
        "family_name": None,
        "full_name": None,
        "date_of_birth": None,
        "address": None,
        "phones": [],
        "emails": [],
        "identifiers": [],
    }
    home = {"postcode": "CX1 1AA", "street": "Grove Avenue", "house": "7"}
    tenancy = {"scheme": "tenancy:oakline-homes", "value": "T1"}
    named = {**blank, "full_name": "A Person"}
    assert clues(named) == frozenset()
    assert clues({**blank, "address": home, "identifiers": [tenancy]}) == frozenset()
    assert len(clues({**named, "address": home, "identifiers": [tenancy]})) == 3
    assert clues({**blank, "phones": ["07700 900000"]}) == clues(
        {**blank, "phones": ["+44 (0)7700 900000"]}
    )
    first, second = ({**named, "date_of_birth": day} for day in ("1990-01-02", "1990-02-01"))
    assert clues(first) == clues(second)
