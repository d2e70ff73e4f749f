"""`concord check`, `publish`, `receipts`, `notices`, `template`: the partner's command line.

Exit codes: 0 all is well, 1 faults in the file or rejected events, 2 wrong use, 3 the hub is away
(what was to be sent waits in the spool), 4 the hub refuses. Nothing here prints a value of a file.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from producers import onboarding
from producers.check import Report
from producers.check import check as check_file
from producers.client import HubClient, Published
from producers.formats import Format, formats
from producers.formats.csv_returns import blank as blank_returns
from producers.formats.csv_template import blank
from producers.records import Event, Fault
from producers.spool import SpoolBusyError, SpoolDamagedError
from producers.transport import HubAwayError, HubRefusesError

T = TypeVar("T")
FAULTS, USAGE, AWAY, REFUSED = 1, 2, 3, 4
_SHOWN = 200

template = typer.Typer(help="Empty templates to fill in.")

_File = Annotated[Path, typer.Argument(help="The source file.")]
_FormatName = Annotated[str, typer.Option("--format", "-f", help="Its format.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of text.")]
_OnboardingFile = Annotated[
    Path | None,
    typer.Option("--onboarding", help="The file from `concord agency add`; CONCORD_ONBOARDING."),
]


def register(app: typer.Typer) -> None:
    """Mount the commands on a program."""
    app.command()(check)
    app.command()(publish)
    app.command()(receipts)
    app.command()(notices)
    app.add_typer(template, name="template")


@template.callback()
def _template() -> None:
    """Empty templates to fill in."""


@template.command("csv")
def template_csv(
    out: Annotated[Path | None, typer.Option(help="File to write; without it, the screen.")] = None,
) -> None:
    """Write the hub's CSV template: a header and a guide row, which readers skip."""
    _write(blank(), out)


@template.command("returns")
def template_returns(
    out: Annotated[Path | None, typer.Option(help="File to write; without it, the screen.")] = None,
) -> None:
    """Write a template of tension returns, nil returns too: a header and a guide row."""
    _write(blank_returns(), out)


def check(
    file: _File,
    format_: _FormatName,
    agency: Annotated[str | None, typer.Option(help="Whose file it is.")] = None,
    as_json: _Json = False,
) -> None:
    """Check a whole file: every fault with row, column, what was seen and what is accepted.

    Sends nothing.
    """
    report = check_file(file, _format(format_), agency)
    if as_json:
        print(json.dumps({"file": file.name, "format": format_, **report.to_json()}, indent=2))
    else:
        _show(report)
    raise typer.Exit(0 if report.clean else FAULTS)


def publish(
    file: _File,
    format_: _FormatName,
    agency: Annotated[str, typer.Option(help="The agency that publishes.")],
    onboarding_file: _OnboardingFile = None,
    wait: Annotated[bool, typer.Option(help="Wait for the receipts.")] = True,
    timeout: Annotated[float, typer.Option(help="How long to wait, in seconds.")] = 60.0,
    skip_faulty: Annotated[
        bool, typer.Option("--skip-faulty", help="Publish the rest of a file with faults.")
    ] = False,
    as_json: _Json = False,
) -> None:
    """Publish a file; sending it again doubles nothing.

    While the hub is away, the events wait on disk.
    """
    chosen = _format(format_)
    settings = _onboarding(onboarding_file, agency)
    report = check_file(file, chosen, agency, secret=settings.secret)
    if not report.clean and not skip_faulty:
        if as_json:
            print(json.dumps({"published": 0, **report.to_json()}, indent=2))
        else:
            _show(report)
            print("Nothing was sent. Correct the file, or use --skip-faulty to send the rest.")
        raise typer.Exit(FAULTS)
    summary = _run(_publish(settings, report.events, wait=wait, seconds=timeout, quiet=as_json))
    summary["faulty"] = report.faulty
    if as_json:
        print(json.dumps(summary, indent=2))
    else:
        _tell(summary)
    raise typer.Exit(_outcome(summary))


def receipts(
    agency: Annotated[str, typer.Option(help="Whose receipts.")],
    onboarding_file: _OnboardingFile = None,
    follow: Annotated[bool, typer.Option("--follow", help="Wait for more until stopped.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show an agency's receipts, oldest first: what was accepted, what was rejected and why."""
    settings = _onboarding(onboarding_file, agency)
    try:
        count = _run(_receipts(settings, follow=follow, as_json=as_json))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    if not as_json:
        print(f"{count} receipts")


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.write(text.removeprefix("\ufeff"))
    else:
        out.write_text(text, "utf-8", newline="")
        print(f"{out} written; keep the header, fill in rows below the guide row, save as CSV")


def notices(
    agency: Annotated[str, typer.Option(help="Whose notices.")],
    onboarding_file: _OnboardingFile = None,
    follow: Annotated[bool, typer.Option("--follow", help="Wait for more until stopped.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show what the hub asks an agency to do about what it received, oldest first.

    Read from the agency's notice topic and its signature verified, or from its inbox over HTTP.
    """
    settings = _onboarding(onboarding_file, agency)
    try:
        count = _run(_notices(settings, follow=follow, as_json=as_json))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    if not as_json:
        print(f"{count} notices")


def _format(name: str) -> Format:
    known = formats()
    if name not in known:
        _fail(USAGE, f"no such format; there are: {', '.join(known)}")
    return known[name]


def _onboarding(path: Path | None, agency: str) -> onboarding.Onboarding:
    try:
        return onboarding.load(path, agency, os.environ)
    except onboarding.OnboardingError as error:
        _fail(USAGE, str(error))
        raise


def _fail(code: int, text: str) -> None:
    sys.stderr.write(f"concord: {text}\n")
    raise typer.Exit(code)


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except HubAwayError as error:
        _fail(AWAY, f"{error}; nothing is lost, try again later")
    except HubRefusesError as error:
        _fail(REFUSED, str(error))
    except (SpoolBusyError, SpoolDamagedError) as error:
        _fail(USAGE, str(error))
    raise AssertionError("unreachable")


async def _publish(
    settings: onboarding.Onboarding,
    events: list[Event],
    *,
    wait: bool,
    seconds: float,
    quiet: bool,
) -> dict[str, Any]:
    def progress(count: int) -> None:
        if not quiet and sys.stderr.isatty():
            sys.stderr.write(f"\r{count} of {len(events)} sent")

    async with HubClient(settings, progress=progress) as hub:
        published = await hub.publish(events)
        found: dict[str, dict[str, Any]] = {}
        if wait and published.away is None:
            found = await hub.wait_for_receipts(published.event_ids, seconds)
    return _summary(published, found, waited=wait)


def _summary(
    published: Published, found: dict[str, dict[str, Any]], *, waited: bool
) -> dict[str, Any]:
    rejected = [receipt for receipt in found.values() if receipt["status"] == "rejected"]
    return {
        "published": len(published.event_ids),
        "spooled": published.spooled,
        "away": published.away,
        "waited": waited,
        "receipts": len(found),
        "accepted": len(found) - len(rejected),
        "rejected": len(rejected),
        "rejections": [
            {"event_id": one["event_id"], "reference": one["reference"], "faults": one["faults"]}
            for one in rejected
        ],
        "pending": len(set(published.event_ids) - set(found)) if waited else None,
    }


def _outcome(summary: dict[str, Any]) -> int:
    if summary["away"]:
        return AWAY
    return FAULTS if summary["rejected"] or summary["faulty"] else 0


async def _receipts(settings: onboarding.Onboarding, *, follow: bool, as_json: bool) -> int:
    async with HubClient(settings) as hub:
        return await _listed(hub.receipts(follow=follow), _of_receipt, as_json=as_json)


async def _notices(settings: onboarding.Onboarding, *, follow: bool, as_json: bool) -> int:
    async with HubClient(settings) as hub:
        return await _listed(hub.notices(follow=follow), _of_notice, as_json=as_json)


async def _listed(
    found: AsyncGenerator[dict[str, Any], None],
    lines: Callable[[dict[str, Any]], Iterator[str]],
    *,
    as_json: bool,
) -> int:
    """Print what comes, as it comes, while somebody reads; how many there were."""
    count = 0
    async with aclosing(found):
        async for one in found:
            count += 1
            try:
                print(json.dumps(one) if as_json else "\n".join(lines(one)), flush=True)
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                break
    return count


def _of_receipt(receipt: dict[str, Any]) -> Iterator[str]:
    yield f"{receipt['status']:9} {receipt['reference'] or '-'}  {receipt['event_id']}"
    for fault in receipt["faults"]:
        yield f"          {fault['path'] or 'event'}: {fault['code']}: {fault['rule']}"


def _of_notice(notice: dict[str, Any]) -> Iterator[str]:
    if notice["checkpoint"]:
        yield f"{notice['notice_id']}  a checkpoint of the hub's ledger"
        yield f"  {notice['instruction']}"
        return
    again = f", reminder {notice['reminder']}" if notice["reminder"] else ""
    yield f"{notice['notice_id']}  by {str(notice['acknowledge_by'])[:10]}{again}"
    yield f"  {notice['instruction']}"
    yield f"  record: {', '.join(notice['record_ids']) or 'in the answers named below'}"
    yield f"  fields: {', '.join(notice['fields'])}"
    yield f"  answers with ledger reference: {', '.join(_answers_of(notice))}"


def _answers_of(notice: dict[str, Any]) -> list[str]:
    """Which answers a notice is about; those told before there were references have numbers."""
    return notice["ledger_references"] or [str(each) for each in notice["ledger_sequences"]]


def _show(report: Report) -> None:
    _list("", report.faults)
    _list("note: ", report.notes)
    parts = [f"{report.rows} rows", f"{len(report.events)} events in order"]
    if report.repeated:
        parts.append(f"{report.repeated} repeated word for word")
    parts.append(f"{len(report.faults)} faults in {report.faulty} records")
    print(", ".join(parts))


def _list(prefix: str, found: Iterable[Fault]) -> None:
    listed = list(found)
    for fault in listed[:_SHOWN]:
        where = f"row {fault.row}" if fault.row is not None else "file"
        column = f", {fault.column}" if fault.column else ""
        print(f"{prefix}{where}{column}: {fault.code}: {fault.seen}; expected: {fault.rule}")
    if len(listed) > _SHOWN:
        print(f"{prefix}… and {len(listed) - _SHOWN} more (all of them with --json)")


def _tell(summary: dict[str, Any]) -> None:
    if summary["away"]:
        print(f"The hub is away ({summary['away']}).")
        print(f"{summary['published']} events sent, {summary['spooled']} more wait on disk;")
        print("the next `concord publish` sends them first.")
        return
    print(f"{summary['published']} events sent.")
    if not summary["waited"]:
        return
    print(f"{summary['accepted']} accepted, {summary['rejected']} rejected.")
    for one in summary["rejections"][:_SHOWN]:
        for fault in one["faults"]:
            print(f"  {one['reference'] or one['event_id']}: {fault['path']}: {fault['rule']}")
    if summary["pending"]:
        print(f"{summary['pending']} receipts are still to come: `concord receipts` shows them.")
