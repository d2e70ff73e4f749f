"""The stored agreements are their own canonical text, and say what they said as data."""

from __future__ import annotations

from importlib import resources

import pytest

from policies.agreements import SUFFIX, load
from policies.agreements.language import digest, read, write

STORED = sorted(
    item.name
    for item in resources.files("policies").joinpath("agreements").iterdir()
    if item.name.endswith(SUFFIX)
)


def stored(name: str) -> str:
    """The text of an agreement that comes with the code."""
    return resources.files("policies").joinpath("agreements", name).read_text("utf-8")


@pytest.mark.parametrize("name", STORED)
def test_a_stored_agreement_is_its_canonical_text(name: str) -> None:
    """What an officer reads is byte for byte what the hub would write."""
    text = stored(name)
    agreement = read(text, name, status="live")
    assert write(agreement) == text
    assert agreement in load()
    assert agreement["examples"]


@pytest.mark.parametrize("name", STORED)
def test_layout_changes_neither_meaning_nor_address(name: str) -> None:
    """Windows line ends, trailing spaces, tabs for spaces and a lost last line end say the same."""
    text = stored(name)
    odd = "\ufeff" + text.replace("\n  ", "\n\t").replace("\n", "  \r\n").rstrip()
    assert read(odd) == read(text)
    assert digest(odd) == digest(text)
