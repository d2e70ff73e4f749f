"""Of several workers, the one that Faust's group gives the partition to holds the lease."""

from __future__ import annotations

from pathlib import Path

import faust
from faust.types import TP

from processors.lease import Lease

TICKS = TP("hub.tick.v1", 0)
OTHER = TP("hub.agency.v1", 0)


def lease(folder: Path) -> tuple[faust.App, Lease]:
    """A lease of an app that is not started."""
    app = faust.App("hub.test", store="memory://", datadir=str(folder))
    return app, Lease(app, "repeats", "hub.tick.v1")


async def test_it_is_held_while_the_partition_is_assigned(tmp_path: Path) -> None:
    """Not before, not with another partition, not after it was revoked."""
    app, made = lease(tmp_path)
    await app.on_partitions_assigned.send({OTHER})
    terms = [made.term]
    await app.on_partitions_assigned.send({OTHER, TICKS})
    terms.append(made.term)
    await app.on_partitions_revoked.send({TICKS})
    terms.append(made.term)
    assert [term is not None for term in terms] == [False, True, False]


async def test_each_assignment_is_another_term(tmp_path: Path) -> None:
    """Somebody else may have held it in between: what stands must be read again."""
    app, made = lease(tmp_path)
    terms = []
    for _ in range(2):
        await app.on_partitions_assigned.send({TICKS})
        terms.append(made.term)
        await app.on_partitions_revoked.send({TICKS})
    assert len(set(terms)) == 2
    assert None not in terms


async def test_the_app_subscribes_to_the_topic(tmp_path: Path) -> None:
    """By an agent that bears the holder's name."""
    app, _ = lease(tmp_path)
    assert set(app.agents) == {"repeats.hub.tick.v1"}
