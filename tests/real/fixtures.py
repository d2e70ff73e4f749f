"""Fixtures of the real components: each starts once for the test run, when first asked for.

A test that asks for one carries the marker `real`. A component that is not installed skips the test
outside CI and fails it in CI.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.kafka import RealKafka
from tests.real.opa import BundleServer, OpaSecrets, RealOpa
from tests.real.postgres import RealPostgres
from tests.real.registry import RealRegistry
from tests.real.stack import database_name

# Where a hub's API serves the policy bundle.
API_BUNDLE_PATH = "/v1/policy/bundle.tar.gz"


@pytest.fixture(scope="session")
def real_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the data, secrets and logs of this run's components."""
    return tmp_path_factory.mktemp("real")


@pytest.fixture(scope="session")
def real_kafka(real_folder: Path) -> Iterator[RealKafka]:
    """Apache Kafka with SASL/SCRAM and access lists."""
    kafka = RealKafka(real_folder / "kafka")
    try:
        yield kafka.start()
    finally:
        kafka.stop()


@pytest.fixture(scope="session")
def real_registry(real_folder: Path, real_postgres: RealPostgres) -> Iterator[RealRegistry]:
    """Apicurio Registry, with its schemas in PostgreSQL."""
    registry = RealRegistry(real_folder / "registry", real_postgres.create_database("registry"))
    try:
        yield registry.start()
    finally:
        registry.stop()


@pytest.fixture(scope="session")
def real_postgres() -> Iterator[RealPostgres]:
    """PostgreSQL; ask it for a database of your own."""
    postgres = RealPostgres()
    try:
        yield postgres.start()
    finally:
        postgres.remove()


@pytest.fixture
def real_database(real_postgres: RealPostgres, request: pytest.FixtureRequest) -> str:
    """The SQLAlchemy address of an empty PostgreSQL database for this test alone."""
    return real_postgres.create_database(database_name(request.node.name)).url


@pytest.fixture(scope="session")
def bundle_secrets(real_folder: Path) -> OpaSecrets:
    """Tokens and keys of the OPA that polls the bundle server."""
    return OpaSecrets(real_folder / "opa-secrets")


@pytest.fixture(scope="session")
def bundle_server(bundle_secrets: OpaSecrets) -> Iterator[BundleServer]:
    """A server of whatever bundle a test publishes."""
    server = BundleServer(bundle_secrets.bundle_token)
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def real_opa(
    real_folder: Path, bundle_secrets: OpaSecrets, bundle_server: BundleServer
) -> Iterator[RealOpa]:
    """OPA that polls the bundle server; without a bundle until a test publishes one."""
    opa = RealOpa(real_folder / "opa", bundle_secrets, bundle_server.url)
    try:
        yield opa.start()
    finally:
        opa.stop()
