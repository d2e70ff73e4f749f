"""The coded strings of the records and their English labels.

The tables are in vocabulary.toml. Rules about records are in `schemas.validation`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

_SEPARATORS: Final = re.compile(r"[\s_\-]+")


def _load() -> dict[str, Any]:
    return tomllib.loads(resources.files("schemas").joinpath("vocabulary.toml").read_text("utf-8"))


def _fold(text: str) -> str:
    """Spelling without case and without a difference between space, hyphen and underscore."""
    return _SEPARATORS.sub("_", text.strip()).casefold()


def _spellings(codes: Mapping[str, str], aliases: Mapping[str, str]) -> dict[str, str]:
    return {_fold(code): code for code in codes} | {_fold(k): v for k, v in aliases.items()}


_DATA: Final = _load()
_LABELS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {name: MappingProxyType(dict(table)) for name, table in _DATA["codes"].items()}
)
VOCABULARY: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {name: frozenset(table) for name, table in _LABELS.items()}
)
"""Allowed codes of each vocabulary."""

RUBRIC: Final[Mapping[str, frozenset[int]]] = MappingProxyType(
    {item: frozenset(row["points"]) for item, row in _DATA["rubric"].items()}
)
"""Points that each item of the risk rubric may have, by item number."""

_SPELLINGS: Final = {
    name: _spellings(table, _DATA["aliases"].get(name, {})) for name, table in _LABELS.items()
}


def codes(name: str) -> tuple[str, ...]:
    """Codes of a vocabulary in the order of the file. KeyError for an unknown vocabulary."""
    return tuple(_LABELS[name])


def label(name: str, code: str) -> str:
    """English label of a code; the code itself where the vocabulary does not know it."""
    return _LABELS[name].get(code, code)


def rubric_label(item: str) -> str:
    """The question behind an item of the risk rubric. KeyError for an unknown item."""
    text: str = _DATA["rubric"][item]["label"]
    return text


def resolve(name: str, text: str) -> str | None:
    """The code that a spelling means, or None.

    Case does not matter, nor whether words are parted by space, hyphen or underscore; aliases of
    the file count.
    """
    if text in VOCABULARY[name]:
        return text
    return _SPELLINGS[name].get(_fold(text))


def nearest(name: str, text: str) -> str | None:
    """The allowed code that looks most like a misspelt one, or None when none is close.

    The answer is always a code of the vocabulary, never a part of the text.
    """
    close = get_close_matches(_fold(text[:80]), list(_SPELLINGS[name]), n=1, cutoff=0.7)
    return _SPELLINGS[name][close[0]] if close else None


def strand_of(target: str) -> str:
    """The strand to which a target group belongs: 'religion' for 'religion:jewish'."""
    return target.partition(":")[0]


def incident_type_of(scheme: str, category: str) -> str | None:
    """Hub incident type for a monitor's own category, or None.

    `scheme` is a table of the file's mappings, such as cst or tell_mama. KeyError for another.
    """
    table: dict[str, str] = _DATA["mappings"][scheme]
    return table.get(_fold(category.replace("&", "and")))
