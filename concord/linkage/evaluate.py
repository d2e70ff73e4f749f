"""`concord linkage evaluate`: how well linkage does on any labelled file.

The file is encoded under a key of the run, parameters are trained on it without its labels (unless
a file of parameters is given), and its rows are linked one at a time with the product's own
settings. Labels are compared with what came out, and nothing else.
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
import resource
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from processors.linkage import evaluation, scoring
from processors.linkage.fairness import Labelled as Grouped
from processors.linkage.fairness import by_group
from processors.linkage.labelled import Columns, Labelled, MapError, column_map, read
from processors.linkage.linking import Linking
from processors.linkage.parameters import Parameters, ParametersError, load
from processors.linkage.training import train
from schemas.encoding import Encoding, decode, encode, layout

_Item = TypeVar("_Item")
_FAILED = 2
_console = Console(stderr=True)


class Order(StrEnum):
    """In which order rows are linked."""

    given = "given"
    shuffled = "shuffled"


class Yardstick(StrEnum):
    """What to measure beside."""

    splink = "splink"


@dataclass(frozen=True, slots=True)
class Measured:
    """A file's rows as linked, and how long each took."""

    linking: Linking
    seconds: np.ndarray
    train_seconds: float
    parameters: str
    refused: str = ""
    """Why what was trained on the file was not used; "" if it was, or if nothing was trained."""


def evaluate(
    records: Annotated[Path, typer.Option("--records", exists=True, dir_okay=False, help="CSV.")],
    columns: Annotated[
        Path, typer.Option("--columns", exists=True, dir_okay=False, help="TOML: our names, its.")
    ],
    seed: Annotated[int, typer.Option("--seed", help="Seed of everything chance decides.")] = 0,
    order: Annotated[Order, typer.Option("--order", help="Order of linking.")] = Order.given,
    parameters: Annotated[
        Path | None,
        typer.Option("--parameters", exists=True, dir_okay=False, help="Instead of training."),
    ] = None,
    predictions: Annotated[
        Path | None, typer.Option("--predictions", help="Write id and cluster of each row here.")
    ] = None,
    versus: Annotated[
        Yardstick | None, typer.Option("--versus", help="Measure this beside, on the same file.")
    ] = None,
    json_: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
) -> None:
    """Link a labelled CSV file as the hub would, and say how well that went."""
    try:
        named = column_map(columns)
        rows = read(records, named)
        measured = linked(rows, seed, order, load(parameters) if parameters else None)
    except (MapError, ParametersError, ValueError) as error:
        _console.print(f"concord: {error}", style="red", highlight=False)
        raise typer.Exit(_FAILED) from None
    found = measured.linking.persons()
    if predictions is not None:
        _write(predictions, rows, found)
    answer = report(rows, measured)
    if versus is not None:
        answer["versus"] = {versus.value: _yardstick(records, named)}
    typer.echo(json.dumps(answer) if json_ else _page(answer))


def _yardstick(records: Path, named: Columns) -> dict[str, float]:
    """Splink at the threshold that is best on the truth."""
    from concord.yardstick.environment import (  # noqa: PLC0415 - rarely asked for
        YardstickFailed,
        YardstickMissing,
    )
    from concord.yardstick.splink import splink_yardstick  # noqa: PLC0415 - rarely asked for

    try:
        return splink_yardstick(records, named)
    except (YardstickFailed, YardstickMissing) as error:
        _console.print(f"concord: {error}", style="red", highlight=False)
        raise typer.Exit(_FAILED) from None


def linked(
    rows: Sequence[Labelled], seed: int, order: Order, parameters: Parameters | None
) -> Measured:
    """Encode, train unless parameters are given, and link one at a time.

    A hub keeps its parameters when new ones are refused; so does this, with those that came with
    the product. Raises ValueError for fewer than two rows.
    """
    key = hashlib.blake2b(f"evaluation {seed}".encode()).digest()
    encodings = _encoded(rows, key)
    _ready(load())
    began = time.perf_counter()
    used, refused = (parameters, "") if parameters else _trained(encodings, seed)
    trained = time.perf_counter() - began if parameters is None else 0.0
    numbers = list(range(len(rows)))
    if order is Order.shuffled:
        random.Random(seed).shuffle(numbers)  # noqa: S311 - an order, not a secret
    linking = Linking(used)
    seconds = np.zeros(len(rows))
    for at, number in enumerate(_shown(numbers, "linking")):
        start = time.perf_counter()
        linking.add(rows[number].id, encodings[number].words)
        seconds[at] = time.perf_counter() - start
    return Measured(linking, seconds, trained, used.version, refused)


def _trained(encodings: Sequence[Encoding], seed: int) -> tuple[Parameters, str]:
    """What the file teaches or, with the reason, what came with the product."""
    try:
        return train(encodings, data="labelled file", seed=seed), ""
    except ParametersError as error:
        _console.print(
            f"concord: training was refused ({error}); linking with the product's own parameters",
            style="yellow",
            highlight=False,
        )
        return load(), str(error)


def _ready(parameters: Parameters) -> None:
    """Compile, or load what was compiled, so that no time is counted for it."""
    with _console.status("compiling, the first time only"):
        scoring.warm_up(parameters)
        Linking(parameters).add("nobody", [0] * layout.WORDS)


def _encoded(rows: Sequence[Labelled], key: bytes) -> list[Encoding]:
    now = datetime.now(UTC)
    found = []
    for row in _shown(rows, "encoding"):
        data = encode(row.person, key, now)
        assert data is not None
        found.append(decode(data))
    return found


def _shown(items: Sequence[_Item], what: str) -> Iterable[_Item]:
    return track(items, what, console=_console, disable=not _console.is_terminal, transient=True)


def report(rows: Sequence[Labelled], measured: Measured) -> dict[str, Any]:
    """What the command prints."""
    linking = measured.linking
    truth = {row.id: row.truth for row in rows}
    found = linking.persons()
    answer: dict[str, Any] = {
        "records": len(rows),
        "parameters": measured.parameters,
        "training_refused": measured.refused or None,
        "clusters": _quality(evaluation.evaluate(truth, found)),
        "links": _quality(evaluation.of_pairs(truth, linking.links())),
        "entities": {"true": len(set(truth.values())), "found": len(set(found.values()))},
        "review": asdict(evaluation.reviewed(truth, linking.reviews())),
        "households": asdict(
            evaluation.households(truth, found, {row.id: row.household for row in rows})
        ),
        "groups": _groups(rows, found),
        "speed": _speed(measured),
    }
    return answer


def _quality(found: evaluation.Quality) -> dict[str, float]:
    return {
        "precision": round(found.precision, 6),
        "recall": round(found.recall, 6),
        "f1": round(found.f1, 6),
    }


def _groups(rows: Sequence[Labelled], found: dict[str, int]) -> dict[str, dict[str, Any]]:
    grouped = by_group(
        Grouped(row.truth, found[row.id], {"group": row.report_group})
        for row in rows
        if row.report_group
    )
    return {
        group: {
            "recall": round(one.recall.value, 6),
            "precision": round(one.precision.value, 6),
            "recall_interval": [round(each, 6) for each in one.recall.interval],
            "precision_interval": [round(each, 6) for each in one.precision.interval],
            "records": one.records,
        }
        for group, one in grouped.get("group", {}).items()
    }


def _speed(measured: Measured) -> dict[str, float | int]:
    from processors.linkage.engine.survey import used  # noqa: PLC0415 - loads compiled code

    micros = measured.seconds * 1e6
    p50, p99, p999 = (float(np.percentile(micros, at)) for at in (50, 99, 99.9))
    memory = used(measured.linking.engine.memory)
    return {
        "records_per_second": round(len(micros) / float(measured.seconds.sum())),
        "p50_us": round(p50, 1),
        "p99_us": round(p99, 1),
        "p999_us": round(p999, 1),
        "max_us": round(float(micros.max()), 1),
        "bytes_per_record": round(sum(memory.values()) / len(micros)),
        "train_seconds": round(measured.train_seconds, 2),
        "peak_process_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _write(path: Path, rows: Sequence[Labelled], found: dict[str, int]) -> None:
    """Predictions: a cluster is named by its first row's id."""
    first: dict[int, str] = {}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "cluster"])
        for row in rows:
            writer.writerow([row.id, first.setdefault(found[row.id], row.id)])


def _page(answer: dict[str, Any]) -> str:
    clusters, links, speed = answer["clusters"], answer["links"], answer["speed"]
    review, homes = answer["review"], answer["households"]
    lines = [
        (
            f"{answer['records']:,} records, {answer['entities']['true']:,} persons in truth, "
            f"{answer['entities']['found']:,} found"
        ),
        _line("final clusters", clusters),
        _line("accepted links", links),
        (
            f"review          {review['pairs']:,} pairs: {review['caught_missed']:,} of one person "
            f"not linked, {review['caught_wrong']:,} of two persons"
        ),
    ]
    if homes["multi_person"]:
        lines.append(
            f"households      {homes['over_linked']:,} of {homes['multi_person']:,} with two "
            "persons or more have two taken for one"
        )
    lines += [_line(f"  {group}"[:15], one) for group, one in answer["groups"].items()]
    lines += [_line(name, one) for name, one in answer.get("versus", {}).items()]
    lines.append(
        f"speed           {speed['records_per_second']:,} records/s; p50 {speed['p50_us']:.0f} µs, "
        f"p99 {speed['p99_us']:.0f} µs, p99.9 {speed['p999_us']:.0f} µs, "
        f"longest {speed['max_us']:.0f} µs; "
        f"{speed['bytes_per_record']:,} bytes a record; training {speed['train_seconds']:.1f} s"
    )
    return "\n".join(lines)


def _line(name: str, one: dict[str, Any]) -> str:
    f1 = f"  F1 {one['f1']:.4f}" if "f1" in one else ""
    return f"{name:<15} precision {one['precision']:.4f}  recall {one['recall']:.4f}{f1}"
