"""Reason codes of decisions and their sentences (reasons.toml); no logic about who gets what."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Reason:
    """A code, its sentence, and whether the asker may be told it.

    A reason that depends on a record is not public: telling it would tell that the record exists.
    """

    code: str
    text: str
    public: bool


def _load() -> Mapping[str, Reason]:
    raw = tomllib.loads(resources.files("policies").joinpath("reasons.toml").read_text("utf-8"))
    return MappingProxyType(
        {code: Reason(code, row["text"], row["public"]) for code, row in raw.items()}
    )


REASONS: Final[Mapping[str, Reason]] = _load()
"""Every reason by its code."""


def sentence(code: str) -> str:
    """Say a code in words; the code itself where it is unknown."""
    reason = REASONS.get(code)
    return reason.text if reason else code


def public(codes: tuple[str, ...]) -> bool:
    """Tell whether all these reasons may be told to the asker. Unknown codes may not."""
    return all(code in REASONS and REASONS[code].public for code in codes)
