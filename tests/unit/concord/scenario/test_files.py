"""A scenario on disk can be read back by the partner's own reader."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from concord.scenario import generate, write
from concord.scenario.cli import app
from producers.formats import formats
from producers.records import EventMaker


def test_each_agencys_file_reads_back_as_the_same_events(tmp_path: Path) -> None:
    """What was left out as empty is filled in again."""
    told = generate(80, 4)
    write(told, tmp_path)
    for agency in told.agencies:
        maker = EventMaker(agency.id)
        rows = formats()["hub-json"].read(tmp_path / f"{agency.id}.ndjson")
        events = [maker.make(row) for row in rows]
        assert [fault for _, faults in events for fault in faults] == []
        mine = [event.value for event in told.events if event.value["agency"] == agency.id]
        assert [event.value for event, _ in events if event] == mine


def test_truth_and_county_stand_beside_the_files(tmp_path: Path) -> None:
    """They say who is who, and what lies where."""
    names = {path.name for path in write(generate(10, 4), tmp_path)}
    assert {"truth.json", "county.json", "README"} <= names
    truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    assert truth["mentions"]
    assert len(truth["agencies"]) == 8
    county = json.loads((tmp_path / "county.json").read_text("utf-8"))
    assert county["fictional"] is True
    assert sum(len(district["wards"]) for district in county["districts"]) == 120


def test_the_command_writes_the_folder(tmp_path: Path) -> None:
    """`scenario generate` needs a folder and a seed."""
    done = CliRunner().invoke(
        app, ["generate", "--incidents", "12", "--seed", "3", "--out", str(tmp_path / "made")]
    )
    assert done.exit_code == 0, done.output
    assert "12 incidents of 8 agencies" in done.output
    assert (tmp_path / "made" / "bracken-police.ndjson").exists()
