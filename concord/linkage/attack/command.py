"""`concord linkage attack`: how much a thief of encodings recovers, level by level."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from typing import Annotated, Any, Final

import typer

from concord.linkage.attack import FRIENDS

MEANING: Final = {
    "guessing": "no loot: the most frequent value of everybody",
    "sealed": "a topic, snapshot or backup: encodings encrypted to the linkage key",
    "ranks": "matcher's memory, matched to frequencies rank by rank",
    "memory": "matcher's memory, attacked with all we have",
    "memory_and_friends": f"matcher's memory, and {FRIENDS} persons whom the thief knows",
    "memory_and_rough_lists": "matcher's memory, with two thirds of the names, known roughly",
    "without_filters": "if the Bloom filters were left out",
    "noisy_filters": "if 5 % of their bits were flipped (BLIP)",
    "unfolded_filters": "if they were not folded",
    "double_hashing": "if they were neither folded nor hashed at random",
    "key": "matcher's memory and the encoding secret",
}
"""What the thief holds at each level."""


def report(incidents: int, seed: int) -> dict[str, Any]:
    """Steal, learn and attack; the answer of the command."""
    from concord.linkage.attack.levels import Thief  # noqa: PLC0415 - numpy and the hub's own code
    from concord.linkage.attack.loot import learn, steal  # noqa: PLC0415

    began = time.monotonic()
    _say(f"telling {incidents} incidents, and as many that the thief knows")
    loot, known = steal(incidents, seed), learn(incidents, seed)
    recovered = {}
    for level, attacked in Thief(loot, known, seed).levels().items():
        _say(f"attacking: {level}")
        recovered[level] = {field: round(part, 4) for field, part in attacked().items()}
    return {
        "incidents": incidents,
        "seed": seed,
        "encodings": len(loot.truth),
        "known_persons": len(known.persons),
        "recovered": recovered,
        "seconds": round(time.monotonic() - began, 1),
    }


def attack(
    incidents: Annotated[int, typer.Option(min=100, help="Incidents of the county.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Attack the hub's encodings without their key: the share of names and dates recovered.

    The thief knows how common names, dates and postcodes are. Everything is made up.
    """
    answer = report(incidents, seed)
    print(json.dumps(answer) if as_json else _page(answer))


def _say(text: str) -> None:
    sys.stderr.write(f"concord: {text} …\n")


def _page(answer: Mapping[str, Any]) -> str:
    fields = list(answer["recovered"]["guessing"])
    lines = ["  ".join([f"{'recovered, %':22}", *fields])]
    for level, found in answer["recovered"].items():
        parts = [f"{100 * found[one]:.1f}" if one in found else "-" for one in fields]
        shown = (f"{part:>{len(one)}}" for one, part in zip(fields, parts, strict=True))
        lines += ["  ".join([f"{level:22}", *shown]), f"    {MEANING[level]}"]
    return "\n".join(lines)
