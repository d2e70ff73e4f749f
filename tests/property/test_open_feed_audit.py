"""The privacy audit of the open feed: the real publisher keeps its promise, broken ones do not."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from concord.cli import app
from concord.open_feed.attack import RealPublisher, attack, sure_ratio
from concord.open_feed.broken import BROKEN
from concord.open_feed.usefulness import usefulness
from schemas.registry import ShippedSchemaIds
from sharing_api.geography import read
from sharing_api.open_feed import keeping, reading
from sharing_api.open_feed.publishing import press_of
from sharing_api.open_feed.tables import load
from sharing_api.projector.messages import Change
from sharing_api.store.engine import make_engine
from sharing_api.store.migrate import upgrade
from tests.integration.test_open_feed import MONDAY, weeks_later


@pytest.mark.slow
def test_the_real_publisher_shows_its_bound_and_no_more() -> None:
    """80,000 trials: the attack is sure of a factor of at least 2.5 and of no more than 3."""
    found = attack(RealPublisher(random.Random(20261124).randrange), 40_000, 7, (9,))
    assert 2.5 <= found.ratio <= 3


@pytest.mark.parametrize("name", BROKEN)
def test_every_broken_publisher_is_caught(name: str) -> None:
    """40,000 trials are sure of more than a factor of 3."""
    assert attack(BROKEN[name], 20_000, 7).ratio > 3


@pytest.mark.slow
def test_the_real_code_with_more_epsilon_is_caught() -> None:
    """The attack sees through the same code path, not only through doubles."""
    first, *others = load()
    tables = (replace(first, epsilon=Fraction(1)), *others)
    publisher = RealPublisher(random.Random(3).randrange, tables)
    assert attack(publisher, 20_000, 7, (9,)).ratio > 3


def test_chance_is_not_taken_for_a_leak() -> None:
    """Two worlds that are alike; and an event that was seen once and never."""
    rng = np.random.default_rng(5)
    a, b = rng.random(5000) < 0.3, rng.random(5000) < 0.3
    assert sure_ratio(a, b) < 1
    one = np.zeros(5000, dtype=np.bool_)
    one[0] = True
    assert sure_ratio(one, ~one & False) < 1


@pytest.mark.slow
async def test_twenty_thousand_districts_through_the_store_show_one_tables_share(
    tmp_path: Path,
) -> None:
    """One publication in a real transaction, an incident in every other district: e^0.5."""
    names = [f"D{n}" for n in range(20_000)]
    areas = [{"code": n, "name": n, "level": "district"} for n in names]
    features = [{"properties": each, "geometry": None} for each in areas]
    press = press_of(
        read({"type": "FeatureCollection", "features": features}),
        '[only]\nby="district"\nclasses=false\nweeks=1\nshow="value"\nepsilon="0.5"\n',
        ShippedSchemaIds(),
    )
    assert press is not None
    record = {"source": "incident", "version": 1, "retracted": False, "ward": None, "strands": []}
    arrived = {
        name: Change("x", name, {**record, "district": name}, b"", MONDAY) for name in names[::2]
    }
    engine = make_engine(f"sqlite:///{tmp_path}/a.db")
    await upgrade(engine)
    async with engine.begin() as connection:
        await connection.run_sync(press.draw_due, MONDAY)
        await connection.run_sync(keeping.note, arrived)
        await connection.run_sync(press.draw_due, weeks_later(1.9))
        messages = await connection.exec_driver_sql("SELECT message FROM open_publications")
        announced = {m: Change("y", "k", press.unframe(m), m, MONDAY) for (m,) in messages}
        await connection.run_sync(keeping.announced, announced)
        (only,) = await connection.run_sync(reading.publications, press)
    await engine.dispose()
    values = {cell["area"]: cell["value"] for cell in only.record["cells"]}
    inside = np.array([values[name] >= 1 for name in names[::2]])
    outside = np.array([values[name] >= 1 for name in names[1::2]])
    assert 1.4 < sure_ratio(inside, outside) < 1.65
    below = sure_ratio(~outside, ~inside)
    assert 1.4 < below < 1.65


def test_usefulness_is_what_was_measured() -> None:
    """District .79, a faith strand near .58, a rare one useless; exact district .95."""
    rows = {(row["table"], row["cell"]): row for row in usefulness()}
    district = rows["district-week", "one district"]
    assert district["power"] == pytest.approx(0.79, abs=0.02)
    assert district["power_exact"] == pytest.approx(0.95, abs=0.02)
    assert rows["strand-week", "strand religion"]["power"] == pytest.approx(0.58, abs=0.05)
    assert rows["strand-week", "strand transgender"]["power"] < 0.2


def test_the_audit_command_prints_promise_attack_and_cost() -> None:
    """Exit code 0 where the promise is kept; JSON for machines."""
    run = CliRunner().invoke(app, ["open-feed", "audit", "--trials", "1000", "--json"])
    told = json.loads(run.stdout)
    assert run.exit_code == (0 if told["kept"] else 1)
    assert told["found_on_real"] <= 3
    assert set(told["found_on_broken"]) == set(BROKEN)
    assert {row["table"] for row in told["usefulness"]} == {each.id for each in load()}
    shown = CliRunner().invoke(app, ["open-feed", "audit", "--trials", "1000"])
    assert "at most a factor of 3, either way" in shown.stdout
