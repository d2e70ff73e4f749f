"""`concord ledger …`: what an officer reads, proves and lodges of the ledger, over the API.

Entries are searched by ids of records, never by names. What is verified is verified here, by the
same program that a stranger would use, not by the hub that is being asked.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NoReturn

import typer

import concord_verify as verify_
from concord.commands.ledger_lodged import lodged_with
from concord.commands.ledger_named import entry_named, is_entry
from concord.linkage.asking import (
    REFUSED,
    Agency,
    Hub,
    Json,
    Justification,
    Role,
    Type,
    Who,
    hub,
    show,
)
from policies.examination.words import one_of

app = typer.Typer(
    help="The ledger: list, verify, lodge checkpoints, export evidence.", no_args_is_help=True
)
FINDINGS = 1
"""Something does not hold."""
NOT_POSSIBLE = 2
"""Nothing could be checked: a file, a key, the hub, or leave to see the entries is missing."""
OPERATIONS = (
    "alteration", "collection", "combination", "consultation", "disclosure", "erasure",
)  # fmt: skip
"""The six operations of DPA 2018 s.62; here so that no command loads the hub's store."""
_PAGE = 500

Out = Annotated[Path, typer.Option("--out", help="File to write.")]
Key = Annotated[
    str, typer.Option("--key", help="The ledger's public key, if you have it from elsewhere.")
]


def _who(agency: str, type_: str, role: str, justification: str) -> Who:
    return Who(agency, type_, role, "accountability", justification)


@app.command("list")
def list_(
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Review of the ledger",
    of: Annotated[str | None, typer.Option("--of", help="Entries of this agency.")] = None,
    purpose: Annotated[str | None, typer.Option(help="Entries made for this purpose.")] = None,
    operation: Annotated[
        str | None, typer.Option(help=f"Entries of this operation: {one_of(OPERATIONS)}.")
    ] = None,
    record: Annotated[
        str | None, typer.Option(help="Entries about this record, by its id; never a name.")
    ] = None,
    since: Annotated[datetime | None, typer.Option(help="Made on this day or later (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Made before this day (UTC).")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    json_: Json = False,
) -> None:
    """List entries, oldest first."""
    if operation is not None and operation not in OPERATIONS:
        _stop(f"--operation: {operation!r} is none of {one_of(OPERATIONS)}")
    with hub(_who(agency, agency_type, role, justification)) as there:
        entries = list(
            there.items(
                "/v1/ledger", limit + 1, agency=of, for_purpose=purpose, operation=operation,
                record=record, since=_moment(since), until=_moment(until),
            )
        )  # fmt: skip
    show(entries[:limit], _lines(entries, limit), as_json=json_)


def _lines(entries: Sequence[Mapping[str, Any]], limit: int) -> Iterator[str]:
    yield from (_line(entry) for entry in entries[:limit])
    if not entries:
        yield "No entries that you may see fit."
    if len(entries) > limit:
        yield f"There are more: --limit shows more than {limit}."


@app.command("show")
def show_(
    named: Annotated[
        str, typer.Argument(callback=entry_named, metavar="ENTRY", help="Its number or reference.")
    ],
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Review of the ledger",
    json_: Json = False,
) -> None:
    """Show one entry with what the policy was asked."""
    with _checking(), hub(_who(agency, agency_type, role, justification)) as there:
        document = there.get(f"/v1/ledger/entries/{named}/evidence")
        report = verify_.Report("", verify_.PACK)
        verify_.check_pack(verify_.canonical(document) + b"\n", report, None)
    show(json.loads(document["entry"]), iter(report.said), as_json=json_)


@app.command()
def export(
    disclosure: Annotated[
        str,
        typer.Option("--disclosure", help="Number or reference of the entry, or id of a record."),
    ],
    out: Out,
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Evidence for a release",
    json_: Json = False,
) -> None:
    """Write an evidence pack about a disclosure: `concord-verify` checks it offline."""
    with hub(_who(agency, agency_type, role, justification)) as there:
        named = _entry_of(there, disclosure)
        document = there.get(f"/v1/ledger/entries/{named}/evidence")
    sequence = json.loads(document["entry"])["sequence"]
    with _writing(out) as stream:
        stream.write(verify_.canonical(document) + b"\n")
    said = f"Evidence for entry {sequence} is in {out}. Check it with: concord-verify {out}"
    show({"entry": sequence, "file": str(out)}, iter([said]), as_json=json_)


@app.command()
def copy(
    out: Out,
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Copy of the ledger",
    json_: Json = False,
) -> None:
    """Copy the whole ledger into a file that `concord-verify` checks offline."""
    with (
        _writing(out) as stream,
        hub(_who(agency, agency_type, role, justification)) as there,
    ):
        size = _copy(there, stream)
    said = f"{size} entries are in {out}. Check them with: concord-verify {out}"
    show({"entries": size, "file": str(out)}, iter([said]), as_json=json_)


@app.command()
def verify(
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Verification of the ledger",
    key: Key = "",
    json_: Json = False,
) -> None:
    """Copy the whole ledger and check it here.

    Exit code 1 if it does not hold, 2 if it could not be checked.
    """
    with _checking(), tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "ledger"
        with (
            copied.open("wb") as stream,
            hub(_who(agency, agency_type, role, justification)) as there,
        ):
            _copy(there, stream)
        outcome = verify_.checked([copied], key or None)
    for report in outcome.reports:
        report.file = "the hub's ledger"
    code = verify_.tell(outcome, as_json=json_)
    raise typer.Exit(code)


@app.command()
def checkpoint(
    out: Annotated[Path | None, typer.Option("--out", help="File to write it to.")] = None,
    email: Annotated[bool, typer.Option("--email", help="Print it as the text of an e-mail.")] = (
        False
    ),
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Checkpoint to be lodged",
    json_: Json = False,
) -> None:
    """Get a signed checkpoint, to be lodged with somebody who can hold the hub to it."""
    with hub(_who(agency, agency_type, role, justification)) as there:
        found = there.get("/v1/ledger/checkpoint")
    if out is not None:
        with _writing(out) as stream:
            stream.write(found["checkpoint"].encode("utf-8"))
    show(found, iter(_letter(found) if email else [found["checkpoint"].rstrip()]), as_json=json_)


@app.command()
def compare(
    old: Annotated[Path | None, typer.Argument(help="A checkpoint that was lodged.")] = None,
    with_: Annotated[
        str | None,
        typer.Option("--lodged-with", help="Instead: those on this agency's notice topic."),
    ] = None,
    onboarding: Annotated[
        Path | None, typer.Option("--onboarding", help="That agency's onboarding file.")
    ] = None,
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Comparison with a lodged checkpoint",
    key: Key = "",
    json_: Json = False,
) -> None:
    """Check that the ledger of today continues what was lodged: a file, or on a topic.

    Exit code 1 if it does not, 2 if it could not be checked.
    """
    if (old is None) == (with_ is None):
        _stop("give either a checkpoint's file or --lodged-with an agency")
    notes = [_note_in(old)] if old is not None else lodged_with(with_ or "", onboarding)
    with _checking(), hub(_who(agency, agency_type, role, justification)) as there:
        now = there.get("/v1/ledger/checkpoint")
        trusted = verify_.Key.read(key or now["key"])
        sizes = [_lodged(there, name, note, trusted, int(now["size"])) for name, note in notes]
    found = {
        "holds": True,
        "checkpoints": len(sizes),
        "lodged": max(lodged for lodged, _ in sizes),
        "entries": max(size for _, size in sizes),
        "key_pinned": bool(key),
    }
    show(found, (_continues(*each) for each in sizes), as_json=json_)


def _lodged(
    there: Hub, name: str, note: str, trusted: verify_.Key, entries: int
) -> tuple[int, int]:
    """Check one lodged checkpoint: its size and the ledger's. Raises Altered."""
    lodged = verify_.checkpoint(note, trusted, name)
    if lodged.size > entries:
        raise verify_.Altered(
            f"the ledger has {entries} entries, fewer than the {lodged.size} lodged"
        )
    return lodged.size, _compared(there, lodged, trusted) or entries


@app.command()
def lodge(
    with_: Annotated[str, typer.Option("--with", help="Agency that is to keep it.")],
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Checkpoint to be lodged",
    json_: Json = False,
) -> None:
    """Lodge a signed checkpoint on another agency's notice topic, to be compared later."""
    with hub(_who(agency, agency_type, role, justification)) as there:
        found = there.post("/v1/ledger/checkpoint/lodgements", {"agency": with_})
    said = f"A checkpoint over {found['size']} entries lies on the notice topic of {with_}."
    show(found, iter([said]), as_json=json_)


def _note_in(file: Path) -> tuple[str, str]:
    """A lodged checkpoint in a file. Ends the program with exit code 2 if it cannot be read."""
    try:
        return str(file), file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        _stop(f"{file} cannot be read")


def _continues(lodged: int, size: int) -> str:
    if lodged == 0:
        return "The lodged checkpoint is of an empty ledger: every ledger continues it."
    return (
        f"The ledger of {size} entries continues the checkpoint over {lodged}: "
        "nothing before it was changed."
    )


def _compared(there: Hub, lodged: verify_.Checkpoint, trusted: verify_.Key) -> int:
    """Have the hub prove that it continues a checkpoint; gives its size now. Raises Altered."""
    if lodged.size == 0:
        return 0
    proof = there.get("/v1/ledger/proofs/consistency", old=lodged.size)
    report = verify_.Report("the hub's proof", verify_.CONSISTENCY)
    verify_.check_consistency(verify_.canonical(proof) + b"\n", report, trusted)
    told, newest = report.checkpoints
    if told.root != lodged.root:
        raise verify_.Altered(
            f"the ledger forked: of its first {lodged.size} entries it tells another root than "
            "the one that was lodged"
        )
    return newest.size


def _copy(there: Hub, stream: BinaryIO) -> int:
    """Write the ledger as it now stands; gives its size."""
    now = there.get("/v1/ledger/checkpoint")
    size = int(now["size"])
    header = {"format": verify_.COPY, "key": now["key"], "checkpoint": now["checkpoint"]}
    stream.write(verify_.canonical(header) + b"\n")
    done = 0
    while done < size:
        page = there.get("/v1/ledger/copy", after=done, limit=min(_PAGE, size - done))
        if not page["entries"]:
            break
        stream.writelines(entry.encode("utf-8") + b"\n" for entry in page["entries"])
        done += len(page["entries"])
    return size


@contextmanager
def _writing(out: Path) -> Iterator[BinaryIO]:
    """Write a file as a whole or not at all; ends the program where it cannot be written."""
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("wb") as stream:
            yield stream
        part.replace(out)
    except OSError as error:
        _stop(f"--out: {out} cannot be written ({error.strerror})")
    finally:
        part.unlink(missing_ok=True)


def _stop(message: str) -> NoReturn:
    typer.echo(f"concord: {message}", err=True)
    raise typer.Exit(NOT_POSSIBLE)


def _entry_of(there: Hub, disclosure: str) -> str:
    """Find the entry that is meant; a record with several disclosures ends with their numbers."""
    if is_entry(disclosure):
        return disclosure
    found = [
        str(entry.get("sequence") or entry.get("reference"))
        for entry in there.items("/v1/ledger", _PAGE, operation="disclosure", record=disclosure)
    ]
    if len(found) == 1:
        return found[0]
    numbers = ", ".join(found) or "none"
    _stop(
        "--disclosure: the number or reference of an entry is expected; entries that disclose "
        f"{disclosure}: {numbers}"
    )


@contextmanager
def _checking() -> Iterator[None]:
    """End the program as `concord-verify` does: a refusal is no finding."""
    try:
        yield
    except verify_.Altered as finding:
        typer.echo(f"concord: {finding}", err=True)
        raise typer.Exit(FINDINGS) from None
    except verify_.NotPossible as lacking:
        _stop(str(lacking))
    except typer.Exit as ended:
        raise typer.Exit(NOT_POSSIBLE if ended.exit_code == REFUSED else ended.exit_code) from None


def _letter(found: Mapping[str, Any]) -> Iterator[str]:
    """Say in an e-mail what a checkpoint is for."""
    root = base64.b64decode(found["root"]).hex()
    yield f"Subject: Checkpoint of the Concord ledger, {found['size']} entries"
    yield ""
    yield "Please keep this message. If the hub's ledger is ever questioned, the lines between"
    yield "the rules show what it was when this was sent: save them, and the public key, and run"
    yield "concord-verify on them together with a copy of the ledger."
    yield ""
    yield "----"
    yield str(found["checkpoint"]).rstrip()
    yield "----"
    yield f"Root in hexadecimal: {root}"
    yield f"Public key: {found['key']}"


def _line(entry: Mapping[str, Any]) -> str:
    names = ("sequence", "reference", "at", "operation", "decision", "agency", "actor", "purpose")
    told = [str(entry.get(name) or "-") for name in names]
    return "  ".join([*told, ", ".join(entry.get("record_ids") or ())])


def _moment(day: datetime | None) -> str | None:
    return None if day is None else day.replace(tzinfo=UTC).isoformat()
