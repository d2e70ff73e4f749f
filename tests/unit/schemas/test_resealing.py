"""After new keys and the end of the old ones, copies made before open with nothing that is left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas import retired
from schemas.keyring import Keyring
from schemas.resealing import Resealing
from schemas.sealing import Opener, SealError, details_aad, encoding_aad, identity_aad

Record = dict[str, Any]


def sealed(ring: Keyring, *names: str) -> list[Record]:
    """Incidents that share one content key, as they do on the log."""
    release, linkage = ring.release_sealer().session(), ring.linkage_sealer().session()
    return [
        {
            "incident_id": name,
            "retracted": False,
            "persons": [
                {
                    "position": 0,
                    "identity": release.seal(name.encode(), identity_aad(name, 0)),
                    "encoding": linkage.seal(b"enc" + name.encode(), encoding_aad(name, 0)),
                }
            ],
            "details": release.seal(b"details", details_aad(name)),
            "release_key_id": release.key_id,
            "release_wrapped_key": release.wrapped_key,
            "linkage_key_id": linkage.key_id,
            "linkage_wrapped_key": linkage.wrapped_key,
        }
        for name in names
    ]


def identity(opener: Opener, record: Record, wrapped: bytes | None = None) -> bytes:
    """Open the identity of an incident, if it can be, under any content key."""
    return opener.open(
        record["release_key_id"],
        wrapped or record["release_wrapped_key"],
        record["persons"][0]["identity"],
        identity_aad(record["incident_id"], 0),
    )


def renewed(folder: Path) -> Keyring:
    """The keyring with new keys."""
    for name in retired.NAMES:
        retired.replace(folder, name)
    return Keyring(folder)


def resealing(ring: Keyring) -> Resealing:
    """Opens old seals and makes new ones."""
    return Resealing(
        ring.release_opener(), ring.linkage_opener(), ring.release_sealer(), ring.linkage_sealer()
    )


def test_what_stands_opens_with_the_new_keys_alone(tmp_path: Path) -> None:
    """Identities, encodings and details are the same as before."""
    ring = Keyring.create(tmp_path)
    (before,) = sealed(ring, "inc_a")
    ring = renewed(tmp_path)
    after = resealing(ring).incident(before)
    assert (after["release_key_id"], after["linkage_key_id"]) == ("release-2", "linkage-2")
    alone = Opener({ring.release.key_id: ring.release})
    assert identity(alone, after) == b"inc_a"
    person = after["persons"][0]
    opened = Opener({ring.linkage.key_id: ring.linkage}).open(
        after["linkage_key_id"],
        after["linkage_wrapped_key"],
        person["encoding"],
        encoding_aad("inc_a", 0),
    )
    assert opened == b"encinc_a"
    assert Keyring.create(tmp_path).release.key_id == "release-2"


def test_a_copy_of_an_erased_incident_opens_with_no_key_that_is_left(tmp_path: Path) -> None:
    """Nor under the content key of a neighbour with which it was once sealed."""
    ring = Keyring.create(tmp_path)
    erased, neighbour = sealed(ring, "inc_a", "inc_b")
    assert identity(ring.release_opener(), erased) == b"inc_a"
    ring = renewed(tmp_path)
    kept = resealing(ring).incident(neighbour)
    assert identity(ring.release_opener(), erased) == b"inc_a"  # until the old key is destroyed
    assert retired.destroy(tmp_path, "release") == ["release-1"]
    assert retired.destroy(tmp_path, "linkage") == ["linkage-1"]
    left = Keyring(tmp_path).release_opener()
    assert left.key_ids == {"release-2"}
    assert identity(left, kept) == b"inc_b"
    moved = {**erased, "release_key_id": "release-2"}
    for record, wrapped in ((erased, None), (moved, None), (moved, kept["release_wrapped_key"])):
        with pytest.raises(SealError):
            identity(left, record, wrapped)


def test_a_withdrawn_incident_has_nothing_to_seal(tmp_path: Path) -> None:
    """It stays as it is."""
    ring = Keyring.create(tmp_path)
    record = {"incident_id": "inc_a", "retracted": True, "persons": []}
    assert resealing(ring).incident(record) == record


def test_replacing_twice_keeps_every_old_key_until_they_are_destroyed(tmp_path: Path) -> None:
    """Numbers go on; all old ones open, and go together."""
    ring = Keyring.create(tmp_path)
    (first,) = sealed(ring, "inc_a")
    renewed(tmp_path)
    ring = renewed(tmp_path)
    assert ring.release.key_id == "release-3"
    assert ring.release_opener().key_ids == {"release-1", "release-2", "release-3"}
    assert identity(ring.release_opener(), first) == b"inc_a"
    assert retired.destroy(tmp_path, "release") == ["release-1", "release-2"]
    assert list(tmp_path.glob("release-*")) == []
