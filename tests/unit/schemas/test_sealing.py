"""Sealing: nobody opens what is not theirs, or elsewhere than it belongs."""

from __future__ import annotations

import pytest

from schemas.sealing import (
    RECORDS,
    SECONDS,
    Opener,
    PrivateKey,
    Sealer,
    SealError,
    details_aad,
    identity_aad,
)

PLAIN = b"Winifred Connors"
HERE = identity_aad("inc_1", 0)


@pytest.fixture(scope="module")
def key() -> PrivateKey:
    """A sealing key."""
    return PrivateKey.generate("release-1")


def test_what_is_sealed_opens_with_the_private_key(key: PrivateKey) -> None:
    """The round trip."""
    seal = Sealer(key.public).session()
    sealed = seal.seal(PLAIN, HERE)

    assert PLAIN not in sealed
    assert Opener({key.key_id: key}).open(key.key_id, seal.wrapped_key, sealed, HERE) == PLAIN


def test_it_does_not_open_at_another_place(key: PrivateKey) -> None:
    """Associated data binds it to incident, position and purpose."""
    seal = Sealer(key.public).session()
    sealed = seal.seal(PLAIN, HERE)
    opener = Opener({key.key_id: key})

    for elsewhere in (identity_aad("inc_1", 1), identity_aad("inc_2", 0), details_aad("inc_1")):
        with pytest.raises(SealError):
            opener.open(key.key_id, seal.wrapped_key, sealed, elsewhere)


def test_it_does_not_open_with_another_key(key: PrivateKey) -> None:
    """A key of the same name but other bytes, and no key at all."""
    seal = Sealer(key.public).session()
    sealed = seal.seal(PLAIN, HERE)

    for keys in ({"release-1": PrivateKey.generate("release-1")}, {}):
        with pytest.raises(SealError):
            Opener(keys).open("release-1", seal.wrapped_key, sealed, HERE)


def test_every_altered_byte_shows(key: PrivateKey) -> None:
    """Nonce, ciphertext, tag and wrapped key."""
    seal = Sealer(key.public).session()
    sealed = seal.seal(PLAIN, HERE)
    opener = Opener({key.key_id: key})

    for index in range(len(sealed)):
        altered = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        with pytest.raises(SealError):
            opener.open(key.key_id, seal.wrapped_key, altered, HERE)
    for index in range(0, len(seal.wrapped_key), 97):
        wrapped = bytearray(seal.wrapped_key)
        wrapped[index] ^= 1
        with pytest.raises(SealError):
            opener.open(key.key_id, bytes(wrapped), sealed, HERE)


def test_too_little_to_be_sealed_data_is_an_error(key: PrivateKey) -> None:
    """Empty and short inputs."""
    seal = Sealer(key.public).session()
    for data in (b"", b"short", b"x" * 12):
        with pytest.raises(SealError):
            Opener({key.key_id: key}).open(key.key_id, seal.wrapped_key, data, HERE)


def test_a_content_key_serves_a_bounded_number_of_incidents(key: PrivateKey) -> None:
    """The next one gets a new key."""
    sealer = Sealer(key.public, clock=lambda: 0.0)
    first = sealer.session()

    assert all(sealer.session() is first for _ in range(RECORDS - 1))
    assert sealer.session() is not first


def test_a_content_key_grows_old(key: PrivateKey) -> None:
    """After a minute it is replaced."""
    now = [0.0]
    sealer = Sealer(key.public, clock=lambda: now[0])
    first = sealer.session()
    now[0] = SECONDS - 0.1
    assert sealer.session() is first
    now[0] = SECONDS

    assert sealer.session() is not first


def test_the_same_text_is_never_sealed_alike(key: PrivateKey) -> None:
    """Equal identities cannot be told by their seals."""
    seal = Sealer(key.public).session()

    assert len({seal.seal(PLAIN, HERE) for _ in range(50)}) == 50


def test_a_key_keeps_its_public_half_through_its_raw_form(key: PrivateKey) -> None:
    """Stored and loaded."""
    assert PrivateKey(key.key_id, key.raw).public == key.public
    with pytest.raises(ValueError, match="96 bytes"):
        PrivateKey("x", key.raw[:-1])
