"""Sentences that stand in the heading of a clause, where they are read by nobody but people.

A line that is indented goes on with the free text above it. An officer who indents the conditions
of a clause sees them below its heading, and the hub takes them for a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.agreements.language.layout import Word
from policies.agreements.language.meaning import Said, Unfit, meaning
from policies.agreements.language.sentences import Problem, parse
from policies.agreements.language.words import TOKEN


def unread(clause: Mapping[str, Any]) -> Iterator[str]:
    """Give each sentence of the language that the heading has and the clause does not say."""
    words = [Word(m.group(), 1, m.start() + 1, 0) for m in TOKEN.finditer(clause["text"])]
    for place, word in enumerate(words):
        if word.text[:1].isupper():
            sentence = _sentence(words[place:])
            said = _said(sentence)
            if said and not all(_says(clause, path, value) for path, value in said):
                start, end = sentence[0], sentence[-1]
                stop = end.column - 1 + len(end.text)
                yield f"{' '.join(clause['text'][start.column - 1 : stop].split())}."


def _sentence(words: list[Word]) -> list[Word]:
    """The words up to the next full stop."""
    ends = [place for place, word in enumerate(words) if word.text == "."]
    return words[: ends[0]] if ends else words


def _said(words: list[Word]) -> list[Said]:
    """What words say as a sentence of a clause; nothing if they are none."""
    if not words:
        return []
    last = words[-1]
    try:
        return meaning(parse("clause", [*words, Word(".", last.line, last.column, last.chunk)]))
    except (Problem, Unfit):
        return []


def _says(clause: Mapping[str, Any], path: str, value: Any) -> bool:
    found: Any = clause
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    if isinstance(value, list) and isinstance(found, list):
        return set(value) == set(found)
    return bool(found == value)
