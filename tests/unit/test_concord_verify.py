"""The offline verifier believes nothing that was altered, by as little as one bit of one byte."""

from __future__ import annotations

import ast
import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import concord_verify
from concord_verify import Checkpoint, continues, included
from policies.bundle import canonical
from sharing_api.evidence import merkle, pack
from sharing_api.evidence.checkpoint import sign, verifier_key
from sharing_api.store.decision_inputs import Inputs, part_digest
from sharing_api.store.ledger_entries import GENESIS, LedgerEntry, chained

PROGRAM = Path(concord_verify.__file__)
KEY = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32)
TEXT = verifier_key(KEY.public_key())
AT = datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=UTC)
QUESTION = '{"purpose":"case"}'
FACTS = '{"kind":"alert"}'
AGREEMENT = """This is version 1 of the agreement isa.

Clause 1: Caf\u00e9s may see it.
For the purpose of case, a waiter may receive what
  follows.

Clause 2: Others may not.
For the purpose of research, a waiter may receive what follows.
"""


def inputs() -> Inputs:
    """What the policy was asked for the one disclosure."""
    parts = {part_digest(text): text for text in (QUESTION, FACTS, AGREEMENT)}
    group = {"facts": part_digest(FACTS), "permit": True, "records": ["alt_1"]}
    content = {
        "question": part_digest(QUESTION),
        "decided": [group, {**group, "permit": False, "records": ["alt_2"], "further": 5}],
        "agreements": {"isa@1": part_digest(AGREEMENT)},
    }
    return Inputs(canonical(content).decode(), parts, permits=True)


ASKED = inputs()
ENTRIES = (
    LedgerEntry("consultation", "u2", "south", decision="refuse", reasons=("r",)),
    LedgerEntry(
        "disclosure", "u1", "north", "case", "Meeting \u2014 \U0001f600", record_ids=("alt_1",),
        fields=("level",), agreement="isa@1", policy_revision="abc", input_digest=ASKED.digest,
    ),
    LedgerEntry("combination", "linkage", "hub", detail={"left": "m1"}, key="k"),
)  # fmt: skip


def ledger(entries: Sequence[LedgerEntry] = ENTRIES) -> list[bytes]:
    """The entries of a ledger as bytes."""
    previous, texts = GENESIS, []
    for number, entry in enumerate(entries, 1):
        row, content = chained(replace(entry, at=AT), number, previous)
        previous = row["hash"]
        texts.append(content)
    return texts


def hashes(texts: Sequence[bytes], ranges: Sequence[merkle.Range]) -> list[bytes]:
    """Hash ranges of a ledger."""
    tree = merkle.Growing()
    kept = [digest for text in texts for digest in tree.add(merkle.leaf_hash(text))]
    return [merkle.hash_of(each, dict(enumerate(kept))) for each in ranges]


def note(texts: Sequence[bytes], key: Ed25519PrivateKey = KEY) -> Any:
    """A checkpoint over a ledger."""
    return sign(len(texts), hashes(texts, [(0, len(texts))])[0], key)


def packed(texts: Sequence[bytes], sequence: int = 2, asked: Inputs | None = ASKED) -> bytes:
    """An evidence pack."""
    proof = hashes(texts, merkle.inclusion(sequence - 1, len(texts)))
    return pack.pack(TEXT, note(texts), texts[sequence - 1], proof, asked)


def copied(texts: Sequence[bytes]) -> bytes:
    """A copy of a ledger."""
    header = {"format": concord_verify.COPY, "key": TEXT, "checkpoint": note(texts).note}
    return b"\n".join([canonical(header), *texts, b""])


def continued(old: Sequence[bytes], new: Sequence[bytes]) -> bytes:
    """A proof that one ledger continues another."""
    proof = hashes(new, merkle.consistency(len(old), len(new)))
    return pack.consistency(TEXT, note(old), note(new), proof)


def faults(*files: Path) -> list[str | None]:
    """What the verifier finds wrong with files."""
    try:
        reports = list(concord_verify.examined(files, None))
    except concord_verify.NotPossible as stopped:
        return [str(stopped)]
    found = [report.fault for report in reports if report.fault]
    return [*found, *concord_verify.compared(reports)]


TEXTS = ledger()
MADE = {
    "pack": packed(TEXTS),
    "copy": copied(TEXTS),
    "consistency": continued(TEXTS[:2], TEXTS),
}


@pytest.mark.parametrize("kind", MADE)
def test_what_was_not_altered_holds(tmp_path: Path, kind: str) -> None:
    """Every kind of file."""
    (tmp_path / kind).write_bytes(MADE[kind])
    assert faults(tmp_path / kind) == []


@pytest.mark.parametrize(
    "bit", [1, *(pytest.param(1 << n, marks=pytest.mark.slow) for n in range(1, 8))]
)
@pytest.mark.parametrize("kind", MADE)
def test_every_change_of_one_byte_shows(tmp_path: Path, kind: str, bit: int) -> None:
    """At every place of the file."""
    whole, file = bytearray(MADE[kind]), tmp_path / kind
    for place in range(len(whole)):
        whole[place] ^= bit
        file.write_bytes(whole)
        assert faults(file), (place, bytes(whole[max(0, place - 20) : place + 20]))
        whole[place] ^= bit


@pytest.mark.slow
@pytest.mark.parametrize("kind", MADE)
def test_every_byte_too_few_or_too_many_shows(tmp_path: Path, kind: str) -> None:
    """Lines and members taken out or put in, as far as one byte goes."""
    whole, file = MADE[kind], tmp_path / kind
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + whole[place + 1 :])
        assert faults(file), place
        file.write_bytes(whole[:place] + b" " + whole[place:])
        assert faults(file), place


def test_a_checkpoint_shows_every_change_of_one_byte(tmp_path: Path) -> None:
    """With the key that it names."""
    key = concord_verify.Key.read(TEXT)
    whole = bytearray(note(TEXTS).note.encode())
    report = concord_verify.Report("", concord_verify.NOTE)
    concord_verify.check_note(bytes(whole), report, key)
    for place in range(len(whole)):
        for bit in (0x01, 0x20, 0x80):
            whole[place] ^= bit
            with pytest.raises(concord_verify.Altered):
                concord_verify.check_note(bytes(whole), report, key)
            whole[place] ^= bit


def test_entries_swapped_dropped_or_rewritten_show(tmp_path: Path) -> None:
    """Even where whoever did it mended the chain of hashes."""
    header, *lines = MADE["copy"].splitlines(keepends=True)
    rewritten = ledger((ENTRIES[0], LedgerEntry("disclosure", "u9", "north"), ENTRIES[2]))
    file = tmp_path / "copy"
    for changed in (
        [lines[1], lines[0], lines[2]],
        lines[:2],
        [*lines, lines[-1]],
        [text + b"\n" for text in rewritten],
    ):
        file.write_bytes(header + b"".join(changed))
        assert faults(file)


def test_a_fork_shows(tmp_path: Path) -> None:
    """Two ledgers that begin alike, each signed by the hub: one size, two sizes, proof, copy."""
    forked = ledger((ENTRIES[0], LedgerEntry("disclosure", "u9", "north"), ENTRIES[2], ENTRIES[0]))
    (tmp_path / "told").write_bytes(packed(TEXTS))
    (tmp_path / "other").write_bytes(packed(forked[:3], asked=None))
    (tmp_path / "copy").write_bytes(copied(forked))
    (tmp_path / "proof").write_bytes(continued(TEXTS, forked))
    (tmp_path / "honest").write_bytes(continued(TEXTS[:1], forked))
    assert any("forked" in str(one) for one in faults(tmp_path / "told", tmp_path / "other"))
    assert any("forked" in str(one) for one in faults(tmp_path / "copy", tmp_path / "told"))
    assert any("forked" in str(one) for one in faults(tmp_path / "proof"))
    assert faults(tmp_path / "honest", tmp_path / "copy", tmp_path / "other") == []


def test_proofs_of_all_small_ledgers_hold_and_no_others() -> None:
    """Every entry of every size, every pair of sizes; a proof of another entry never passes."""
    texts = [str(number).encode() for number in range(20)]
    tree = merkle.Growing()
    kept = dict(enumerate(d for text in texts for d in tree.add(merkle.leaf_hash(text))))
    roots = [merkle.hash_of((0, size), kept) for size in range(len(texts) + 1)]
    for size in range(1, len(texts) + 1):
        for index in range(size):
            proof = [merkle.hash_of(each, kept) for each in merkle.inclusion(index, size)]
            leaf = merkle.leaf_hash(texts[index])
            assert included(leaf, index, size, proof) == roots[size]
            wrong = merkle.leaf_hash(texts[index - 1])
            assert size == 1 or included(wrong, index, size, proof) != roots[size]
        for old in range(size + 1):
            proof = [merkle.hash_of(each, kept) for each in merkle.consistency(old, size)]
            new = Checkpoint("", size, roots[size])
            assert continues(Checkpoint("", old, roots[old]), new, proof)
            assert not continues(Checkpoint("", old, roots[0]), new, proof) or old == 0
            assert not continues(Checkpoint("", old, roots[old]), new, [*proof, roots[0]])


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the file alone, away from this project."""
    return subprocess.run(
        [sys.executable, "-I", str(PROGRAM), *map(str, arguments)],
        check=False, capture_output=True, text=True, cwd="/", timeout=60,
    )  # fmt: skip


def test_the_program_says_in_plain_words_what_it_proved(tmp_path: Path) -> None:
    """And ends with 0, 1 or 2."""
    (tmp_path / "pack").write_bytes(MADE["pack"])
    (tmp_path / "bad").write_bytes(MADE["pack"].replace(b"alt_1", b"alt_2", 1))
    good = run(tmp_path / "pack", "--key", TEXT)
    assert good.returncode == 0, good.stderr
    for words in (
        "disclosure, permitted", "u1 of north", "Purpose: case", "Records: alt_1", "Fields: level",
        "Under: isa@1", "Clause 1: Caf\u00e9s may see it.", "Proved: the entry stands in that",
    ):  # fmt: skip
        assert words in good.stdout
    assert "Decided about: 1 permitted, 6 refused; of 5 refused ones the number" in good.stdout
    assert "Clause 2" not in good.stdout
    assert "must have from elsewhere" in run(tmp_path / "pack").stdout
    assert run(tmp_path / "bad").returncode == 1
    another = run(tmp_path / "pack", "--key", verifier_key(OTHER.public_key()))
    assert another.returncode == 1
    assert run(tmp_path / "nowhere").returncode == 2
    assert run(tmp_path / "pack", "--key", "nonsense").returncode == 2


@pytest.mark.parametrize(
    ("made", "key", "code"),
    [("pack", TEXT, 0), ("bad", TEXT, 1), ("none", TEXT, 2), ("pack", "x", 2)],
    ids=["holds", "altered", "not there", "no key"],
)
def test_a_machine_is_told_the_same(tmp_path: Path, made: str, key: str, code: int) -> None:
    """One JSON object on the output, whatever came of it, and the same exit code."""
    holds = {0: True, 1: False, 2: None}[code]
    (tmp_path / "pack").write_bytes(MADE["pack"])
    (tmp_path / "bad").write_bytes(MADE["pack"].replace(b"alt_1", b"alt_2", 1))
    done = run(tmp_path / made, "--key", key, "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["holds"], done.stderr) == (code, holds, "")
    assert (said["stopped"] is None) is (code < 2)
    assert [one["holds"] for one in said["files"]] == ([] if holds is None else [holds])
    if holds:
        assert said["key_pinned"] is True
        assert said["files"][0]["checkpoints"][0]["size"] == len(TEXTS)
        assert any("entry stands in that" in line for line in said["files"][0]["proved"])


def test_checkpoints_alone_need_a_key_and_something_between_them(tmp_path: Path) -> None:
    """A copy or a proof; what is missing is said."""
    (tmp_path / "old").write_text(note(TEXTS[:2]).note, encoding="utf-8")
    (tmp_path / "new").write_text(note(TEXTS).note, encoding="utf-8")
    (tmp_path / "copy").write_bytes(MADE["copy"])
    assert run(tmp_path / "old").returncode == 2
    assert run(tmp_path / "old", "--key", TEXT).returncode == 0
    between = run(tmp_path / "old", tmp_path / "new", "--key", TEXT)
    assert (between.returncode, "copy or a proof" in between.stderr) == (2, True)
    assert run(tmp_path / "old", tmp_path / "copy", "--key", TEXT).returncode == 0


def test_a_file_cannot_steer_the_terminal(tmp_path: Path) -> None:
    """Control characters of an entry are not printed."""
    texts = ledger((LedgerEntry("disclosure", "u\x1b[2J", "north", justification="\u202e"),))
    (tmp_path / "pack").write_bytes(packed(texts, 1, None))
    printed = run(tmp_path / "pack").stdout
    assert "\x1b" not in printed
    assert "\u202e" not in printed


def test_the_program_needs_nothing_of_the_hub() -> None:
    """It imports the standard library and cryptography alone."""
    tree = ast.parse(PROGRAM.read_text("utf-8"))
    modules = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert modules - sys.stdlib_module_names == {"cryptography"}


def test_notes_are_written_as_other_tools_read_them() -> None:
    """C2SP signed note: body, empty line, em dash, name, key id and signature in base64."""
    lines = note(TEXTS).note.split("\n")
    name, _, encoded = TEXT.split("+", 2)
    assert lines[0] == name
    assert lines[1] == "3"
    assert lines[3] == lines[5] == ""
    dash, signer, signature = lines[4].split(" ")
    raw = base64.b64decode(signature)
    assert (dash, signer, len(raw)) == ("\u2014", name, 68)
    body = "\n".join(lines[:3]) + "\n"
    KEY.public_key().verify(raw[4:], body.encode())
    assert base64.b64decode(encoded)[0] == 1
    assert json.loads(MADE["pack"])["checkpoint"] == note(TEXTS).note
