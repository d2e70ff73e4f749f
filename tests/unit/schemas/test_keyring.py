"""The hub's keys on disk."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from schemas.keyring import KeyMismatch, KeyMissing, Keyring
from schemas.sealing import details_aad


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    """Folder 0700, files 0600."""
    folder = tmp_path / "keys"
    Keyring.create(folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_creating_again_changes_nothing(tmp_path: Path) -> None:
    """An existing key is never overwritten."""
    Keyring.create(tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    Keyring.create(tmp_path)

    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_intake_needs_no_key_that_opens_anything(tmp_path: Path) -> None:
    """With public halves alone it seals; the holder of the private half opens."""
    Keyring.create(tmp_path)
    release = Keyring(tmp_path).release_opener()
    (tmp_path / "release.key").unlink()
    (tmp_path / "linkage.key").unlink()
    ring = Keyring(tmp_path)
    seal = ring.release_sealer().session()
    sealed = seal.seal(b"x", details_aad("inc_1"))

    assert release.open(seal.key_id, seal.wrapped_key, sealed, details_aad("inc_1")) == b"x"
    with pytest.raises(KeyMissing, match=r"release\.key"):
        ring.release_opener()


def test_a_file_of_another_size_is_no_key(tmp_path: Path) -> None:
    """Named, with what is expected, not with what it holds."""
    (tmp_path / "pseudonym.secret").write_bytes(b"short")

    with pytest.raises(KeyMissing, match="32 bytes expected"):
        _ = Keyring(tmp_path).pseudonyms


@pytest.mark.parametrize("name", ["signing", "release", "linkage"])
def test_a_lost_key_is_not_replaced_in_silence(tmp_path: Path, name: str) -> None:
    """A new release key would open nothing that was sealed before; and nobody would know."""
    Keyring.create(tmp_path)
    (tmp_path / f"{name}.key").unlink()
    before = {file.name for file in tmp_path.iterdir()}
    with pytest.raises(KeyMissing, match=f"{name}.key"):
        Keyring.create(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["signing", "release", "linkage"])
def test_halves_of_different_pairs_are_refused(tmp_path: Path, name: str) -> None:
    """What is sealed to a stranger's public half, no key in the folder opens."""
    Keyring.create(tmp_path / "own")
    Keyring.create(tmp_path / "other")
    stranger = (tmp_path / "other" / f"{name}.pub").read_bytes()
    (tmp_path / "own" / f"{name}.pub").write_bytes(stranger)

    with pytest.raises(KeyMismatch, match=f"{name}.pub does not belong to {name}.key"):
        Keyring.create(tmp_path / "own")
