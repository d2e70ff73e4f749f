"""What a database's own settings keep of what was deleted, in sentences."""

from __future__ import annotations

import pytest

from sharing_api.rights.compacting import told

EMPTY = {"may_empty": True, "recycles": False, "keeps": False, "owns": True}


def test_where_no_setting_keeps_anything_nothing_is_said() -> None:
    """As in docker-compose.yml."""
    assert list(told(EMPTY)) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"may_empty": False}, "pg_checkpoint and the function pg_switch_wal"),
        ({"recycles": True}, "set wal_recycle=off"),
        ({"keeps": True}, "archives and standbys"),
        ({"owns": False}, "does not own the database"),
    ],
)
def test_each_setting_that_keeps_something_is_named(changed: dict[str, bool], said: str) -> None:
    """With what would end it."""
    (sentence,) = told({**EMPTY, **changed})
    assert said in sentence


def test_all_of_them_are_named_together() -> None:
    """A log that may not be emptied is named once, whether it recycles or not."""
    state = {"may_empty": False, "recycles": True, "keeps": True, "owns": False}
    assert len(list(told(state))) == 3
