"""Sealing again what was sealed before: to other keys, under fresh content keys, nothing else new.

A content key served many incidents. So what stands gets new ones: with the old private key gone,
neither it nor any key in use opens a copy that was made before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.sealing import Opener, Sealer, details_aad, encoding_aad, identity_aad

Record = Mapping[str, Any]


class Resealing:
    """Opens with old keys, in memory, and seals to new ones."""

    def __init__(
        self, release: Opener, linkage: Opener, to_release: Sealer, to_linkage: Sealer
    ) -> None:
        self._release = release
        self._linkage = linkage
        self._to_release = to_release
        self._to_linkage = to_linkage

    def incident(self, record: Record) -> dict[str, Any]:
        """A hub incident with all seals new. Raises SealError; a withdrawn one has none."""
        if record["retracted"]:
            return dict(record)
        name = record["incident_id"]
        old = (record["release_key_id"], record["release_wrapped_key"])
        seal, token = self._to_release.session(), self._to_linkage.session()
        persons = []
        for person in record["persons"]:
            aad = identity_aad(name, person["position"])
            identity = seal.seal(self._release.open(*old, person["identity"], aad), aad)
            encoding = person["encoding"]
            if encoding is not None:
                aad = encoding_aad(name, person["position"])
                linked = (record["linkage_key_id"], record["linkage_wrapped_key"])
                encoding = token.seal(self._linkage.open(*linked, encoding, aad), aad)
            persons.append({**person, "identity": identity, "encoding": encoding})
        aad = details_aad(name)
        return {
            **record,
            "persons": persons,
            "details": seal.seal(self._release.open(*old, record["details"], aad), aad),
            "release_key_id": seal.key_id,
            "release_wrapped_key": seal.wrapped_key,
            "linkage_key_id": token.key_id,
            "linkage_wrapped_key": token.wrapped_key,
        }

    def item(self, record: Record) -> dict[str, Any]:
        """A tension item with its details sealed anew; one without details stays. SealError."""
        if not record["details"]:
            return dict(record)
        aad = details_aad(record["item_id"])
        old = (record["release_key_id"], record["release_wrapped_key"])
        seal = self._to_release.session()
        return {
            **record,
            "details": seal.seal(self._release.open(*old, record["details"], aad), aad),
            "release_key_id": seal.key_id,
            "release_wrapped_key": seal.wrapped_key,
        }
