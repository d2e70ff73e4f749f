"""PostgreSQL on a loopback port with a data folder of its own and a password."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from tests.real import installed
from tests.real.process import Program, accepts, free_port

UNPRIVILEGED = "postgres"  # PostgreSQL refuses to run as root


@dataclass(frozen=True)
class Database:
    """One database, for programs that take its address apart."""

    name: str
    port: int
    username: str
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """Its address for SQLAlchemy, password included."""
        return f"postgresql+psycopg://{self.username}:{self.password}@127.0.0.1:{self.port}/{self.name}"

    @property
    def jdbc(self) -> str:
        """Its address for Java, without credentials."""
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{self.name}"


@dataclass
class RealPostgres:
    """A database server; `start` and `stop` keep its data and its port."""

    port: int = field(default_factory=free_port)
    username: str = "concord"
    password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    def __post_init__(self) -> None:
        programs = installed.postgresql_programs()
        # Not below the folder of the test run, which this account may not enter.
        self.folder = Path(tempfile.mkdtemp(prefix="concord-postgresql-"))
        self.user = UNPRIVILEGED if os.geteuid() == 0 else None
        if self.user is not None:
            account = pwd.getpwnam(self.user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._lay_out(programs)
        self.program = Program(
            name="PostgreSQL",
            command=[
                str(programs / "postgres"),
                *("-D", str(self.folder / "data")),
                *("-p", str(self.port)),
                *("-c", "listen_addresses=127.0.0.1"),
                *("-c", "unix_socket_directories="),
                *("-c", "wal_recycle=off"),  # as in docker-compose.yml
                *("-c", "fsync=off"),  # a test database need not survive a power cut
            ],
            environment={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            log=self.folder / "postgresql.log",
            ready=self._answers,
            user=self.user,
        )

    def _lay_out(self, programs: Path) -> None:
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        password_file.chmod(0o644)  # for the moment that initdb needs it
        subprocess.run(
            [
                str(programs / "initdb"),
                *("-D", str(self.folder / "data")),
                *("-U", self.username),
                *("--auth", "scram-sha-256"),
                *("--pwfile", str(password_file)),
                *("--encoding", "UTF8"),
                *("--locale", "C.UTF-8"),
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            user=self.user,
            cwd=self.folder,
        )
        password_file.unlink()

    def _answers(self) -> bool:
        if not accepts(self.port):
            return False
        try:
            psycopg.connect(self._dsn("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _dsn(self, database: str) -> str:
        return f"postgresql://{self.username}:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> RealPostgres:
        """Start the server, or start it again where it stopped."""
        self.program.start()
        return self

    def stop(self) -> None:
        """Stop the server; open connections are cut."""
        self.program.stop()

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def create_database(self, name: str) -> Database:
        """Make an empty database."""
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return Database(name, self.port, self.username, self.password)
