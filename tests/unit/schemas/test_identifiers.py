"""Ids and tokens."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import identifiers
from schemas.identifiers import Pseudonyms, mention_id, receipt_id, stable_id

ONE, TWO = Pseudonyms(b"1" * 32), Pseudonyms(b"2" * 32)


def test_an_incidents_id_depends_on_agency_reference_and_secret() -> None:
    """Nobody without the secret can try references."""
    ids = {
        ONE.incident_id("north", "REF-1"),
        ONE.incident_id("south", "REF-1"),
        ONE.incident_id("north", "REF-2"),
        TWO.incident_id("north", "REF-1"),
        ONE.item_id("north", "REF-1").replace("ten_", "inc_"),
    }

    assert len(ids) == 5
    assert all(re.fullmatch(r"inc_[a-z2-7]{26}", one) for one in ids)


def test_parts_cannot_run_into_each_other() -> None:
    """Agency `a`, reference `bc` is not agency `ab`, reference `c`."""
    assert ONE.incident_id("a", "bc") != ONE.incident_id("ab", "c")
    assert stable_id("x", "a", "bc") != stable_id("x", "ab", "c")


def test_tokens_of_two_domains_differ() -> None:
    """A place's token is no origin's token."""
    assert ONE.token("place", "100012345678") != ONE.token("origin", "100012345678")
    assert len(ONE.token("place", "x")) == 16


def test_two_recipients_cannot_compare_pseudonyms() -> None:
    """Each recipient has its own name for an entity."""
    assert ONE.pseudonym("north", "ent_1") != ONE.pseudonym("south", "ent_1")
    assert ONE.pseudonym("north", "ent_1") == ONE.pseudonym("north", "ent_1")


def test_unkeyed_ids_are_the_same_everywhere() -> None:
    """A receipt's id never changes between releases of the code."""
    assert receipt_id("north", "evt-1") == "rcp_" + stable_id("rcp", "north", "evt-1")[4:]
    assert mention_id("inc_1", -1) == "inc_1#-1"


def test_a_secret_of_another_length_is_refused() -> None:
    """Thirty-two bytes."""
    with pytest.raises(ValueError, match="32 bytes"):
        Pseudonyms(b"short")


@given(st.binary(min_size=17, max_size=32))
def test_ids_are_written_in_standard_base_32(digest: bytes) -> None:
    """The first 26 characters of it (RFC 4648), in lower case."""
    standard = base64.b32encode(digest).decode("ascii").lower()

    assert identifiers._base32(digest) == standard[:26]
