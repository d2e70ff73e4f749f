"""Commands that are imported when somebody asks for them, so that the program starts at once.

What measures linkage and tension loads compilers and statistics, for seconds; whoever looks at a
receipt should not wait for them. The pattern is that of Click's documentation ("lazy loading").
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


def group_of(places: Mapping[str, str]) -> type[TyperGroup]:
    """A class for `typer.Typer(cls=…)`: the app's own commands, and these by name.

    A place is `module:attribute`; the attribute is an app (a group of commands) or a function (one
    command). It is looked for when it is run or when help lists it.
    """

    class Later(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:
            return sorted({*super().list_commands(ctx), *places})

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            # For a name that is none, all are looked at: the closest is suggested.
            wanted = [cmd_name] if cmd_name in {*self.commands, *places} else [*places]
            for name in wanted:
                if name not in self.commands:
                    self.add_command(_made(name, places[name]), name)
            return super().get_command(ctx, cmd_name)

    return Later


def _made(name: str, place: str) -> Any:
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        made: Any = typer.main.get_group(found)
    else:
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        made = typer.main.get_command(alone)
    made.name = name
    return made
