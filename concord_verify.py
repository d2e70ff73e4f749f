"""Check evidence from a Concord hub, offline: `concord-verify FILE…`.

A file is an evidence pack about one ledger entry, a copy of the ledger, a signed checkpoint, or a
proof that one checkpoint continues another. Several files are also compared with each other, so
that a ledger which was told differently to two people shows. This program stands alone: it needs
Python, the package `cryptography`, and nothing of the hub's code, database or network.

Exit code 0: all of it holds. 1: something was altered, or the ledger forked. 2: nothing could be
checked (a file cannot be read, a key is missing, two checkpoints cannot be compared).
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PACK = "concord-evidence/1"
COPY = "concord-ledger-copy/1"
CONSISTENCY = "concord-consistency/1"
NOTE = "concord/ledger/"
UNKNOWN = ""
ZERO = "0" * 64


class Altered(Exception):
    """The evidence does not hold; the text says what of it."""


class NotPossible(Exception):
    """It cannot be checked; the text says what is missing."""


@dataclass
class Checkpoint:
    """A ledger's size and root, signed under the name of that ledger."""

    origin: str
    size: int
    root: bytes
    file: str = ""


@dataclass
class Report:
    """What one file was found to prove."""

    file: str
    kind: str
    said: list[str] = field(default_factory=list)
    proved: list[str] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    fault: str | None = None


# --- hashes: RFC 9162 (which keeps RFC 6962's tree) ------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    """Hash one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Give the root that a proof of inclusion leads to (RFC 9162 §2.1.3.2). Raises Altered."""
    place, last, found = index, size - 1, leaf
    if not 0 <= index < size:
        raise Altered("the entry's number is not in the ledger of this checkpoint")
    for step in proof:
        if last == 0:
            raise Altered("the proof of inclusion is too long")
        if place & 1 or place == last:
            found = node_hash(step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    if last:
        raise Altered("the proof of inclusion is too short")
    return found


def continues(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Tell whether a proof shows that `new` continues `old` (RFC 9162 §2.1.4.2)."""
    if old.size > new.size:
        return False
    if old.size in {0, new.size}:
        return not proof and (old.size == 0 or old.root == new.root)
    path = [old.root, *proof] if old.size & (old.size - 1) == 0 else list(proof)
    return _joined(old.size, new.size, path) == (old.root, new.root)


def _joined(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Give both roots that a proof of consistency leads to; None where it is no such proof."""
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not path:
        return None
    before = after = path[0]
    for step in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, step)
        place, last = place >> 1, last >> 1
    return None if last else (before, after)


class Tree:
    """Grows by leaf hashes and knows its root at any size on the way."""

    def __init__(self) -> None:
        self.size = 0
        self._stack: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append."""
        joined, number = leaf, self.size
        while number & 1:
            joined, number = node_hash(self._stack.pop(), joined), number >> 1
        self._stack.append(joined)
        self.size += 1

    def root(self) -> bytes:
        """Hash of all so far."""
        found = hashlib.sha256(b"").digest()
        for number, subtree in enumerate(reversed(self._stack)):
            found = node_hash(subtree, found) if number else subtree
        return found


# --- keys and signed notes (https://c2sp.org/signed-note, /tlog-checkpoint) ------------------


@dataclass(frozen=True)
class Key:
    """The public key of a hub's ledger."""

    raw: bytes

    @property
    def origin(self) -> str:
        """The name of the ledger that this key signs for."""
        return f"concord/ledger/{hashlib.sha256(self.raw).hexdigest()[:16]}"

    @property
    def id(self) -> bytes:
        """Four bytes by which signatures name the key."""
        return hashlib.sha256(self.origin.encode() + b"\n\x01" + self.raw).digest()[:4]

    @property
    def text(self) -> str:
        """The key as it is written."""
        encoded = base64.b64encode(b"\x01" + self.raw).decode()
        return f"{self.origin}+{self.id.hex()}+{encoded}"

    @classmethod
    def read(cls, text: str) -> Key:
        """Read what `text` writes. Raises Altered."""
        parts = text.split("+", 2)
        raw = unbase64(parts[-1])
        if len(raw) != 33 or raw[0] != 1 or cls(raw[1:]).text != text:
            raise Altered("the public key is not one of a Concord ledger")
        return cls(raw[1:])


def unbase64(text: Any) -> bytes:
    """Read base64 that is written in the one right way. Raises Altered."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise Altered("something that should be base64 is not") from None
    if base64.b64encode(raw).decode() != text:
        raise Altered("base64 is not written as it should be")
    return raw


def checkpoint(note: str, key: Key, file: str) -> Checkpoint:
    """Check a signed note and read it. Raises Altered."""
    body, gap, signature = note.partition("\n\n")
    lines, prefix = body.split("\n"), f"\u2014 {key.origin} "
    if not gap or not signature.startswith(prefix) or not signature.endswith("\n"):
        raise Altered("the checkpoint is not signed under the name of this key's ledger")
    signed = unbase64(signature[len(prefix) : -1])
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signed[4:], f"{body}\n".encode())
    except (InvalidSignature, ValueError):
        raise Altered("the checkpoint's signature is not by this key") from None
    if signed[:4] != key.id or len(lines) != 3 or lines[0] != key.origin:
        raise Altered("the checkpoint is not one of this key's ledger")
    return Checkpoint(lines[0], int(lines[1]), unbase64(lines[2]), file)


# --- the kinds of files ------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """Write JSON in the one way in which the hub writes it."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace")


def parsed(raw: bytes, what: str) -> dict[str, Any]:
    """Read JSON that must be written in the one way. Raises Altered."""
    try:
        value = json.loads(raw)
        if isinstance(value, dict) and canonical(value) == raw:
            return value
    except (ValueError, RecursionError):
        pass
    raise Altered(f"{what} is not written as the hub writes it")


def members(document: Mapping[str, Any], *names: str) -> list[Any]:
    """Give these members, which must be all. Raises Altered."""
    if sorted(document) != sorted(names):
        raise Altered("it has other parts than it should")
    return [document[name] for name in names]


def check_pack(raw: bytes, report: Report, pinned: Key | None) -> None:
    """Check an evidence pack. Raises Altered."""
    document = parsed(line_of(raw), "the pack")
    names = ("format", "key", "checkpoint", "entry", "inclusion", "inputs", "parts")
    _, written, note, text, proof, inputs, parts = members(document, *names)
    key = trusted(written, pinned)
    signed = checkpoint(str(note), key, report.file)
    entry = parsed(str(text).encode("utf-8"), "the entry")
    hashes = [unbase64(step) for step in proof]
    number = int(entry["sequence"])
    if included(leaf_hash(str(text).encode("utf-8")), number - 1, signed.size, hashes) != (
        signed.root
    ):
        raise Altered("the entry is not in the ledger of this checkpoint")
    report.checkpoints.append(signed)
    report.said += told(entry)
    report.proved += [
        f"the checkpoint over {signed.size} entries is signed with the ledger's key",
        f"the entry stands in that ledger as number {number}, as it is told here",
    ]
    check_inputs(entry, inputs, parts, report)


def check_inputs(
    entry: Mapping[str, Any], inputs: Any, parts: Mapping[str, Any], report: Report
) -> None:
    """Check what the policy was asked, against the entry's digest. Raises Altered."""
    digest = entry.get("input_digest")
    if inputs is None:
        if parts or digest is not None:
            raise Altered("what the policy was asked is missing")
        return
    if hashlib.sha256(str(inputs).encode("utf-8")).hexdigest() != digest:
        raise Altered("what the policy was asked is not what the entry says")
    asked = parsed(str(inputs).encode("utf-8"), "what the policy was asked")
    named = {asked["question"], *asked["agreements"].values()}
    named |= {group["facts"] for group in asked["decided"]}
    for name, text in parts.items():
        if hashlib.sha256(str(text).encode("utf-8")).hexdigest() != name:
            raise Altered("a part of what the policy was asked is not what its digest says")
    if named != set(parts):
        raise Altered("parts of what the policy was asked are missing, or too many")
    report.said += decided(asked["decided"])
    report.proved.append("what the policy was asked and answered is what the entry's digest says")
    question = json.loads(parts[asked["question"]])
    for name, text_digest in sorted(asked["agreements"].items()):
        report.said += clauses(name, str(parts[text_digest]), question)
        report.proved.append(f"the text of {name} is the one that was in force for this entry")


def check_copy(
    stream: BinaryIO, report: Report, pinned: Key | None, sizes: set[int]
) -> dict[int, bytes]:
    """Check a copy of the ledger; gives its roots at these sizes. Raises Altered."""
    _, written, note = members(
        parsed(line_of(stream.readline()), "the first line"), "format", "key", "checkpoint"
    )
    signed = checkpoint(str(note), trusted(written, pinned), report.file)
    tree, previous, roots = Tree(), ZERO, {}
    for raw in stream:
        text = line_of(raw)
        entry = parsed(text, f"entry {tree.size + 1}")
        if entry.get("sequence") != tree.size + 1:
            raise Altered(f"entry {tree.size + 1} is missing or out of place")
        if entry.get("previous_hash") != previous:
            raise Altered(f"entry {tree.size} was altered, or {tree.size + 1} does not follow it")
        previous = hashlib.sha256(text).hexdigest()
        tree.add(leaf_hash(text))
        if tree.size in sizes:
            roots[tree.size] = tree.root()
    if (tree.size, tree.root()) != (signed.size, signed.root):
        raise Altered(
            f"the copy has {tree.size} entries that are not the {signed.size} of its checkpoint: "
            "the last entry was altered, or others were added, removed or rewritten"
        )
    report.checkpoints.append(signed)
    report.said.append(f"A copy of the whole ledger {signed.origin}: {signed.size} entries.")
    report.proved.append("every entry is the one that the signed checkpoint covers, in its order")
    return roots


def check_consistency(raw: bytes, report: Report, pinned: Key | None) -> None:
    """Check that one checkpoint continues another. Raises Altered."""
    document = parsed(line_of(raw), "the proof")
    _, written, first, second, proof = members(document, "format", "key", "old", "new", "proof")
    key = trusted(written, pinned)
    old = checkpoint(str(first), key, report.file)
    new = checkpoint(str(second), key, report.file)
    report.checkpoints += [old, new]
    if not continues(old, new, [unbase64(step) for step in proof]):
        raise Altered(
            f"the ledger of {new.size} entries does not continue the one of {old.size}: "
            "it forked, or the proof was altered"
        )
    report.said.append(f"The ledger {new.origin} at {old.size} and at {new.size} entries.")
    report.proved.append(f"the first {old.size} of the {new.size} entries are unchanged")


def check_note(raw: bytes, report: Report, pinned: Key | None) -> None:
    """Check a lodged checkpoint. Raises Altered, NotPossible."""
    if pinned is None:
        raise NotPossible("a checkpoint alone does not hold its key: give it with --key")
    try:
        signed = checkpoint(raw.decode("utf-8"), pinned, report.file)
    except UnicodeDecodeError:
        raise Altered("the checkpoint is not text") from None
    report.checkpoints.append(signed)
    report.said.append(f"The ledger {signed.origin} had {signed.size} entries.")
    report.proved.append("the checkpoint is signed with the ledger's key")


def check_unknown(_raw: bytes, _report: Report, _pinned: Key | None) -> None:
    """Refuse it. Raises Altered."""
    raise Altered("it is no evidence of a form that is known here")


def trusted(written: Any, pinned: Key | None) -> Key:
    """Read the key that a file brings, which must be the pinned one. Raises Altered."""
    key = Key.read(str(written))
    if pinned is not None and key != pinned:
        raise Altered("it is signed with another key than the one given with --key")
    return key


def line_of(raw: bytes) -> bytes:
    """Give a line without its end. Raises Altered where it has none."""
    if not raw.endswith(b"\n"):
        raise Altered("the last line is cut off")
    return raw[:-1]


# --- plain words -------------------------------------------------------------------------------


def told(entry: Mapping[str, Any]) -> list[str]:
    """Tell an entry in sentences."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(entry["at"]))
    records = json.loads(entry["record_ids"])
    answer = "permitted" if entry["decision"] == "permit" else "refused"
    when = f"{moment:%d %B %Y %H:%M:%S} UTC"
    lines = [
        f"Entry {entry['sequence']}, {when}: {entry['operation']}, {answer}.",
        f"Who: {entry['actor']} of {entry['agency']}. Purpose: {entry['purpose'] or 'none'}.",
        f"Justification: {entry['justification'] or 'none given'}",
        f"Records: {', '.join(records) or 'none'}.",
        f"Fields: {', '.join(json.loads(entry['fields'])) or 'none'}.",
    ]
    if entry["agreement"]:
        lines.append(f"Under: {entry['agreement']} (policy {entry['policy_revision']}).")
    return lines


def decided(groups: Sequence[Mapping[str, Any]]) -> list[str]:
    """Tell how many records were decided about, and of how many only the number is kept."""
    counts = {True: 0, False: 0}
    further = 0
    for group in groups:
        beyond = int(group.get("further", 0))
        counts[bool(group["permit"])] += len(group["records"]) + beyond
        further += beyond
    told = f"Decided about: {counts[True]} permitted, {counts[False]} refused"
    kept = f"; of {further} refused ones the number alone is kept" if further else ""
    return [f"{told}{kept}."]


def clauses(name: str, text: str, question: Mapping[str, Any]) -> list[str]:
    """Quote the clauses of an agreement that speak of this purpose."""
    purpose = str(question["purpose"])
    quoted = [f"Clauses of {name} for the purpose {purpose}:"]
    for paragraph in text.split("\n\n"):
        sentence = " ".join(paragraph.split())
        _, _, purposes = sentence.partition("For the purpose")
        if sentence.startswith("Clause ") and purpose in purposes.partition(".")[0]:
            quoted.append(f"  {sentence}")
    return quoted


def printable(text: str) -> str:
    """Keep a file from steering the terminal."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


# --- the program -------------------------------------------------------------------------------


def examined(paths: Sequence[Path], pinned: Key | None) -> Iterator[Report]:
    """Check each file, copies of a ledger last: they can tell the root at any earlier size."""
    kinds = {path: kind_of(path) for path in paths}
    known: list[Checkpoint] = []
    for path in sorted(paths, key=lambda each: (kinds[each] == COPY, each.stat().st_size)):
        report = Report(str(path), kinds[path])
        try:
            examine(path, report, pinned, known)
        except Altered as altered:
            report.fault = str(altered)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            report.fault = "it is not written as the hub writes it"
        known += report.checkpoints
        yield report


def examine(path: Path, report: Report, pinned: Key | None, known: Sequence[Checkpoint]) -> None:
    """Check one file beside the checkpoints that are known already. Raises Altered."""
    if report.kind != COPY:
        CHECKS[report.kind](path.read_bytes(), report, pinned)
        return
    with path.open("rb") as stream:
        roots = check_copy(stream, report, pinned, {each.size for each in known})
    origin = report.checkpoints[-1].origin
    for each in known:
        if each.origin == origin and roots.get(each.size, each.root) != each.root:
            raise Altered(f"the ledger forked: {each.file} is signed over other entries")


def kind_of(path: Path) -> str:
    """Tell by its beginning what a file is. Raises NotPossible."""
    try:
        with path.open("rb") as stream:
            start = stream.readline()
    except OSError as error:
        raise NotPossible(f"{path} cannot be read: {error.strerror}") from None
    for kind in (PACK, COPY, CONSISTENCY):
        if f'"format":"{kind}"'.encode() in start:
            return kind
    return NOTE if start.startswith(NOTE.encode()) else UNKNOWN


CHECKS: Mapping[str, Callable[[bytes, Report, Key | None], None]] = {
    PACK: check_pack,
    CONSISTENCY: check_consistency,
    NOTE: check_note,
    UNKNOWN: check_unknown,
}


def compared(reports: Sequence[Report]) -> list[str]:
    """Find checkpoints of one ledger that contradict each other."""
    seen: dict[tuple[str, int], Checkpoint] = {}
    forks = []
    for one in (each for report in reports for each in report.checkpoints):
        other = seen.setdefault((one.origin, one.size), one)
        if other.root != one.root:
            forks.append(
                f"the ledger forked: {other.file} and {one.file} are signed for {one.size} "
                "entries and differ"
            )
    return forks


def unconnected(reports: Sequence[Report]) -> bool:
    """Tell whether lodged checkpoints of different sizes were given with nothing between them."""
    sizes = {each.size for r in reports if r.kind == NOTE for each in r.checkpoints}
    return len(sizes) > 1 and not any(report.kind in {COPY, CONSISTENCY} for report in reports)


@dataclass
class Outcome:
    """What checking some files came to. `stopped` says why nothing could be checked, if so."""

    reports: list[Report]
    forks: list[str]
    pinned: bool
    stopped: str | None = None

    @property
    def code(self) -> int:
        """The exit code: 0 it holds, 1 it does not, 2 it could not be checked."""
        if self.forks or any(report.fault for report in self.reports):
            return 1
        return 2 if self.stopped else 0

    def as_json(self) -> dict[str, Any]:
        """Give it for a machine. `holds` is null where nothing could be checked."""
        return {
            "holds": {0: True, 1: False, 2: None}[self.code],
            "stopped": self.stopped,
            "key_pinned": self.pinned,
            "forks": self.forks,
            "files": [
                {
                    "file": report.file,
                    "kind": report.kind,
                    "holds": report.fault is None,
                    "fault": report.fault,
                    "said": report.said,
                    "proved": report.proved,
                    "checkpoints": [
                        {"origin": each.origin, "size": each.size, "root": each.root.hex()}
                        for each in report.checkpoints
                    ],
                }
                for report in self.reports
            ],
        }


def checked(files: Sequence[Path], key: str | None = None) -> Outcome:
    """Check files, each alone and with each other; `key` is the ledger's, as it is written."""
    reports: list[Report] = []
    try:
        pinned = Key.read(key) if key else None
        reports += examined(files, pinned)
    except (NotPossible, Altered, OSError) as error:
        return Outcome([], [], bool(key), str(error))
    told = "checkpoints of different sizes need a copy or a proof between them"
    stopped = told if unconnected(reports) else None
    return Outcome(reports, compared(reports), pinned is not None, stopped)


def write(outcome: Outcome) -> None:
    """Say everything in plain words."""
    for report in outcome.reports:
        lines = [f"{report.file}:", *(f"  {line}" for line in report.said)]
        lines += [f"  Proved: {line}." for line in report.proved]
        lines.append(f"  DOES NOT HOLD: {report.fault}." if report.fault else "  It holds.")
        sys.stdout.write("\n".join(map(printable, lines)) + "\n")
    for fork in outcome.forks:
        sys.stdout.write(printable(f"DOES NOT HOLD: {fork}.") + "\n")
    if outcome.reports and not outcome.pinned:
        sys.stdout.write(
            "The key came with the file. That it is the hub's, you must have from elsewhere: "
            "give it with --key.\n"
        )
    if outcome.code == 2:
        sys.stderr.write(printable(f"concord-verify: {outcome.stopped}") + "\n")


def tell(outcome: Outcome, *, as_json: bool) -> int:
    """Say it in words or as one JSON object; gives the exit code."""
    if as_json:
        sys.stdout.write(json.dumps(outcome.as_json()) + "\n")
    else:
        write(outcome)
    return outcome.code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="concord-verify", description=(__doc__ or "").partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--key", help="the ledger's public key, as its hub publishes it")
    parser.add_argument("--json", action="store_true", help="print one JSON object, nothing else")
    given = parser.parse_args(arguments)
    return tell(checked(given.files, given.key), as_json=given.json)


if __name__ == "__main__":
    raise SystemExit(main())
