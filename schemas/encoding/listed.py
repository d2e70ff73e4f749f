"""Which given names anybody is known to bear: what no list knows may be a slip of the pen.

The list (data/given_names.txt, in the letters of `plain`) names no form and no community. It says
that Jack is a name; that nobody seems to be called Jcak follows from its not being there.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Final

from . import syllables
from .known import is_given, is_given_in_some_spelling

_SHORT: Final = 4
"""A name of so few letters sounds like a listed one by chance: Hanq as Hank."""


@lru_cache(maxsize=1)
def _given_names() -> frozenset[str]:
    text = files(__package__).joinpath("data/given_names.txt").read_text("ascii")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


@lru_cache(maxsize=65_536)
def is_listed(given: str) -> bool:
    """Whether some list knows a given name, by its spelling, its sound or its two syllables."""
    if given in _given_names() or is_given(given) or syllables.made_of_listed(given):
        return True
    return len(given) > _SHORT and is_given_in_some_spelling(given)
