"""How far something is, on the error stream, where somebody looks at it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """Give a function that is told how many are done; the line is gone afterwards."""
    watched = sys.stderr.isatty()

    def told(done: int) -> None:
        if watched:
            sys.stderr.write(f"\r{done:,} {what}")

    yield told
    if watched:
        sys.stderr.write("\r\033[K")
