"""Sharing agreements as data: loading them, and saying exactly what is wrong with one that is not.

An agreement is kept as sentences (`policies.agreements.language`), one to a file. Clauses are
judged by the rules in `policies/sharing`; nothing here decides about a release.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from policies.agreements.language import claimed, read
from policies.agreements.validity import EPOCH, Agreement, AgreementInvalid, epoch_day, faults

__all__ = [
    "EPOCH",
    "SUFFIX",
    "Agreement",
    "AgreementInvalid",
    "contents",
    "epoch_day",
    "faults",
    "load",
    "parse",
    "sift",
]

SUFFIX: Final = ".agreement"
"""What the name of an agreement's file ends in."""


def load(folder: Path | None = None) -> tuple[Agreement, ...]:
    """Read every agreement of a folder (the demonstration agreements by default), sorted by id.

    Raises AgreementInvalid for the first file that is not a valid agreement, or whose id another
    file has too.
    """
    loaded: dict[str, Agreement] = {}
    for file in _files(folder):
        agreement = parse(file.name, _text(file.read_bytes()))
        if agreement["id"] in loaded:
            raise AgreementInvalid(file.name, (f"id: {agreement['id']} is taken by another file",))
        loaded[agreement["id"]] = agreement
    return tuple(loaded[name] for name in sorted(loaded))


def contents(folder: Path | None = None) -> dict[str, bytes | None]:
    """Read the agreement files of a folder (the demonstration agreements by default) by name.

    None stands for a file that cannot be read. Raises OSError for a folder that cannot.
    """
    found: dict[str, bytes | None] = {}
    for file in _files(folder):
        try:
            found[file.name] = file.read_bytes()
        except OSError:
            found[file.name] = None
    return found


def sift(
    files: Mapping[str, bytes | None],
) -> tuple[tuple[Agreement, ...], dict[str, tuple[str, ...]]]:
    """Give the usable agreements, sorted by id, and what is wrong with each other file.

    Of files with one id none is usable: it cannot be told which of them is meant.
    """
    usable: dict[str, Agreement] = {}
    faulty: dict[str, tuple[str, ...]] = {}
    names: dict[str, list[str]] = {}
    for name, data in sorted(files.items()):
        try:
            text = _text(data)
            names.setdefault(claimed(text), []).append(name)
            agreement = parse(name, text)
        except AgreementInvalid as error:
            faulty[name] = error.problems
        else:
            usable[agreement["id"]] = agreement
    for identifier, several in names.items():
        if identifier and len(several) > 1:
            usable.pop(identifier, None)
            taken = (f"id: {identifier} is taken by another file",)
            faulty |= {name: (*faulty.get(name, ()), *taken) for name in several}
    return tuple(usable[identifier] for identifier in sorted(usable)), faulty


def _text(data: bytes | None) -> str:
    if data is None:
        raise AgreementInvalid("", ("cannot be read",))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise AgreementInvalid("", ("is not text in UTF-8",)) from None


def _files(folder: Path | None) -> list[Traversable]:
    source: Traversable = folder or resources.files("policies").joinpath("agreements")
    return sorted(
        (item for item in source.iterdir() if item.name.endswith(SUFFIX)), key=lambda f: f.name
    )


def parse(source: str, text: str, *, status: str = "live") -> Agreement:
    """Read one agreement, in force unless told otherwise. Raises AgreementInvalid."""
    return read(text, source, status=status)
