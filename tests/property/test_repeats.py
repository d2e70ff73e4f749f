"""What the alert rules promise for any entity."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.repeats.alerts import alerts, diff, next_change
from processors.repeats.rules import load
from tests.unit.processors.repeats.entities import entity, member, moment

RULES = load()
START = moment("2023-01-01")


@st.composite
def mentions(draw: st.DrawFn, size: int = 8) -> list[dict[str, Any]]:
    """Mentions in up to `size` incidents over three years."""
    numbers = draw(st.lists(st.integers(1, 99), max_size=size, unique=True))
    return [_mention(draw, number) for number in numbers]


def _mention(draw: st.DrawFn, number: int) -> Any:
    at = START + timedelta(hours=draw(st.integers(0, 26_000)))
    return member(
        number,
        "2023-01-01",
        occurred_from=at,
        recorded_at=at + timedelta(hours=draw(st.integers(0, 100))),
        role=draw(st.sampled_from(["victim", "complainant", "suspect"])),
        agency=draw(st.sampled_from(["wyp", "cst", "nhs"])),
        severity=draw(st.integers(0, 5)),
        immediate=draw(st.sampled_from([[], [], ["weapon"]])),
        rubric=draw(st.dictionaries(st.sampled_from("123456789"), st.integers(0, 5), max_size=9)),
        referred_at=draw(st.sampled_from([None, None, at - timedelta(days=1)])),
        counterparts=draw(st.sampled_from([[], ["ent_a"], ["ent_a", "ent_b"]])),
    )


moments = st.integers(0, 45_000).map(lambda hours: START + timedelta(hours=hours))
kinds = st.sampled_from(["person", "place"])


@given(mentions(), moments, kinds, st.randoms(use_true_random=False))
def test_the_order_of_mentions_does_not_matter(
    found: list[dict[str, Any]], as_of: Any, kind: str, rng: Any
) -> None:
    """Any permutation, and any repetition of a mention, gives the same alerts."""
    expected = alerts(entity(*found, kind=kind), RULES, as_of)
    shuffled = found + found[:2]
    rng.shuffle(shuffled)
    assert alerts(entity(kind=kind) | {"members": shuffled}, RULES, as_of) == expected


@given(mentions(), mentions(size=1), moments)
def test_another_incident_never_clears_a_repeat_victim(
    found: list[dict[str, Any]], more: list[dict[str, Any]], as_of: Any
) -> None:
    """Once two incidents were within twelve months, a further record cannot undo that."""
    known = {one["incident_id"] for one in found}
    after = found + [one for one in more if one["incident_id"] not in known]
    if _has(found, as_of, "repeat-victim"):
        assert _has(after, as_of, "repeat-victim")


def _has(found: list[dict[str, Any]], as_of: Any, rule: str) -> bool:
    return rule in {alert["rule"] for alert in alerts(entity(*found), RULES, as_of)}


@given(mentions(), moments, st.integers(0, 40_000), kinds)
def test_time_alone_only_lapses(
    found: list[dict[str, Any]], as_of: Any, hours: int, kind: str
) -> None:
    """No alert appears, vanishes or comes back by waiting."""
    whole = entity(*found, kind=kind)
    early = {one["rule"]: one["status"] for one in alerts(whole, RULES, as_of)}
    later = alerts(whole, RULES, as_of + timedelta(hours=hours))
    late = {one["rule"]: one["status"] for one in later}
    assert early.keys() == late.keys()
    assert all(early[rule] == "raised" for rule in late if late[rule] == "raised")


@settings(max_examples=200)
@given(mentions(), moments, kinds)
def test_nothing_changes_before_the_next_change(
    found: list[dict[str, Any]], as_of: Any, kind: str
) -> None:
    """A moment before it all alerts are as they were; at it some alert differs."""
    whole = entity(*found, kind=kind)
    now = alerts(whole, RULES, as_of)
    change = next_change(whole, RULES, as_of)
    if change is None:
        assert alerts(whole, RULES, moment("2100-01-01")) == now
    else:
        assert change > as_of
        assert alerts(whole, RULES, change - timedelta(milliseconds=1)) == now
        assert alerts(whole, RULES, change) != now


@given(mentions(), mentions(), moments)
def test_publishing_the_difference_reaches_what_should_stand(
    before: list[dict[str, Any]], after: list[dict[str, Any]], as_of: Any
) -> None:
    """Applied to what stood, the difference leaves what now holds; the rest is cleared."""
    stood = {one["alert_id"]: one for one in alerts(entity(*before), RULES, as_of)}
    now = {one["alert_id"]: one for one in alerts(entity(*after), RULES, as_of)}
    stood.update({one["alert_id"]: one for one in diff(stood, now.values())})
    assert {key: one for key, one in stood.items() if one["status"] != "cleared"} == now
    assert diff(stood, now.values()) == []
