"""`concord demo --once --json` at its usual size: the whole way, and the figures to reach."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.hubs import concord, only_object

pytestmark = pytest.mark.timeout(240)

LEAST_FOUND = 0.95  # of the true repeat victims that can be recognised
MOST_FALSE = 0.02  # of the alerts


@pytest.fixture(scope="module")
def demo() -> Any:
    """What the demo prints."""
    done = concord("demo", "--once", "--json")
    assert done.returncode == 0, done.stderr
    return only_object(done)


def test_every_event_has_its_receipt(demo: Any) -> None:
    """As many receipts as events, each accepted or rejected."""
    assert demo["published"] > 600
    assert demo["receipts"] == demo["published"]
    assert demo["accepted"] + demo["rejected"] == demo["receipts"]
    assert demo["entities"] > 0
    assert demo["seconds"] > 0


def test_alerts_are_counted_by_rule(demo: Any) -> None:
    """And the repeat-victim ones are those that the truth judges."""
    assert demo["alerts"]["repeat-victim"] == demo["truth"]["alerts"]
    assert all(count > 0 for count in demo["alerts"].values())


def test_nearly_all_repeat_victims_are_found(demo: Any) -> None:
    """At least 95 % of the true repeat victims."""
    truth = demo["truth"]
    assert truth["found"] >= LEAST_FOUND * truth["victims_repeat"], truth


def test_nearly_no_alert_is_false(demo: Any) -> None:
    """At most 2 % of the alerts are about nobody."""
    truth = demo["truth"]
    assert truth["false"] <= MOST_FALSE * truth["alerts"], truth


def test_four_askers_get_four_answers(demo: Any) -> None:
    """At least four, one of them refused, each with its entry in the ledger and its policy."""
    releases = demo["releases"]
    assert len({(one["asker"], one["purpose"]) for one in releases}) >= 4
    assert {one["permit"] for one in releases} == {True, False}
    references = [one["ledger_reference"] for one in releases]
    assert len(set(references)) == len(references)
    assert all(one.rpartition(".")[2].isdecimal() for one in references)
    assert len({one["policy_revision"] for one in releases}) == 1
    assert all(one["policy_revision"] for one in releases)


def test_each_asker_sees_what_the_agreement_says(demo: Any) -> None:
    """The coordinator the name; housing no strand and no name; the refused nothing but reasons."""
    by_role = {(one["asker"].partition("@")[0], one["question"]): one for one in demo["releases"]}
    assert "victim_name" in by_role["cmarac-coordinator", "the alert"]["fields"]
    housing = by_role["housing-officer", "the alert"]
    assert housing["permit"]
    assert not {"victim_name", "strands", "agencies"} & set(housing["fields"])
    refused = [one for one in demo["releases"] if not one["permit"]]
    assert all(one["fields"] == [] and one["reasons"] for one in refused)


def test_a_build_up_is_signalled_with_reasons_and_drawn(demo: Any) -> None:
    """In one district and against one group; the county's other districts are on the map too."""
    told = demo["tension"]
    signal = told["signal"]
    assert (signal["status"], signal["colour"], signal["area"]) == ("raised", "red", "X08000004")
    assert signal["group"] == told["group"]
    assert signal["observed"] == told["returns"] - 1  # one of them repeats another's origin
    assert signal["expected"] < 1 < signal["quiet_at"] < signal["observed"]
    codes = {reason["code"] for reason in signal["reasons"]}
    assert {"observed-expected", "methods", "gradings", "circular", "quiet-if"} <= codes
    assert "agencies" not in signal
    assert len(told["map"]) == 5
    assert "■" in "".join(told["map"])


def test_a_person_sets_the_level_and_subscribers_receive_it(demo: Any) -> None:
    """The ledger knows of it; stream and webhook have the signal before the level."""
    told = demo["tension"]
    level = told["level"]
    assert level["level"] == told["signal"]["proposed_level"]
    assert level["ledger_reference"] not in {one["ledger_reference"] for one in demo["releases"]}
    for numbers in (told["stream_received"], told["webhook_received"]):
        assert numbers == sorted(set(numbers))
        assert len(numbers) == 2
    assert told["seconds_to_subscriber"] < 60
