"""Which alerts an entity has, and what they say."""

from __future__ import annotations

from typing import Any

import pytest

from processors.repeats.alerts import alert_id, alerts, next_change
from processors.repeats.rules import load
from tests.unit.processors.repeats.entities import entity, member, moment

RULES = load()
LATER = "2030-01-01"


def by_rule(whole: Any, as_of: str = "2020-01-01") -> dict[str, Any]:
    """The alerts of an entity by rule; by default as of its newest record."""
    return {alert["rule"]: alert for alert in alerts(whole, RULES, moment(as_of))}


def status(rule: str, *members: dict[str, Any], as_of: str = "2020-01-01", **more: Any) -> str:
    """The status of one rule's alert, or `none`."""
    found = by_rule(entity(*members, **more), as_of)
    return str(found[rule]["status"]) if rule in found else "none"


def suspect(number: int, on: str, *victims: str) -> Any:
    """A suspect's mention with these victims."""
    return member(number, on, role="suspect", counterparts=list(victims))


def test_one_incident_is_no_repeat() -> None:
    """However often the person is mentioned in it."""
    again = member(1, "2025-01-01", position=1, role="complainant")
    assert status("repeat-victim", member(1, "2025-01-01"), again) == "none"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("2024-03-01", "2025-03-01T23:59", "raised"),
        ("2024-03-01T23:59", "2025-03-02T00:00", "none"),
        ("2024-02-29", "2025-02-28", "raised"),
        ("2024-02-29", "2025-03-01", "none"),
        ("2023-03-01", "2024-02-29", "raised"),
    ],
)
def test_two_incidents_count_up_to_exactly_twelve_months(
    first: str, second: str, expected: str
) -> None:
    """The same day a year later still counts, the day after does not."""
    assert status("repeat-victim", member(1, first), member(2, second)) == expected


@pytest.mark.parametrize(("third", "expected"), [("2025-04-01", "raised"), ("2025-04-02", "none")])
def test_a_place_counts_up_to_exactly_ninety_days(third: str, expected: str) -> None:
    """Three incidents from day 0 to day 90."""
    seen = [member(n, day, role="") for n, day in enumerate(["2025-01-01", "2025-02-01", third])]
    assert status("repeat-location", *seen, kind="place") == expected


def test_a_repeat_stands_for_its_window_and_then_lapses() -> None:
    """Twelve months from the latest incident, that day included."""
    pair = [member(1, "2024-06-01"), member(2, "2025-01-10")]
    assert status("repeat-victim", *pair, as_of="2026-01-10T23:59") == "raised"
    assert status("repeat-victim", *pair, as_of="2026-01-11") == "lapsed"


def test_what_was_never_within_a_window_has_no_alert() -> None:
    """Two incidents three years apart are no lapsed repeat."""
    assert status("repeat-victim", member(1, "2020-01-01"), member(2, "2023-01-01")) == "none"


def test_an_incident_raises_its_alert_without_a_tick() -> None:
    """An old clock does not hide a new record."""
    pair = [member(1, "2025-01-01"), member(2, "2025-01-10")]
    assert status("repeat-victim", *pair, as_of="1970-01-01") == "raised"


def test_a_suspect_is_no_repeat_victim() -> None:
    """Roles are kept apart."""
    seen = [suspect(1, "2025-01-01"), suspect(2, "2025-01-10")]
    assert status("repeat-victim", *seen) == "none"


def test_the_reasons_count_incidents_days_and_agencies() -> None:
    """One sentence with the numbers, and a warning where one event may have been told twice."""
    whole = entity(
        member(1, "2025-01-01"),
        member(2, "2025-02-11T09:00", agency="cst"),
        member(3, "2025-02-11T10:00", agency="nhs"),
    )
    reasons = by_rule(whole)["repeat-victim"]["reasons"]
    assert reasons[0] == (
        "Three incidents in 41 days, told to three agencies; the rule asks for 2 within 12 months."
    )
    assert reasons[1].startswith("Two of the incidents were recorded by different agencies")


def test_an_alert_carries_counts_and_never_more() -> None:
    """Agencies, strands, districts, window, ids, score with unknowns."""
    whole = entity(
        member(1, "2025-01-01", strands=["race", "religion"], rubric={"1": 5, "2": 4}),
        member(2, "2025-02-01", agency="cst", district=None),
    )
    alert = by_rule(whole)["repeat-victim"]
    assert alert["alert_id"] == alert_id("repeat-victim", "ent_1")
    assert (alert["incidents"], alert["agencies"]) == (2, ["cst", "wyp"])
    assert (alert["strands"], alert["districts"]) == (["race", "religion"], ["D1"])
    assert (alert["since"], alert["until"]) == (moment("2025-01-01"), moment("2025-02-01"))
    assert alert["mention_ids"] == ["inc_1#0", "inc_2#0"]
    assert (alert["score"], alert["score_upper"]) == (9, 50)
    assert len(alert["items_unknown"]) == 12
    assert alert["rules_version"] == RULES.version


def test_a_full_form_says_nothing_of_unknown_items() -> None:
    """Nothing is left that could raise it."""
    form = dict.fromkeys(RULES.rubric.items, 0)
    pair = [member(1, "2025-01-01", rubric=form), member(2, "2025-02-01")]
    reasons = by_rule(entity(*pair))["repeat-victim"]["reasons"]
    assert "The risk form gives 0 of 50 points on 14 of 14 items." in reasons


def test_links_are_shown_and_possible_ones_kept_apart() -> None:
    """A possible match is named as such and not counted."""
    link = {"left": "inc_1#0", "right": "inc_2#0", "weight": 9.0, "band": "link", "evidence": []}
    maybe = {"left": "inc_2#0", "right": "inc_8#0", "weight": 1.0, "band": "review", "evidence": []}
    other = {"left": "inc_7#0", "right": "inc_8#0", "weight": 1.0, "band": "link", "evidence": []}
    pair = [member(1, "2025-01-01"), member(2, "2025-02-01")]
    whole = entity(*pair, links=[link, other], review=[maybe], flags=["role-conflict"])
    alert = by_rule(whole)["repeat-victim"]
    assert (alert["links"], alert["possible"], alert["incidents"]) == ([link], [maybe], 2)
    assert alert["reasons"][-2:] == [
        "One possible match awaits review; not counted here.",
        "Linkage asks for a look before use: role conflict.",
    ]


@pytest.mark.parametrize(("third", "expected"), [("2025-07-01", "raised"), ("2025-07-02", "none")])
def test_three_in_six_months_make_a_candidate(third: str, expected: str) -> None:
    """The first of CMARAC's four ways in, to the day."""
    seen = [member(n, day) for n, day in enumerate(["2025-01-01", "2025-03-01", third])]
    assert status("cmarac-candidate", *seen) == expected


@pytest.mark.parametrize(("last", "expected"), [(5, "raised"), (4, "none")])
def test_a_score_of_32_makes_a_candidate(last: int, expected: str) -> None:
    """On one incident; 31 does not."""
    form = {"1": 5, "2": 4, "5": 4, "6": 4, "9": 5, "10": 5, "13": last}
    assert status("cmarac-candidate", member(1, "2025-01-01", rubric=form)) == expected


@pytest.mark.parametrize(
    ("again", "expected"),
    [("2025-02-09", "none"), ("2026-02-10", "raised"), ("2026-02-11", "none")],
)
def test_any_recurrence_after_a_referral_makes_a_candidate(again: str, expected: str) -> None:
    """After it, and up to twelve months after it."""
    referred = member(1, "2024-12-01", referred_at=moment("2025-02-10"))
    assert status("cmarac-candidate", referred, member(2, again)) == expected


def test_a_referral_since_the_recurrence_is_said() -> None:
    """So that nobody refers twice."""
    seen = [
        member(1, "2025-01-01", referred_at=moment("2025-02-01")),
        member(2, "2025-03-01", referred_at=moment("2025-03-20")),
    ]
    reasons = by_rule(entity(*seen))["cmarac-candidate"]["reasons"]
    assert "A panel has taken another referral since." in reasons


@pytest.mark.parametrize(
    ("severities", "agencies", "expected"),
    [
        ((1, 3), ("wyp", "cst"), "raised"),
        ((1, 2), ("wyp", "cst"), "none"),
        ((1, 3), ("wyp", "wyp"), "none"),
        ((3, 1), ("wyp", "cst"), "none"),
    ],
)
def test_severity_rising_across_agencies_makes_a_candidate(
    severities: tuple[int, int], agencies: tuple[str, str], expected: str
) -> None:
    """By two levels or more, told to two agencies or more."""
    days = ["2025-01-01", "2025-02-01"]
    seen = [
        member(n, day, severity=severities[n], agency=agencies[n]) for n, day in enumerate(days)
    ]
    assert status("cmarac-candidate", *seen) == expected


def test_one_event_told_twice_is_no_rise() -> None:
    """Two agencies may see one day's event differently."""
    seen = [member(1, "2025-01-01", severity=1), member(2, "2025-01-01", severity=4, agency="cst")]
    assert status("cmarac-candidate", *seen) == "none"


@pytest.mark.parametrize(
    ("severities", "expected"),
    [((1, 2, 3), "raised"), ((1, 1, 3), "raised"), ((1, 3, 2), "none"), ((2, 2, 3), "none")],
)
def test_escalation_needs_three_days_and_two_levels(
    severities: tuple[int, ...], expected: str
) -> None:
    """Severity must not fall on the way."""
    seen = [member(n, f"2025-0{n + 1}-01", severity=s) for n, s in enumerate(severities)]
    assert status("escalation", *seen) == expected


def test_a_rise_must_fit_into_its_window() -> None:
    """A slow rise over two years is none."""
    seen = [member(n, f"202{n}-01-01", severity=n) for n in (1, 3, 5)]
    assert status("escalation", *seen) == "none"


def test_two_victims_or_three_incidents_make_a_repeat_perpetrator() -> None:
    """But two victims of one incident do not."""
    two_victims = [suspect(1, "2025-01-01", "ent_a"), suspect(2, "2025-02-01", "ent_b")]
    one_victim = [suspect(1, "2025-01-01", "ent_a"), suspect(2, "2025-02-01", "ent_a")]
    assert status("repeat-perpetrator", *two_victims) == "raised"
    assert status("repeat-perpetrator", *one_victim) == "none"
    assert status("repeat-perpetrator", *one_victim, suspect(3, "2025-03-01")) == "raised"
    assert status("repeat-perpetrator", suspect(1, "2025-01-01", "ent_a", "ent_b")) == "none"


def test_a_repeat_perpetrator_is_to_be_confirmed() -> None:
    """A link is not an identification, and the alert says so."""
    seen = [suspect(1, "2025-01-01", "ent_a"), suspect(2, "2025-02-01", "ent_b")]
    assert any("confirm" in one for one in by_rule(entity(*seen))["repeat-perpetrator"]["reasons"])


def test_the_same_two_people_twice_is_an_alert_about_the_victim() -> None:
    """Once for the pair, on the victim's side."""
    twice = [member(n, f"2025-0{n}-01", counterparts=["ent_x"]) for n in (1, 2)]
    once_each = [member(n, f"2025-0{n}-01", counterparts=[f"ent_{n}"]) for n in (1, 2)]
    assert status("same-victim-perpetrator", *twice) == "raised"
    assert status("same-victim-perpetrator", *once_each) == "none"
    accused = [suspect(n, f"2025-0{n}-01", "ent_v") for n in (1, 2)]
    assert status("same-victim-perpetrator", *accused) == "none"


@pytest.mark.parametrize("kind", ["weapon", "injury", "threat_to_life", "arson"])
def test_one_grave_incident_is_immediate(kind: str) -> None:
    """At once, for a person and for a place, until a panel cycle has passed."""
    grave = member(1, "2025-01-01", immediate=[kind])
    alert = by_rule(entity(grave))["immediate-risk"]
    assert (alert["status"], alert["level"], alert["incidents"]) == ("raised", "immediate", 1)
    assert status("immediate-risk", grave, kind="place") == "raised"
    assert status("immediate-risk", grave, as_of="2025-02-02") == "lapsed"


def test_only_the_ways_in_that_still_reach_are_shown() -> None:
    """A candidate by frequency and by severity keeps what has not yet passed."""
    seen = [
        member(1, "2025-01-01", severity=3),
        member(2, "2025-02-01", severity=5, agency="cst"),
        member(3, "2025-03-01"),
    ]
    early, late = (by_rule(entity(*seen), day)["cmarac-candidate"] for day in ("2025-04-01", LATER))
    middle = by_rule(entity(*seen), "2025-10-01")["cmarac-candidate"]
    assert (early["incidents"], middle["incidents"], late["incidents"]) == (3, 2, 3)
    assert (middle["status"], late["status"], late["level"]) == ("raised", "lapsed", "standard")


def test_an_absorbed_entity_points_to_the_alerts_of_its_heir() -> None:
    """Rule by rule, without evidence."""
    gone = entity(status="absorbed", heir="ent_2")
    found = by_rule(gone)
    assert found["repeat-victim"]["status"] == "superseded"
    assert found["repeat-victim"]["heir"] == alert_id("repeat-victim", "ent_2")
    assert next_change(gone, RULES, moment(LATER)) is None


def test_a_dissolved_entity_has_no_alerts() -> None:
    """What stood is cleared by the difference."""
    assert by_rule(entity(member(1, "2025-01-01"), status="dissolved")) == {}


def test_the_next_change_is_the_first_window_to_pass() -> None:
    """And None when time can change nothing more."""
    whole = entity(member(1, "2024-01-01"), member(2, "2025-01-10", immediate=["weapon"]))
    first = next_change(whole, RULES, moment("2025-01-10"))
    assert first == moment("2025-02-11")
    whole = entity(member(1, "2024-06-01"), member(2, "2025-01-10"))
    assert next_change(whole, RULES, moment("2025-01-10")) == moment("2026-01-11")
    assert next_change(whole, RULES, moment(LATER)) is None
