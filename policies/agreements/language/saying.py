"""Parts of sentences: lists, names, codes, roles and agencies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from policies.agreements.language import words
from policies.agreements.language.sentences import reserved
from policies.agreements.language.words import Phrases, split


def say_days(days: int) -> str:
    """Say how long: in years where they come out even, else in days."""
    number, unit = (days // 365, "year") if days % 365 == 0 else (days, "day")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def listing(parts: Sequence[str], last: str) -> str:
    """Say a list: a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def quoted(name: str, table: Phrases | None = None) -> str:
    """Say a name; in quotation marks where its word means something by itself."""
    known = table is not None and split(name) in table.codes
    return f"“{name}”" if name.casefold() in reserved() or known else name


def coded(codes: Iterable[str], table: Phrases) -> list[str]:
    """Say codes by their phrases, unknown ones by their names."""
    return [table.said[code] if code in table.said else quoted(code, table) for code in codes]


def role(name: str) -> str:
    """Say a role with its article."""
    return f"{words.article(name)} {quoted(name)}"


def agency_type(code: str) -> str:
    """Say a type of agency."""
    known = words.AGENCY_TYPES.said.get(code)
    return known or f"an agency of type {quoted(code)}"
