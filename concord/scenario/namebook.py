"""Names by community, and the ways in which one name is written: names.toml, read and weighted."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from concord.scenario.chance import Chance, Urn, ranked

_LATIN_STROKES = str.maketrans({"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "\u0131": "i", "ø": "o"})


@dataclass(frozen=True, slots=True)
class Origin:
    """A community of names."""

    key: str
    ethnicity: str
    religions: tuple[str, ...]
    target: str
    female: Urn[str]
    male: Urn[str]
    family: Urn[str]
    rare: tuple[tuple[str, ...], tuple[str, ...]] | None
    feminine: tuple[tuple[str, str], ...]
    family_first: bool
    patronymic: bool

    def given_name(self, chance: Chance, sex: str) -> str:
        """Draw a given name."""
        return (self.female if sex == "female" else self.male).draw(chance)

    def family_name(self, chance: Chance) -> str:
        """Draw a family name, in its masculine form where there are two."""
        if self.rare is not None and chance.yes(0.3):
            return chance.pick(self.rare[0]) + chance.pick(self.rare[1])
        return self.family.draw(chance)

    def borne_by(self, family: str, sex: str) -> str:
        """Give the form of a family name that a woman or a man bears."""
        if sex == "female":
            for masculine, feminine in self.feminine:
                if family.endswith(masculine):
                    return family.removesuffix(masculine) + feminine
        return family

    def masculine(self, family: str) -> str:
        """Give the masculine form of a family name."""
        for masculine, feminine in self.feminine:
            if family.endswith(feminine):
                return family.removesuffix(feminine) + masculine
        return family


@dataclass(frozen=True, slots=True)
class NameBook:
    """All communities, and what may stand for a name."""

    origins: Mapping[str, Origin]
    spellings: Mapping[str, tuple[str, ...]]
    nicknames: Mapping[str, tuple[str, ...]]
    scripts: Mapping[str, str]
    shares: Mapping[str, Urn[Origin]]

    def origin(self, chance: Chance, population: str) -> Origin:
        """Draw a community: among victims of race hostility (`race`) or the `county`."""
        return self.shares[population].draw(chance)


@cache
def plain(text: str) -> str:
    """Write a name in the letters of an English keyboard."""
    folded = unicodedata.normalize("NFKD", text.translate(_LATIN_STROKES))
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


def _origin(key: str, row: Mapping[str, Any]) -> Origin:
    tail = row.get("tail")
    return Origin(
        key,
        row["ethnicity"],
        _words(row["religions"]),
        row["target"],
        ranked(_words(row["female"])),
        ranked(_words(row["male"])),
        ranked(_words(row["family"]), 8.0),
        (_words(tail["stems"]), _words(tail["endings"])) if tail else None,
        tuple((pair[0], pair[1]) for pair in row.get("feminine", ())),
        bool(row.get("family_first")),
        bool(row.get("patronymic")),
    )


def _spellings(rows: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        names = _words(row)
        for name in names:
            found.setdefault(name, []).extend(other for other in names if other != name)
    return {name: tuple(dict.fromkeys(others)) for name, others in found.items()}


@cache
def name_book() -> NameBook:
    """Read names.toml, once."""
    data = tomllib.loads(
        resources.files("concord.scenario").joinpath("names.toml").read_text("utf-8")
    )
    origins = {key: _origin(key, row) for key, row in data["origin"].items()}
    populations = ("race", "county")
    return NameBook(
        origins,
        _spellings(data["spellings"]["rows"]),
        {name: _words(short) for name, short in data["nicknames"].items()},
        data["scripts"],
        {
            population: Urn(
                list(origins.values()),
                [data["origin"][key]["share"][population] for key in origins],
            )
            for population in populations
        },
    )
