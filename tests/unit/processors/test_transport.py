"""What the hub changes in Faust's Kafka transport."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import IllegalStateError
from aiokafka.structs import TopicPartition
from faust.types import TP

from processors.transport import _HubThread

PLACE = TP("hub.entity.v1", 0)


def thread(assigned: set[TopicPartition]) -> tuple[Any, list[Any]]:
    """A consumer thread whose consumer holds these partitions; and what it was asked to commit."""
    committed: list[Any] = []

    async def commit(offsets: Any) -> None:
        if not assigned:
            raise IllegalStateError("No partitions assigned")
        committed.append(offsets)

    made = object.__new__(_HubThread)
    consumer = SimpleNamespace(assignment=lambda: assigned, commit=commit)
    vars(made).update(_consumer=consumer, tp_last_committed_at={})
    return made, committed


async def test_a_commit_between_two_assignments_is_left_out() -> None:
    """It is no reason to end the worker; what was not committed comes again."""
    made, committed = thread(set())
    assert await made._commit({PLACE: 7}) is False
    assert committed == []


async def test_a_commit_without_a_consumer_is_left_out() -> None:
    """A worker that is stopping has none any more."""
    made, _ = thread(set())
    made._consumer = None
    assert await made._commit({PLACE: 7}) is False


@pytest.mark.parametrize("offset", [1, 12])
async def test_an_assigned_partition_is_committed(offset: int) -> None:
    """Everything else is as Faust has it."""
    made, committed = thread({TopicPartition(PLACE.topic, PLACE.partition)})
    assert await made._commit({PLACE: offset}) is True
    assert [next(iter(each.values())).offset for each in committed] == [offset]
