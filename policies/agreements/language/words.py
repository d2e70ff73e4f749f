"""The closed vocabulary: how codes, fields and dates are said, and what a said phrase means.

Phrases come from phrases.toml where somebody chose one, else from a rule. Nothing here knows how
sentences are built.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from policies.fields import FIELDS, SUITABLE, TREATMENTS

__all__ = ["FIELDS", "SUITABLE"]

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
TOKEN: Final = re.compile(r'"[^"\n]{0,200}"|“[^“”\n]{0,200}”|[^\s,.;:()"“”]+|[,.;:()"“”]')
"""One word, one quoted name, or one mark."""
NAME: Final = re.compile(r"[A-Za-z0-9]+(?:[_-][A-Za-z0-9]+)*")
"""A name that an officer coins: a purpose, a role, an agency, a code that the tables lack."""
ENDS: Final = ("victim", "suspect")
SIDES: Final = ("left", "right")


_UNTYPED: Final = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u2018\u2019'`")),
}


def typed(word: str) -> str:
    """Give a name as it is typed: with the hyphen of the keyboard, and nothing that is not seen.

    Word processors put other dashes, single quotation marks and invisible breaks in its place. The
    letters of names have no accents.
    """
    apart = unicodedata.normalize("NFKD", word.translate(_UNTYPED))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def split(text: str) -> tuple[str, ...]:
    """Cut a phrase into words as sentences are cut, small letters throughout."""
    return tuple(word.casefold() for word in TOKEN.findall(text))


class Phrases:
    """Codes and their phrases, one to one; codes that are not here are said by their names."""

    def __init__(
        self,
        said: Mapping[str, str],
        also: Mapping[str, str] | None = None,
        offered: Iterable[str] | None = None,
    ) -> None:
        """`said` has the phrase for each code, `also` what is understood though never written.

        `offered` are the codes that a reader is told of: all, if None. Raises ValueError for a
        phrase of two codes.
        """
        self.said: Mapping[str, str] = MappingProxyType(dict(said))
        self.offered: Mapping[str, str] = MappingProxyType(
            {code: said[code] for code in (said if offered is None else offered)}
        )
        chosen = {split(phrase): code for code, phrase in said.items()}
        if len(chosen) != len(said):
            raise ValueError("two codes are said alike")
        further = {split(phrase): code for code, phrase in (also or {}).items()}
        self.codes: Mapping[tuple[str, ...], str] = MappingProxyType({**further, **chosen})
        starts: dict[str, list[tuple[str, ...]]] = {}
        for words in sorted(self.codes, key=len, reverse=True):
            starts.setdefault(words[0], []).append(words)
        self._starts = starts

    def at(self, words: list[str], place: int) -> tuple[int, str] | None:
        """Find the longest phrase that begins at a place: how many words, and its code."""
        for phrase in self._starts.get(words[place], ()):
            if tuple(words[place : place + len(phrase)]) == phrase:
                return len(phrase), self.codes[phrase]
        return None


def _tables() -> Mapping[str, Mapping[str, str]]:
    source = resources.files("policies.agreements.language").joinpath("phrases.toml")
    return tomllib.loads(source.read_text("utf-8"))


def _labels() -> Mapping[str, Mapping[str, str]]:
    source = resources.files("schemas").joinpath("vocabulary.toml")
    codes: Mapping[str, Mapping[str, str]] = tomllib.loads(source.read_text("utf-8"))["codes"]
    return codes


_TABLES: Final = _tables()
_LABELS: Final = _labels()


def article(word: str) -> str:
    """Choose between “a” and “an” by the first letter."""
    return "an" if word[:1].casefold() in set("aeiou") else "a"


def _by_rule(table: str, codes: Iterable[str], offered: Iterable[str] | None = None) -> Phrases:
    chosen = _TABLES.get(table, {})
    said = {code: chosen.get(code, code.replace("_", " ")) for code in codes}
    return Phrases(said, offered=offered)


def _kinds() -> Phrases:
    said = {kind: kind.replace("-", " ").replace("_", " ") for kind in FIELDS}
    plain = {kind: f"{article(phrase)} {phrase}" for kind, phrase in said.items()}
    return Phrases({kind: _TABLES["kind"].get(kind, plain[kind]) for kind in plain}, plain)


KINDS: Final = _kinds()
GIVEN: Final = Phrases({name: _TABLES["treatment"][name] for name in TREATMENTS[1:]})
"""Treatments that let something go, as a clause says them."""
OUTCOMES: Final = Phrases({name: _TABLES["outcome"][name] for name in TREATMENTS})
AGENCY_TYPES: Final = Phrases(_TABLES["agency_type"])
ENTITY_KINDS: Final = Phrases(_TABLES["entity_kind"])
CONSENT_SCOPES: Final = _by_rule("consent_scope", _LABELS["consent_scope"])
CONSENT_STATES: Final = _by_rule("consent_state", _LABELS["consent_state"])
WISHES: Final = _by_rule("victim_wish", _LABELS["victim_wish"])
STRANDS: Final = _by_rule("strand", _LABELS["strand"])
CATEGORIES: Final = _by_rule(
    "category", {**_LABELS["category"], **_LABELS["role"]}, offered=_LABELS["category"]
)
"""Roles are read and written here as well, since texts have them; no record has one here."""
LIFTED: Final = Phrases(_TABLES["condition"])
UNITS: Final = Phrases(
    {"1": "day", "1 ": "days", "7": "week", "7 ": "weeks", "30": "month", "30 ": "months",
     "365": "year", "365 ": "years"}
)  # fmt: skip
"""How many days a unit has; a month counts 30 and a year 365. Twelve months are a year."""
ARTICLE_6: Final = Phrases(_TABLES["article_6"])


def said(name: str) -> str:
    """Say a field in words, by the table or by rule, whatever other fields there are."""
    return _TABLES["field"].get(name) or _by_parts(name, said)


def _by_parts(name: str, say: Callable[[str], str]) -> str:
    for end in ENDS:
        if name.startswith(f"{end}_"):
            return f"{say(name.removeprefix(f'{end}_'))} of the {end}"
    for side in SIDES:
        if name.startswith(f"{side}_"):
            return f"{say(name.removeprefix(f'{side}_'))} on the {side}"
    plain = re.sub(r"_ids$", " identifiers", re.sub(r"_id$", " identifier", name))
    return plain.replace("_", " ")


def plainly(name: str) -> str:
    """Say a field by the rule alone."""
    return _by_parts(name, plainly)


def sayable(phrase: str) -> bool:
    """Tell whether a phrase can stand in a list: it holds nothing that lists are made of."""
    words = split(phrase)
    return bool(words) and not {"and", "or", "is", "are"} & set(words) and "," not in words


@cache
def fields(kind: str) -> Phrases:
    """The fields of a kind of record. One that a rule would say like another keeps its own name."""
    made: dict[str, str] = {}
    taken = {split(name) for name in FIELDS[kind]}
    for name in FIELDS[kind]:
        phrase = said(name)
        words = split(phrase)
        if not sayable(phrase) or (words in taken and words != split(name)):
            phrase = name
        taken.add(split(phrase))
        made[name] = phrase
    also = {name: plainly(name) for name in made if sayable(plainly(name))}
    return Phrases(made, also)


def say_date(day: str) -> str:
    """Say an ISO date: 2025-04-01 is 1 April 2025."""
    year, month, number = day.split("-")
    return f"{int(number)} {MONTHS[int(month) - 1]} {year}"


def read_date(words: list[str], place: int) -> tuple[int, str] | None:
    """Find a date at a place, as “1 April 2025” or 2025-04-01; there may be no such day."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", words[place]):
        return 1, words[place]
    months = {month.casefold(): number for number, month in enumerate(MONTHS, 1)}
    three = words[place : place + 3]
    if (
        len(three) == 3
        and re.fullmatch(r"[0-9]{1,2}", three[0])
        and three[1] in months
        and re.fullmatch(r"[0-9]{4}", three[2])
    ):
        return 3, f"{three[2]}-{months[three[1]]:02d}-{int(three[0]):02d}"
    return None


def is_day(text: str) -> bool:
    """Tell whether an ISO date is a day of the calendar."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
