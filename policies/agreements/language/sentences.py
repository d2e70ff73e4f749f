"""One sentence at a time: from words to a tree of the grammar, or to what could stand there.

The parser is Lark's. Which words make a token is decided here, because it depends on the place: a
phrase of a table counts only where the grammar allows that table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, Final

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedToken
from lark.lexer import PatternStr

from policies.agreements.language import words as vocabulary
from policies.agreements.language.layout import Word
from policies.agreements.language.words import NAME, Phrases, split, typed

SECTIONS: Final = ("header", "clause", "example")
TABLES: Final[Mapping[str, Phrases]] = MappingProxyType(
    {
        "KIND": vocabulary.KINDS,
        "TREATMENT": vocabulary.GIVEN,
        "OUTCOME": vocabulary.OUTCOMES,
        "TYPE": vocabulary.AGENCY_TYPES,
        "ENTITY": vocabulary.ENTITY_KINDS,
        "HANDLING": Phrases({"P": "P", "C": "C"}),
        "SCOPE": vocabulary.CONSENT_SCOPES,
        "STATE": vocabulary.CONSENT_STATES,
        "STRAND": vocabulary.STRANDS,
        "CATEGORY": vocabulary.CATEGORIES,
        "WISH": vocabulary.WISHES,
        "LIFTED": vocabulary.LIFTED,
        "BASIS": vocabulary.ARTICLE_6,
        "MARKING": Phrases({"OFFICIAL": "OFFICIAL", "OFFICIAL-SENSITIVE": "OFFICIAL-SENSITIVE"}),
        "UNIT": vocabulary.UNITS,
    }
)
"""The tables that the grammar names in capitals; FIELD is the table of the kind named before."""
OPEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "NAME": "a name of letters from a to z, digits and hyphens",
        "NUMBER": "a number",
        "DATE": "a date, as “1 April 2026”",
    }
)
"""What stands in the grammar for words that no table lists."""
_ALIKE: Final = 0.7
"""How alike a phrase must be to what is given to have been meant, from 0 to 1."""
LISTED: Final = 6
"""Phrases of one table that an error lists before it says “and so on”."""


@dataclass(eq=False)
class Problem(Exception):
    """What is wrong at a word. `stop` tells that the rest of its line is not worth reading."""

    line: int
    column: int
    message: str
    stop: bool = False

    def __str__(self) -> str:
        """One line for an officer."""
        return f"line {self.line}, column {self.column}: {self.message}"


@cache
def grammar() -> Lark:
    """The grammar, ready to parse a sentence of a section."""
    source = resources.files("policies.agreements.language").joinpath("grammar.lark")
    return Lark(source.read_text("utf-8"), parser="lalr", start=list(SECTIONS))


@cache
def fixed() -> Mapping[str, tuple[str, ...]]:
    """The fixed words of each token that the grammar quotes."""
    return {
        terminal.name: split(terminal.pattern.value)
        for terminal in grammar().terminals
        if isinstance(terminal.pattern, PatternStr)
    }


@cache
def spelt() -> Mapping[str, str]:
    """The fixed words of each token as the grammar writes them."""
    return {
        terminal.name: terminal.pattern.value
        for terminal in grammar().terminals
        if isinstance(terminal.pattern, PatternStr)
    }


@cache
def reserved() -> frozenset[str]:
    """Words that mean something by themselves: a name that is one of them stands in quotes."""
    single = {said[0] for said in fixed().values() if len(said) == 1}
    first = {said[0] for said in fixed().values()}
    tables = {w for table in TABLES.values() for said in table.codes for w in said[:1]}
    return frozenset(single | first | tables)


def parse(section: str, sentence: list[Word]) -> Tree[Token]:
    """Read one sentence of a section. Raises Problem at the first word that cannot stand there."""
    ended = sentence[-1].text == "."
    return _Reader(section, sentence[:-1] if ended else sentence, ended=ended).tree()


class _Reader:
    def __init__(self, section: str, sentence: list[Word], *, ended: bool) -> None:
        self._words = sentence
        self._folded = [word.folded for word in sentence]
        self._ended = ended
        self._parser: Any = grammar().parse_interactive("", start=section)
        self._kind = ""

    def tree(self) -> Tree[Token]:
        place = 0
        while place < len(self._words):
            name, length, value = self._token(place)
            if name == "KIND":
                self._kind = value
            self._feed(name, value, place)
            place += length
        return self._end()

    def _feed(self, name: str, value: str, place: int) -> None:
        word = self._words[place]
        token = Token(name, value, line=word.line, column=word.column)
        try:
            self._parser.feed_token(token)
        except UnexpectedToken:
            raise self._problem(place) from None

    def _end(self) -> Tree[Token]:
        try:
            result: Any = self._parser.feed_eof()
        except UnexpectedToken:
            raise self._problem(len(self._words)) from None
        if not self._ended:
            last = self._words[-1]
            raise Problem(last.line, last.column, f"a full stop is missing after “{last.text}”")
        tree: Tree[Token] = result
        return tree

    def _accepted(self) -> list[str]:
        return sorted(name for name in self._parser.choices() if name.isupper() or name[:2] == "__")

    def _token(self, place: int) -> tuple[str, int, str]:
        """The longest token that may stand at a place; fixed words before tables, names last."""
        found = [
            (match[0], 2 if name in fixed() else 1 if name not in OPEN else 0, name, match[1])
            for name in self._accepted()
            if (match := self._match(name, place))
        ]
        if len(found) > 1:  # the table of an LALR state can name a token too many
            accepted = self._parser.accepts()
            found = [one for one in found if one[2] in accepted]
        if not found:
            raise self._problem(place)
        length, _, name, value = max(found)
        return name, length, value

    def _match(self, name: str, place: int) -> tuple[int, str] | None:
        if name in fixed():
            phrase = fixed()[name]
            if tuple(self._folded[place : place + len(phrase)]) == phrase:
                return len(phrase), spelt()[name]
            return None
        if name in OPEN:
            return _open(name, self._words, self._folded, place)
        table = self._table(name)
        return table.at(self._folded, place) or self._raw_field(name, place) if table else None

    def _table(self, name: str) -> Phrases | None:
        if name == "FIELD":
            return vocabulary.fields(self._kind) if self._kind else None
        return TABLES.get(name)

    def _raw_field(self, name: str, place: int) -> tuple[int, str] | None:
        """A field may be given by the name that records have for it, too."""
        word = self._folded[place]
        if name == "FIELD" and word in vocabulary.FIELDS[self._kind]:
            return 1, word
        return None

    def _problem(self, place: int) -> Problem:
        accepted = sorted(name for name in self._parser.accepts() if name != "$END")
        complete = "$END" in self._parser.accepts()
        partial, options = self._furthest(accepted, place)
        at = place + partial
        if partial == 0:
            options = [text for name in accepted for text in self._said(name)]
        before = self._words[at - 1] if at else None
        options += ["a full stop"] if complete and not partial else []
        if at >= len(self._words):
            last = self._words[-1]
            message = f"the sentence stops after “{last.text}”{_could(options)}"
            return Problem(last.line, last.column, message)
        word = self._words[at]
        where = _after(before, word)
        nearest = self._nearest(accepted, place)
        hint = f"; did you mean “{nearest}”?" if nearest else self._quote_it(accepted, word)
        message = f"“{word.text}” cannot stand here{where}{_could(options)}{hint}"
        return Problem(word.line, word.column, message, stop=at == 0)

    def _phrases(self, accepted: list[str]) -> Iterator[tuple[tuple[str, ...], str]]:
        for name in accepted:
            if name in fixed():
                yield fixed()[name], spelt()[name]
            elif (table := self._table(name)) is not None:
                yield from ((split(said), said) for said in table.offered.values())

    def _furthest(self, accepted: list[str], place: int) -> tuple[int, list[str]]:
        """How many words of some phrase stand here already, and the words that could follow."""
        best, following = 0, set[str]()
        for phrase, said in self._phrases(accepted):
            common = 0
            for expected, given in zip(phrase, self._folded[place:], strict=False):
                if expected != given:
                    break
                common += 1
            if common < len(phrase) and common >= best:
                following = following if common == best else set()
                best = common
                following.add(f"“{vocabulary.TOKEN.findall(said)[common]}”")
        return best, sorted(following)

    def _said(self, name: str) -> list[str]:
        if name in OPEN:
            return [OPEN[name]]
        if name in fixed():
            return [f"“{spelt()[name]}”"]
        table = self._table(name)
        phrases = [f"“{said}”" for said in table.offered.values()] if table else []
        return phrases if len(phrases) <= LISTED else [*phrases[:LISTED], "and so on"]

    def _nearest(self, accepted: list[str], place: int) -> str:
        """The phrase that was perhaps meant; one that does not go on from what fits is another.

        It might say the opposite: “It leaves out …” for “It covers only …”.
        """
        best, nearest = _ALIKE, ""
        fitting = self._furthest(accepted, place)[0]
        for phrase, said in self._phrases(accepted):
            given = self._folded[place : place + len(phrase)]
            if list(phrase[:fitting]) != given[:fitting] or not (fitting or _close(phrase, given)):
                continue
            matcher = SequenceMatcher(None, " ".join(phrase), " ".join(given))
            if matcher.real_quick_ratio() > best and (ratio := matcher.ratio()) > best:
                best, nearest = ratio, said
        return nearest

    def _quote_it(self, accepted: list[str], word: Word) -> str:
        if "NAME" not in accepted:
            return ""
        if word.folded in reserved() and NAME.fullmatch(word.text):
            return f"; if “{word.text}” is a name, put it in quotation marks"
        plain = typed(word.text)
        return f"; did you mean “{plain}”?" if plain != word.text and NAME.fullmatch(plain) else ""


def _close(phrase: tuple[str, ...], given: list[str]) -> bool:
    """Tell whether a phrase is like what is given, without the words that both end in."""
    shared = 0
    for one, other in zip(reversed(phrase), reversed(given), strict=False):
        if one != other:
            break
        shared += 1
    ends = (len(phrase) - shared, len(given) - shared)
    own, other = " ".join(phrase[: ends[0]]), " ".join(given[: ends[1]])
    return SequenceMatcher(None, own, other).ratio() > _ALIKE


def _open(name: str, words: list[Word], folded: list[str], place: int) -> tuple[int, str] | None:
    word = words[place]
    if name == "DATE":
        return vocabulary.read_date(folded, place)
    if name == "NUMBER":
        return (1, word.text) if re.fullmatch(r"[0-9]{1,9}", word.text) else None
    if word.quoted:
        plain = word.text[1:-1].strip()
        return (1, plain) if NAME.fullmatch(plain) else None
    known = word.folded in reserved() or not NAME.fullmatch(word.text)
    return None if known else (1, word.text)


def _after(before: Word | None, word: Word) -> str:
    if before is None:
        return ""
    line = f" on line {before.line}" if before.line != word.line else ""
    return f" after “{before.text}”{line}"


def _could(options: list[str]) -> str:
    plain = sorted(set(options), key=options.index)
    if not plain:
        return ""
    return f"; what could: {', '.join(plain[:12])}{' …' if len(plain) > 12 else ''}"
