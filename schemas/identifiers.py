"""Ids that say nothing: hashes of what they stand for, keyed where the input could be guessed.

BLAKE2b (RFC 7693) in keyed mode is the pseudorandom function; ids are its first 130 bits in
base 32, 26 characters.
"""

from __future__ import annotations

import hashlib
from typing import Final

LEDGER_ENTRY: Final = r"[1-9][0-9]{0,15}|[a-z][a-z0-9-]{0,31}(\.[0-9a-f]{8})?\.[1-9][0-9]{0,15}"
"""How an entry of the ledger is named: by its number, or by the reference that an asker is told."""
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_SHIFTS = tuple(range(120, -10, -10))


def _base32(digest: bytes) -> str:
    """Write the first 130 bits, two characters at a time: a third of what `base64` takes."""
    bits = int.from_bytes(digest[:17], "big") >> 6
    return "".join([_PAIRS[bits >> shift & 1023] for shift in _SHIFTS])


def _joined(parts: tuple[str, ...]) -> bytes:
    encoded = [part.encode("utf-8") for part in parts]
    return b"".join([len(raw).to_bytes(4, "big") + raw for raw in encoded])


def stable_id(prefix: str, *parts: str) -> str:
    """Derive an id from parts that hold no identity; unkeyed, the same everywhere."""
    digest = hashlib.blake2b(_joined((prefix, *parts)), digest_size=20).digest()
    return f"{prefix}_{_base32(digest)}"


def mention_id(incident_id: str, position: int) -> str:
    """Name the person at `position` of an incident; position -1 is the place."""
    return f"{incident_id}#{position}"


def receipt_id(agency: str, event_id: str) -> str:
    """Name the receipt of an event: one for each, however often it is sent."""
    return stable_id("rcp", agency, event_id)


class Pseudonyms:
    """Ids and tokens under the hub's pseudonym secret (32 bytes).

    Without it nobody can try references or addresses until one fits.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        """Raises ValueError unless the secret is 32 bytes."""
        if len(secret) != 32:
            raise ValueError("the pseudonym secret is 32 bytes")
        self._secret = secret

    def _keyed(self, domain: str, data: bytes, size: int) -> bytes:
        return hashlib.blake2b(
            data, digest_size=size, key=self._secret, person=domain.encode("ascii")[:16]
        ).digest()

    def incident_id(self, agency: str, reference: str) -> str:
        """Name the incident that an agency knows by its reference."""
        return f"inc_{_base32(self._keyed('incident', _joined((agency, reference)), 20))}"

    def item_id(self, agency: str, reference: str) -> str:
        """Name the tension report that an agency knows by its reference."""
        return f"ten_{_base32(self._keyed('tension', _joined((agency, reference)), 20))}"

    def token(self, domain: str, text: str) -> bytes:
        """Stand in for a text within a domain: 16 bytes, equal only for equal texts."""
        return self._keyed(f"token:{domain}", text.encode("utf-8"), 16)

    def digest(self, data: bytes) -> bytes:
        """Fingerprint an event's bytes: 16 bytes."""
        return self._keyed("digest", data, 16)

    def pseudonym(self, recipient: str, identifier: str) -> str:
        """Name something for one recipient, so that two recipients cannot compare notes."""
        return f"psn_{_base32(self._keyed('recipient', _joined((recipient, identifier)), 20))}"
