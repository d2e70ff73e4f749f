"""Where the commands about agreements find agreements and past decisions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from concord.settings import Settings
from policies import agreements
from policies.agreements import Agreement, AgreementInvalid
from policies.decided import Decided

File = Annotated[Path, typer.Argument(help="File of the agreement.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Live = Annotated[
    Path | None,
    typer.Option("--live", help="File or folder of what is in force (default: the hub's folder)."),
]
Store = Annotated[bool, typer.Option("--store", help="Past decisions of this hub's ledger.")]


def draft(path: Path) -> Agreement:
    """Read one agreement; ends the program where it cannot be used."""
    text = _text(path)
    try:
        return agreements.parse(path.name, text)
    except AgreementInvalid as error:
        for problem in error.problems:
            typer.echo(f"{path}: {problem}", err=True)
        raise typer.Exit(1) from None


def problems(path: Path) -> tuple[Agreement | None, tuple[str, ...]]:
    """Read one agreement, or say what is wrong with it."""
    try:
        return agreements.parse(path.name, _text(path)), ()
    except AgreementInvalid as error:
        return None, error.problems


def in_force(path: Path | None) -> tuple[Agreement, ...]:
    """Read what is in force; ends the program where that cannot be known."""
    folder = path if path is not None else Settings().agreements_dir
    if folder is not None and folder.is_file():
        return (draft(folder),)
    try:
        return agreements.load(folder)
    except AgreementInvalid as error:
        stop(f"what is in force cannot be read: {error}")
    except OSError as error:
        stop(f"--live: {folder} cannot be read ({error.strerror}); a file or a folder is expected")


def stop(message: str) -> NoReturn:
    """End the program: it cannot be done as asked."""
    typer.echo(f"concord: {message}", err=True)
    raise typer.Exit(2)


def echo_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def past(file: Path | None, *, store: bool) -> Iterator[Decided]:
    """Read past decisions from an export or from the store, in order."""
    if (file is None) is not store:
        stop("give either --decisions FILE or --store")
    return stored() if file is None else exported(file)


def exported(file: Path) -> Iterator[Decided]:
    """Read what `concord agreement decisions` wrote: one JSON object to a line."""
    for number, line in enumerate(_text(file).splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield Decided(**{**row, "reasons": tuple(row.get("reasons", ()))})
        except (ValueError, TypeError, AttributeError):
            stop(
                f"{file}: line {number} is no past decision; "
                "`concord agreement decisions` writes such files"
            )


def written(decisions: Iterable[Decided]) -> Iterator[str]:
    """Write past decisions as lines of JSON."""
    for one in decisions:
        row = {name: value for name, value in asdict(one).items() if name != "alike"}
        yield json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"


def stored() -> Iterator[Decided]:
    """Read the past decisions of this hub's store, page by page, in the order of the ledger."""
    from sqlalchemy.engine import make_url  # noqa: PLC0415
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from concord.past import decisions  # noqa: PLC0415

    url = make_url(Settings().store_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        stop(f"there is no store at {url.database}: see CONCORD_DATABASE_URL")
    try:
        yield from decisions(url.render_as_string(hide_password=False))
    except (SQLAlchemyError, OSError) as error:
        stop(f"the store cannot be read ({type(error).__name__}): see CONCORD_DATABASE_URL")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        stop(f"{path} is not text in UTF-8")
    except OSError as error:
        stop(f"{path} cannot be read ({error.strerror})")
