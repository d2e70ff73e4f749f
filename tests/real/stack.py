"""The real components together, as settings that the hub understands."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from tests.real.kafka import RealKafka
from tests.real.opa import OpaSecrets, RealOpa
from tests.real.postgres import RealPostgres
from tests.real.process import free_port
from tests.real.registry import RealRegistry

HUB_USER = "concord-hub"


@dataclass
class RealStack:
    """Running components, and a port on which a test may start the hub's API.

    OPA polls its bundle from that API, as in production, so it decides nothing before the API runs.
    """

    folder: Path
    kafka: RealKafka
    registry: RealRegistry
    opa: RealOpa
    opa_secrets: OpaSecrets
    postgres: RealPostgres
    api_port: int
    database_url: str
    hub_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def api_url(self) -> str:
        """Where OPA and partners expect the hub's API."""
        return f"http://127.0.0.1:{self.api_port}"

    def environment(self) -> dict[str, str]:
        """Return the CONCORD_ variables that connect a hub to these components.

        The service user does not exist until `concord setup` made it with the administrator's
        rights. Secrets stand in files, as on a server.
        """
        url_file = self._secret("database_url", self.database_url)
        password_file = self._secret("kafka_hub_password", self.hub_password)
        return {
            "CONCORD_MODE": "development",
            "CONCORD_KAFKA_BOOTSTRAP": self.kafka.bootstrap,
            "CONCORD_KAFKA_SECURITY_PROTOCOL": self.kafka.security_protocol,
            "CONCORD_KAFKA_SASL_MECHANISM": self.kafka.mechanism,
            "CONCORD_KAFKA_USERNAME": HUB_USER,
            "CONCORD_KAFKA_PASSWORD_FILE": str(password_file),
            "CONCORD_KAFKA_ADMIN_USERNAME": self.kafka.admin_username,
            "CONCORD_KAFKA_ADMIN_PASSWORD_FILE": str(self.kafka.admin_password_file),
            "CONCORD_REGISTRY_URL": self.registry.url,
            "CONCORD_OPA_URL": self.opa.url,
            "CONCORD_OPA_TOKEN_FILE": str(self.opa_secrets.token_file),
            "CONCORD_BUNDLE_TOKEN_FILE": str(self.opa_secrets.bundle_token_file),
            "CONCORD_BUNDLE_KEY_FILE": str(self.opa_secrets.bundle_key_file),
            "CONCORD_DATABASE_URL_FILE": str(url_file),
            "CONCORD_DATA_DIR": str(self.folder / "hub"),
            "CONCORD_KEYS_DIR": str(self.folder / "hub" / "keys"),
            "CONCORD_API_HOST": "127.0.0.1",
            "CONCORD_API_PORT": str(self.api_port),
            "CONCORD_API_URL": self.api_url,
        }

    def _secret(self, name: str, value: str) -> Path:
        path = self.folder / name
        path.write_text(value)
        path.chmod(0o600)
        return path


def database_name(text: str) -> str:
    """Make a database name of a test's name."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40] + f"_{free_port()}"
