"""The engine's memory as pieces of bytes and back: what a snapshot is made of.

The first piece says what is needed to read the others and under which parameters, limits and source
code the memory came about: memory of another epoch is refused, since its edges would be wrong. The
last is a digest of all the others. The pieces hold encodings in clear: whoever keeps them seals
them (keeping.py).
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np

from ..compiling import SOURCE
from ..weighing import Tables
from .memory import DEPTHS, END, RESTORED, ROUTES, ROW, SEGMENT, SEGMENTS, SLOTS, Memory
from .refusal import DumpError
from .scores import Limits

_PIECE: Final = 2**22
_VERSION: Final = 2


def epoch(limits: Limits, tables: Tables) -> str:
    """A digest of everything that the memory depends on, the rows apart."""
    digest = hashlib.blake2b(digest_size=16)
    for part in (*limits, *tables):
        digest.update(np.asarray(part).tobytes())
    digest.update(f"{_VERSION}|{ROW}|{SEGMENT}|{sys.byteorder}|{SOURCE}".encode())
    return digest.hexdigest()


def _parts(m: Memory, sizes: dict[str, int]) -> Iterator[tuple[Any, int]]:
    """The arrays and how much of each is in use, by what `_sizes` found."""
    for route in range(ROUTES):
        yield m.directory[route], sizes["directory"]
    yield m.words, sizes["words"]
    for rows in (m.slots, m.front):
        yield rows.reshape(-1), sizes["slots"] * rows.shape[1]
    for table in (m.tags, m.more, m.refs):
        yield table, sizes["segments"] * SEGMENT
    yield m.segments.reshape(-1), sizes["segments"] * 2
    yield m.restored.reshape(-1), sizes["restored"]
    yield m.free, len(m.free)
    yield m.state, len(m.state)


def _sizes(m: Memory) -> dict[str, int]:
    return {
        "directory": 1 << int(m.state[DEPTHS : DEPTHS + ROUTES].max()),
        "words": int(m.state[END]),
        "slots": int(m.state[SLOTS]),
        "segments": int(m.state[SEGMENTS]),
        "restored": int(m.state[RESTORED]),
    }


def pieces(m: Memory, made_under: str) -> Iterator[bytes | memoryview]:
    """The memory, piece by piece."""
    sizes = _sizes(m)
    head = json.dumps({"epoch": made_under, "sizes": sizes}).encode()
    digest = hashlib.blake2b(head, digest_size=32)
    yield head
    for array, used in _parts(m, sizes):
        data = memoryview(array[:used]).cast("B")
        for at in range(0, len(data), _PIECE):
            digest.update(data[at : at + _PIECE])
            yield data[at : at + _PIECE]
    yield digest.digest()


def fill(m: Memory, made_under: str, found: Iterable[bytes | memoryview]) -> None:
    """Fill fresh memory with what `pieces` gave. Raises DumpError; then the memory is spoilt."""
    coming = iter(found)
    head = next(coming, b"")
    digest = hashlib.blake2b(head, digest_size=32)
    sizes = _read_head(bytes(head), made_under)
    for array, used in _parts(m, sizes):
        if used > len(array):
            raise DumpError("the memory was reserved for fewer rows than are to be read")
        data = memoryview(array[:used]).cast("B")
        for at in range(0, len(data), _PIECE):
            piece = next(coming, b"")
            if len(piece) != len(data[at : at + _PIECE]):
                raise DumpError("a piece is missing or has the wrong length")
            digest.update(piece)
            data[at : at + _PIECE] = piece
    if next(coming, b"") != digest.digest() or next(coming, None) is not None:
        raise DumpError("the pieces are not what was written")


def _read_head(head: bytes, made_under: str) -> dict[str, int]:
    try:
        said = json.loads(head)
        if said["epoch"] != made_under:
            raise DumpError("the memory came about under other parameters, limits or code")
        return {key: int(value) for key, value in said["sizes"].items()}
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as error:
        raise DumpError(f"no head of an engine's memory ({type(error).__name__})") from None
