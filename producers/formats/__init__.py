"""The source formats, one module each.

A module here that has a `FORMAT` is a format: to add one, add the module, an example under
`producers/examples` and a test. Nothing else needs to know.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from producers.records import Row


@dataclass(frozen=True, slots=True)
class Format:
    """A source format.

    `read` gives the file's records in order and never raises for what a file holds: a file that
    is not of the format gives one row with one fault. `example` is a file below
    `producers/examples`.
    """

    name: str
    title: str
    read: Callable[[Path], Iterator[Row]]
    example: str


@cache
def formats() -> Mapping[str, Format]:
    """All formats by name."""
    found: dict[str, Format] = {}
    for module in pkgutil.iter_modules(__path__):
        format_ = getattr(importlib.import_module(f"{__name__}.{module.name}"), "FORMAT", None)
        if isinstance(format_, Format):
            found[format_.name] = format_
    return MappingProxyType(dict(sorted(found.items())))
