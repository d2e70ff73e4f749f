"""Faust's Kafka transport, changed in two places for which there is no setting.

Faust lets a fetch wait 1.5 seconds at the broker. Apache Kafka answers as soon as there is a
message; the embedded broker answers when the time is up, so that whatever is read through Faust
would be a second late there.

Faust ends the worker when it wants to commit just while its partitions are being assigned anew. A
commit that is left out costs nothing: what was not committed comes again, and comes out the same.
"""

from __future__ import annotations

from typing import Any

import faust
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer


class _HubThread(AIOKafkaConsumerThread):
    fetch_wait_ms = 0

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        vars(consumer)["_fetch_max_wait_ms"] = self.fetch_wait_ms
        return consumer

    async def _commit(self, offsets: Any) -> bool:
        if self._consumer is None or not self.assignment():
            return False
        return bool(await super()._commit(offsets))


def adapt(app: faust.App, fetch_wait_ms: int) -> None:
    """Let this app's consumers wait so long for a message, and outlive an assignment."""

    class HubConsumer(Consumer):
        def _new_consumer_thread(self) -> Any:
            thread = _HubThread(self, loop=self.loop, beacon=self.beacon)
            thread.fetch_wait_ms = fetch_wait_ms
            return thread

    vars(app.transport)["Consumer"] = HubConsumer
