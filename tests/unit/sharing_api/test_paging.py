"""Cursors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import Pseudonyms
from sharing_api.paging import Cursors
from sharing_api.problems import Problem

CURSORS = Cursors(Pseudonyms(b"s" * 32))


@given(st.text(max_size=100).filter(lambda text: text.isprintable()))
def test_a_cursor_gives_back_its_position(position: str) -> None:
    """And is the same each time: it tells nothing about when it was made."""
    cursor = CURSORS.write("alerts", position)
    assert CURSORS.read("alerts", cursor) == position
    assert CURSORS.write("alerts", position) == cursor


@given(st.text(max_size=100))
def test_what_we_did_not_write_is_not_found(cursor: str) -> None:
    """Whatever it is."""
    with pytest.raises(Problem) as problem:
        CURSORS.read("alerts", cursor)
    assert problem.value.status == 404


def test_cursors_of_other_lists_and_hubs_are_strange() -> None:
    """They are bound to both."""
    other = Cursors(Pseudonyms(b"t" * 32)).write("alerts", "x")
    for cursor in (other, CURSORS.write("receipts", "x")):
        with pytest.raises(Problem):
            CURSORS.read("alerts", cursor)
    assert CURSORS.read("alerts", None) is None
