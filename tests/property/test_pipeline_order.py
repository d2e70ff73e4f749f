"""The same events in any order, with duplicates, end in the same entities, alerts and signals."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from concord.scenario import Event, Scenario, generate
from schemas.keyring import Keyring
from tests.property.whole_core import Standing, run

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    """One hub's keys: ids and encodings are the same in every run."""
    return Keyring.create(Path(tmp_path_factory.mktemp("keys")) / "keys")


@pytest.fixture(scope="module")
def county() -> Scenario:
    """A county with revisions and retractions."""
    return generate(320, 7)


@pytest.fixture(scope="module")
def slice_(county: Scenario) -> list[Event]:
    """Incidents with later versions, retractions, the same persons again, and tension reports."""

    def of(wanted: set[tuple[str, str]]) -> list[Event]:
        return [e for e in county.events if (e.value["agency"], e.value["reference"]) in wanted]

    def known_as(event: Event) -> tuple[str, str]:
        return event.value["agency"], event.value["reference"]

    retracted = {known_as(event) for event in county.events if event.value["retracted"]}
    revised = {known_as(event) for event in county.events if event.value["version"] > 1}
    victims = county.truth.repeat_victims(identifiable=True)
    again = {
        (mention.agency, mention.reference)
        for mention in county.truth.mentions
        if mention.person in sorted(victims)[:5]
    }
    reports = [event for event in county.events if event.record == "tension-report.v1"][:4]
    return [*of(set(sorted(retracted)[:2] + sorted(revised)[:3]) | again), *reports]


@pytest.fixture(scope="module")
def undisturbed(keyring: Keyring, county: Scenario, slice_: list[Event]) -> Standing:
    """Where the slice ends when everything comes in order."""
    return run(keyring, county, slice_, AS_OF).standing()


def test_the_slice_is_worth_shuffling(slice_: list[Event], undisturbed: Standing) -> None:
    """It holds versions, retractions and reports, and leads to alerts and signals."""
    values = [event.value for event in slice_]
    assert any(value["version"] > 1 for value in values)
    assert any(value["retracted"] for value in values)
    assert len(undisturbed["entities"]) > 10
    assert undisturbed["alerts"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(order=st.randoms(use_true_random=False), batch=st.integers(1, 12), again=st.integers(0, 8))
def test_order_duplicates_and_batches_leave_no_trace(
    keyring: Keyring,
    county: Scenario,
    slice_: list[Event],
    undisturbed: Standing,
    order: object,
    batch: int,
    again: int,
) -> None:
    """Byte for byte."""
    events = [*slice_, *slice_[:again]]
    order.shuffle(events)  # type: ignore[attr-defined]
    assert run(keyring, county, events, AS_OF, batch).standing() == undisturbed


def test_a_receipt_does_not_depend_on_the_order(
    keyring: Keyring, county: Scenario, slice_: list[Event]
) -> None:
    """Every event has one, and says the same of it, first or last, once or twice."""
    forwards = run(keyring, county, slice_, AS_OF).receipts
    backwards = run(keyring, county, [*slice_, *reversed(slice_)], AS_OF).receipts
    assert forwards == backwards
    assert len(forwards) == len(slice_)
