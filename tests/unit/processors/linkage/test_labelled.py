"""Values of labelled files are read as an agency would have meant them."""

from __future__ import annotations

from pathlib import Path

import pytest

from processors.linkage.labelled import Labelled, MapError, column_map, read

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
        (["1984/12/03", "1984.12.03"], ["1984-12-03"] * 2),
        (["3 December 1984", "03-Dec-84", "Dec 3, 1984"], ["1984-12-03"] * 3),
        (["03/12/84", "25/12/31"], ["1984-12-03", "1931-12-25"]),
        (["", "unknown", "12", "31 Feb 1984", "about 1984"], [None] * 5),
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


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_usual_separator_is_found(tmp_path: Path, separator: str) -> None:
    """Spreadsheets of this continent separate cells by semicolons."""
    (tmp_path / "map.toml").write_text(f'{MAP}given_names = "first name"\n')
    rows = [("id", "t", "first name"), ("1", "a", "Amina"), ("2", "b", "Boris")]
    text = "\n".join(separator.join(row) for row in rows)
    (tmp_path / "rows.csv").write_text(text, "utf-8-sig")
    found = read(tmp_path / "rows.csv", column_map(tmp_path / "map.toml"))
    assert [each.person["given_names"] for each in found] == ["Amina", "Boris"]


@pytest.mark.parametrize(
    ("name", "data", "complaint"),
    [
        ("rows.csv", "id,t\n1,Zoë\n".encode("cp1252"), "not UTF-8"),
        ("rows.csv.gz", b"id,t\n1,a\n", "not a whole gzip file"),
        ("rows.csv", b"", "it has: nothing"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, data: bytes, complaint: str
) -> None:
    """The message says what would do."""
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(MapError, match=complaint):
        read(tmp_path / name, column_map(tmp_path / "map.toml"))
