"""Every setting of the hub, from environment variables; secrets from files.

| variable | meaning | default |
|---|---|---|
| `CONCORD_MODE` | `development` or `production`; production refuses the development issuer | development; production where the API listens beyond loopback or the broker asks for a password |
| `CONCORD_KAFKA_BOOTSTRAP` | addresses of the broker, host:port, comma-separated | the running embedded hub |
| `CONCORD_KAFKA_SECURITY_PROTOCOL` | PLAINTEXT, SASL_PLAINTEXT, SSL or SASL_SSL | PLAINTEXT |
| `CONCORD_KAFKA_SASL_MECHANISM` | SCRAM-SHA-512 or SCRAM-SHA-256 | SCRAM-SHA-512 |
| `CONCORD_KAFKA_USERNAME`, `_PASSWORD` | the hub's service user | none |
| `CONCORD_KAFKA_ADMIN_USERNAME`, `_PASSWORD` | for `setup` and `agency` | the service user |
| `CONCORD_KAFKA_CA_FILE` | certificates that the broker's is checked against | the system's |
| `CONCORD_KAFKA_IDEMPOTENT` | whether the broker knows idempotent producers | true |
| `CONCORD_KAFKA_REPLICATION` | replicas of each topic | 1 |
| `CONCORD_REGISTRY_URL` | Confluent-compatible schema registry | schemas shipped with the code |
| `CONCORD_OPA_URL`, `CONCORD_OPA_TOKEN` | OPA; without it the embedded engine decides | embedded |
| `CONCORD_BUNDLE_TOKEN` | what OPA must show to fetch the policy bundle | bundle not served |
| `CONCORD_BUNDLE_KEY_FILE` | ES256 key (PEM) that signs the bundle | unsigned |
| `CONCORD_DATABASE_URL` | SQLAlchemy address of the store | SQLite in the data folder |
| `CONCORD_KEYS_DIR` | folder of the hub's keys | `keys` in the data folder |
| `CONCORD_DATA_DIR` | folder for state and onboarding files | `~/.local/state/concord` |
| `CONCORD_OIDC_ISSUER`, `CONCORD_OIDC_AUDIENCE` | OpenID Connect issuer; without it the development issuer | development issuer, concord |
| `CONCORD_API_HOST`, `CONCORD_API_PORT` | where the API listens | 127.0.0.1, 8080 |
| `CONCORD_API_URL` | how others reach the API | from host and port |
| `CONCORD_AGREEMENTS_DIR` | folder of sharing agreements (sentences, `*.agreement`) | the ones that come with the code |
| `CONCORD_GEOGRAPHY_FILE` | districts and wards (GeoJSON) that the open feed is about | the made-up county in development, no open feed in production |
| `CONCORD_OPEN_TABLES_FILE` | tables of the open feed (TOML) | the ones that come with the code |
| `CONCORD_REPEATS_RULES_FILE` | rules of repeat alerts (TOML) | the ones that come with the code |
| `CONCORD_TENSION_RULES_FILE` | rules of tension signals (TOML) | the ones that come with the code |
| `CONCORD_TENSION_CONSTANTS_FILE` | constants that `concord tension estimate` wrote | the ones that come with the code |
| `CONCORD_TENSION_TRIGGERS_FILE` | trigger windows, edited by the monitor (TOML); the API shows them in calendars | none |
| `CONCORD_LINKAGE_PARAMETERS_FILE` | parameters of linkage (JSON); read at start and at `concord linkage relink` | the ones that come with the code |
| `CONCORD_LINKAGE_MEMORY_SECONDS` | how often linkage writes, sealed, what it would begin with after a restart; 0: never, a restart reads the whole log | 60 |
| `CONCORD_TICK_SECONDS` | how often the clock ticks; 0 never | 3600 |
| `CONCORD_MAX_EVENT_BYTES` | largest event that intake reads | 1048576 |
| `CONCORD_METRICS_HOST`, `CONCORD_METRICS_PORT` | where a worker shows its metrics; port 0 nowhere | 127.0.0.1, 0 |
| `CONCORD_CLAIM_AGENCY`, `CONCORD_CLAIM_AGENCY_TYPE` | claims of a token that name the asker's agency and its type | agency, agency_type |
| `CONCORD_CLAIM_ROLE`, `CONCORD_CLAIM_VETTING` | claims that name role and vetting | role, vetting |
| `CONCORD_CLAIM_CASE_MEMBERSHIP` | claim that lists the asker's cases | case_membership |
| `CONCORD_PUBLISHING_ROLES` | roles that may publish over HTTP, as a JSON list | ["partner"] |
| `CONCORD_BODY_MAX_BYTES`, `CONCORD_EVENTS_MAX` | largest HTTP request, and most events in one | 5000000, 500 |
| `CONCORD_PAGE_MAX` | most records on one page of the API | 200 |
| `CONCORD_WAIT_MAX_SECONDS` | longest wait for a receipt over HTTP | 30 |
| `CONCORD_HEARTBEAT_SECONDS` | silence after which a feed says that it lives | 15 |
| `CONCORD_RETENTION_FILE` | retention schedule (TOML) | the one that comes with the code |
| `CONCORD_RECALL_SECONDS` | how often recipients of what changed are looked for; 0: not by this node | 5 |
| `CONCORD_LOOKUP_SECONDS` | a lookup is answered after so many seconds or a multiple of them | 1.5 |
| `CONCORD_LOOKUPS_PER_HOUR` | most lookups of one asker in an hour | 20 |
| `CONCORD_WEBHOOK_PRIVATE_ADDRESSES` | webhooks may be posted to addresses inside the operator's network | false |
| `CONCORD_WEBHOOK_KEPT_DAYS` | days after which webhook deliveries that were received or given up are deleted; 4 or more | 30 |
| `CONCORD_READY_LAG` | messages that the store may lag while the API is ready | 1000 |

Those of a partner's commands (`concord publish`, `check`, `receipts`):

| variable | meaning | default |
|---|---|---|
| `CONCORD_ONBOARDING` | the file that `concord agency add` wrote | the agency's in the data folder |
| `CONCORD_TRANSPORT` | kafka or http | kafka where there is a broker address |
| `CONCORD_TOKEN` | bearer token for HTTP | none |
| `CONCORD_SPOOL` | folder for events that wait while the hub is away | `spool` in `~/.local/state/concord` |

A secret may stand in a file instead: set the variable's name with `_FILE` to the path. A variable
that is empty counts as not set. A file that cannot be used is refused at start, by its variable.
"""  # noqa: E501  a table row is one line

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.connection import KafkaConnection
from schemas.keyring import Keyring
from schemas.registry import ConfluentRegistry, SchemaIds, ShippedSchemaIds

RUNNING = "running-hub.json"
"""File in the data folder by which commands find the embedded hub that runs on this machine."""

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SECRETS = (
    "kafka_password",
    "kafka_admin_password",
    "opa_token",
    "bundle_token",
    "database_url",
)


class HubUnknown(Exception):
    """No hub is configured and none runs here."""


class SettingInvalid(ValueError):
    """A setting, or the file that it names, cannot be used; the message names it and the rule."""


class Settings(BaseSettings):
    """The hub's settings; see the table in this module's docstring."""

    model_config = SettingsConfigDict(env_prefix="CONCORD_", extra="ignore", env_ignore_empty=True)

    mode: str = "development"
    kafka_bootstrap: str = ""
    kafka_security_protocol: str = "PLAINTEXT"
    kafka_sasl_mechanism: str = "SCRAM-SHA-512"
    kafka_username: str | None = None
    kafka_password: str | None = None
    kafka_password_file: Path | None = None
    kafka_admin_username: str | None = None
    kafka_admin_password: str | None = None
    kafka_admin_password_file: Path | None = None
    kafka_ca_file: str | None = None
    kafka_idempotent: bool = True
    kafka_replication: int = 1
    registry_url: str | None = None
    opa_url: str | None = None
    opa_token: str | None = None
    opa_token_file: Path | None = None
    bundle_token: str | None = None
    bundle_token_file: Path | None = None
    bundle_key_file: Path | None = None
    database_url: str | None = None
    database_url_file: Path | None = None
    keys_dir: Path | None = None
    data_dir: Path = Path("~/.local/state/concord")
    oidc_issuer: str | None = None
    oidc_audience: str = "concord"
    api_host: str = "127.0.0.1"
    api_port: int = 8080
    api_url: str | None = None
    agreements_dir: Path | None = None
    geography_file: Path | None = None
    open_tables_file: Path | None = None
    repeats_rules_file: Path | None = None
    tension_rules_file: Path | None = None
    tension_constants_file: Path | None = None
    tension_triggers_file: Path | None = None
    linkage_parameters_file: Path | None = None
    linkage_memory_seconds: float = 60.0
    tick_seconds: float = 3600.0
    max_event_bytes: int = 2**20
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, values: dict[str, Any]) -> dict[str, Any]:
        for name in _SECRETS:
            path = values.get(f"{name}_file")
            if path:
                try:
                    values[name] = Path(path).read_text("utf-8").strip()
                except OSError as error:
                    raise ValueError(f"CONCORD_{name.upper()}_FILE: {error.strerror}") from None
        return values

    @model_validator(mode="after")
    def _settle(self) -> Settings:
        if self.mode not in {"development", "production"}:
            raise ValueError("CONCORD_MODE: development or production")
        given = "data_dir" in self.model_fields_set
        self.data_dir = self.data_dir.expanduser()
        if not given:
            self.model_fields_set.discard("data_dir")
        return self

    def given(self) -> dict[str, Any]:
        """Only what was set, not what is a default."""
        return self.model_dump(exclude_unset=True)

    @classmethod
    def found(cls) -> Settings:
        """Read the environment; where it names no broker, join the hub that runs here.

        The data folder stays the reader's own, so that onboarding files outlive the hub.

        Raises HubUnknown if there is neither.
        """
        settings = cls()
        if settings.kafka_bootstrap:
            return settings
        try:
            running = json.loads((settings.data_dir / RUNNING).read_text("utf-8"))
        except (OSError, ValueError):
            raise HubUnknown(
                "no hub: start one with `concord up`, or set CONCORD_KAFKA_BOOTSTRAP"
            ) from None
        return cls(**{**running, "data_dir": settings.data_dir})

    @property
    def mode_in_force(self) -> str:
        """The mode that was set; where none was, a hub that others can reach is in production.

        The development issuer gives a token to anyone who asks, so forgetting a setting must not
        start it beside a secured broker or on an address beyond this machine.
        """
        alone = self.api_host in _LOOPBACK and not self.connection.secured
        return self.mode if alone or "mode" in self.model_fields_set else "production"

    @property
    def connection(self) -> KafkaConnection:
        """How the hub's parts reach the broker."""
        return self._connection(self.kafka_username, self.kafka_password)

    @property
    def admin_connection(self) -> KafkaConnection:
        """How `setup` and `agency` reach the broker."""
        if self.kafka_admin_username is None:
            return self.connection
        return self._connection(self.kafka_admin_username, self.kafka_admin_password)

    def _connection(self, username: str | None, password: str | None) -> KafkaConnection:
        return KafkaConnection(
            self.kafka_bootstrap,
            self.kafka_security_protocol,
            self.kafka_sasl_mechanism,
            username,
            password,
            self.kafka_ca_file,
            self.kafka_idempotent,
        )

    @property
    def keyring(self) -> Keyring:
        """The hub's keys."""
        return Keyring(self.keys_dir or self.data_dir / "keys")

    @property
    def store_url(self) -> str:
        """SQLAlchemy address of the store."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'store.sqlite'}"

    @property
    def public_url(self) -> str:
        """How others reach the API."""
        return self.api_url or f"http://{self.api_host}:{self.api_port}"

    def schema_ids(self) -> SchemaIds:
        """Where schema ids come from."""
        return ConfluentRegistry(self.registry_url) if self.registry_url else ShippedSchemaIds()
