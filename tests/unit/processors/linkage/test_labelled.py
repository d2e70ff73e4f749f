"""Values of labelled files are read as an agency would have meant them."""

from __future__ import annotations

from pathlib import Path

import pytest

from processors.linkage.labelled import Labelled, column_map, read

MAP = '[columns]\nid = "id"\ntruth = "t"\n'


def read_one(folder: Path, field: str, *texts: str) -> list[Labelled]:
    """Rows with one field."""
    (folder / "map.toml").write_text(f'{MAP}{field} = "x"\n')
    rows = "".join(f'{number},1,"{text}"\n' for number, text in enumerate(texts))
    (folder / "rows.csv").write_text(f"id,t,x\n{rows}")
    return read(folder / "rows.csv", column_map(folder / "map.toml"))


@pytest.mark.parametrize(
    ("texts", "dates"),
    [
        (["19061202", "1906-12-02", "1906-12-02T00:00:00"], ["1906-12-02"] * 3),
        (["1906", "1906-12", "19061202.0"], ["1906", "1906-12", "1906-12-02"]),
        (["3/12/1984", "25.12.1984"], ["1984-12-03", "1984-12-25"]),
        (["3/12/1984", "12/25/1984"], ["1984-03-12", "1984-12-25"]),
        (["", "unknown", "12"], [None, None, None]),
    ],
)
def test_dates_are_read_in_the_way_that_fits_the_whole_column(
    tmp_path: Path, texts: list[str], dates: list[str | None]
) -> None:
    """Day first, as here, unless one date of the column can only begin with the month."""
    found = read_one(tmp_path, "date_of_birth", *texts)
    assert [each.person["date_of_birth"] for each in found] == dates


def test_sexes_ages_and_lists_have_many_spellings(tmp_path: Path) -> None:
    """F is female, 34.0 is an age, two telephones stand in one cell."""
    assert [each.person["sex"] for each in read_one(tmp_path, "sex", "F", "Male", "?")] == [
        "female",
        "male",
        None,
    ]
    assert [each.person["age"] for each in read_one(tmp_path, "age", "34.0", "x")] == [34, None]
    (row,) = read_one(tmp_path, "phone", "07700 900123; 07700 900124")
    assert row.person["phones"] == ["07700 900123", "07700 900124"]


def test_an_address_is_there_if_any_part_is(tmp_path: Path) -> None:
    """A row without an address has none, not an empty one."""
    with_, without = read_one(tmp_path, "locality", "Dunmoor", "")
    assert with_.person["address"] is not None
    assert with_.person["address"]["locality"] == "Dunmoor"
    assert without.person["address"] is None
