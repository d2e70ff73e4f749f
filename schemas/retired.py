"""Replacing the keys that open: the old ones stay as files of their own until they are destroyed.

| file | what |
|---|---|
| `release.key`, `release.pub`, `release.id` | the pair in use, its id (if none: `release-1`) |
| `release-1.old.key` | a replaced one: opens what was sealed to it, seals nothing |

The same for `linkage`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from schemas.sealing import PrivateKey

NAMES: Final = ("release", "linkage")
_OLD: Final = ".old.key"


def key_id(folder: Path, name: str) -> str:
    """The id of the pair in use."""
    file = folder / f"{name}.id"
    return file.read_text("ascii").strip() if file.exists() else f"{name}-1"


def old_keys(folder: Path, name: str) -> Iterator[PrivateKey]:
    """Replaced keys that are still here."""
    for file in sorted(folder.glob(f"{name}-*{_OLD}")):
        yield PrivateKey(file.name.removesuffix(_OLD), file.read_bytes())


def replace(folder: Path, name: str) -> str:
    """Put a new pair in use, keep the old key beside it; the new id.

    The old key is safe before anything else changes. A crash in between leaves the new key's files
    incomplete: then the keyring says that the halves do not fit, and this is repeated.
    """
    before = key_id(folder, name)
    old = folder / f"{before}{_OLD}"
    if not old.exists():
        _write(old, (folder / f"{name}.key").read_bytes())
    after = f"{name}-{int(before.rpartition('-')[2]) + 1}"
    made = PrivateKey.generate(after)
    _write(folder / f"{name}.key", made.raw)
    _write(folder / f"{name}.pub", made.public.raw)
    _write(folder / f"{name}.id", after.encode())
    return after


def destroy(folder: Path, name: str) -> list[str]:
    """Overwrite and remove replaced keys; their ids.

    Overwriting reaches the disk's own copies only where the disk does not keep some: keys belong
    on a disk that is encrypted itself.
    """
    gone = []
    for file in sorted(folder.glob(f"{name}-*{_OLD}")):
        size = file.stat().st_size
        with file.open("r+b") as handle:
            handle.write(os.urandom(size))
            handle.flush()
            os.fsync(handle.fileno())
        file.unlink()
        gone.append(file.name.removesuffix(_OLD))
    return gone


def _write(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all, readable by its owner alone."""
    new = path.with_suffix(f"{path.suffix}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
