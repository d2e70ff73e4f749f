"""Intake on Faust: what it shows of itself."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

from processors import metrics
from processors.intake.agent import IntakeAgent
from processors.log import Decoder
from schemas.connection import KafkaConnection
from schemas.registry import ShippedSchemaIds
from tests.unit.processors.intake.example import incident, intake, message


async def test_the_position_shown_is_behind_what_the_broker_holds() -> None:
    """After the flush, so that a stuck broker shows as a position that stands still."""
    inbound = message(incident())
    shown = metrics.POSITION.labels("intake", inbound.topic, "0")._value
    seen: list[float] = []
    publisher: Any = AsyncMock()
    publisher.flush.side_effect = lambda: seen.append(shown.get())
    agent = IntakeAgent(
        MagicMock(),
        intake(),
        KafkaConnection("127.0.0.1:1"),
        Decoder(ShippedSchemaIds()),
        publisher,
    )
    event = SimpleNamespace(
        message=SimpleNamespace(
            topic=inbound.topic,
            partition=0,
            offset=7,
            key=inbound.key,
            value=inbound.value,
            headers=[],
            timestamp=inbound.received_at.timestamp(),
        )
    )
    await agent._take([event])
    assert seen == [0.0]
    assert shown.get() == 8.0
