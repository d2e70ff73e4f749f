"""The hub's keys as files in one folder, each readable by its owner alone.

| file | what | who needs it |
|---|---|---|
| `signing.key` | Ed25519, signs what agencies read, and events that came over HTTP | intake, API |
| `log.secret` | stamps what the hub writes for itself | all that write or read hub topics |
| `release.key` | opens identities and details | the release gate alone |
| `linkage.key` | opens encodings | the matcher alone |
| `pseudonym.secret` | makes incident ids and tokens | intake, API |
| `encoding.secret` | makes linkage encodings | intake, API, agencies that seal at source |
| `release.id`, `release-N.old.key` | the id in use; replaced keys (`retired.py`) | as theirs |
| `release.pub`, `linkage.pub`, `signing.pub` | public halves | intake; partners; API (lookups) |

A part that lacks a file it has no business with still runs: each is loaded when first asked for.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from schemas import retired
from schemas.identifiers import Pseudonyms
from schemas.sealing import Opener, PrivateKey, PublicKey, Sealer

HUB_KEY_ID = "hub"


class KeyMissing(Exception):
    """A key that is needed is not in the folder, or is not a key."""


class KeyMismatch(KeyMissing):
    """The two halves of a pair do not belong together."""


class Keyring:
    """Loads keys from `folder` when they are first needed."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read yet."""
        self.folder = folder

    @classmethod
    def create(cls, folder: Path) -> Keyring:
        """Make every key that is not there yet; existing ones stay. Folder 0700, files 0600.

        Raises KeyMissing where a public half stands without its key: a new one would not open what
        was sealed before, nor fit the public half. Raises KeyMismatch where the halves of a pair do
        not belong together: what is sealed to such a public half, nobody here could open.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("signing", "release", "linkage"):
            if (folder / f"{name}.pub").exists() and not (folder / f"{name}.key").exists():
                raise KeyMissing(f"{name}.key is not in the keys folder, but {name}.pub is")
        ring = cls(folder)
        ring._write_once("signing.key", Ed25519PrivateKey.generate().private_bytes_raw())
        ring._write_once("release.key", PrivateKey.generate("release-1").raw)
        ring._write_once("linkage.key", PrivateKey.generate("linkage-1").raw)
        ring._write_once("log.secret", os.urandom(32))
        ring._write_once("pseudonym.secret", os.urandom(32))
        ring._write_once("encoding.secret", os.urandom(32))
        ring._write_once("signing.pub", ring.signing.public_key().public_bytes_raw())
        ring._write_once("release.pub", ring.release.public.raw)
        ring._write_once("linkage.pub", ring.linkage.public.raw)
        ring._check_pairs()
        return ring

    def _check_pairs(self) -> None:
        for name, public in (
            ("signing", self.signing.public_key().public_bytes_raw()),
            ("release", self.release.public.raw),
            ("linkage", self.linkage.public.raw),
        ):
            if self._read(f"{name}.pub", len(public)) != public:
                raise KeyMismatch(f"{name}.pub does not belong to {name}.key")

    def _write_once(self, name: str, data: bytes) -> None:
        path = self.folder / name
        if path.exists():
            return
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)

    def _read(self, name: str, size: int) -> bytes:
        try:
            data = (self.folder / name).read_bytes()
        except OSError:
            raise KeyMissing(f"{name} is not in the keys folder") from None
        if len(data) != size:
            raise KeyMissing(f"{name} is not a key: {size} bytes expected")
        return data

    @cached_property
    def signing(self) -> Ed25519PrivateKey:
        """Signs what agencies read of the hub."""
        return Ed25519PrivateKey.from_private_bytes(self._read("signing.key", 32))

    @cached_property
    def signing_public(self) -> Ed25519PublicKey:
        """Verifies what the hub wrote."""
        return Ed25519PublicKey.from_public_bytes(self._read("signing.pub", 32))

    @cached_property
    def log_secret(self) -> bytes:
        """Stamps what the hub writes for itself, and tells a stamp from a forged one."""
        return self._read("log.secret", 32)

    @cached_property
    def release(self) -> PrivateKey:
        """Opens identities and details."""
        return PrivateKey(self._id("release"), self._read("release.key", 96))

    @cached_property
    def linkage(self) -> PrivateKey:
        """Opens encodings."""
        return PrivateKey(self._id("linkage"), self._read("linkage.key", 96))

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        """Makes ids and tokens."""
        return Pseudonyms(self._read("pseudonym.secret", 32))

    @cached_property
    def encoding_secret(self) -> bytes:
        """Makes linkage encodings."""
        return self._read("encoding.secret", 32)

    def release_sealer(self) -> Sealer:
        """Seal to the release key; needs its public half only."""
        return Sealer(PublicKey(self._id("release"), self._read("release.pub", 1216)))

    def linkage_sealer(self) -> Sealer:
        """Seal to the linkage key; needs its public half only."""
        return Sealer(PublicKey(self._id("linkage"), self._read("linkage.pub", 1216)))

    def release_opener(self) -> Opener:
        """Open what was sealed to the release key, or to a replaced one that is still here."""
        return self._opener("release", self.release)

    def linkage_opener(self) -> Opener:
        """Open what was sealed to the linkage key, or to a replaced one that is still here."""
        return self._opener("linkage", self.linkage)

    def _id(self, name: str) -> str:
        return retired.key_id(self.folder, name)

    def _opener(self, name: str, current: PrivateKey) -> Opener:
        old = {key.key_id: key for key in retired.old_keys(self.folder, name)}
        return Opener({current.key_id: current, **old})
