"""How families are: how often there are twins and namesakes, and how often relatives suffer too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Families:
    """Chances that make persons of one household hard to tell apart."""

    twins: float = 0.025
    """That a child has a twin."""
    namesakes: float = 0.03
    """That a son bears his father's name."""
    relatives: float = 0.04
    """That the next victim is of a household that has suffered before."""
    together: float = 0.09
    """That two of a household suffer at once."""
    unlike: bool = False
    """Whether no two of a household bear one name in two spellings."""


USUAL: Final = Families()
"""As they are."""
CLOSE: Final = Families(twins=0.3, namesakes=0.6, relatives=0.5, together=0.15, unlike=True)
"""Many times as many twins, namesakes and relatives, so that shares of them can be measured."""
