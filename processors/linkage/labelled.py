"""Reads a labelled file of persons: any CSV, with a map that names its columns.

    [columns]
    id = "rec_id"
    truth = "person"
    given_names = "first_name"
    street = ["address_1", "address_2"]

A list of columns is joined by spaces. Labels are for measuring alone: linkage never sees them.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import tomllib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import dateutil.parser

from schemas import codec
from schemas.records import Address, Person

LABELS: Final = ("id", "truth", "report_group", "household")
"""What a map may name that linkage does not see; the first two must be there."""
DETAILS: Final = (
    *("given_names", "family_name", "full_name", "date_of_birth", "age", "sex", "occupation"),
    *("place_of_birth", "house_number", "street", "locality", "region", "postcode", "phone"),
    "email",
)
"""What a map may name of a person."""

_SEXES: Final = {
    **dict.fromkeys(("m", "male", "man", "boy"), "male"),
    **dict.fromkeys(("f", "female", "woman", "girl"), "female"),
    **dict.fromkeys(("o", "x", "other", "nonbinary", "non-binary"), "other"),
}
_ISO: Final = re.compile(
    r"(\d{4})[-/.]?(?:(\d{1,2})[-/.]?(?:(\d{1,2}))?)?(?:[T ].*)?$|(\d{4})(\d{2})(\d{2})$"
)
_OTHER: Final = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})(?:[T ].*)?$")
_WRITTEN: Final = re.compile(
    r"\d{1,2}[-/. ]?([a-z]{3,9}[-/., ]*\d{4}|([a-z]{3,9}|\d{1,2})[-/. ]\d{2})$"
    r"|[a-z]{3,9} \d{1,2},? \d{4}$",
    re.IGNORECASE,
)
_SEPARATORS: Final = ",;\t|"
_SEPARATED: Final = re.compile(r"[;|]")

_TEXTS: Final = ("given_names", "family_name", "full_name", "occupation", "place_of_birth")

Columns = Mapping[str, tuple[str, ...]]


class MapError(ValueError):
    """A map, or a file under it, that cannot be used; the message names what and what could be."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One row: a person as an agency would send them, and what is true of them."""

    id: str
    truth: str
    person: Person
    report_group: str
    household: str


def column_map(path: Path) -> Columns:
    """Read a map. Raises MapError, OSError."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MapError(f"{path.name}: not TOML: {error}") from error
    named = data.get("columns", data)
    if not isinstance(named, dict):
        raise MapError(f"{path.name}: 'columns' must be a table of our names and the file's")
    known = (*LABELS, *DETAILS)
    unknown = sorted(set(named) - set(known))
    if unknown:
        raise MapError(f"{path.name}: unknown: {', '.join(unknown)}; may be: {', '.join(known)}")
    missing = [label for label in LABELS[:2] if label not in named]
    if missing:
        raise MapError(f"{path.name}: {', '.join(missing)} must be named")
    return {name: _columns(path.name, name, value) for name, value in named.items()}


def _columns(file: str, name: str, value: object) -> tuple[str, ...]:
    columns = [value] if isinstance(value, str) else value
    if not isinstance(columns, list) or not all(isinstance(each, str) for each in columns):
        raise MapError(f"{file}: '{name}' must be a column's name, or a list of such names")
    return tuple(columns)


def read(path: Path, columns: Columns) -> list[Labelled]:
    """Read a CSV file, compressed (.gz) or not, in its own order. Raises MapError, OSError.

    Cells are separated by whichever of comma, semicolon, tab and bar its heading has most of.
    """
    text = io.StringIO(_text(path), newline="")
    heading = text.readline()
    text.seek(0)
    reader = csv.DictReader(text, delimiter=max(_SEPARATORS, key=heading.count))
    there = reader.fieldnames or ()
    absent = sorted({each for names in columns.values() for each in names} - set(there))
    if absent:
        has = ", ".join(there) or "nothing"
        raise MapError(f"{path.name} has no column {', '.join(absent)}; it has: {has}")
    rows = list(reader)
    month_first = _month_first(_texts(row, columns, "date_of_birth") for row in rows)
    found = [_labelled(row, columns, month_first=month_first) for row in rows]
    if len({each.id for each in found}) != len(found):
        raise MapError(f"{path.name}: '{columns['id'][0]}' must differ in every row")
    return found


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MapError(f"{path.name}: not UTF-8; save it as 'CSV UTF-8'") from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise MapError(f"{path.name}: not a whole gzip file") from None


def _texts(row: Mapping[str, str | None], columns: Columns, name: str) -> str:
    parts = ((row.get(column) or "").strip() for column in columns.get(name, ()))
    return " ".join(part for part in parts if part)


def _month_first(texts: Iterable[str]) -> bool:
    """Whether dates like 3/12/1984 begin with the month: only if one can be read no other way."""
    found = [match for text in texts if (match := _OTHER.match(text))]
    return any(int(match[2]) > 12 for match in found) and not any(
        int(match[1]) > 12 for match in found
    )


def _iso(text: str, *, month_first: bool) -> str | None:
    """A date as ISO 8601, or its known part; None if there is none."""
    found = _OTHER.match(text)
    if found:
        day, month = (found[2], found[1]) if month_first else (found[1], found[2])
        return f"{found[3]}-{int(month):02d}-{int(day):02d}"
    found = _ISO.match(text.removesuffix(".0"))
    if not found:
        return _written(text, month_first=month_first)
    parts = [part for part in (found.groups()[3:] if found[4] else found.groups()[:3]) if part]
    return "-".join([parts[0], *(f"{int(part):02d}" for part in parts[1:])])


def _written(text: str, *, month_first: bool) -> str | None:
    """A date with a month in letters or a year of two digits, of the last hundred years."""
    if not _WRITTEN.match(text):
        return None
    try:
        found = dateutil.parser.parse(text, dayfirst=not month_first).date()
    except (OverflowError, ValueError):
        return None
    born = found.replace(year=found.year - 100) if found > datetime.now(UTC).date() else found
    return born.isoformat()


def _number(text: str) -> int | None:
    try:
        return int(float(text))
    except (OverflowError, ValueError):
        return None


def _address(row: Mapping[str, str | None], columns: Columns) -> Address | None:
    address = Address(
        house=_texts(row, columns, "house_number").removesuffix(".0") or None,
        street=_texts(row, columns, "street") or None,
        locality=_texts(row, columns, "locality") or None,
        region=_texts(row, columns, "region") or None,
        postcode=_texts(row, columns, "postcode") or None,
        uprn=None,
    )
    return address if any(address.values()) else None


def _labelled(row: Mapping[str, str | None], columns: Columns, *, month_first: bool) -> Labelled:
    text = {name: _texts(row, columns, name) for name in (*LABELS, *DETAILS)}
    known: dict[str, Any] = {name: text[name] or None for name in _TEXTS}
    known |= {
        "role": "victim",
        "category": "victim",
        "date_of_birth": _iso(text["date_of_birth"], month_first=month_first),
        "age": _number(text["age"]),
        "sex": _SEXES.get(text["sex"].lower()),
        "address": _address(row, columns),
        "phones": _listed(text["phone"]),
        "emails": _listed(text["email"]),
    }
    person: Person = codec.complete("incident.v1", {"persons": [known]})["persons"][0]
    return Labelled(text["id"], text["truth"], person, text["report_group"], text["household"])


def _listed(text: str) -> Sequence[str]:
    return [part.strip() for part in _SEPARATED.split(text) if part.strip()]
