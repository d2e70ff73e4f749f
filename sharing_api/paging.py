"""Cursors: where a list goes on. Opaque to the client and stable while records change.

A cursor holds the id of the last record that was released, encrypted (AES-SIV, RFC 5297): it tells
the client nothing, and its bytes depend on nothing but what that client was given.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from schemas.identifiers import Pseudonyms
from sharing_api.problems import Problem

CURSOR_PATTERN = r"^[A-Za-z0-9_-]{1,600}$"


class Cursors:
    """Writes and reads cursors; all API nodes with the same pseudonym secret agree."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        key = pseudonyms.token("cursor", "mac") + pseudonyms.token("cursor", "encryption")
        self._cipher = AESSIV(key)

    def write(self, listing: str, position: str) -> str:
        """A cursor for this listing."""
        sealed = self._cipher.encrypt(position.encode(), [listing.encode()])
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def read(self, listing: str, cursor: str | None) -> str | None:
        """The position; None without a cursor. Raises Problem 404 for one that is not ours."""
        if cursor is None:
            return None
        try:
            sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            return self._cipher.decrypt(sealed, [listing.encode()]).decode()
        except (binascii.Error, InvalidTag, ValueError):
            raise Problem(
                404, "cursor-unknown", "The cursor is not one that this list has given."
            ) from None
