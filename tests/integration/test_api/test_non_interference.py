"""Change whatever an agreement does not release, and no byte of any answer over HTTP changes."""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policies.bundle import assemble
from policies.embedded import RegorusEngine
from sharing_api.release import Gate, Refusal, Subject
from sharing_api.store import ledger_references
from tests.integration.test_api.twin_hubs import (
    REQUESTS,
    Said,
    changed,
    heard,
    scene,
    shown,
    stage,
    stir,
    strike,
    twins,
)
from tests.integration.test_api.world import World

EXAMPLES = 500
EACH = 5
"""Requests of an example."""


Pair = tuple[Said, Said]


async def answered(one: World, other: World, engine: RegorusEngine, seed: int) -> list[Pair]:
    """Give the answers of both hubs, whose records differ in nothing that is released."""
    draw = random.Random(seed)
    drawn = scene(draw, one)
    engine.replace(assemble(drawn.agreements))
    twin = changed(draw, drawn, one, shown(drawn, engine))
    await stage(one, drawn)
    await stir(other, draw.randrange(5))
    await stage(other, twin)
    asked = draw.sample(range(len(REQUESTS)), EACH)
    answers = [await heard(one, drawn, asked), await heard(other, drawn, asked, draw)]
    await strike(one, drawn)
    await strike(other, twin)
    return list(zip(*answers, strict=True))


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_what_is_not_released_changes_no_byte_of_any_answer(tmp_path: Path) -> None:
    """Bodies, headers, counts, cursors and error texts, for random agreements and records."""
    statuses: Counter[int] = Counter()
    async with twins(tmp_path) as (one, other, engine):
        for seed in range(EXAMPLES):
            for first, second in await answered(one, other, engine, seed):
                assert first == second, seed
                statuses[first[0]] += 1
    assert statuses.total() >= EXAMPLES * EACH
    assert statuses[200] > EXAMPLES / 4
    assert statuses[403] > EXAMPLES


async def test_a_few_answers_do_not_interfere(tmp_path: Path) -> None:
    """What the slow test asks of many."""
    async with twins(tmp_path) as (one, other, engine):
        for seed in range(4):
            pairs = await answered(one, other, engine, seed)
            assert [pair for pair in pairs if pair[0] != pair[1]] == []


@pytest.mark.parametrize("counted", [lambda *_: "everybody", lambda agency, *_: agency])
async def test_a_number_that_counts_what_others_do_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: Callable[..., str]
) -> None:
    """All entries, or those of the asker's agency: colleagues and what feeds send count then."""
    monkeypatch.setattr(ledger_references, "series_of", counted)
    async with twins(tmp_path) as (one, other, engine):
        pairs = [pair for seed in range(3) for pair in await answered(one, other, engine, seed)]
    assert any(first != second for first, second in pairs)


async def test_a_gate_that_leaks_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal that lets a checksum of the record slip out is found soon."""
    honest = Gate.release

    async def leaky(self: Gate, asker: Any, purpose: str, subject: Any, **terms: Any) -> Any:
        answer = await honest(self, asker, purpose, subject, **terms)
        if isinstance(answer, Refusal) and isinstance(subject, Subject):
            checksum = zlib.crc32(str(sorted(subject.clear.items(), key=str)).encode())
            return Refusal((*answer.reasons, f"leak-{checksum}"), "", answer.policy_revision)
        return answer

    monkeypatch.setattr(Gate, "release", leaky)
    async with twins(tmp_path) as (one, other, engine):
        for seed in range(30):
            pairs = await answered(one, other, engine, seed)
            if any(first != second for first, second in pairs):
                return
    pytest.fail("the leak went unnoticed")
