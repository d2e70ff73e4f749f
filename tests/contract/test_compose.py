"""docker-compose.yml: valid for Compose itself, no secret in it, each key where it belongs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real import installed

PROJECT = Path(__file__).parents[2]
FILE = PROJECT / "docker-compose.yml"
ASKED_FOR = {
    "CONCORD_UID": "1000",
    "CONCORD_GID": "1000",
    "CONCORD_OIDC_ISSUER": "http://oidc:8080/realms/concord",
    "CONCORD_DEV_OIDC_PASSWORD": "chosen-by-the-operator",
}
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {"setup", "admin", "intake", "linkage", "repeats", "tension", "projector", "api"}

# Who may hold which of the hub's private keys; whoever is not named may hold none.
KEY_HOLDERS = {
    "release.key": {"api"},
    "linkage.key": {"linkage"},
    "encoding.secret": {"intake"},
    "pseudonym.secret": {"intake", "api", "projector"},
    "bundle_key.pem": {"api"},
    "kafka_admin_password": {"kafka", "setup", "admin"},
}


def compose(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real Compose on the file, with nothing but these variables."""
    return subprocess.run(
        [str(installed.compose_program()), "-f", str(FILE), *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environment},
    )


def mounted(service: str) -> set[str]:
    """Names of the secrets that a service is given."""
    given = SERVICES[service].get("secrets", [])
    return {secret if isinstance(secret, str) else secret["source"] for secret in given}


def test_compose_accepts_it() -> None:
    """The real Compose finds no fault in the file, all profiles included."""
    answer = compose(ASKED_FOR, "--profile", "*", "config", "--quiet")
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("variable", ["CONCORD_UID", "CONCORD_GID", "CONCORD_OIDC_ISSUER"])
def test_compose_asks_for_what_has_no_safe_default(variable: str) -> None:
    """Without a value that an operator must choose, nothing starts, and the message says why."""
    rest = {key: value for key, value in ASKED_FOR.items() if key != variable}
    answer = compose(rest, "config", "--quiet")
    assert answer.returncode != 0
    assert variable in answer.stderr


FILES = {
    "CONCORD_GEOGRAPHY_FILE": ("/etc/concord/geography.geojson", {"api", "intake", "projector"}),
    "CONCORD_OPEN_TABLES_FILE": ("/etc/concord/open-tables.toml", {"api", "projector"}),
    "CONCORD_REPEATS_RULES_FILE": ("/etc/concord/rules.toml", {"repeats"}),
    "CONCORD_TENSION_RULES_FILE": ("/etc/concord/rules.toml", {"tension"}),
    "CONCORD_TENSION_CONSTANTS_FILE": ("/etc/concord/constants.toml", {"tension"}),
    "CONCORD_TENSION_TRIGGERS_FILE": ("/etc/concord/triggers.toml", {"tension", "api"}),
}


def resolved(**environment: str) -> dict[str, dict[str, Any]]:
    """The services as Compose would start them."""
    answer = compose({**ASKED_FOR, **environment}, "config", "--format", "json")
    assert answer.returncode == 0, answer.stderr
    services: dict[str, dict[str, Any]] = json.loads(answer.stdout)["services"]
    return services


def test_an_operators_file_is_mounted_where_its_setting_says() -> None:
    """In every service that reads it and in no other; unset, the setting is empty, so unset."""
    given = resolved(**{name: f"./own/{number}" for number, name in enumerate(FILES)})
    bare = resolved()
    for number, (name, (target, readers)) in enumerate(FILES.items()):
        for services, value, source in (
            (given, target, str(PROJECT / "own" / str(number))),
            (bare, "", "/dev/null"),
        ):
            assert {key for key, one in services.items() if name in one["environment"]} == readers
            for reader in readers:
                assert services[reader]["environment"][name] == value
                mounts = {one["target"]: one for one in services[reader]["volumes"]}
                assert (mounts[target]["source"], mounts[target]["read_only"]) == (source, True)


def test_webhooks_stay_outside_unless_the_operator_says_so() -> None:
    """In the one service that posts them."""
    name = "CONCORD_WEBHOOK_PRIVATE_ADDRESSES"
    for environment, value in (({}, "false"), ({name: "true"}, "true")):
        services = resolved(**environment)
        assert services["api"]["environment"][name] == value
        assert name not in services["projector"]["environment"]


def test_every_variable_of_the_example_is_one_that_the_file_asks_for() -> None:
    """A line that is uncommented has an effect; COMPOSE_ variables are Compose's own."""
    text = (PROJECT / "deploy" / "example.env").read_text()
    named = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    assert named - set(re.findall(r"\$\{([A-Z_]+)", FILE.read_text())) == {"COMPOSE_PROFILES"}


def test_no_secret_reaches_the_resolved_file() -> None:
    """After substitution there is no password among the settings of our services."""
    answer = compose(ASKED_FOR, "--profile", "*", "config", "--format", "json")
    assert answer.returncode == 0, answer.stderr
    for name, service in json.loads(answer.stdout)["services"].items():
        secret = re.compile(r"(PASSWORD|TOKEN|SECRET)$")
        plain = [key for key in service.get("environment", {}) if secret.search(key)]
        assert plain == [] or name == "oidc", name


def test_no_password_stands_in_the_file() -> None:
    """A variable with a secret's name has no value of its own, not even a default."""
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"(PASSWORD|TOKEN|SECRET)$", key):
                assert re.fullmatch(r"\$\{[A-Z_]+:(-|\?[^}]*)\}", value), f"{name}: {key}"


@pytest.mark.parametrize(("key", "holders"), sorted(KEY_HOLDERS.items()))
def test_a_key_is_only_where_it_is_needed(key: str, holders: set[str]) -> None:
    """Each private key is mounted into the parts that must use it, and into no other."""
    assert {service for service in SERVICES if key in mounted(service)} == holders


@pytest.mark.parametrize("service", sorted(set(SERVICES) - OURS))
def test_an_image_is_pinned_by_its_version(service: str) -> None:
    """Images of others carry a full version, never a moving name."""
    assert re.search(r":\d+\.\d+(\.\d+)?(-[a-z]+)?$", SERVICES[service]["image"])


@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"setup", "admin"}))
def test_a_service_says_whether_it_is_well(service: str) -> None:
    """Each service that stays has a health check."""
    assert SERVICES[service]["healthcheck"]["test"]


@pytest.mark.parametrize("service", sorted(OURS))
def test_our_services_hold_no_privilege(service: str) -> None:
    """Our own parts run without capabilities, on a read-only system, as a named account."""
    settings = SERVICES[service]
    assert settings["cap_drop"] == ["ALL"]
    assert settings["read_only"] is True
    assert "CONCORD_UID" in settings["user"]


def test_what_holds_data_has_a_named_volume() -> None:
    """Broker and database keep their data in volumes with names, which all are declared."""
    for service in ("kafka", "postgres"):
        names = {mount.split(":")[0] for mount in SERVICES[service]["volumes"]}
        assert names & set(COMPOSE["volumes"])


def test_only_the_front_doors_are_published_and_on_loopback_by_default() -> None:
    """Nothing but broker, API and development issuer is reachable from outside the network."""
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(published) == {"kafka", "api", "oidc"}
    assert all("127.0.0.1:" in port for ports in published.values() for port in ports)


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_mounted_files_are_in_the_project(service: str) -> None:
    """A folder or file that a service mounts exists, or is one that the secrets script makes."""
    for mount in SERVICES[service].get("volumes", []):
        source = mount.split(":")[0]
        if source.startswith("./") and source not in {"./deploy/onboarding", "./deploy/linkage"}:
            assert (PROJECT / source).exists(), source


def test_the_secrets_script_makes_every_secret(tmp_path: Path) -> None:
    """deploy/make-secrets.sh makes each file that Compose mounts, and a second run changes none."""
    program = tmp_path / "concord"
    program.write_text(
        '#!/bin/sh\nexec "$PYTHON" -c \'from concord.cli import main; main()\' "$@"\n'
    )
    program.chmod(0o755)
    made = [secrets_made(tmp_path, program) for _ in range(2)]
    assert made[0] == made[1]
    wanted = {Path(s["file"]).relative_to("deploy/secrets") for s in COMPOSE["secrets"].values()}
    assert wanted <= set(made[0])
    assert (tmp_path / "secrets" / "keys" / "release.key").stat().st_mode & 0o077 == 0


def secrets_made(folder: Path, program: Path) -> dict[Path, bytes]:
    """Run the script; returns the files of its folder with their content."""
    environment = {**os.environ, "CONCORD": str(program), "PYTHON": sys.executable}
    environment["PYTHONPATH"] = str(PROJECT)
    made = subprocess.run(
        ["bash", str(PROJECT / "deploy" / "make-secrets.sh"), str(folder / "secrets")],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert made.returncode == 0, made.stderr
    root = folder / "secrets"
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
