"""Faust's Kafka transport, changed in two places for which there is no setting.

Faust lets a fetch wait 1.5 seconds at the broker. Apache Kafka answers as soon as there is a
message; the embedded broker answers when the time is up, so that every stage of the hub would be a
second late.

Faust ends the worker when it wants to commit just while its partitions are being assigned anew. A
commit that is left out costs nothing: what was not committed comes again, and comes out the same.
"""

from __future__ import annotations

from typing import Any

import faust
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer

FETCH_WAIT_MILLISECONDS = 50


class _HubThread(AIOKafkaConsumerThread):
    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        vars(consumer)["_fetch_max_wait_ms"] = FETCH_WAIT_MILLISECONDS
        return consumer

    async def _commit(self, offsets: Any) -> bool:
        if self._consumer is None or not self.assignment():
            return False
        return bool(await super()._commit(offsets))


class _HubConsumer(Consumer):
    def _new_consumer_thread(self) -> Any:
        return _HubThread(self, loop=self.loop, beacon=self.beacon)


def adapt(app: faust.App) -> None:
    """Let this app's consumers wait 50 milliseconds for a message, and outlive an assignment."""
    vars(app.transport)["Consumer"] = _HubConsumer
