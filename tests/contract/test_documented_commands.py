"""No command that the documents show is unknown to the program or to make."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer.main

from concord.cli import app
from concord.commands.agreement_sight import FORMATS as TABLES
from producers.formats import formats

PROJECT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for path in (PROJECT / "README.md", *(PROJECT / "docs").glob("**/*.md"))
    if path.exists() and path.parent.name != "decisions"
)
FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
PROGRAM = re.compile(
    r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?(concord|make)(?=\s|$)(?!\s*→)(.*)$"
)
END = re.compile(r"\s(?:#|…|\.\.\.)|[;|<>]|&&")


def commands() -> Iterator[tuple[str, str, str]]:
    """Every command in a document: which document, which program, what follows its name."""
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        blocks = FENCED.findall(text)
        lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
        lines += INLINE.findall(FENCED.sub("", text))
        for line in lines:
            found = PROGRAM.match(line.strip())
            if found:
                yield document.name, found[1], END.split(found[2], maxsplit=1)[0].strip()


SHOWN = sorted(set(commands()))


def targets() -> set[str]:
    """What make can make."""
    return set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))


def resolved(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words name, and what is left for it. Raises KeyError for a stranger."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while hasattr(command, "get_command") and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        command = command.get_command(None, name)
        if command is None:
            raise KeyError(name)
    return command, rest


def options(command: Any) -> set[str]:
    """The names of a command's options."""
    return {name for part in command.params for name in [*part.opts, *part.secondary_opts]}


def test_documents_show_commands() -> None:
    """Or this file would test nothing."""
    assert len(SHOWN) >= 10


@pytest.mark.parametrize(("document", "program", "rest"), SHOWN, ids=lambda part: str(part)[:40])
def test_a_shown_command_exists(document: str, program: str, rest: str) -> None:
    """Its name, every option, and the format where it names one."""
    words = shlex.split(rest)
    if program == "make":
        goals = [word for word in words if not word.startswith("-") and "=" not in word]
        assert set(goals) <= targets(), document
        return
    command, left = resolved(words)
    known = options(command)
    named = [word.partition("=")[0] for word in left if word.startswith("-") and len(word) > 1]
    assert [name for name in named if name not in known and name != "--help"] == [], document
    for name, value in pairwise(left):
        if name in {"--format", "-f"} and re.fullmatch(r"[a-z][a-z-]*", value):
            known_formats = TABLES if words[:2] == ["agreement", "matrix"] else formats()
            assert value in known_formats, document


@pytest.mark.parametrize(
    "rest",
    [
        "fly",
        "agency fly",
        "publish FILE --fly",
        "replay FILE --format fly",
        "agreement matrix FILE --format fly",
    ],
)
def test_an_unknown_command_would_be_found(rest: str) -> None:
    """The test above can fail."""
    with pytest.raises((KeyError, AssertionError)):
        test_a_shown_command_exists("none", "concord", rest)
