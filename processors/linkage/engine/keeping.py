"""The engine's memory in a sealed file: what a restart begins with instead of the whole log.

The memory holds encodings in clear, so each piece is sealed to the linkage key and bound to its
number, and to being the last: pieces cannot be exchanged, repeated, or cut off. Anybody can seal to
a public key, so the wrapped content key bears a keyed hash under a secret of the hub: what comes
from elsewhere is refused. The file takes its place only when it is whole.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from schemas.sealing import Opener, PublicKey, Seal, SealError

from .refusal import DumpError

_MAGIC: Final = b"concord-linkage-2\n"
_LENGTH: Final = struct.Struct("<I")


def _aad(number: int, *, last: bool) -> bytes:
    return b"concord/linkage-memory/v1:%d:%d" % (number, last)


def _framed(data: bytes) -> bytes:
    return _LENGTH.pack(len(data)) + data


def _proof(secret: bytes, key_id: bytes, wrapped: bytes) -> bytes:
    return hashlib.blake2b(_framed(key_id) + wrapped, key=secret, digest_size=32).digest()


def keep(
    path: Path, pieces: Iterable[bytes | memoryview], key: PublicKey, secret: bytes = b""
) -> int:
    """Write pieces, sealed to a key, in place of what was there; bytes written.

    Who reads them has to know the secret too.
    """
    seal = Seal(key)
    name = seal.key_id.encode()
    draft = path.with_suffix(".part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(_MAGIC + _framed(name) + _framed(seal.wrapped_key))
        file.write(_framed(_proof(secret, name, seal.wrapped_key)))
        coming = iter(pieces)
        piece, number = next(coming), 0
        for following in coming:
            file.write(_framed(seal.seal(bytes(piece), _aad(number, last=False))))
            piece, number = following, number + 1
        file.write(_framed(seal.seal(bytes(piece), _aad(number, last=True))))
        file.flush()
        os.fsync(file.fileno())
        size = file.tell()
    draft.replace(path)
    return size


def kept(path: Path, opener: Opener, secret: bytes = b"") -> Iterator[bytes]:
    """The pieces that were kept. Raises DumpError if the file is not whole or not ours, OSError."""
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise DumpError("not a file of the linkage engine's memory")
        key_id, wrapped, proof = (_next(file.read) for _ in range(3))
        if key_id is None or wrapped is None or proof is None:
            raise DumpError("the file ends too early")
        if not hmac.compare_digest(proof, _proof(secret, key_id, wrapped)):
            raise DumpError("the file was not written by this hub")
        sealed, number = _next(file.read), 0
        while sealed is not None:
            following = _next(file.read)
            try:
                yield opener.open(
                    key_id.decode(), wrapped, sealed, _aad(number, last=following is None)
                )
            except SealError as error:
                raise DumpError(f"a piece does not open: {error}") from None
            sealed, number = following, number + 1


def _next(read: object) -> bytes | None:
    """The next framed piece, or None at the end."""
    assert callable(read)
    head = read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    data: bytes = read(_LENGTH.unpack(head)[0])
    return data
