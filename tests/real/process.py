"""One program that a test started: begun, waited for, stopped by its own process id.

A program that is left behind when the tests are killed ends with them (Linux).
"""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

PAUSE = 0.05  # seconds between two looks at a program that is starting
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def free_port() -> int:
    """Return a port on the loopback interface that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether something accepts connections on this loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], *, seconds: float, waiting_for: str) -> None:
    """Return once the condition holds; TimeoutError that says what was awaited otherwise."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s in vain for {waiting_for}")
        time.sleep(PAUSE)


class ProgramEnded(RuntimeError):
    """A program ended before it was ready; the message holds the end of its log."""


# The kernel ends a program with the thread that started it, so all are started by one that lasts.
_STARTER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")
_LIBC = ctypes.CDLL(None)


def _die_with_parent() -> None:
    _LIBC.prctl(DIE_WITH_PARENT, signal.SIGKILL)


@dataclass
class Program:
    """A program that can be started and stopped any number of times.

    `environment` is the whole environment of the program; `user` is the account it runs as.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool]
    patience: float = 60.0
    user: str | None = None
    running: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start it and return when it is ready; nothing happens if it runs already."""
        if self.running is not None:
            return
        self.running = _STARTER.submit(self._spawn).result()
        try:
            wait_until(self._is_up, seconds=self.patience, waiting_for=self.name)
        except BaseException:
            self.stop()
            raise

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                list(self.command),
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call
                user=self.user,
                cwd=self.log.parent,
            )

    def _is_up(self) -> bool:
        if self.running is None or self.running.poll() is not None:
            end = self.log.read_text(errors="replace")[-3000:]
            raise ProgramEnded(f"{self.name} ended before it was ready:\n{end}")
        return self.ready()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end and wait; after 15 seconds end it by force. Idempotent."""
        if self.running is None:
            return
        program, self.running = self.running, None
        program.send_signal(how)
        try:
            program.wait(15)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()

    def kill(self) -> None:
        """End it at once, as a machine that loses its power would."""
        self.stop(signal.SIGKILL)
