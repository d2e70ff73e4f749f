"""How an agency reaches the hub: the onboarding file, or the same by environment variables.

| variable | meaning |
|---|---|
| `CONCORD_ONBOARDING` | path of the onboarding file that `concord agency add` wrote |
| `CONCORD_TRANSPORT` | kafka or http; without it kafka where there is a broker address |
| `CONCORD_TOKEN`, `CONCORD_TOKEN_FILE` | bearer token for HTTP |
| `CONCORD_SPOOL` | folder for events that wait while the hub is away |
| `CONCORD_KAFKA_IDEMPOTENT` | false for a broker without idempotent producers |
| `CONCORD_KAFKA_CA_FILE` | certificates that the broker's is checked against |
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from schemas.connection import KafkaConnection
from schemas.topics import AGENCY_ID

Transport = Literal["kafka", "http"]


class OnboardingError(Exception):
    """The onboarding file or a setting is missing or wrong; the text says which, never a secret."""


@dataclass(frozen=True, slots=True)
class Onboarding:
    """An agency's way to the hub."""

    agency: str
    kafka: KafkaConnection | None = None
    api_url: str | None = None
    token: str | None = field(default=None, repr=False)
    registry_url: str | None = None
    signing_key: Ed25519PrivateKey | None = field(default=None, repr=False)
    key_id: str | None = None
    spool: Path = Path("~/.local/state/concord/spool")
    transport: Transport = "kafka"
    hub_key: Ed25519PublicKey | None = None
    """Verifies what the hub signs; None: it is not verified."""

    @property
    def secret(self) -> bytes:
        """Keys the event ids that are derived from content; empty without a signing key."""
        return self.signing_key.private_bytes_raw() if self.signing_key else b""

    @property
    def spool_folder(self) -> Path:
        """The agency's own spool folder."""
        return self.spool.expanduser() / self.agency


def load(
    path: Path | None, agency: str | None = None, environment: Mapping[str, str] | None = None
) -> Onboarding:
    """Read the onboarding file, and what the environment adds.

    Without `path` it is that of CONCORD_ONBOARDING, or else the one in the hub's data folder on
    this machine.

    Raises OnboardingError; also if the file is another agency's than `agency`.
    """
    env = os.environ if environment is None else environment
    named = path or _usual_place(agency, env)
    if named is None:
        raise OnboardingError("no onboarding file: give --onboarding or set CONCORD_ONBOARDING")
    document = _document(named)
    found = document.get("agency")
    if not isinstance(found, str) or not AGENCY_ID.fullmatch(found):
        raise OnboardingError(f"{named}: agency: 2 to 32 lower-case letters, digits and hyphens")
    if agency is not None and agency != found:
        raise OnboardingError(f"{named} is the onboarding file of another agency than {agency}")
    return from_document(document, env, named.parent)


def from_document(
    document: Mapping[str, Any],
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Onboarding:
    """Make the same of an onboarding document; `folder` is where its relative paths begin."""
    env: Mapping[str, str] = environment if environment is not None else {}
    kafka = _kafka(document, env)
    api_url = document.get("api_url")
    usual = "kafka" if kafka else "http"
    transport = env.get("CONCORD_TRANSPORT") or usual
    if transport not in {"kafka", "http"}:
        raise OnboardingError("CONCORD_TRANSPORT: kafka or http")
    if transport == "kafka" and kafka is None:
        raise OnboardingError("onboarding file: bootstrap_servers: required for Kafka")
    if transport == "http" and not api_url:
        raise OnboardingError("onboarding file: api_url: required for HTTP")
    key = _signing_key(document, folder or Path())
    if key is not None and not document.get("key_id"):
        raise OnboardingError("onboarding file: key_id: required beside a signing key")
    registry = document.get("registry_url")
    return Onboarding(
        document["agency"],
        kafka,
        api_url,
        _token(document, env),
        registry if registry and registry != api_url else None,
        key,
        document.get("key_id"),
        Path(env.get("CONCORD_SPOOL") or "~/.local/state/concord/spool"),
        "http" if transport == "http" else "kafka",
        _hub_key(document),
    )


def _usual_place(agency: str | None, env: Mapping[str, str]) -> Path | None:
    """The file that the environment names, or the one that `concord agency add` left here."""
    if env.get("CONCORD_ONBOARDING"):
        return Path(env["CONCORD_ONBOARDING"])
    if agency is None or not AGENCY_ID.fullmatch(agency):
        return None
    folder = Path(env.get("CONCORD_DATA_DIR") or "~/.local/state/concord").expanduser()
    kept = folder / "onboarding" / f"{agency}.json"
    return kept if kept.is_file() else None


def _document(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise OnboardingError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise OnboardingError(f"{path}: not JSON, so not an onboarding file") from None
    if not isinstance(document, dict):
        raise OnboardingError(f"{path}: an object is required")
    return document


def _kafka(document: Mapping[str, Any], env: Mapping[str, str]) -> KafkaConnection | None:
    if not document.get("bootstrap_servers"):
        return None
    security = document.get("security") or {}
    protocol = str(security.get("protocol") or "PLAINTEXT")
    stated = env.get("CONCORD_KAFKA_IDEMPOTENT")
    return KafkaConnection(
        bootstrap=document["bootstrap_servers"],
        security_protocol=protocol,
        mechanism=str(security.get("mechanism") or "SCRAM-SHA-512"),
        username=security.get("username"),
        password=security.get("password"),
        ca_file=env.get("CONCORD_KAFKA_CA_FILE") or security.get("ca_file"),
        idempotent=stated.casefold() != "false" if stated else protocol.startswith("SASL"),
    )


def _token(document: Mapping[str, Any], env: Mapping[str, str]) -> str | None:
    path = env.get("CONCORD_TOKEN_FILE")
    if path:
        try:
            return Path(path).read_text("utf-8").strip()
        except OSError as error:
            raise OnboardingError(f"CONCORD_TOKEN_FILE: {error.strerror}") from None
    return env.get("CONCORD_TOKEN") or document.get("token")


def _signing_key(document: Mapping[str, Any], folder: Path) -> Ed25519PrivateKey | None:
    pem = document.get("signing_key_pem")
    if pem is None and document.get("signing_key_file"):
        try:
            pem = (folder / document["signing_key_file"]).read_text("utf-8")
        except OSError as error:
            raise OnboardingError(f"signing_key_file: {error.strerror}") from None
    if pem is None:
        return None
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        raise OnboardingError("signing key: an Ed25519 private key in PEM (PKCS 8)") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise OnboardingError("signing key: Ed25519 is required")
    return key


def _hub_key(document: Mapping[str, Any]) -> Ed25519PublicKey | None:
    text = document.get("hub_public_key")
    if text is None:
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except (ValueError, TypeError):
        rule = "hub_public_key: an Ed25519 public key, 64 hexadecimal digits"
        raise OnboardingError(f"onboarding file: {rule}") from None
