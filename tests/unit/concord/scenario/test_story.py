"""The scenario generator tells a plausible story, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from uk_postcodes_parsing import ukpostcode

from concord.scenario import Scenario, generate
from concord.scenario.county import county
from concord.scenario.namebook import name_book
from concord.scenario.numbers import DRAMA_PREFIXES
from schemas import codec, shape
from schemas.validation import validate_incident, validate_tension_report

NOW = datetime(2026, 7, 2, tzinfo=UTC)
RULES: dict[str, Callable[..., Any]] = {
    "incident.v1": validate_incident,
    "tension-report.v1": validate_tension_report,
}


@pytest.fixture(scope="module")
def year() -> Scenario:
    """A year of the county."""
    return generate(4500, 11)


def test_the_same_seed_tells_the_same_story() -> None:
    """Two runs give equal events and equal truth."""
    first, second = generate(150, 3), generate(150, 3)
    assert first.events == second.events
    assert first.truth.to_json() == second.truth.to_json()


def test_another_seed_tells_another_story() -> None:
    """Seeds matter."""
    assert generate(50, 3).events != generate(50, 4).events


@pytest.mark.parametrize("incidents", [1, 2, 37])
def test_a_scenario_has_as_many_incidents_as_were_asked_for(incidents: int) -> None:
    """Versions and retractions are on top."""
    told = generate(incidents, 5)
    references = {(one["agency"], one["reference"]) for one in told.incidents()}
    assert len(references) == incidents


def test_nothing_is_not_a_scenario() -> None:
    """A scenario without incidents is refused."""
    with pytest.raises(ValueError, match="at least one"):
        generate(0, 1)


def test_every_event_is_accepted_by_the_hubs_rules(year: Scenario) -> None:
    """Shape and validation find no fault, and Avro takes every record."""
    for event in year.events:
        assert RULES[event.record](event.value, now=NOW) == []
        codec.encode(event.record, event.value)
    sample = year.events[::50]
    assert not any(shape.check(one.record, shape.to_json(one.record, one.value)) for one in sample)


def test_the_figures_are_west_yorkshires(year: Scenario) -> None:
    """4,500 a year, 16 % repeat, three quarters race, some with several strands."""
    first = [one for one in year.incidents() if one["version"] == 1]
    days = (year.until - year.since).days
    assert 360 <= days <= 370
    assert 0.14 <= year.truth.repeat_share() <= 0.18
    race = sum("race" in one["strands"] for one in first) / len(first)
    assert 0.70 <= race <= 0.80
    several = sum(len(one["strands"]) > 1 for one in first) / len(first)
    assert 0.04 <= several <= 0.10
    assert len({one["agency"] for one in first}) == 8
    assert len({one["location"]["district"] for one in first}) == 5


def test_victims_are_seen_by_several_agencies_under_several_spellings(year: Scenario) -> None:
    """Of the victims with two incidents or more, many cross agencies and change spelling."""
    written = {(one["agency"], one["reference"]): one["persons"] for one in year.incidents()}
    repeat = year.truth.repeat_victims(identifiable=True)
    agencies: dict[str, set[str]] = {}
    spellings: dict[str, set[str]] = {}
    for mention in year.truth.mentions:
        if mention.person in repeat and mention.identifiable:
            person = written[mention.agency, mention.reference][mention.position]
            agencies.setdefault(mention.person, set()).add(mention.agency)
            name = f"{person['given_names'] or person['full_name']} {person['family_name']}"
            spellings.setdefault(mention.person, set()).add(name.casefold())
    assert sum(len(found) > 1 for found in agencies.values()) > 0.4 * len(repeat)
    assert sum(len(found) > 1 for found in spellings.values()) > 0.4 * len(repeat)


def test_agencies_know_different_things(year: Scenario) -> None:
    """Transport has no dates of birth to speak of, schools nearly always; housing has tenancies."""
    dates: Counter[str] = Counter()
    persons: Counter[str] = Counter()
    schemes: dict[str, set[str]] = {}
    for incident in year.incidents():
        for person in incident["persons"]:
            if person["role"] == "victim":
                persons[incident["agency"]] += 1
                dates[incident["agency"]] += person["date_of_birth"] is not None
            for number in person["identifiers"]:
                schemes.setdefault(incident["agency"], set()).add(number["scheme"])
    assert dates["bracken-transit"] / persons["bracken-transit"] < 0.2
    assert dates["lantern-schools"] / persons["lantern-schools"] > 0.85
    assert schemes["oakline-homes"] == {"tenancy:oakline-homes"}
    assert schemes["bracken-nhs"] == {"nhs_number"}


def test_households_hold_the_traps_of_linkage(year: Scenario) -> None:
    """Some members of a household share a family name, and some a date of birth."""
    assert any(len(members) > 1 for members in year.truth.households.values())
    origins = {person.name_origin for person in year.truth.persons.values()}
    assert len(origins) > 20


def test_corrections_and_retractions_come_after_what_they_correct(year: Scenario) -> None:
    """A later version is recorded later and names the event before it."""
    standing: dict[tuple[str, str], dict[str, object]] = {}
    later = 0
    for one in year.incidents():
        key = (one["agency"], one["reference"])
        if one["version"] > 1:
            later += 1
            assert one["supersedes"] == standing[key]["event_id"]
        standing[key] = one
    assert later > 20
    gone = {key for key, one in standing.items() if one["retracted"]}
    assert gone
    assert not gone & {(one.agency, one.reference) for one in year.truth.mentions}


def test_tension_rises_in_one_district_at_the_end(year: Scenario) -> None:
    """Returns are mostly nil; the last fortnight has one district that is not quiet."""
    reports = list(year.tension_reports())
    assert sum(one["nil_return"] for one in reports) > 0.5 * len(reports)
    last = max(one["recorded_at"] for one in reports) - timedelta(days=16)
    rising = Counter(
        one["district"]
        for one in reports
        if one["recorded_at"] > last and one["direction"] == "up" and one["category"] == "racial"
    )
    assert rising.most_common(1)[0][1] >= 9


def test_numbers_and_postcodes_are_nobodys(year: Scenario) -> None:
    """Telephones come from the ranges kept for drama; postcodes parse and are not in use."""
    some = list(year.incidents())[:400]
    for incident in some:
        for person in incident["persons"]:
            for phone in person["phones"]:
                digits = "".join(sign for sign in phone if sign.isdigit())
                national = "0" + digits.removeprefix("44").removeprefix("0")
                assert national.startswith(DRAMA_PREFIXES)
            assert all("@example." in email for email in person["emails"])
        postcode = incident["location"]["postcode"]
        if postcode:
            parsed = ukpostcode.parse(postcode)
            assert parsed is not None
            assert not parsed.is_in_ons_postcode_directory


def test_the_name_book_is_wide() -> None:
    """More than a thousand names from more than twenty communities."""
    book = name_book()
    assert len(book.origins) >= 20
    county_ = county()
    assert len(county_.districts) == 5
    assert all(len(district.wards) == 24 for district in county_.districts)


def test_markers_stand_in_every_identifying_value() -> None:
    """A search for the markers would find any name, number, street or e-mail that leaks."""
    told = generate(60, 2, markers=True)

    def marked(text: str) -> bool:
        return any(marker in text.casefold() for marker in told.markers)

    for incident in told.incidents():
        for person in incident["persons"]:
            values = [person["given_names"], person["family_name"], person["full_name"]]
            values += [
                number["value"]
                for number in person["identifiers"]
                if number["scheme"] != "nhs_number"
            ]
            values += [*person["phones"], *person["emails"], *person["also_known_as"]]
            values.append((person["address"] or {}).get("street"))
            assert all(marked(value) for value in values if value)
        street = incident["location"]["street"]
        assert street is None or marked(street)


def test_without_markers_there_are_none() -> None:
    """An ordinary scenario looks like data."""
    told = generate(20, 2)
    assert told.markers == ()
    assert "zzq" not in str(told.events).casefold()
