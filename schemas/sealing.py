"""Sealing: content keys wrapped by HPKE, data under AES-256-GCM, bound to where it belongs.

A content key is wrapped with HPKE (RFC 9180) under the hybrid ML-KEM-768 + X25519 encapsulation, so
that neither a quantum computer later nor a break of the lattice scheme now opens a copy. The
wrap costs 0.3 ms and 1.2 kB, so one content key serves a run of incidents: it is renewed after
`RECORDS` incidents or `SECONDS` seconds. Each ciphertext has its own random 96-bit nonce and is
bound by associated data to its incident and position: it opens nowhere else.
"""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

RECORDS: Final = 256
"""Incidents sealed under one content key at most."""
SECONDS: Final = 60.0
"""Age of a content key at most, in seconds."""

_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO: Final = b"concord/content-key/v1:"
_NONCE: Final = 12
_SEED: Final = 64
_OPENED: Final = 4096


class SealError(Exception):
    """Something sealed does not open: wrong key, wrong place or altered bytes."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half that seals: 1,184 bytes of ML-KEM-768, then 32 bytes of X25519."""

    key_id: str
    raw: bytes

    def hpke(self) -> MLKEM768X25519PublicKey:
        """Give it in the library's form."""
        return MLKEM768X25519PublicKey(
            MLKEM768PublicKey.from_public_bytes(self.raw[:-32]),
            X25519PublicKey.from_public_bytes(self.raw[-32:]),
        )


class PrivateKey:
    """The half that opens. Raw form: 64-byte ML-KEM seed, then the 32-byte X25519 key."""

    __slots__ = ("_hpke", "key_id", "public", "raw")

    def __init__(self, key_id: str, raw: bytes) -> None:
        """Raises ValueError unless raw is 96 bytes."""
        if len(raw) != _SEED + 32:
            raise ValueError("a sealing key is 96 bytes")
        lattice = MLKEM768PrivateKey.from_seed_bytes(raw[:_SEED])
        curve = X25519PrivateKey.from_private_bytes(raw[_SEED:])
        self.key_id = key_id
        self.raw = raw
        self._hpke = MLKEM768X25519PrivateKey(lattice, curve)
        self.public = PublicKey(
            key_id, lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        )

    @classmethod
    def generate(cls, key_id: str) -> PrivateKey:
        """Make a new key from the system's randomness."""
        return cls(key_id, os.urandom(_SEED + 32))

    def unwrap(self, wrapped: bytes) -> bytes:
        """Recover a content key. Raises SealError."""
        try:
            return _SUITE.decrypt(wrapped, self._hpke, _INFO + self.key_id.encode())
        except Exception as error:  # noqa: BLE001 - whatever went wrong, it does not open
            raise SealError(f"content key does not open ({type(error).__name__})") from None


class Seal:
    """One content key, wrapped: seals any number of values."""

    __slots__ = ("_cipher", "key_id", "wrapped_key")

    def __init__(self, public: PublicKey) -> None:
        """Make a content key and wrap it for `public`."""
        key = AESGCM.generate_key(256)
        self.key_id = public.key_id
        self.wrapped_key: bytes = _SUITE.encrypt(key, public.hpke(), _INFO + public.key_id.encode())
        self._cipher = AESGCM(key)

    def seal(self, plaintext: bytes, aad: bytes) -> bytes:
        """Encrypt, bound to `aad`: nonce, then ciphertext and tag (28 bytes longer)."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plaintext, aad)


class Sealer:
    """Hands out the current content key of one public key, renewing it in time."""

    def __init__(self, public: PublicKey, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds from any origin."""
        self._public = public
        self._clock = clock
        self._seal: Seal | None = None
        self._made = 0.0
        self._used = 0

    def session(self) -> Seal:
        """Give the seal for one incident."""
        now = self._clock()
        if self._seal is None or self._used >= RECORDS or now - self._made >= SECONDS:
            self._seal, self._made, self._used = Seal(self._public), now, 0
        self._used += 1
        return self._seal


class Opener:
    """Opens what was sealed to any of its private keys; remembers unwrapped content keys."""

    def __init__(self, keys: Mapping[str, PrivateKey]) -> None:
        """`keys` by key id, so that rotated keys still open old seals; the one in use is first."""
        self._keys = dict(keys)
        self.key_id = next(iter(self._keys), "")
        self._ciphers: OrderedDict[bytes, AESGCM] = OrderedDict()

    @property
    def key_ids(self) -> frozenset[str]:
        """Keys that are here."""
        return frozenset(self._keys)

    def open(self, key_id: str, wrapped_key: bytes, ciphertext: bytes, aad: bytes) -> bytes:
        """Decrypt. Raises SealError if the key is missing or anything was altered."""
        cipher = self._ciphers.get(wrapped_key)
        if cipher is None:
            private = self._keys.get(key_id)
            if private is None:
                raise SealError("the key that this was sealed to is not here")
            cipher = AESGCM(private.unwrap(wrapped_key))
            self._ciphers[wrapped_key] = cipher
            if len(self._ciphers) > _OPENED:
                self._ciphers.popitem(last=False)
        try:
            return cipher.decrypt(ciphertext[:_NONCE], ciphertext[_NONCE:], aad)
        except (InvalidTag, ValueError):
            raise SealError("sealed data does not open here") from None


def identity_aad(incident_id: str, position: int) -> bytes:
    """Bind a sealed identity to its incident and position."""
    return f"identity|{incident_id}|{position}".encode()


def encoding_aad(incident_id: str, position: int) -> bytes:
    """Bind a sealed linkage encoding to its incident and position."""
    return f"encoding|{incident_id}|{position}".encode()


def details_aad(incident_id: str) -> bytes:
    """Bind sealed details to their incident (or tension item, or dead letter)."""
    return f"details|{incident_id}".encode()
