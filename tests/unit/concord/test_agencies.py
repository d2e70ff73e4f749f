"""Rows of agencies: what is refused, and what a new key does not change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest

from concord.agencies import Agencies, AgencyFault, new_key, new_row
from concord.settings import Settings
from schemas.keyring import Keyring
from schemas.records import Agency

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def row(agency: str, **changes: Any) -> Agency:
    """An agency's row."""
    made = new_row(agency, "North", "council", new_key(agency, 1, NOW)[0], NOW)
    return {**made, **changes}  # type: ignore[typeddict-item]


class FakeBroker:
    """A secured broker that remembers who may write."""

    secured = True

    def __init__(self) -> None:
        """Nobody may."""
        self.writers: set[str] = set()

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def admit_agency(self, agency: str, _password: str) -> None:
        """Give the user a password, and its rights."""
        self.writers.add(agency)

    def close_agency(self, agency: str) -> None:
        """Take the right to write away."""
        self.writers.discard(agency)


class Held(Agencies):
    """Agencies without a hub: one row, one broker."""

    def __init__(self, settings: Settings, held: Agency) -> None:
        """`held` is the row that there is."""
        super().__init__(settings)
        self.held = held
        self.broker = FakeBroker()

    async def row(self, _agency: str) -> Agency:
        """Give the row."""
        return self.held

    async def write(self, rows: list[Agency]) -> None:
        """Keep the row."""
        (self.held,) = rows

    def _broker(self) -> Any:
        return self.broker


@pytest.mark.parametrize("agency", ["hub", "", "a", "A1", "-a", "a-", "a.b", "a" * 33, "a\n", "ä1"])
def test_an_id_that_could_be_taken_for_something_else_is_refused(agency: str) -> None:
    """It is part of topics and rights; and what the hub does stands in the ledger as the hub's."""
    with pytest.raises(AgencyFault, match=r"^id:"):
        row(agency)


@pytest.mark.parametrize(("status", "writers"), [("active", {"north"}), ("suspended", set())])
async def test_a_new_key_leaves_a_suspended_agency_suspended(
    tmp_path: Path, status: str, writers: set[str]
) -> None:
    """On the broker too: the usual reason to suspend and re-key is a stolen key."""
    Keyring.create(tmp_path)
    agencies = Held(Settings(keys_dir=tmp_path), row("north", status=status))
    await agencies.rotate("north")
    assert agencies.held["status"] == status
    assert agencies.broker.writers == writers


@pytest.mark.parametrize(("revoke", "days"), [(False, 7), (True, 0)])
async def test_an_old_key_ends_after_a_week_or_at_once(
    tmp_path: Path,
    revoke: bool,  # noqa: FBT001
    days: int,
) -> None:
    """A partner needs time to change over; a thief does not. No key ends later than it did."""
    Keyring.create(tmp_path)
    agencies = Held(Settings(keys_dir=tmp_path), row("north"))
    for _ in range(2):
        await agencies.rotate("north", revoke_old=revoke)
    oldest, old, newest = agencies.held["keys"]
    assert newest["valid_to"] is None
    assert old["valid_to"] == newest["valid_from"] + timedelta(days=days)
    assert oldest["valid_to"] is not None
    assert oldest["valid_to"] <= old["valid_to"]
    assert newest["key_id"] == "north-3"


async def test_a_key_on_its_way_out_can_still_be_revoked(tmp_path: Path) -> None:
    """The week of grace does not outlast the news that the key has leaked."""
    Keyring.create(tmp_path)
    agencies = Held(Settings(keys_dir=tmp_path), row("north"))
    await agencies.rotate("north")
    await agencies.rotate("north", revoke_old=True)
    now = agencies.held["keys"][-1]["valid_from"]
    assert [key["valid_to"] for key in agencies.held["keys"]] == [now, now, None]
