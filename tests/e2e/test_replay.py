"""`concord replay` of the public file: what the hub counts is what is in the file."""

from __future__ import annotations

import csv
from collections import Counter
from typing import Any

import pytest

from tests.e2e.hubs import ROOT, concord, only_object

pytestmark = pytest.mark.timeout(240)

FILE = ROOT / "producers" / "examples" / "nypd-hate-crimes-2019-2024.csv"

STRANDS = {  # motives of the file without ANTI-; all others there are religions
    "race": {
        "ARAB",
        "ASIAN",
        "BLACK",
        "HISPANIC",
        "MULTI-RACIAL GROUPS",
        "OTHER ETHNICITY",
        "WHITE",
    },
    "sexual_orientation": {
        "FEMALE HOMOSEXUAL (LESBIAN)",
        "LGBT (MIXED GROUP)",
        "MALE HOMOSEXUAL (GAY)",
    },
    "transgender": {"GENDER NON-CONFORMING", "TRANSGENDER"},
    "sex": {"FEMALE", "MALE"},
    "disability": {"PHYSICAL DISABILITY"},
    "age": {"60 YRS AND OLDER"},
}
IN_OWN_WORDS = {  # narrower than any target of the hub, so they are a local strand as well
    "EASTERN ORTHODOX",
    "JEHOVAHS WITNESS",
    "LGBT (MIXED GROUP)",
    "MORMON",
    "PROTESTANT",
}


@pytest.fixture(scope="module")
def replay() -> Any:
    """What replaying the file twice prints."""
    done = concord(
        "replay", str(FILE), "--format", "nypd-hate-crimes", "--once", "--again", "--json"
    )
    assert done.returncode == 0, done.stderr
    return only_object(done)


@pytest.fixture(scope="module")
def complaints() -> list[dict[str, str]]:
    """The file by the standard library alone: the first row of each complaint."""
    first: dict[str, dict[str, str]] = {}
    with FILE.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            first.setdefault(row["Full Complaint ID"], row)
    return list(first.values())


def test_every_row_is_read_and_every_complaint_is_one_incident(
    replay: Any, complaints: list[dict[str, str]]
) -> None:
    """3,255 rows, 2,991 incidents, every incident with exactly one receipt, none rejected."""
    with FILE.open(encoding="utf-8-sig", newline="") as lines:
        rows = sum(1 for _ in csv.DictReader(lines))
    assert (replay["rows"], replay["incidents"]) == (rows, len(complaints)) == (3255, 2991)
    assert (replay["receipts"], replay["rejected"]) == (2991, 0)


def test_areas_are_counted_as_in_the_file(replay: Any, complaints: list[dict[str, str]]) -> None:
    """Each police precinct has as many incidents as complaints."""
    plain = Counter(row["Complaint Precinct Code"] for row in complaints)
    assert {_number(area): count for area, count in replay["by_area"].items()} == {
        int(precinct): count for precinct, count in plain.items()
    }


def test_months_are_counted_as_in_the_file(replay: Any, complaints: list[dict[str, str]]) -> None:
    """Each month has as many incidents as complaints of that year and month."""
    plain = Counter(
        f"{int(row['Complaint Year Number'])}-{int(row['Month Number']):02d}" for row in complaints
    )
    assert replay["by_month"] == dict(sorted(plain.items()))


def test_strands_are_counted_as_in_the_file(replay: Any, complaints: list[dict[str, str]]) -> None:
    """Each strand has as many incidents as complaints with a motive of that strand."""
    plain: Counter[str] = Counter()
    for row in complaints:
        motive = row["Bias Motive Description"].removeprefix("ANTI-")
        strand = next((name for name, known in STRANDS.items() if motive in known), "religion")
        plain.update([strand, "other"] if motive in IN_OWN_WORDS else [strand])
    assert replay["by_strand"] == dict(sorted(plain.items()))


def test_a_second_replay_changes_nothing(replay: Any) -> None:
    """The same file again in the same hub: the same figures."""
    assert replay["second_replay_changed"] == []


def _number(area: str) -> int:
    """The precinct in an area code such as NYPD-050."""
    return int(area.removeprefix("NYPD-"))
