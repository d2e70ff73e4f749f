"""Entries of the ledger by the references that their askers were told, over HTTP and by command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from concord.commands.ledger_named import is_entry
from tests.integration.test_api.test_ledger_evidence import (
    HUB_OFFICER,
    commanded,
    disclosed,
    told,
)
from tests.integration.test_api.world import ACCOUNT, CASE, OFFICER, STRANGER, World


async def test_an_entry_is_proved_by_the_reference_that_its_asker_was_told(world: World) -> None:
    """The same pack and proof as by its number; what names no entry is refused, or not accepted."""
    number = await disclosed(world)
    (row,) = await world.services.ledger.read(after=number - 1, limit=1)
    for path in ("/v1/ledger/entries/{}/evidence", "/v1/ledger/proofs/{}"):
        first, second = [
            await told(world, path.format(name), size=number) for name in (number, row.reference)
        ]
        assert first == second
        series, _, last = row.reference.rpartition(".")
        for name in (f"{series}.{int(last) + 90}", "nobody.00000000.1", "nobody.1", "99999"):
            answer = await world.get(path.format(name), HUB_OFFICER, ACCOUNT)
            assert answer.status_code == 403, answer.text
        for name in ("0", "nobody", f"{row.reference}.x", "Nobody.1"):
            answer = await world.get(path.format(name), HUB_OFFICER, ACCOUNT)
            assert answer.status_code == 422, name


async def test_a_list_begins_after_an_entry_that_the_officer_may_place(world: World) -> None:
    """Whoever sees the whole ledger names any; others one of their own agency, by reference."""
    number = await disclosed(world)
    await world.get("/v1/alerts/alt_1", STRANGER, CASE)
    first, foreign = await world.services.ledger.read(after=number - 1, limit=2)
    for after in (str(number), first.reference):
        page = await told(world, "/v1/ledger", after=after)
        assert page["items"][0]["fields"]["sequence"] == number + 1
    own = await told(world, "/v1/ledger", OFFICER, after=first.reference)
    references = [one["fields"]["reference"] for one in own["items"]]
    assert first.reference not in references
    assert await told(world, "/v1/ledger", OFFICER, after="0")
    for after in (str(number), foreign.reference):
        answer = await world.get("/v1/ledger", OFFICER, ACCOUNT, after=after)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "query.after"


async def test_a_refused_look_tells_the_officer_not_whose_entry_it_was(world: World) -> None:
    """It stands in their ledger under the name that they gave, whether it is there or not."""
    number = await disclosed(world)
    await world.get("/v1/alerts/alt_1", STRANGER, CASE)
    for name in (number + 1, number + 90):
        path = f"/v1/ledger/entries/{name}/evidence"
        assert (await world.get(path, OFFICER, ACCOUNT)).status_code == 403
    page = await told(world, "/v1/ledger", OFFICER, decision="refuse")
    looks = [one["fields"]["record_ids"] for one in page["items"]]
    assert looks == [[str(number + 1)], [str(number + 90)]]


async def test_commands_take_a_reference_where_they_take_a_number(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`show` and `export`; `list` tells both to who sees both, a reference to who sees that."""
    number = await disclosed(world)
    (row,) = await world.services.ledger.read(after=number - 1, limit=1)
    pack = tmp_path / "pack"
    for name in (number, row.reference):
        shown = await commanded(world, monkeypatch, "show", name, "--json")
        assert json.loads(shown.stdout.splitlines()[-1])["sequence"] == number
        done = await commanded(
            world, monkeypatch, "export", "--disclosure", name, "--out", pack, "--json"
        )
        assert json.loads(done.stdout.splitlines()[-1])["entry"] == number
    listed = await commanded(world, monkeypatch, "list", "--record", "alt_1")
    assert f"{number}  {row.reference}  " in listed.stdout
    for name in ("nobody", "0", "../1", f"{row.reference}/x"):
        assert (await commanded(world, monkeypatch, "show", name)).exit_code == 2


def test_ids_of_records_are_not_taken_for_entries() -> None:
    """What `export` is given may be either."""
    for name in ("1", "calder-council.5f3a91c0.17", "hub.4"):
        assert is_entry(name)
    for name in ("alt_1", "inc_24xezjaq", "cmarac-partnership@1", "hub.0", "a.b.c.1", "x.1/../2"):
        assert not is_entry(name)
