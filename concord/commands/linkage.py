"""`concord linkage …`: what a coordinator and an operator do about links. A list of commands."""

from __future__ import annotations

import typer

from concord.later import group_of

PLACES = {
    "attack": "concord.linkage.attack.command:attack",
    "bias": "concord.linkage.bias:bias",
    "county": "concord.linkage.measure:county",
    "evaluate": "concord.linkage.evaluate:evaluate",
    "exclusions": "concord.linkage.exclusions:app",
    "explain": "concord.linkage.explain:explain",
    "febrl": "concord.linkage.febrl:febrl",
    "relink": "concord.linkage.relink:relink",
    "review": "concord.linkage.review:app",
    "train": "concord.linkage.train:train",
}

app = typer.Typer(
    cls=group_of(PLACES),
    help="Links between mentions: review, explain, measure, train, attack.",
    no_args_is_help=True,
)
