"""Entries of the ledger as people name them: by number, or by the reference that was told."""

from __future__ import annotations

import re
from typing import Final

import typer

_ENTRY: Final = re.compile(
    r"[1-9][0-9]{0,15}|[a-z][a-z0-9-]{0,31}(\.[0-9a-f]{8})?\.[1-9][0-9]{0,15}"
)


def is_entry(text: str) -> bool:
    """Tell whether a text has the form of a number or a reference; ids of records have neither."""
    return _ENTRY.fullmatch(text) is not None


def entry_named(text: str) -> str:
    """Check an argument. Raises BadParameter."""
    if not is_entry(text):
        raise typer.BadParameter("a number or a reference such as north-council.5f3a91c0.17")
    return text
