"""A hub whose parts run as processes of this machine, against any broker, store and engine."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from concord.settings import RUNNING, Settings
from concord.stack.process import Child, free_port
from concord.stack.setup import prepare
from schemas.keyring import Keyring

_READY_SECONDS = 120.0


class LocalHub:
    """Workers and API, started and stopped together; a context manager.

    The folder holds keys, logs and, if no database is named, the store; it is removed at the end
    unless it was given. `workers` lists what each worker process runs.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        *,
        folder: Path | None = None,
        workers: tuple[tuple[str, ...], ...] = (("all",),),
        say: Callable[[str], None] = lambda _text: None,
        furnish: Callable[[LocalHub], None] = lambda _hub: None,
    ) -> None:
        """Nothing is started yet; `values` are settings, `say` hears progress.

        `furnish` is called when the topics are there and before the workers start, so that
        agencies known beforehand need not wait for a rebalance.
        """
        self._furnish = furnish
        self._given = folder is not None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="concord-"))
        self.folder.mkdir(exist_ok=True)
        self.folder.chmod(0o700)
        self._say = say
        self._children: dict[str, Child] = {}
        self._workers = {"-".join(names): names for names in workers}
        self.values: dict[str, Any] = {
            "mode": "development",
            "data_dir": str(self.folder),
            "keys_dir": str(self.folder / "keys"),
            "api_port": free_port(),
            "tick_seconds": 0.0,
            **values,
        }
        self.metrics_ports = {name: free_port() for name in self._workers}
        self.settings = Settings(**self.values)

    def __enter__(self) -> Self:
        """Start everything; stop what has started if something fails."""
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything, remove the temporary folder."""
        for child in reversed(self._children.values()):
            child.stop()
        self._children.clear()
        if not self._given:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        Keyring.create(self.settings.keyring.folder)
        self.start_broker()
        prepare(self.settings, lambda _text: None)
        self._furnish(self)
        self._say("starting the processors and the API")
        for name in self._workers:
            self.start_worker(name)
        self.start_api()
        self.wait_until_ready()

    def start_broker(self) -> None:
        """Nothing: the broker runs elsewhere."""

    def start_worker(self, name: str) -> Child:
        """Start, or start again, the worker of this name."""
        names = self._workers[name]
        metrics = {"CONCORD_METRICS_PORT": str(self.metrics_ports[name])}
        return self.start_part(f"worker-{name}", "worker", *names, environment=metrics)

    def start_api(self) -> Child:
        """Start, or start again, the API."""
        return self.start_part("api", "api")

    def start_part(
        self, name: str, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> Child:
        """Start one of the hub's own programs with this hub's settings."""
        return self.start_child(
            name, [sys.executable, "-m", "concord", *arguments], environment or {}
        )

    def start_child(
        self, name: str, command: list[str], environment: Mapping[str, str] | None = None
    ) -> Child:
        """Start any program, with this hub's settings in its environment."""
        settings = {**self.environment, **(environment or {})}
        child = Child(name, command, settings, self.folder / f"{name}.log")
        self._children[name] = child
        return child

    def child(self, name: str) -> Child:
        """Give a running part by name: api, worker-all, broker."""
        return self._children[name]

    def pids(self) -> dict[str, int]:
        """Process ids of the running parts, by name."""
        return {name: child.pid for name, child in self._children.items()}

    @property
    def environment(self) -> dict[str, str]:
        """The settings as environment variables."""
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        named = {k: v for k, v in self.values.items() if v is not None}
        return {f"CONCORD_{k.upper()}": str(v) for k, v in named.items()} | {"PYTHONPATH": path}

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
        for child in list(self._children.values()):
            child.check()

    def announce(self, data_dir: Path) -> Path:
        """Leave a note by which other commands on this machine find this hub."""
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        note = data_dir / RUNNING
        note.unlink(missing_ok=True)
        with os.fdopen(os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(self.values, file, default=str)
        return note
