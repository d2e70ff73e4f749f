"""`concord ledger …`: what an officer reads, proves and lodges of the ledger, over the API.

Entries are searched by ids of records, never by names. What is verified is verified here, by the
same program that a stranger would use, not by the hub that is being asked.
"""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

import concord_verify as verify_
from concord.commands.ledger_lodged import lodged_with
from concord.linkage.asking import Agency, Hub, Json, Justification, Role, Type, Who, hub, show

app = typer.Typer(
    help="The ledger: list, verify, lodge checkpoints, export evidence.", no_args_is_help=True
)
FINDINGS = 1
NOT_POSSIBLE = 2
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
        str | None, typer.Option(help="collection, alteration, consultation, disclosure, …")
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
    with hub(_who(agency, agency_type, role, justification)) as there:
        entries = list(
            there.items(
                "/v1/ledger", limit, agency=of, for_purpose=purpose, operation=operation,
                record=record, since=_moment(since), until=_moment(until),
            )
        )  # fmt: skip
    show(entries, (_line(entry) for entry in entries), as_json=json_)


@app.command("show")
def show_(
    sequence: Annotated[int, typer.Argument(min=1, help="Number of the entry.")],
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Review of the ledger",
    json_: Json = False,
) -> None:
    """Show one entry with what the policy was asked."""
    with hub(_who(agency, agency_type, role, justification)) as there:
        document = there.get(f"/v1/ledger/entries/{sequence}/evidence")
    report = verify_.Report("", verify_.PACK)
    with _findings():
        verify_.check_pack(verify_.canonical(document) + b"\n", report, None)
    entry = json.loads(document["entry"])
    show(entry, iter(report.said), as_json=json_)


@app.command()
def export(
    disclosure: Annotated[
        str, typer.Option("--disclosure", help="Number of the entry, or id of a record.")
    ],
    out: Out,
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Evidence for a release",
) -> None:
    """Write an evidence pack about a disclosure: `concord-verify` checks it offline."""
    with hub(_who(agency, agency_type, role, justification)) as there:
        sequence = _sequence_of(there, disclosure)
        document = there.get(f"/v1/ledger/entries/{sequence}/evidence")
    out.write_bytes(verify_.canonical(document) + b"\n")
    typer.echo(f"Evidence for entry {sequence} is in {out}. Check it with: concord-verify {out}")


@app.command()
def copy(
    out: Out,
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Copy of the ledger",
) -> None:
    """Copy the whole ledger into a file that `concord-verify` checks offline."""
    with hub(_who(agency, agency_type, role, justification)) as there:
        size = _copy(there, out)
    typer.echo(f"{size} entries are in {out}. Check them with: concord-verify {out}")


@app.command()
def verify(
    agency: Agency = "hub",
    agency_type: Type = "hub",
    role: Role = "hub-governance-officer",
    justification: Justification = "Verification of the ledger",
    key: Key = "",
) -> None:
    """Copy the whole ledger and check it here; exit code 1 if it does not hold."""
    with (
        tempfile.TemporaryDirectory() as folder,
        hub(_who(agency, agency_type, role, justification)) as there,
    ):
        copied = Path(folder) / "ledger"
        _copy(there, copied)
        code = verify_.main([str(copied), *(["--key", key] if key else [])])
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
        out.write_text(found["checkpoint"], encoding="utf-8")
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
) -> None:
    """Check that the ledger of today continues what was lodged: a file, or on a topic."""
    if (old is None) == (with_ is None):
        typer.echo("concord: give either a checkpoint's file or --lodged-with an agency", err=True)
        raise typer.Exit(NOT_POSSIBLE)
    notes = [_note_in(old)] if old is not None else lodged_with(with_ or "", onboarding)
    with hub(_who(agency, agency_type, role, justification)) as there, _findings():
        now = there.get("/v1/ledger/checkpoint")
        trusted = verify_.Key.read(key or now["key"])
        for name, note in notes:
            lodged = verify_.checkpoint(note, trusted, name)
            if lodged.size > now["size"]:
                raise verify_.Altered(
                    f"the ledger has {now['size']} entries, fewer than the {lodged.size} lodged"
                )
            _compared(there, lodged, trusted)


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
        typer.echo(f"concord: {file} cannot be read", err=True)
        raise typer.Exit(NOT_POSSIBLE) from None


def _compared(there: Hub, lodged: verify_.Checkpoint, trusted: verify_.Key) -> None:
    """Have the hub prove that it continues a checkpoint. Raises Altered."""
    if lodged.size == 0:
        typer.echo("The lodged checkpoint is of an empty ledger: every ledger continues it.")
        return
    proof = there.get("/v1/ledger/proofs/consistency", old=lodged.size)
    report = verify_.Report("the hub's proof", verify_.CONSISTENCY)
    verify_.check_consistency(verify_.canonical(proof) + b"\n", report, trusted)
    told, newest = report.checkpoints
    if told.root != lodged.root:
        raise verify_.Altered(
            f"the ledger forked: of its first {lodged.size} entries it tells another root than "
            "the one that was lodged"
        )
    typer.echo(
        f"The ledger of {newest.size} entries continues the checkpoint over {lodged.size}: "
        "nothing before it was changed."
    )


def _copy(there: Hub, out: Path) -> int:
    """Write the ledger as it now stands; gives its size."""
    now = there.get("/v1/ledger/checkpoint")
    size = int(now["size"])
    header = {"format": verify_.COPY, "key": now["key"], "checkpoint": now["checkpoint"]}
    with out.open("wb") as stream:
        stream.write(verify_.canonical(header) + b"\n")
        done = 0
        while done < size:
            page = there.get("/v1/ledger/copy", after=done, limit=min(_PAGE, size - done))
            if not page["entries"]:
                break
            for entry in page["entries"]:
                stream.write(entry.encode("utf-8") + b"\n")
            done += len(page["entries"])
    return size


def _sequence_of(there: Hub, disclosure: str) -> int:
    """Find the entry that is meant; a record with several disclosures ends with their numbers."""
    if disclosure.isdecimal():
        return int(disclosure)
    found = [
        int(entry["sequence"])
        for entry in there.items("/v1/ledger", _PAGE, operation="disclosure", record=disclosure)
    ]
    if len(found) == 1:
        return found[0]
    numbers = ", ".join(map(str, found)) or "none"
    typer.echo(
        f"concord: --disclosure: the number of an entry is expected; entries that disclose "
        f"{disclosure}: {numbers}",
        err=True,
    )
    raise typer.Exit(NOT_POSSIBLE)


@contextmanager
def _findings() -> Iterator[None]:
    """End the program with one line and exit code 1 where something does not hold."""
    try:
        yield
    except (verify_.Altered, verify_.NotPossible) as finding:
        typer.echo(f"concord: {finding}", err=True)
        raise typer.Exit(FINDINGS) from None


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
    names = ("sequence", "at", "operation", "decision", "agency", "actor", "purpose")
    told = [str(entry.get(name) or "-") for name in names]
    return "  ".join([*told, ", ".join(entry.get("record_ids") or ())])


def _moment(day: datetime | None) -> str | None:
    return None if day is None else day.replace(tzinfo=UTC).isoformat()
