"""Entries of the ledger as people name them: by number, or by the reference that was told."""

from __future__ import annotations

import re

import typer

from schemas.identifiers import LEDGER_ENTRY


def is_entry(text: str) -> bool:
    """Tell whether a text has the form of a number or a reference; ids of records have neither."""
    return re.fullmatch(LEDGER_ENTRY, text) is not None


def entry_named(text: str) -> str:
    """Check an argument. Raises BadParameter."""
    if not is_entry(text):
        raise typer.BadParameter("a number or a reference such as north-council.5f3a91c0.17")
    return text
