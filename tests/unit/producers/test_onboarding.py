"""Onboarding files are read or refused in words, and never shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from producers.onboarding import OnboardingError, from_document, load

PEM = (
    Ed25519PrivateKey.generate()
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)
FULL: dict[str, Any] = {
    "agency": "north",
    "bootstrap_servers": "127.0.0.1:9092",
    "security": {
        "protocol": "SASL_PLAINTEXT",
        "mechanism": "SCRAM-SHA-512",
        "username": "agency-north",
        "password": "hush",
    },
    "registry_url": "http://registry.example",
    "api_url": "http://hub.example",
    "signing_key_pem": PEM,
    "key_id": "north-1",
}


def test_a_full_file_says_everything(tmp_path: Path) -> None:
    """Kafka first, where there is a broker."""
    path = tmp_path / "north.json"
    path.write_text(json.dumps(FULL), "utf-8")
    found = load(path, "north", {})
    assert found.transport == "kafka"
    assert found.kafka is not None
    assert found.kafka.idempotent
    assert found.kafka.client()["sasl_plain_username"] == "agency-north"
    assert found.registry_url == "http://registry.example"
    assert len(found.secret) == 32
    assert "hush" not in repr(found)


def test_an_open_broker_is_taken_for_one_without_idempotent_producers() -> None:
    """The embedded broker has none; a setting says otherwise."""
    document = {"agency": "north", "bootstrap_servers": "127.0.0.1:9092"}
    plain = from_document(document)
    assert plain.kafka is not None
    assert not plain.kafka.idempotent
    stated = from_document(document, {"CONCORD_KAFKA_IDEMPOTENT": "true"})
    assert stated.kafka is not None
    assert stated.kafka.idempotent


def test_without_a_broker_it_is_http(tmp_path: Path) -> None:
    """With the token from a file."""
    (tmp_path / "token").write_text("t0ken\n", "utf-8")
    found = from_document(
        {"agency": "north", "api_url": "http://hub.example"},
        {"CONCORD_TOKEN_FILE": str(tmp_path / "token"), "CONCORD_SPOOL": str(tmp_path / "s")},
    )
    assert (found.transport, found.token) == ("http", "t0ken")
    assert found.spool_folder == tmp_path / "s" / "north"


def test_a_hub_that_is_its_own_registry_has_the_shipped_ids() -> None:
    """Nothing needs to be asked for."""
    assert from_document(FULL | {"registry_url": FULL["api_url"]}).registry_url is None


def test_the_hubs_data_folder_is_the_usual_place(tmp_path: Path) -> None:
    """On the machine where the agency was added, nothing needs to be said."""
    (tmp_path / "onboarding").mkdir()
    (tmp_path / "onboarding" / "north.json").write_text(json.dumps(FULL), "utf-8")
    assert load(None, "north", {"CONCORD_DATA_DIR": str(tmp_path)}).agency == "north"
    with pytest.raises(OnboardingError, match="CONCORD_ONBOARDING"):
        load(None, "south", {"CONCORD_DATA_DIR": str(tmp_path)})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bootstrap_servers": None, "api_url": None}, "api_url"),
        ({"key_id": None}, "key_id"),
        ({"signing_key_pem": "not a key"}, "PEM"),
        ({"signing_key_pem": None, "signing_key_file": "nowhere.pem"}, "signing_key_file"),
    ],
)
def test_what_is_missing_is_named(change: dict[str, Any], said: str) -> None:
    """And what would be accepted."""
    with pytest.raises(OnboardingError, match=said):
        from_document({**FULL, **change}, {})


@pytest.mark.parametrize(
    ("text", "agency", "said"),
    [
        ("{", None, "not JSON"),
        ("[]", None, "object"),
        ('{"agency": "No!"}', None, "agency"),
        (json.dumps(FULL), "south", "another agency"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, agency: str | None, said: str) -> None:
    """In one sentence."""
    path = tmp_path / "f.json"
    path.write_text(text, "utf-8")
    with pytest.raises(OnboardingError, match=said):
        load(path, agency, {})
    with pytest.raises(OnboardingError):
        load(tmp_path / "nowhere.json", None, {})
