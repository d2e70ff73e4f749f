"""Cells as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import cells


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("14/07/2026 09:30", "2026-07-14T08:30"),
        ("14-07-2026 9:30", "2026-07-14T08:30"),
        ("14.1.2026 09:30:15", "2026-01-14T09:30:15"),
        ("2026-07-14 09:30", "2026-07-14T08:30"),
        ("2026-07-14T09:30", "2026-07-14T08:30"),
        ("2026-07-14T09:30:00Z", "2026-07-14T09:30"),
        ("2026-07-14T09:30:00+02:00", "2026-07-14T07:30"),
        ("25/10/2026 01:30", "2026-10-25T00:30"),
    ],
)
def test_times_are_londons_unless_they_say_otherwise(cell: str, utc: str) -> None:
    """An hour that comes twice is the earlier one."""
    assert cells.moment(cell).at == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["29/03/2026 01:30", "30/02/2026", "tomorrow", "14/07/26", "24:61"]
)
def test_times_that_are_not_are_refused(cell: str) -> None:
    """A skipped hour too."""
    with pytest.raises(cells.UnreadableCellError):
        cells.moment(cell)


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("03/09/1987", "1987-09-03"),
        ("1987-09-03", "1987-09-03"),
        ("1987-09-03 00:00:00", "1987-09-03"),
        ("09/1987", "1987-09"),
        ("1987-09", "1987-09"),
        ("1987", "1987"),
    ],
)
def test_a_date_of_birth_may_be_known_in_part(cell: str, iso: str) -> None:
    """What is known is kept."""
    assert cells.birth(cell) == iso


def test_lists_are_parted_by_bars_semicolons_and_lines() -> None:
    """Not by commas, which names and addresses hold."""
    assert cells.many("a | b; c\nd,e") == ["a", "b", "c", "d,e"]


def test_numbers_survive_a_spreadsheet() -> None:
    """34.0 is 34."""
    assert [cells.number(cell) for cell in ("34", "34.0", "-1")] == [34, 34, -1]


@given(st.text(max_size=30), st.sampled_from(sorted(cells.READERS)))
def test_no_cell_makes_a_reader_raise_anything_else(cell: str, kind: str) -> None:
    """Readers answer, or say what they would accept."""
    try:
        cells.READERS[kind](cell)
    except cells.UnreadableCellError as error:
        said = (error.code, error.rule)
    else:
        said = ("read", "")
    assert said[0]
