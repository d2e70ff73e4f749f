"""What an operator may set for the API; read from the environment, `CONCORD_…`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class ApiSettings(BaseSettings):
    """Settings of the API. Raises `ValueError` where they contradict each other."""

    model_config = SettingsConfigDict(
        env_prefix="CONCORD_", extra="ignore", frozen=True, env_ignore_empty=True
    )

    mode: Literal["development", "production"] = Field(
        "development", description="In production no insecure stand-in starts."
    )
    database_url: str = Field(
        "sqlite:///concord.db",
        description="SQLite or PostgreSQL; asynchronous drivers are filled in.",
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="Where users reach the API; no trailing slash."
    )
    development_issuer: bool = Field(
        default=False, description="Issue tokens to anyone who asks; refused in production."
    )
    oidc_issuer: str | None = Field(None, description="Issuer of bearer tokens (OpenID Connect).")
    oidc_audience: str = Field("concord", description="Audience that tokens must name.")
    claim_agency: str = Field("agency", description="Claim that names the asker's agency.")
    claim_agency_type: str = Field("agency_type", description="Claim that names its type.")
    claim_role: str = Field("role", description="Claim that names the asker's role.")
    claim_vetting: str = Field("vetting", description="Claim that names the asker's vetting.")
    claim_case_membership: str = Field(
        "case_membership", description="Claim that lists the asker's cases."
    )
    publishing_roles: tuple[str, ...] = Field(
        ("partner",), description="Roles whose tokens may publish events for their agency."
    )
    bundle_token: SecretStr | None = Field(
        None, description="Bearer token with which the policy engine fetches its bundle."
    )
    body_max_bytes: int = Field(5_000_000, gt=0, description="Largest request body.")
    events_max: int = Field(500, gt=0, description="Most events in one request.")
    page_max: int = Field(200, gt=0, description="Most records on one page.")
    wait_max_seconds: float = Field(30.0, ge=0, description="Longest wait for a receipt.")
    heartbeat_seconds: float = Field(15.0, gt=0, description="Silence after which a feed says so.")
    recall_seconds: float = Field(
        5.0, ge=0, description="How often past recipients are looked for; 0: this node does not."
    )
    retention_file: Path | None = Field(
        None, description="Retention schedule (TOML); the one that comes with the code if not set."
    )
    webhook_private_addresses: bool = Field(
        default=False, description="Webhooks may be posted to addresses inside."
    )
    webhook_kept_days: int = Field(
        30, ge=4, description="Days for which deliveries that are over can be asked about."
    )
    lookup_seconds: float = Field(
        1.5, gt=0, le=30, description="A lookup is answered after this time or a multiple of it."
    )
    lookups_per_hour: int = Field(20, gt=0, description="Most lookups of one asker in an hour.")
    ready_lag: int = Field(1000, ge=0, description="Messages the store may lag and still be ready.")

    @model_validator(mode="after")
    def _one_safe_issuer(self) -> Self:
        if self.mode == "production" and self.development_issuer:
            raise ValueError("the development issuer does not start in production mode")
        if self.mode == "production" and not self.oidc_issuer:
            raise ValueError("production mode needs an OIDC issuer")
        return self
