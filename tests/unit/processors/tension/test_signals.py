"""When counts become a signal, and what it says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from processors.tension.event import ALL, Place, Series
from processors.tension.rules import load
from processors.tension.signals import diff
from processors.tension.state import TensionState
from tests.unit.processors.tension.items import TODAY, history, item, report

RULES = load()
WARD = Series(Place("ward", "W1"), "race")


def state_of(*items: Any, past: bool = True) -> TensionState:
    """A state with these items and, unless told otherwise, a quiet past elsewhere."""
    state = TensionState(RULES)
    for one in (*(history() if past else ()), *items):
        state.apply(one)
    return state


def ward(*items: Any, past: bool = True, days_later: float = 0) -> Any:
    """The signal of race in ward W1."""
    as_of = TODAY + timedelta(days=days_later)
    (found,) = state_of(*items, past=past).signals(as_of, only=[WARD])
    return found


def reports(count: int, *agencies: str, days_ago: float = 1) -> list[Any]:
    """So many reports, from these agencies in turn."""
    return [report(f"r{n}", days_ago, agency=agencies[n % len(agencies)]) for n in range(count)]


def text(signal: Any, code: str) -> str:
    """The sentence of one reason, or nothing."""
    return "".join(one["text"] for one in signal["reasons"] if one["code"] == code)


@pytest.mark.parametrize(
    ("count", "agencies", "colour"),
    [
        (2, ("wyp", "cst"), "green"),
        (3, ("wyp", "cst"), "amber"),
        (3, ("wyp",), "green"),
        (4, ("wyp", "cst"), "red"),
        (4, ("wyp",), "red"),
    ],
)
def test_colours_from_a_quiet_past(count: int, agencies: tuple[str, ...], colour: str) -> None:
    """Amber needs three reports and two agencies; red needs rarer counts alone."""
    assert ward(*reports(count, *agencies))["colour"] == colour


def test_what_is_usual_is_no_signal() -> None:
    """Four in a week where four a week are usual."""
    usual = [item(f"u{ago}", ago, agency="wyp") for ago in range(8, 62, 2)]
    signal = ward(*usual, *reports(4, "wyp", "cst"))
    assert (signal["status"], signal["expected"]) == ("quiet", pytest.approx(27 / 8))


@pytest.mark.parametrize(("days_ago", "observed"), [(0, 1), (6, 1), (7, 0), (-1, 0)])
def test_the_window_is_seven_days_with_today(days_ago: int, observed: int) -> None:
    """Neither the eighth day nor tomorrow belongs to it."""
    assert ward(item("x", days_ago))["observed"] == observed


@pytest.mark.parametrize(("days_ago", "baseline"), [(7, 5), (62, 5), (63, 4), (6, 4)])
def test_the_baseline_is_the_eight_weeks_before(days_ago: int, baseline: int) -> None:
    """Days 7 to 62 before the day judged."""
    past = [item(f"p{n}", 20) for n in range(4)]
    assert ward(*past, item("x", days_ago))["expected"] == pytest.approx(baseline / 8)


def test_no_history_is_no_signal() -> None:
    """A hub that has just begun cannot know what is usual, and says so."""
    signal = ward(*reports(9, "wyp", "cst"), past=False)
    assert (signal["colour"], signal["proposed_level"]) == ("green", 6)
    assert "0 days of history" in text(signal, "learning")


def test_one_stray_old_item_is_no_history() -> None:
    """A wrong year does not end the learning."""
    stray = item("stray", 9000)
    assert ward(stray, *reports(9, "wyp", "cst"), past=False)["colour"] == "green"


def disorder(**changes: Any) -> Any:
    """A report of evidenced disorder from a reliable source, known directly."""
    grave = {"eep": "evidenced", "category": "protest", "source_grade": 1}
    return report("grave", 1, **(grave | {"intelligence_grade": "A"} | changes))


def test_evidenced_disorder_is_red_by_itself() -> None:
    """One well-sourced report suffices, in a hub without history too."""
    signal = None
    for past in (True, False):
        signal = ward(disorder(), past=past)
        assert (signal["colour"], signal["proposed_level"]) == ("red", 1)
    assert text(signal, "quiet-if").endswith("without the reports of evidenced disorder.")


@pytest.mark.parametrize(
    "weaker",
    [
        {"eep": "experienced"},
        {"category": "racial"},
        {"source_grade": 2},
        {"intelligence_grade": "C"},
        {"source_grade": None},
    ],
)
def test_anything_less_is_not(weaker: dict[str, Any]) -> None:
    """Evidenced, disorder, reliable and known or corroborated: all four."""
    assert ward(disorder(**weaker))["colour"] == "green"


def test_suspected_falsehood_is_said_and_not_counted() -> None:
    """Graded E: for an analyst."""
    false = [report(f"e{n}", 1, intelligence_grade="E") for n in range(5)]
    signal = ward(*reports(2, "wyp", "cst"), *false)
    assert (signal["observed"], signal["colour"]) == (2, "green")
    assert text(signal, "suspected-false") == "5 reports suspected false were not counted."


def test_nil_returns_are_coverage_and_not_events() -> None:
    """They name who looked and found nothing."""
    nil = report("nil", 1, nil_return=True, strands=[], agency="nhs", source_grade=None)
    state = state_of(*reports(1, "wyp"))
    assert WARD in state.apply(nil)
    (signal,) = state.signals(TODAY, only=[WARD])
    assert signal["observed"] == 1
    assert text(signal, "nil-returns").endswith("from 1 agency.")


def test_a_nil_return_that_becomes_a_report_is_counted() -> None:
    """A later version replaces what the earlier one said, in both directions."""
    nil = {"nil_return": True, "origin_token": b"o"}
    state = state_of(report("x", 1, **nil))
    state.apply(report("x", 1, version=2, origin_token=b"o"))
    (signal,) = state.signals(TODAY, only=[WARD])
    assert (signal["observed"], text(signal, "nil-returns")) == (1, "")
    state.apply(report("x", 1, version=3, **nil))
    (signal,) = state.signals(TODAY, only=[WARD])
    assert signal["observed"] == 0
    assert text(signal, "nil-returns").endswith("from 1 agency.")


def test_circular_reporting_is_counted_once_at_its_best() -> None:
    """Three agencies passing on one rumour are one report from one agency."""
    told = [
        report("a", 1, origin_token=b"o", agency="wyp"),
        report("b", 2, origin_token=b"o", agency="cst", source_grade=1),
        report("c", 3, origin_token=b"o", agency="nhs"),
    ]
    signal = ward(*told)
    assert (signal["observed"], signal["agencies"]) == (1, ["cst"])
    assert signal["grades"] == {"1C": 1}
    assert text(signal, "circular").startswith("2 reports of an origin already counted")


def test_one_origin_counts_once_in_each_area() -> None:
    """Two wards hear of one rumour: each once, the county once."""
    told = [report("a", 1, origin_token=b"o"), report("b", 1, origin_token=b"o", ward="W2")]
    found = {
        (one["area"], one["strand"]): one["observed"] for one in state_of(*told).signals(TODAY)
    }
    assert (found["W1", ALL], found["W2", ALL], found["county", "race"]) == (1, 1, 1)


def test_the_county_counts_what_has_no_area() -> None:
    """An item without ward or district is not lost."""
    found = state_of(item("x", 1, ward=None, district=None), past=False).signals(TODAY)
    assert {(one["area_level"], one["strand"]) for one in found} == {
        ("county", "race"),
        ("county", ALL),
    }


def test_a_multi_strand_item_counts_in_each_strand_and_once_in_all() -> None:
    """Offences and strand counts are separate."""
    state = state_of(item("x", 1, strands=["race", "religion"]), past=False)
    counts = {(one.strand, one.incidents) for one in state.area_counts() if one.level == "county"}
    assert counts == {("race", 1), ("religion", 1), (ALL, 1)}


def test_area_counts_are_by_month_and_source() -> None:
    """Incidents and reports apart; nil returns and falsehoods not at all."""
    state = state_of(
        item("x", 1),
        item("y", 40),
        report("r", 1),
        report("e", 1, intelligence_grade="E"),
        report("n", 1, nil_return=True),
        past=False,
    )
    rows = [one for one in state.area_counts() if (one.area, one.strand) == ("W1", ALL)]
    assert [(one.month, one.incidents, one.reports) for one in rows] == [
        ("2026-02", 1, 0),
        ("2026-03", 1, 1),
    ]


def test_a_signal_explains_itself() -> None:
    """Numbers, chance, agencies, gradings, and what would have kept it quiet."""
    signal = ward(*reports(3, "wyp", "cst"))
    codes = [one["code"] for one in signal["reasons"]]
    assert codes == [
        "observed-expected",
        "floor",
        "probability",
        "agencies",
        "gradings",
        "quiet-if",
    ]
    assert text(signal, "quiet-if") == (
        "It would have stayed quiet with 2 reports or fewer or from fewer than 2 agencies."
    )
    assert text(signal, "agencies") == "From 2 independent agencies."
    assert (signal["status"], signal["proposed_level"]) == ("raised", 4)
    assert signal["observed_weight_milli"] == 3 * 343


def test_what_would_have_been_quiet_is_quiet() -> None:
    """The sentence is true: at the count named there is no signal, one above there is."""
    assert [ward(*reports(n, "wyp", "cst"))["status"] for n in (2, 3)] == ["quiet", "raised"]


def test_a_signal_lapses_and_is_then_quiet() -> None:
    """Four weeks of memory, by the calendar alone."""
    burst = reports(4, "wyp", "cst")
    statuses = [ward(*burst, days_later=days)["status"] for days in (5, 6, 33, 34)]
    assert statuses == ["raised", "lapsed", "lapsed", "quiet"]
    lapsed = ward(*burst, days_later=6)
    assert (lapsed["colour"], lapsed["proposed_level"]) == ("green", 5)
    assert text(lapsed, "lapsed") == "Last raised on 2026-04-05."


def test_a_later_version_replaces_and_a_retraction_is_final() -> None:
    """Whatever comes after it."""
    state = state_of(item("x", 1, version=2, ward="W1"))
    assert state.apply(item("x", 1, version=1, ward="W2")) == set()
    gone = state.apply(item("x", 1, version=1, retracted=True, strands=[], ward=None))
    assert WARD in gone
    assert state.apply(item("x", 1, version=9)) == set()
    assert state.apply(item("x", 1, version=2, retracted=True)) == set()
    (signal,) = state.signals(TODAY, only=[WARD])
    assert signal["observed"] == 0


def test_the_newest_record_is_known() -> None:
    """So that a day can be judged without a tick."""
    assert TensionState(RULES).newest is None
    state = state_of(item("x", 3), item("y", 1))
    assert state.newest == TODAY - timedelta(days=1)
    state.apply(item("z", 0))
    assert state.newest == TODAY
    state.apply(item("z", 2, version=2))
    assert state.newest == TODAY - timedelta(days=1)


def test_only_what_tells_something_is_published() -> None:
    """Quiet series are not announced; a raised one is, once; then its lapse; then its quiet."""
    state = state_of(*reports(4, "wyp", "cst"))
    published: dict[str, Any] = {}
    seen = []
    for days in (0, 0, 6, 34, 35):
        sent = diff(published, state.signals(TODAY + timedelta(days=days)), whole=True)
        published |= {one["signal_id"]: one for one in sent}
        seen.append({one["status"] for one in sent})
    assert seen == [{"raised"}, set(), {"lapsed"}, {"quiet"}, set()]


def test_a_sweep_passes_over_what_is_long_past() -> None:
    """A series whose last item is beyond all memory has no signal unless asked for."""
    state = state_of(item("x", 400), past=False)
    assert state.signals(TODAY) == []
    assert [one["status"] for one in state.signals(TODAY, only=[WARD])] == ["quiet"]


def test_a_full_sweep_hushes_what_has_vanished() -> None:
    """A retraction while the worker was down leaves no signal behind."""
    stood = {one["signal_id"]: one for one in state_of(*reports(4, "wyp", "cst")).signals(TODAY)}
    raised = {key: one for key, one in stood.items() if one["status"] == "raised"}
    hushed = diff(raised, [], whole=True)
    assert {one["status"] for one in hushed} == {"quiet"}
    assert {one["observed"] for one in hushed} == {0}
    assert diff(raised, []) == []
