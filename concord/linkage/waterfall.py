"""A link's evidence as steps that add up to its weight, in a coordinator's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from processors.linkage.explain import chance, clause, explain
from processors.linkage.parameters import LINK

_WIDTH: Final = 72


def waterfall(link: Mapping[str, Any]) -> dict[str, Any]:
    """The steps of a link: what each field says, its weight, and the total so far.

    `decides`: without this step a link would not be one.
    """
    total = 0.0
    steps = []
    for each in link["evidence"]:
        total += each["weight"]
        steps.append(
            {
                "field": each["field"],
                "level": each["level"],
                "says": clause(each),
                "weight": each["weight"],
                "total": total,
                "decides": link["weight"] > LINK >= link["weight"] - each["weight"],
            }
        )
    return {
        "left": link["left"],
        "right": link["right"],
        "band": link["band"],
        "weight": link["weight"],
        "probability": chance(link["weight"]),
        "steps": steps,
        "sentences": explain(link),  # type: ignore[arg-type]
    }


def lines(told: Mapping[str, Any]) -> Iterator[str]:
    """The same for a terminal."""
    yield f"{told['left']} + {told['right']} ({told['band']})"
    for step in told["steps"]:
        mark = " *" if step["decides"] else ""
        sums = f"{step['weight']:>+8.2f} {step['total']:>+8.2f}"
        yield f"  {step['says']:<{_WIDTH}.{_WIDTH}} {sums}{mark}"
    yield f"  {'together':<{_WIDTH}} {'':>8} {told['weight']:>+8.2f}"
    if any(step["decides"] for step in told["steps"]):
        yield "  * without this it would not be linked"
    for sentence in told["sentences"]:
        yield f"  {sentence}"
