"""The ledger over HTTP and the command line: proofs, copies, checkpoints and evidence packs."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

import concord_verify
from concord.commands import ledger
from concord_verify import Key, canonical
from policies.agreements import load
from policies.agreements.language import digest, write
from schemas import codec
from sharing_api.evidence.checkpoint import sign
from sharing_api.store.ledger import LedgerEntry
from sharing_api.store.ledger_entries import OPERATIONS
from tests.integration.test_api.world import (
    ACCOUNT,
    CASE,
    COORDINATOR,
    OFFICER,
    STRANGER,
    World,
    agency,
    alert,
    entity,
    incident,
)

HUB_OFFICER = {"agency": "hub", "agency_type": "operator", "role": "hub-governance-officer"}


async def disclosed(world: World) -> int:
    """An alert that the coordinator received; the number of its entry."""
    await world.put("hub-incident.v1", incident(world.ring, "inc_a", "Zebedee Quill"))
    await world.put("alert.v1", alert("alt_1", ["inc_a"], entity_id="ent_1"))
    await world.put("entity.v1", entity("ent_1", "inc_a"))
    answer = await world.get("/v1/alerts/alt_1", COORDINATOR, CASE)
    assert answer.status_code == 200, answer.text
    return await world.place(answer)


async def told(world: World, path: str, who: Any = HUB_OFFICER, **query: Any) -> Any:
    """What the API says, which must be yes."""
    answer = await world.get(path, who, ACCOUNT, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def named(agreement: str) -> Any:
    """An agreement that is in force."""
    return next(one for one in load() if one["id"] == agreement)


class Caller:
    """The command line's hub: asks the world under test as the hub's officer."""

    def __init__(self, world: World, loop: asyncio.AbstractEventLoop) -> None:
        self._world, self._loop = world, loop

    def get(self, path: str, **query: Any) -> Any:
        """Ask from another thread."""
        given = {name: value for name, value in query.items() if value is not None}
        asked = self._world.get(path, HUB_OFFICER, ACCOUNT, **given)
        answer = asyncio.run_coroutine_threadsafe(asked, self._loop).result(30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        """Say from another thread."""
        said = self._world.post(path, HUB_OFFICER, ACCOUNT, body)
        answer = asyncio.run_coroutine_threadsafe(said, self._loop).result(30)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def items(self, path: str, limit: int, **query: Any) -> Iterator[Any]:
        """The fields of one page."""
        for one in self.get(path, limit=min(limit, 200), **query)["items"]:
            yield one["fields"]


def half_written(folder: Path) -> list[str]:
    """Files that a command left behind unfinished."""
    return [file.name for file in folder.iterdir() if file.suffix == ".part"]


async def commanded(world: World, monkeypatch: pytest.MonkeyPatch, *words: object) -> Result:
    """Run `concord ledger …` against the world."""
    loop = asyncio.get_running_loop()

    @contextmanager
    def hub(_who: Any) -> Iterator[Caller]:
        yield Caller(world, loop)

    monkeypatch.setattr(ledger, "hub", hub)
    return await asyncio.to_thread(CliRunner().invoke, ledger.app, [str(word) for word in words])


async def test_a_release_is_proved_offline(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The pack says to whom, for what, under which clause, and holds no identity."""
    sequence = await disclosed(world)
    file, whole = tmp_path / "evidence.json", tmp_path / "ledger"
    assert (await commanded(world, monkeypatch, "export", "--disclosure", sequence, "--out", file)
            ).exit_code == 0  # fmt: skip
    assert (await commanded(world, monkeypatch, "copy", "--out", whole)).exit_code == 0
    key = (await told(world, "/v1/ledger/checkpoint"))["key"]
    assert concord_verify.main([str(file), str(whole), "--key", key]) == 0
    said = capsys.readouterr().out
    assert "cmarac-case" in said
    assert "alt_1" in said
    assert "the text of cmarac-partnership@" in said
    assert "victim_name" in said
    assert "Clause 1: " in said
    parts = json.loads(file.read_text("utf-8"))["parts"]
    assert digest(write(named("cmarac-partnership"))) in parts, "not the agreement's own address"
    assert "Zebedee" not in file.read_text("utf-8") + whole.read_text("utf-8")


async def test_an_altered_pack_is_found_out(world: World, tmp_path: Path) -> None:
    """Whichever part is changed: entry, inputs, agreement."""
    document = await told(world, f"/v1/ledger/entries/{await disclosed(world)}/evidence")
    for part in ("entry", "inputs", "checkpoint"):
        digit = re.search(r"[0-9]", document[part])
        assert digit is not None
        at, other = digit.start(), str((int(digit[0]) + 1) % 10)
        changed = {**document, part: document[part][:at] + other + document[part][at + 1 :]}
        (tmp_path / "bad").write_bytes(canonical(changed) + b"\n")
        assert concord_verify.main([str(tmp_path / "bad")]) == 1
    for address in document["parts"]:
        parts = {**document["parts"], address: document["parts"][address] + " "}
        (tmp_path / "bad").write_bytes(canonical({**document, "parts": parts}) + b"\n")
        assert concord_verify.main([str(tmp_path / "bad")]) == 1


async def test_a_lodged_checkpoint_is_continued(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By today's ledger; a forked or shortened one ends with exit code 1."""
    await disclosed(world)
    file = tmp_path / "old"
    lodged = await commanded(world, monkeypatch, "checkpoint", "--out", file, "--email")
    assert "Subject: Checkpoint" in lodged.stdout
    await disclosed(world)
    compared = await commanded(world, monkeypatch, "compare", file)
    assert compared.exit_code == 0, compared.output
    assert "nothing before it was changed" in compared.stdout
    from sharing_api.evidence.checkpoint import sign

    size = len(file.read_text("utf-8")) and int(file.read_text("utf-8").split("\n")[1])
    for forged in (sign(size, b"\x00" * 32, world.ring.signing), sign(9999, b"\x00" * 32,
                   world.ring.signing)):  # fmt: skip
        file.write_text(forged.note, encoding="utf-8")
        assert (await commanded(world, monkeypatch, "compare", file)).exit_code == 1
    assert (await commanded(world, monkeypatch, "compare", tmp_path / "none")).exit_code == 2


async def test_the_command_line_lists_shows_and_verifies(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By record, operation, purpose and day."""
    sequence = await disclosed(world)
    listed = await commanded(
        world, monkeypatch, "list", "--record", "alt_1", "--operation", "disclosure", "--json"
    )
    assert [one["sequence"] for one in json.loads(listed.stdout.splitlines()[-1])] == [sequence]
    nothing = await commanded(world, monkeypatch, "list", "--until", "2020-01-01", "--json")
    assert json.loads(nothing.stdout.splitlines()[-1]) == []
    assert "alt_1" in (await commanded(world, monkeypatch, "list", "--of", "north-council")).stdout
    shown = await commanded(world, monkeypatch, "show", sequence)
    assert "north-council" in shown.stdout
    verified = await commanded(world, monkeypatch, "verify")
    assert verified.exit_code == 0, verified.output
    by_record = ("export", "--disclosure", "alt_1", "--out", tmp_path / "pack")
    assert (await commanded(world, monkeypatch, *by_record)).exit_code == 0
    unknown = ("export", "--disclosure", "alt_9", "--out", tmp_path / "pack")
    assert (await commanded(world, monkeypatch, *unknown)).exit_code == 2


async def test_every_command_tells_a_machine_too_and_says_what_it_accepts(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One JSON object; exit code 2 where nothing could be done, and no file half written."""
    sequence = await disclosed(world)
    pack, whole, note = tmp_path / "pack", tmp_path / "whole", tmp_path / "note"

    async def json_of(*words: object) -> Any:
        done = await commanded(world, monkeypatch, *words, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout.splitlines()[-1])

    exported = await json_of("export", "--disclosure", sequence, "--out", pack)
    assert exported == {"entry": sequence, "file": str(pack)}
    copied = await json_of("copy", "--out", whole)
    assert copied["entries"] == len(whole.read_text("utf-8").splitlines()) - 1
    verified = await json_of("verify")
    assert (verified["holds"], verified["files"][0]["file"]) == (True, "the hub's ledger")
    await json_of("checkpoint", "--out", note)
    compared = await json_of("compare", note)
    assert compared["holds"] is True
    assert compared["entries"] > compared["lodged"] > 0
    assert set(ledger.OPERATIONS) == OPERATIONS
    odd = await commanded(world, monkeypatch, "list", "--operation", "fly")
    assert odd.exit_code == 2
    assert "consultation" in odd.output
    nobody = await commanded(world, monkeypatch, "list", "--record", "alt_9")
    assert "No entries" in nobody.stdout
    assert "There are more" in (await commanded(world, monkeypatch, "list", "--limit", 1)).stdout
    for words in (("export", "--disclosure", sequence), ("copy",), ("checkpoint",)):
        nowhere = await commanded(world, monkeypatch, *words, "--out", tmp_path / "no" / "x")
        assert nowhere.exit_code == 2
        assert "--out" in nowhere.output
    assert half_written(tmp_path) == []


def test_who_may_not_see_all_of_it_cannot_check_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is no finding: exit code 2, as where a key is missing."""

    class Refusing:
        """A hub that says no."""

        def __init__(self, _who: Any) -> None:
            """To whomever."""

        def __enter__(self) -> Any:
            """As `asking.hub` ends a command."""
            raise typer.Exit(1)

        def __exit__(self, *_: object) -> None:
            """Nothing to close."""

    for words in (["verify"], ["show", "3"], ["compare", __file__]):
        monkeypatch.setattr(ledger, "hub", Refusing)
        assert CliRunner().invoke(ledger.app, words).exit_code == 2


async def test_proofs_are_for_those_who_may_see_the_whole_entry(world: World) -> None:
    """Hashes could be tried out on guesses: an agency's own officer does not get them."""
    sequence = await disclosed(world)
    for path in (f"entries/{sequence}/evidence", f"proofs/{sequence}", "copy"):
        answer = await world.get(f"/v1/ledger/{path}", OFFICER, ACCOUNT)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:concord:problem:not-whole")
        strange = await world.get(f"/v1/ledger/{path}", STRANGER, ACCOUNT)
        assert strange.status_code == 403
    missing = await world.get("/v1/ledger/entries/99999/evidence", HUB_OFFICER, ACCOUNT)
    assert missing.json()["reasons"][0]["code"] == "record-not-available"
    assert (await world.get("/v1/ledger/checkpoint", STRANGER, ACCOUNT)).status_code == 403


async def test_proofs_lead_to_the_checkpoint(world: World) -> None:
    """At the size that was asked for, and no larger than the ledger."""
    sequence = await disclosed(world)
    await disclosed(world)
    now = await told(world, "/v1/ledger/checkpoint")
    proof = await told(world, f"/v1/ledger/proofs/{sequence}", size=now["size"])
    hashes = [concord_verify.unbase64(each) for each in proof["proof"]]
    leaf = concord_verify.unbase64(proof["leaf"])
    root = concord_verify.included(leaf, sequence - 1, now["size"], hashes)
    signed = concord_verify.checkpoint(now["checkpoint"], Key.read(now["key"]), "")
    assert (signed.size, signed.root) == (now["size"], root)
    for path, query in (
        (f"proofs/{sequence}", {"size": 99999}),
        (f"entries/{sequence + 1}/evidence", {"size": sequence}),
        ("proofs/consistency", {"old": 99999}),
        ("proofs/consistency", {"old": 3, "new": 2}),
    ):
        answer = await world.get(f"/v1/ledger/{path}", HUB_OFFICER, ACCOUNT, **query)
        assert answer.status_code == 409, answer.text
        assert answer.json()["errors"][0]["field"].startswith("query.")


async def test_an_entry_without_a_decision_has_evidence_too(world: World) -> None:
    """A link that was made is proved without inputs."""
    entered = await world.services.ledger.append(
        LedgerEntry("combination", "linkage", "hub", record_ids=("m1", "m2"))
    )
    number = entered.sequence
    document = await told(world, f"/v1/ledger/entries/{number}/evidence")
    assert (document["inputs"], document["parts"]) == (None, {})
    report = concord_verify.Report("", concord_verify.PACK)
    concord_verify.check_pack(canonical(document) + b"\n", report, None)
    assert "combination" in report.said[0]


async def test_a_list_is_narrowed_by_what_the_officer_is_shown(world: World) -> None:
    """An agency's officer finds its own entries alone, whatever is asked for."""
    sequence = await disclosed(world)
    await world.services.ledger.append(LedgerEntry("combination", "linkage", "hub"))

    async def numbers(**query: Any) -> list[int]:
        page = await told(world, "/v1/ledger", **query)
        return [one["fields"]["sequence"] for one in page["items"]]

    assert await numbers(record="alt_1", for_purpose="cmarac-case") == [sequence]
    assert await numbers(operation="combination") == [sequence + 1]
    assert await numbers(agency="nobody") == []
    assert sequence in await numbers(since="2020-01-01T00:00:00Z", decision="permit")
    assert await numbers(until="2020-01-01T00:00:00Z") == []
    mine = await told(world, "/v1/ledger", OFFICER, operation="combination")
    assert mine["items"] == []


async def test_a_checkpoint_lies_on_another_agencys_topic_and_is_compared_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lodged by one command; read from the topic; a ledger that forked since is found out."""
    await world.put("agency.v1", agency("south-council"))
    await disclosed(world)
    lodged = await commanded(world, monkeypatch, "lodge", "--with", "south-council")
    assert lodged.exit_code == 0, lodged.output
    (sent,) = [one for one in world.publisher.sent if one.topic == "agency.south-council.notice.v1"]
    notice = codec.decode("notice.v1", codec.unframe(sent.value)[1])
    assert (notice["kind"], notice["action"]) == ("checkpoint", "keep")
    size = concord_verify.checkpoint(
        notice["checkpoint"], Key.read((await told(world, "/v1/ledger/checkpoint"))["key"]), ""
    ).size
    (entry,) = await world.services.ledger.read(after=size - 1, limit=1)
    assert (entry.reasons, entry.detail["with"]) == (("checkpoint-lodged",), "south-council")
    found = [("ntc_1", notice["checkpoint"])]
    monkeypatch.setattr(ledger, "lodged_with", lambda *_: found)
    words = ("compare", "--lodged-with", "south-council")
    compared = await commanded(world, monkeypatch, *words)
    assert (compared.exit_code, "nothing before it" in compared.stdout) == (0, True)
    root = bytes(range(32))
    forged = sign(size, root, world.ring.signing)
    monkeypatch.setattr(ledger, "lodged_with", lambda *_: [*found, ("ntc_2", forged.note)])
    assert (await commanded(world, monkeypatch, *words)).exit_code == 1
    assert (await commanded(world, monkeypatch, "compare")).exit_code == 2


async def test_only_who_answers_for_the_ledger_lodges_and_only_with_whom_the_hub_knows(
    world: World,
) -> None:
    """A stranger is refused before the hub says whether there is such an agency."""
    path, body = "/v1/ledger/checkpoint/lodgements", {"agency": "nowhere"}
    assert (await world.post(path, STRANGER, ACCOUNT, body)).status_code == 403
    assert (await world.post(path, HUB_OFFICER, ACCOUNT, body)).status_code == 422
    await world.put("agency.v1", agency("elsewhere"))
    world.services._agencies = None
    world.publisher.away = True
    away = await world.post(path, HUB_OFFICER, ACCOUNT, {"agency": "elsewhere"})
    assert away.status_code == 503
