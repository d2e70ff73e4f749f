"""Apicurio Registry, asked through its Confluent-compatible interface."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.real import installed
from tests.real.postgres import Database
from tests.real.process import Program, free_port


@dataclass
class RealRegistry:
    """A schema registry that keeps its schemas in a PostgreSQL database."""

    folder: Path
    database: Database
    port: int = field(default_factory=free_port)
    management_port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        password_file = self.folder / "registry.properties"
        password_file.write_text(f"apicurio.datasource.password={self.database.password}\n")
        self.program = Program(
            name="Apicurio Registry",
            command=[str(installed.java()), "-Xmx512m", "-jar", str(installed.apicurio_jar())],
            environment={
                "PATH": os.environ["PATH"],
                "APICURIO_STORAGE_KIND": "sql",
                "APICURIO_STORAGE_SQL_KIND": "postgresql",
                "APICURIO_DATASOURCE_URL": self.database.jdbc,
                "APICURIO_DATASOURCE_USERNAME": self.database.username,
                "SMALLRYE_CONFIG_LOCATIONS": str(password_file),
                "QUARKUS_HTTP_HOST": "127.0.0.1",
                "QUARKUS_HTTP_PORT": str(self.port),
                "QUARKUS_MANAGEMENT_HOST": "127.0.0.1",
                "QUARKUS_MANAGEMENT_PORT": str(self.management_port),
            },
            log=self.folder / "registry.log",
            ready=self._answers,
            patience=120,
        )

    @property
    def url(self) -> str:
        """The address that a Confluent registry client is given."""
        return f"http://127.0.0.1:{self.port}/apis/ccompat/v7"

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/subjects", timeout=5).is_success
        except httpx.TransportError:
            return False

    def start(self) -> RealRegistry:
        """Start the registry, or start it again where it stopped."""
        self.program.start()
        return self

    def stop(self) -> None:
        """Stop the registry in good order."""
        self.program.stop()
