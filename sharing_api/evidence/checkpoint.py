"""Signed checkpoints: the ledger's size and root in a form that other people's tools read.

Text is C2SP's tlog-checkpoint in a signed note (https://c2sp.org/tlog-checkpoint): three lines
(origin, size, root), an empty line, and a line with the Ed25519 signature. The origin is also the
key's name and holds a part of the key's digest, so that two hubs never share one.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the ledger was at a moment. `note` is the signed text, and all that need be kept."""

    size: int
    root: bytes
    note: str


def origin(key: Ed25519PublicKey) -> str:
    """Name the ledger of the hub that signs with this key."""
    return f"concord/ledger/{hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]}"


def key_id(key: Ed25519PublicKey) -> bytes:
    """Four bytes by which a note names its key."""
    name = origin(key).encode("ascii")
    return hashlib.sha256(name + b"\n\x01" + key.public_bytes_raw()).digest()[:4]


def verifier_key(key: Ed25519PublicKey) -> str:
    """Write the public key as signed-note tools take it: name, id and key, joined by plus signs."""
    encoded = base64.b64encode(b"\x01" + key.public_bytes_raw()).decode("ascii")
    return f"{origin(key)}+{key_id(key).hex()}+{encoded}"


def sign(size: int, root: bytes, key: Ed25519PrivateKey) -> Checkpoint:
    """Sign a size and a root."""
    public = key.public_key()
    name = origin(public)
    body = f"{name}\n{size}\n{base64.b64encode(root).decode('ascii')}\n"
    signature = key_id(public) + key.sign(body.encode("ascii"))
    line = f"\u2014 {name} {base64.b64encode(signature).decode('ascii')}\n"
    return Checkpoint(size, root, f"{body}\n{line}")
