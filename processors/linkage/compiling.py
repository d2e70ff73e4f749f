"""Turns plain functions into compiled ones and decides where compiled code is kept.

Compiled code lives in the user's cache, in a folder named after numba's version and the source of
linkage and of encodings, whose layout is compiled in: it works where the packages are read-only
and an upgrade can never run stale code. Without a writable home it is compiled anew in every
process; never in a shared temporary folder, from where somebody else's code might be loaded.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _source() -> str:
    digest = hashlib.blake2b(numba.__version__.encode(), digest_size=8)
    sources = [Path(str(files(package))) for package in (__package__, "schemas.encoding")]
    for path in sorted(path for source in sources for path in source.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


SOURCE = _source()
"""A digest of the source of linkage and of encodings, and of numba's version."""


def _cache_folder() -> Path | None:
    home = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    folder = Path(home) / "concord" / f"linkage-{SOURCE}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _prepare() -> bool:
    if os.environ.get("NUMBA_CACHE_DIR"):
        return True
    folder = _cache_folder()
    if folder:
        vars(numba.config)["CACHE_DIR"] = str(folder)
    return folder is not None


_CACHED = _prepare()
_njit: Any = numba.njit  # its types leave out `_nrt`


def compiled(function: _Function) -> _Function:
    """The function, compiled at its first call."""
    return cast("_Function", _njit(cache=_CACHED, nogil=True, _nrt=True)(function))


def lean(function: _Function) -> _Function:
    """The function, compiled without counting who uses an array: several times faster.

    Only for functions that make no array and are given none by what they call: theirs would never
    be freed. Views of arrays that they were handed are safe.
    """
    return cast(
        "_Function", _njit(cache=_CACHED, nogil=True, _nrt=False, no_cfunc_wrapper=True)(function)
    )


def inner(function: _Function) -> _Function:
    """The function, compiled like a lean one, that only compiled functions call.

    What would let Python call it takes longer to compile than the function itself.
    """
    return cast(
        "_Function",
        _njit(
            cache=_CACHED, nogil=True, _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True
        )(function),
    )


def inlined(function: _Function) -> _Function:
    """The function, compiled like an inner one, that becomes part of each that calls it.

    For a few lines in a loop, whose call would take longer than they do.
    """
    return cast(
        "_Function",
        _njit(
            cache=_CACHED,
            nogil=True,
            _nrt=False,
            no_cpython_wrapper=True,
            no_cfunc_wrapper=True,
            forceinline=True,
        )(function),
    )
