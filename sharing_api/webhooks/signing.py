"""Signatures in the Standard Webhooks scheme (standardwebhooks.com, version 1).

Signed are id, time and body together, so a message can be neither changed nor sent again later by
somebody else: a receiver refuses what is older than a few minutes, and an id that it has had.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.identifiers import Pseudonyms

HMAC, ED25519 = "hmac", "ed25519"
PREFIX: Final = "whsec_"


def secret(pseudonyms: Pseudonyms, webhook_id: str, version: int) -> bytes:
    """A subscription's own secret, 32 bytes, derived from the hub's: none is stored."""
    named = f"{webhook_id}|{version}"
    return pseudonyms.token("webhook-a", named) + pseudonyms.token("webhook-b", named)


def shown(key: bytes) -> str:
    """A secret as libraries of the scheme take it."""
    return PREFIX + base64.b64encode(key).decode()


def headers(
    message_id: str, timestamp: int, body: bytes, key: bytes | Ed25519PrivateKey
) -> dict[str, str]:
    """The three headers of the scheme."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    if isinstance(key, bytes):
        mark, signature = "v1", hmac.new(key, signed, hashlib.sha256).digest()
    else:
        mark, signature = "v1a", key.sign(signed)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"{mark},{base64.b64encode(signature).decode()}",
    }
