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
        (3, ("wyp",), "amber"),
        (4, ("wyp", "cst"), "red"),
        (4, ("wyp",), "red"),
    ],
)
def test_colours_from_a_quiet_past(count: int, agencies: tuple[str, ...], colour: str) -> None:
    """Three where nearly none are usual are amber, four are red, from one agency or more."""
    assert ward(*reports(count, *agencies))["colour"] == colour


def test_what_is_usual_is_no_signal() -> None:
    """Four in a week where four a week are usual."""
    usual = [item(f"u{ago}", ago, agency="wyp") for ago in range(8, 400, 2)]
    signal = ward(*usual, *reports(4, "wyp", "cst"))
    assert signal["status"] == "quiet"
    assert 2 < signal["expected"] < 4


@pytest.mark.parametrize(("days_ago", "observed"), [(0, 1), (6, 1), (7, 0), (-1, 0)])
def test_the_window_is_seven_days_with_today(days_ago: int, observed: int) -> None:
    """Neither the eighth day nor tomorrow belongs to it."""
    assert ward(item("x", days_ago))["observed"] == observed


def test_an_old_surge_does_not_blind_the_baseline() -> None:
    """Fifty reports in one week of the past raise what is expected a little, not fiftyfold."""
    calm = [item(f"c{n}", 40 + 6 * n) for n in range(12)]
    surge = [item(f"s{n}", 60 + n % 5) for n in range(50)]
    usual, after = ward(*calm)["expected"], ward(*calm, *surge)["expected"]
    assert usual < after < 3 * usual


def test_late_reports_are_allowed_for() -> None:
    """The same reports on the day itself weigh more than those of a week that is complete."""
    past = [item(f"p{n}", 30 + 3 * n) for n in range(30)]
    (young,) = state_of(*past).signals(TODAY, only=[WARD])
    share = RULES.constants.delay.completeness()[:7].mean()
    full = state_of(*past)
    no_delay = RULES.constants.with_parts(delay={"share": []})
    full._rules = RULES.model_copy(update={"constants": no_delay})
    (whole,) = full.signals(TODAY, only=[WARD])
    assert young["expected"] / whole["expected"] == pytest.approx(share, rel=0.06)


def test_no_history_is_no_signal() -> None:
    """A hub that has just begun cannot know what is usual, and says so."""
    signal = ward(*reports(9, "wyp", "cst"), past=False)
    assert (signal["colour"], signal["proposed_level"]) == ("green", 6)
    assert "does not know yet what is usual" in text(signal, "learning")


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
    assert state.apply(nil)
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
    asked = [
        Series(Place("ward", "W1"), ALL),
        Series(Place("ward", "W2"), ALL),
        Series(Place("county", "county"), "race"),
    ]
    found = {
        (one["area"], one["strand"]): one["observed"]
        for one in state_of(*told).signals(TODAY, only=asked)
    }
    assert (found["W1", ALL], found["W2", ALL], found["county", "race"]) == (1, 1, 1)


def test_the_county_counts_what_has_no_area() -> None:
    """An item without ward or district is not lost."""
    found = state_of(item("x", 1, ward=None, district=None), past=False).area_counts()
    assert {(one.level, one.strand) for one in found} == {("county", "race"), ("county", ALL)}


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
        "probability",
        "methods",
        "since",
        "agencies",
        "gradings",
        "quiet-if",
    ]
    assert text(signal, "quiet-if") == "It would have stayed quiet with 2 reports or fewer."
    assert signal["quiet_at"] == 2
    assert text(signal, "agencies") == "From 2 independent agencies."
    assert (signal["status"], signal["proposed_level"]) == ("raised", 3)
    fired = {one["name"]: one["fired"] for one in signal["methods"]}
    assert fired == {"exceedance": True, "mixture": True}
    assert signal["rising_since"] <= TODAY
    assert signal["ratio"] > 1
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
    assert not state.apply(item("x", 1, version=1, ward="W2"))
    assert state.apply(item("x", 1, version=1, retracted=True, strands=[], ward=None))
    assert not state.apply(item("x", 1, version=9))
    state.apply(item("x", 1, version=2, retracted=True))
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
        now = state.signals(TODAY + timedelta(days=days))
        counts = [one for one in now if one["kind"] == "count"]
        sent = diff(published, counts, whole=True)
        published |= {one["signal_id"]: one for one in sent}
        seen.append({one["status"] for one in sent})
    assert seen == [{"raised"}, set(), {"lapsed"}, {"quiet"}, set()]


def test_a_sweep_passes_over_what_is_long_past() -> None:
    """A series whose last item is beyond all memory has no signal unless asked for."""
    state = state_of(item("x", 400), past=False)
    assert state.signals(TODAY) == []
    assert [one["status"] for one in state.signals(TODAY, only=[WARD])] == ["quiet"]


def test_a_group_has_a_signal_of_its_own() -> None:
    """Beside its strand's; which of several groups were meant is counted for each."""
    told = [report(f"g{n}", 1, group_affected="race:asian") for n in range(4)]
    told.append(
        item("two", 1, strands=["race", "religion"], groups=["race:asian", "religion:jewish"])
    )
    group = Series(Place("ward", "W1"), "race:asian")
    (signal,) = state_of(*told).signals(TODAY, only=[group])
    assert (signal["strand"], signal["group"], signal["observed"]) == ("race", "race:asian", 5)
    assert signal["signal_id"] != ward(*told)["signal_id"]


def test_an_lsoa_is_a_place_within_its_ward() -> None:
    """Where the data have it."""
    told = [report(f"g{n}", 1, lsoa="E01") for n in range(4)]
    series = Series(Place("lsoa", "E01"), "race")
    (signal,) = state_of(*told).signals(TODAY, only=[series])
    assert (signal["area_level"], signal["observed"], signal["status"]) == ("lsoa", 4, "raised")


def test_who_normally_reports_and_no_longer_does_is_told() -> None:
    """Weekly nil returns that stop: a signal of its own kind, after a gap without example."""
    weekly = [
        report(f"n{ago}", ago, nil_return=True, strands=[], agency="nhs", ward=None)
        for ago in range(20, 200, 7)
    ]
    state = state_of(*weekly, past=False)
    silent = [one for one in state.signals(TODAY) if one["kind"] == "silence"]
    assert {one["area_level"] for one in silent} == {"county", "district"}
    assert all(one["agencies"] == ["nhs"] for one in silent)
    assert "nhs" not in str([one["reasons"] for one in silent])
    assert "longest was 7" in text(silent[0], "gap")
    state.apply(report("again", 1, nil_return=True, strands=[], agency="nhs", ward=None))
    assert [one for one in state.signals(TODAY) if one["kind"] == "silence"] == []


def test_a_trigger_window_lowers_thresholds_and_says_so() -> None:
    """Only for its strands, only on its days."""
    windows = """
        [[window]]
        name = "A verdict elsewhere"
        from = 2026-03-20
        to = 2026-04-10
        strands = ["race"]
        relax = 3.0
    """
    watched = load(triggers=windows)
    state = TensionState(watched)
    for one in (*history(), *reports(3, "wyp", "cst")):
        state.apply(one)
    (signal,) = state.signals(TODAY, only=[WARD])
    calm = ward(*reports(3, "wyp", "cst"))
    assert signal["trigger_windows"] == ["A verdict elsewhere"]
    assert calm["trigger_windows"] == []
    easier = {one["name"]: one["threshold"] for one in signal["methods"]}
    usual = {one["name"]: one["threshold"] for one in calm["methods"]}
    assert easier["exceedance"] == pytest.approx(3 * usual["exceedance"])
    assert easier["mixture"] < usual["mixture"]
    assert "A verdict elsewhere" in text(signal, "trigger-window")


def test_a_full_sweep_hushes_what_has_vanished() -> None:
    """A retraction while the worker was down leaves no signal behind."""
    stood = {one["signal_id"]: one for one in state_of(*reports(4, "wyp", "cst")).signals(TODAY)}
    raised = {key: one for key, one in stood.items() if one["status"] == "raised"}
    hushed = diff(raised, [], whole=True)
    assert {one["status"] for one in hushed} == {"quiet"}
    assert {one["observed"] for one in hushed} == {0}
    assert diff(raised, []) == []
