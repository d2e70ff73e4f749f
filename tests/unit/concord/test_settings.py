"""Settings: one documented table, secrets from files, nothing unsafe in production."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from concord import settings as module
from concord.settings import RUNNING, HubUnknown, Settings
from concord.stack.serve import _api_settings
from producers import onboarding
from sharing_api.settings import ApiSettings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting comes from the machine that runs the tests."""
    import os

    for name in [name for name in os.environ if name.startswith("CONCORD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CONCORD_DATA_DIR", str(tmp_path))


def documented() -> set[str]:
    """Every setting that the table of the module's docstring names."""
    found = set()
    for line in (module.__doc__ or "").splitlines():
        names = re.findall(
            r"`(CONCORD_[A-Z_]+|_[A-Z]+)`", line.split("|")[1] if "|" in line else ""
        )
        for name in names:
            short = not name.startswith("CONCORD_")
            found.add(names[0].rpartition("_")[0] + name if short else name)
    return {name.removeprefix("CONCORD_").lower() for name in found}


def test_the_table_names_every_setting_and_no_other() -> None:
    """A secret's file is documented below the table, once for all."""
    fields = {name for name in Settings.model_fields if name.removesuffix("_file") not in SECRETS}
    fields |= ApiSettings.model_fields.keys() - SETTLED_ELSEWHERE
    named = re.findall(r"\bCONCORD_[A-Z_]+", inspect.getsource(onboarding))
    partners = {name.removeprefix("CONCORD_").lower().removesuffix("_file") for name in named}
    assert partners >= {"onboarding", "spool", "token", "transport"}
    partners = {f"{name}_file" if name == "kafka_ca" else name for name in partners}
    assert documented() == fields | SECRETS | partners


def test_what_the_api_reads_by_itself_reaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Claims, roles and limits need no passing on."""
    monkeypatch.setenv("CONCORD_CLAIM_AGENCY", "org")
    monkeypatch.setenv("CONCORD_PUBLISHING_ROLES", '["clerk"]')
    made = _api_settings(Settings())
    assert (made.claim_agency, made.publishing_roles) == ("org", ("clerk",))


SETTLED_ELSEWHERE = {"public_url", "development_issuer"}
"""Of the API alone; the hub derives them from its own settings."""
SECRETS = {"kafka_password", "kafka_admin_password", "opa_token", "bundle_token", "database_url"}


@pytest.mark.parametrize("secret", sorted(SECRETS))
def test_a_secret_may_stand_in_a_file(
    secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """White space around it does not count."""
    file = tmp_path / "secret"
    file.write_text("quite secret\n")
    monkeypatch.setenv(f"CONCORD_{secret.upper()}_FILE", str(file))
    assert getattr(Settings(), secret) == "quite secret"


def test_a_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its setting."""
    monkeypatch.setenv("CONCORD_OPA_TOKEN_FILE", "/nowhere/at/all")
    with pytest.raises(ValidationError, match="CONCORD_OPA_TOKEN_FILE"):
        Settings()


def test_only_two_modes_are_known() -> None:
    """Anything else is a mistake, not development."""
    with pytest.raises(ValidationError, match="CONCORD_MODE"):
        Settings(mode="prod")


def test_production_has_no_development_issuer() -> None:
    """Without an issuer it does not start; with one, nobody else issues tokens."""
    with pytest.raises(ValidationError, match="issuer"):
        _api_settings(Settings(mode="production", kafka_bootstrap="b:1"))
    made = _api_settings(Settings(mode="production", oidc_issuer="https://id.example"))
    assert not made.development_issuer


def test_development_issues_its_own_tokens_unless_told_otherwise() -> None:
    """An issuer that is set is the only one, in development too."""
    assert _api_settings(Settings()).development_issuer
    assert not _api_settings(Settings(oidc_issuer="https://id.example")).development_issuer


def test_a_hub_that_runs_here_is_found(tmp_path: Path) -> None:
    """By the note it leaves; the data folder stays the reader's own."""
    (tmp_path / RUNNING).write_text('{"kafka_bootstrap": "127.0.0.1:1", "data_dir": "/gone"}')
    found = Settings.found()
    assert (found.kafka_bootstrap, found.data_dir) == ("127.0.0.1:1", tmp_path)


@pytest.mark.parametrize("note", [None, "", "not json"])
def test_without_a_hub_the_way_to_one_is_told(note: str | None, tmp_path: Path) -> None:
    """`concord up`, or the broker's address."""
    if note is not None:
        (tmp_path / RUNNING).write_text(note)
    with pytest.raises(HubUnknown, match="concord up"):
        Settings.found()


def test_the_administrator_is_the_service_user_unless_named() -> None:
    """And has a password of its own if it is."""
    one = Settings(kafka_username="hub", kafka_password="a", kafka_bootstrap="b:1")
    assert one.admin_connection == one.connection
    two = Settings(kafka_username="hub", kafka_admin_username="admin", kafka_admin_password="b")
    assert (two.admin_connection.username, two.admin_connection.password) == ("admin", "b")


@pytest.mark.parametrize(
    "exposed",
    [
        {"api_host": "0.0.0.0"},
        {"kafka_security_protocol": "SASL_SSL"},
        {"kafka_security_protocol": "SASL_PLAINTEXT"},
    ],
    ids=str,
)
def test_a_hub_that_others_reach_gives_no_tokens_unless_told_to(exposed: dict[str, Any]) -> None:
    """To forget the mode is not to ask for the issuer that believes anyone."""
    with pytest.raises(ValidationError, match="OIDC issuer"):
        _api_settings(Settings(**exposed))
    assert _api_settings(Settings(**exposed, mode="development")).development_issuer
    issuer = _api_settings(Settings(**exposed, oidc_issuer="https://id.example"))
    assert issuer.mode == "production"
    assert _api_settings(Settings()).development_issuer
