"""A link as the terminal shows it: steps that add up, and sentences for a coordinator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from processors.linkage.counterfactuals import rescoring
from processors.linkage.explain import chance, explain, picture, waterfall
from processors.linkage.parameters import load
from schemas.records import Link


def told(link: Link, parameters: Path | None) -> dict[str, Any]:
    """Everything that can be said of a link: its steps with running totals, and what they mean.

    `parameters` are those in force, for what would have changed the outcome; None the shipped ones.
    """
    return {
        "left": link["left"],
        "right": link["right"],
        "band": link["band"],
        "weight": link["weight"],
        "probability": chance(link["weight"]),
        "steps": [asdict(step) for step in waterfall(link)],
        "sentences": explain(link, rescoring(load(parameters))),
        "picture": picture(link),
    }


def lines(said: dict[str, Any]) -> Iterator[str]:
    """The same for a terminal."""
    yield f"{said['left']} + {said['right']} ({said['band']})"
    for line in (*str(said["picture"]).splitlines(), *said["sentences"]):
        yield f"  {line}"
