"""Lines of an agreement: what an officer words freely, and the words of the sentences between.

A free text stands after its lead-in (“On accuracy: …”) or as a point of a list (“- …”). Lines that
are indented continue it; a line that begins with “|” begins a new line of the text itself. All
other lines hold sentences, which this module cuts at their full stops.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import Final

from policies.agreements.language.words import TOKEN
from policies.agreements.validity import tidy

LEADS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "title": "It is called",
        "purpose": "Its purpose is",
        "gateway": "Its legal gateway is",
        "controllers": "On controllers",
        "governance.accuracy": "On accuracy",
        "governance.security": "On security",
        "governance.breach": "On breaches",
        "governance.complaints": "On complaints",
        "governance.rights": "On the rights of individuals",
        "governance.deletion": "On deletion",
        "governance.termination": "On termination",
    }
)
"""What stands before a free text and its colon, by the path of the text."""
LISTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "parties": "The parties are",
        "article_9": "The conditions under Article 9 of the UK GDPR are",
        "schedule_8": "The conditions under Schedule 8 to the Data Protection Act 2018 are",
        "contacts": "The contacts are",
    }
)
"""What stands before a list of free texts and its colon, by the path of the list."""
PARTS: Final[Mapping[str, str]] = MappingProxyType({"clauses": "Clause", "examples": "Example"})
"""What a numbered part of the agreement begins with."""
WIDTH: Final = 100
MOST_LINES: Final = 2_000
"""Lines in which a missing lead-in is looked for."""
_POINT: Final = re.compile(r"\s*[-•\u2013*](?:[ \t]+|$)")
_LEAD: Final = re.compile(r"\s*([^:“”\"]{2,80}?)\s*:[ \t]*")
_PART: Final = re.compile(r"(clause|example)\s+([0-9]{1,6})", re.IGNORECASE)
_NEAR: Final = 0.72
"""How alike a misspelt lead-in must be to be taken for one."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word or mark where it stands. `chunk` tells words of one line and its indented rest."""

    text: str
    line: int
    column: int
    chunk: int

    @property
    def folded(self) -> str:
        """The word without regard to case; what is quoted matches no fixed word."""
        return "" if self.quoted else self.text.casefold()

    @property
    def quoted(self) -> bool:
        """Whether it stands in quotation marks."""
        return len(self.text) > 1 and self.text[0] in '"“'


@dataclass(slots=True)
class Free:
    """A text that an officer worded, by the path of its lead-in; `meant` where it is misspelt."""

    path: str
    number: int
    line: int
    lead: str
    meant: str = ""
    pieces: list[str] = field(default_factory=list)
    points: list[Free] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text as it is kept."""
        return tidy("".join(self.pieces))


Statement = Free | list[Word]


def statements(text: str) -> Iterator[Statement]:
    """Cut a text into free texts and sentences, in order. A sentence without full stop counts."""
    words: list[Word] = []
    free: Free | None = None
    holder: Free | None = None
    chunk = 0
    for number, line in enumerate(_lines(text), 1):
        indented = line[:1] in {" ", "\t"}
        if not line.strip():
            yield from _sentences(words)
            words, free = [], None
        elif free is not None and _continues(line, in_list=holder is not None):
            free.pieces.append(_continued(line))
        elif holder is not None and (point := _POINT.match(line)):
            free = Free(holder.path, len(holder.points), number, "", pieces=[line[point.end() :]])
            holder.points.append(free)
        elif lead := _lead(line, number):
            yield from _sentences(words)
            words, free = [], lead
            holder = lead if lead.path in LISTS else None
            yield lead
        else:
            free = holder = None
            chunk += not indented
            words += (Word(m.group(), number, m.start() + 1, chunk) for m in TOKEN.finditer(line))
    yield from _sentences(words)


def _lines(text: str) -> list[str]:
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return [line.rstrip() for line in plain.split("\n")]


def _continues(line: str, *, in_list: bool) -> bool:
    return line[0] == "|" or (line[0] in " \t" and not (in_list and _POINT.match(line)))


def _continued(line: str) -> str:
    rest = line.lstrip()
    if rest.startswith("|"):
        return "\n" + rest[1:].removeprefix(" ")
    return " " + rest


def _lead(line: str, number: int) -> Free | None:
    found = _LEAD.match(line)
    if not found:
        return None
    said = " ".join(found.group(1).split())
    rest = line[found.end() :]
    part = _PART.fullmatch(said)
    if part:
        path = next(p for p, word in PARTS.items() if word.casefold() == part.group(1).casefold())
        return Free(path, int(part.group(2)), number, said, pieces=[rest])
    for path, phrase in (*LEADS.items(), *LISTS.items()):
        if phrase.casefold() == said.casefold():
            return Free(path, 0, number, said, pieces=[rest])
    return _misspelt(said, rest, number)


def _misspelt(said: str, rest: str, number: int) -> Free | None:
    best, meant, path = _NEAR, "", ""
    digits = next(iter(re.findall(r"[0-9]+", said)), "1")[:6]
    parts = ((path, f"{word} {digits}") for path, word in PARTS.items())
    for candidate, phrase in (*LEADS.items(), *LISTS.items(), *parts):
        matcher = SequenceMatcher(None, said.casefold(), phrase.casefold())
        if matcher.quick_ratio() > best and (ratio := matcher.ratio()) > best:
            best, meant, path = ratio, phrase, candidate
    if not meant:
        return None
    return Free(path, int(digits) if path in PARTS else 0, number, said, meant, [rest])


def resembling(text: str, begin: str, after: int) -> int:
    """Number the indented line, so part of a free text, that begins most like a sentence; or 0."""
    best, line = 0.7, 0
    for number, said in enumerate(_lines(text)[after : after + MOST_LINES], after + 1):
        if said[:1] in {" ", "\t", "|"}:
            matcher = SequenceMatcher(None, begin.casefold(), said.strip()[: len(begin)].casefold())
            if matcher.quick_ratio() > best and (ratio := matcher.ratio()) > best:
                best, line = ratio, number
    return line


def _sentences(words: list[Word]) -> Iterator[list[Word]]:
    sentence: list[Word] = []
    for word in words:
        sentence.append(word)
        if word.text == ".":
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def wrapped(text: str) -> str:
    """Write a text after its lead-in: broken at single spaces, its own new lines marked by “|”."""
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        begin = f"  | {line}".rstrip() if number else line
        lines += _broken(begin, indent=bool(number))
    return "\n".join(lines)


def _broken(line: str, *, indent: bool) -> Iterator[str]:
    current = ""
    pieces = re.split(r"(?<=[^\s]) (?=[^\s|•\u2013*-])", line[4:] if indent else line)
    lead = line[:4] if indent else ""
    for piece in pieces:
        if current and len(lead) + len(current) + 1 + len(piece) > WIDTH:
            yield lead + current
            lead, current = "  ", piece
        else:
            current = f"{current} {piece}" if current else piece
    yield (lead + current).rstrip()
