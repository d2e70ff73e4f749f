"""Apache Kafka with the settings of docker-compose.yml: SCRAM users, access lists, one node."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka.admin import KafkaAdminClient, ScramMechanism, UserScramCredentialUpsertion
from kafka.errors import KafkaError

from tests.real import installed
from tests.real.process import Program, accepts, free_port, wait_until

MECHANISM = "SCRAM-SHA-512"


@dataclass
class RealKafka:
    """A secured broker on loopback; `start`, `stop` and `kill` keep its data and its port."""

    folder: Path
    port: int = field(default_factory=free_port)
    controller_port: int = field(default_factory=free_port)
    admin_username: str = "admin"
    admin_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    security_protocol: str = "SASL_PLAINTEXT"
    mechanism: str = MECHANISM

    def __post_init__(self) -> None:
        self.secrets_folder = self.folder / "secrets"
        self.secrets_folder.mkdir(mode=0o700, parents=True)
        self.admin_password_file = self.secrets_folder / "kafka_admin_password"
        self.admin_password_file.write_text(self.admin_password)
        controller = self.secrets_folder / "kafka_controller_password"
        controller.write_text(secrets.token_urlsafe(24))
        self.program = Program(
            name="Apache Kafka",
            command=["sh", str(installed.DEPLOY / "kafka" / "start.sh")],
            environment={
                "PATH": os.environ["PATH"],
                "JAVA": str(installed.java()),
                "KAFKA_ADVERTISED_HOST": "127.0.0.1",
                "KAFKA_CONTROLLER_PORT": str(self.controller_port),
                "KAFKA_DATA_DIR": str(self.folder / "data"),
                "KAFKA_HEAP": "-Xms128m -Xmx512m",
                "KAFKA_LIBS": str(installed.kafka_libs()),
                "KAFKA_LISTEN_HOST": "127.0.0.1",
                "KAFKA_PORT": str(self.port),
                "KAFKA_SECRETS_DIR": str(self.secrets_folder),
            },
            log=self.folder / "kafka.log",
            ready=lambda: accepts(self.port),
        )

    @property
    def bootstrap(self) -> str:
        """The address that clients are given."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> RealKafka:
        """Start the broker, or start it again where it stopped."""
        self.program.start()
        return self

    def stop(self) -> None:
        """Stop the broker in good order."""
        self.program.stop()

    def client(self, username: str | None = None, password: str | None = None) -> dict[str, Any]:
        """Return the keyword arguments of an aiokafka or kafka-python client; default: admin."""
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": self.security_protocol,
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": username or self.admin_username,
            "sasl_plain_password": password or self.admin_password,
        }

    def librdkafka(self, username: str, password: str) -> dict[str, str]:
        """Return the configuration of a confluent-kafka client."""
        return {
            "bootstrap.servers": self.bootstrap,
            "security.protocol": self.security_protocol,
            "sasl.mechanisms": self.mechanism,
            "sasl.username": username,
            "sasl.password": password,
        }

    def admin(self) -> KafkaAdminClient:
        """Return a client that may do everything; the caller closes it."""
        return KafkaAdminClient(**self.client())

    def wait_for_user(self, username: str, password: str, topics: Iterable[str]) -> None:
        """Return once the broker lets a user in and shows it these topics.

        A broker acknowledges new credentials and rights a moment before it goes by them.
        """
        wanted = set(topics)

        def admitted() -> bool:
            try:
                client = KafkaAdminClient(**self.client(username, password))
            except KafkaError:
                return False
            try:
                return wanted <= set(client.list_topics())
            finally:
                client.close()

        wait_until(admitted, seconds=20, waiting_for=f"the rights of {username}")

    def add_user(self, username: str) -> str:
        """Make a user without any permission; returns its password."""
        password = secrets.token_urlsafe(24)
        credential = UserScramCredentialUpsertion(username, ScramMechanism.SCRAM_SHA_512, password)
        admin = self.admin()
        try:
            admin.alter_user_scram_credentials([credential])
        finally:
            admin.close()
        return password
