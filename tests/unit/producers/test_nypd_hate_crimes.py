"""The public file of New York's police: counts equal those of the plain file."""

from __future__ import annotations

import csv
from collections import Counter
from importlib import resources
from pathlib import Path

import pytest

from producers.formats import formats
from producers.formats.nypd_hate_crimes import COLUMNS
from producers.records import Event, EventMaker, Row

FILE = Path(str(resources.files("producers").joinpath("examples/nypd-hate-crimes-2019-2024.csv")))


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """All complaints."""
    return list(formats()["nypd-hate-crimes"].read(FILE))


@pytest.fixture(scope="module")
def events(rows: list[Row]) -> list[Event]:
    """All incidents."""
    made = [EventMaker("nypd").make(row) for row in rows]
    assert not [fault for _, faults in made for fault in faults]
    return [event for event, _ in made if event]


@pytest.fixture(scope="module")
def plain() -> dict[str, dict[str, str]]:
    """The file as csv reads it: the first row of each complaint."""
    found: dict[str, dict[str, str]] = {}
    with FILE.open(encoding="utf-8-sig", newline="") as lines:
        for line in csv.DictReader(lines):
            found.setdefault(line["Full Complaint ID"], line)
    return found


def test_every_complaint_is_one_incident(
    rows: list[Row], events: list[Event], plain: dict[str, dict[str, str]]
) -> None:
    """3,255 rows of 2,991 complaints, none lost, none doubled."""
    assert sum(len(row.numbers) for row in rows) == 3255
    assert len(events) == len(plain) == 2991
    assert {event.value["reference"] for event in events} == set(plain)
    assert len({event.event_id for event in events}) == 2991


def test_counts_by_month_and_place_equal_a_plain_count(
    events: list[Event], plain: dict[str, dict[str, str]]
) -> None:
    """The months are those of the complaint columns, the places precincts and counties."""
    months = Counter(event.value["occurred"]["from"].strftime("%Y-%m") for event in events)
    assert months == Counter(
        f"{row['Complaint Year Number']}-{int(row['Month Number']):02d}" for row in plain.values()
    )
    wards = Counter(event.value["location"]["ward"] for event in events)
    assert wards == Counter(
        f"NYPD-{int(row['Complaint Precinct Code']):03d}" for row in plain.values()
    )
    districts = Counter(event.value["location"]["district"] for event in events)
    assert sorted(districts.values()) == sorted(
        Counter(row["County"] for row in plain.values()).values()
    )


def test_counts_by_strand_equal_a_plain_count_of_motives(
    events: list[Event], plain: dict[str, dict[str, str]]
) -> None:
    """Anti-Jewish and anti-trans motives, as two that must not be lost."""
    targets = Counter(target for event in events for target in event.value["perceived_target"])
    motives = Counter(row["Bias Motive Description"] for row in plain.values())
    assert targets["religion:jewish"] == motives["ANTI-JEWISH"]
    assert targets["transgender:any"] == motives["ANTI-TRANSGENDER"]
    strands = Counter(strand for event in events for strand in event.value["strands"])
    assert strands["religion"] == sum(
        count for motive, count in motives.items() if motive in RELIGIOUS
    )
    assert sum(len(event.value["strands"]) for event in events) == 2991


RELIGIOUS = {
    "ANTI-BUDDHIST",
    "ANTI-CATHOLIC",
    "ANTI-EASTERN ORTHODOX",
    "ANTI-HINDU",
    "ANTI-JEHOVAHS WITNESS",
    "ANTI-JEWISH",
    "ANTI-MORMON",
    "ANTI-MUSLIM",
    "ANTI-OTHER RELIGION",
    "ANTI-PROTESTANT",
    "ANTI-RELIGIOUS PRACTICE GENERALLY",
    "ANTI-SIKH",
}


def test_rows_that_disagree_are_reported_and_nothing_is_dropped(rows: list[Row]) -> None:
    """One complaint has two motives; both are kept, and a note says where."""
    [row] = [row for row in rows if any(note.code == "rows-disagree" for note in row.notes)]
    assert row.value is not None
    assert sorted(row.value["perceived_target"]) == ["race:asian", "race:black"]
    assert row.value["strands"] == ["race"]


def test_arrests_are_folded_in(events: list[Event], plain: dict[str, dict[str, str]]) -> None:
    """An incident with any arrest has an outcome with the earliest day."""
    with FILE.open(encoding="utf-8-sig", newline="") as lines:
        arrested = {
            line["Full Complaint ID"] for line in csv.DictReader(lines) if line["Arrest Id"]
        }
    found = {event.value["reference"] for event in events if event.value["outcome"]}
    assert found == arrested


def test_nobody_is_named(events: list[Event]) -> None:
    """The file has no persons, and its regime keeps none."""
    assert all(event.value["persons"] == [] for event in events)
    assert {event.value["recording_regime"] for event in events} == {"public-dataset"}


def test_a_changed_word_is_a_fault_and_not_a_guess(tmp_path: Path) -> None:
    """New motives and counties must be mapped by somebody."""
    line = dict.fromkeys(COLUMNS, "")
    line |= {
        "Full Complaint ID": "1",
        "Complaint Year Number": "2024",
        "Month Number": "13",
        "Record Create Date": "2024-01-02",
        "Complaint Precinct Code": "x",
        "County": "ALBANY",
        "Bias Motive Description": "ANTI-SOMETHING",
    }
    path = tmp_path / "f.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS)
        writer.writeheader()
        writer.writerow(line)
    [row] = formats()["nypd-hate-crimes"].read(path)
    assert {fault.code for fault in row.faults} == {
        "not-a-date",
        "not-a-number",
        "unknown-county",
        "unknown-motive",
    }
