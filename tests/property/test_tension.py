"""What the tension rules promise for any set of items."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from processors.tension.rules import load, shipped
from processors.tension.signals import diff
from processors.tension.state import TensionState
from tests.unit.processors.tension.items import TODAY, report

RULES = load(constants=shipped("constants").replace("weeks = 52", "weeks = 8"))
MARKER = "Zebulon Quill"


@st.composite
def items(draw: st.DrawFn) -> Any:
    """An item of one of a few ids, so that versions, origins and places meet."""
    return report(
        draw(st.sampled_from("abcdefghijklmnop")),
        draw(st.sampled_from([0, 1, 2, 5, 7, 10, 30, 40, 63, 120])),
        agency=draw(st.sampled_from(["wyp", "cst", "nhs"])),
        version=draw(st.integers(1, 3)),
        content_digest=draw(st.sampled_from([b"1", b"2"])),
        retracted=draw(st.sampled_from([False, False, False, True])),
        nil_return=draw(st.sampled_from([False, False, False, True])),
        strands=draw(st.sampled_from([[], ["race"], ["race", "religion"]])),
        ward=draw(st.sampled_from([None, "W1", "W2"])),
        district=draw(st.sampled_from([None, "D1"])),
        eep=draw(st.sampled_from(["evidenced", "experienced"])),
        category=draw(st.sampled_from(["protest", "racial"])),
        source_grade=draw(st.integers(1, 3)),
        intelligence_grade=draw(st.sampled_from("ABCDE")),
        origin_token=draw(st.sampled_from([None, None, b"o1", b"o2"])),
        details=MARKER.encode(),
    )


def state_of(found: list[Any]) -> TensionState:
    """A state to which the items were applied in this order."""
    state = TensionState(RULES)
    for one in found:
        state.apply(one)
    return state


def distinct(found: list[Any]) -> list[Any]:
    """Drop items that one version key would make ambiguous: the digest stands for the content."""
    first: dict[Any, Any] = {}
    for one in found:
        key = (one["item_id"], one["retracted"], one["version"], one["recorded_at"])
        first.setdefault((*key, one["content_digest"]), one)
    return list(first.values())


sets = st.lists(items(), max_size=40).map(distinct)


@given(sets, st.randoms(use_true_random=False), st.integers(0, 50))
def test_order_and_repetition_leave_no_trace(found: list[Any], rng: Any, days: int) -> None:
    """Any permutation with duplicates gives equal signals and counts."""
    shuffled = found + found[: len(found) // 2]
    rng.shuffle(shuffled)
    one, other = state_of(found), state_of(shuffled)
    as_of = TODAY + timedelta(days=days)
    assert one.signals(as_of) == other.signals(as_of)
    assert one.area_counts() == other.area_counts()
    assert one.newest == other.newest


@settings(max_examples=50)
@given(sets, st.lists(st.integers(0, 6), max_size=40))
def test_looking_on_the_way_leaves_no_trace(found: list[Any], pauses: list[int]) -> None:
    """Asked between items, for days before and after, a state ends where a fresh one does."""
    state = TensionState(RULES)
    for number, one in enumerate(found):
        state.apply(one)
        if number < len(pauses):
            state.signals(TODAY + timedelta(days=10 * pauses[number] - 30))
    assert state.signals(TODAY) == state_of(found).signals(TODAY)


@given(sets, st.integers(0, 90))
def test_signals_hold_together(found: list[Any], days: int) -> None:
    """Status, colour and level agree; nothing of a report's text is in a signal."""
    for one in state_of(found).signals(TODAY + timedelta(days=days)):
        assert (one["status"] == "raised") == (one["colour"] != "green")
        band = {"red": (1, 2), "amber": (3, 4), "green": (5, 6)}[one["colour"]]
        assert one["proposed_level"] in (band if one["kind"] == "count" else (5,))
        assert one["observed"] == sum(one["grades"].values())
        assert 0 <= one["probability"] <= 1
        assert MARKER not in str(one)
        assert not any(name in str(one["reasons"]) for name in ("wyp", "cst", "nhs"))


@given(sets, sets)
def test_publishing_the_difference_reaches_what_should_stand(
    before: list[Any], after: list[Any]
) -> None:
    """What is raised or lapsed stands exactly; the rest is quiet."""
    stood = {s["signal_id"]: s for s in diff({}, state_of(before).signals(TODAY), whole=True)}
    now = state_of(after).signals(TODAY)
    stood |= {s["signal_id"]: s for s in diff(stood, now, whole=True)}
    wanted = {s["signal_id"]: s for s in now if s["status"] != "quiet"}
    assert {key: s for key, s in stood.items() if s["status"] != "quiet"} == wanted
    assert diff(stood, now, whole=True) == []
