"""One sound in many spellings: what writers, transliterations and genders vary in a name.

What is left says which spellings may be one name; it is no name itself and is never shown.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_SLAVIC: Final = (
    (re.compile(r"([sc])ka(ya|ia)?$"), r"\1ki"),
    (re.compile(r"([sc])k(y|yy|iy|ij|yi)$"), r"\1ki"),
    (re.compile(r"([oe])(va|w|wa|ff)$"), r"\1v"),
)
_FOLDS: Final = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        *((r"^dj", "j"), (r"^t?sch", "sh"), (r"e(?:igh|y)$", "i"), (r"(?<=i)j(?=a$)", "")),
        *((r"(?<=[a-z]{3})er$", "ar"), (r"(?<=[bd])h", "")),
        *((r"kh", "h"), (r"gh", "g"), (r"ph", "f"), (r"th", "t"), (r"ck", "k"), (r"x", "ks")),
        *((r"c(?=[aoukrlt]|$)", "k"), (r"q", "k")),
        *((r"w", "v"), (r"ee|ie|ii|ij|iy|yi", "i"), (r"oo|ou", "u"), (r"y", "i")),
        *((r"(.)\1+", r"\1"), (r"(?<=[aeiou])h$", "")),
    )
)
"""Ways of writing one sound, in the order in which they are replaced."""
SERVANT: Final = re.compile(r"abd(?:ou|[aeiu])(?:l|([dnrstz])(?=\1|$))?(?=[a-z]{3}|$)")
"""The first part of Abdurrahman, Abdirahman and Abdel Rahman: half a name."""


@lru_cache(maxsize=65_536)
def folded(name: str) -> str:
    """A spelling without what writers and transliterations vary: Naveed and Nawid are navid."""
    name = SERVANT.sub("abdul", name, count=1) if name.startswith("abd") else name
    for pattern, written in _FOLDS:
        name = pattern.sub(written, name)
    return name


def masculine(name: str) -> str:
    """The form of a Slavic family name that a man bears; empty if the name is none."""
    for pattern, ending in _SLAVIC:
        if len(name) > 5 and pattern.search(name):
            return pattern.sub(ending, name)
    return ""
