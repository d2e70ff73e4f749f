"""The file that Splink is measured on, and what is said where Splink is not there."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from concord.bench import beside_splink
from concord.yardstick.environment import YardstickMissing


def test_the_file_has_the_persons_who_are_linked(tmp_path: Path) -> None:
    """So many as were asked for, the columns that both sides read, nothing of a witness."""
    path = tmp_path / "persons.csv"
    assert beside_splink._write(path, 7, 60) == 60
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60
    assert {"id", "truth", "family_name", "date_of_birth", "postcode", "phone"} <= set(rows[0])
    assert sum(bool(row["family_name"] or row["full_name"]) for row in rows) > 40
    assert not any(value == "None" for row in rows for value in row.values())


def test_where_splink_is_not_there_nothing_is_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer says how to get it, and so does the screen."""
    monkeypatch.setattr(beside_splink, "present", lambda: False)
    told = beside_splink.beside(7)
    assert told["installed"] is False
    assert "--versus splink" in told["note"]
    assert "--versus splink" in capsys.readouterr().err


def test_what_keeps_splink_away_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked for without a network, its absence has a reason."""

    def offline(*_: object) -> None:
        raise YardstickMissing("is this machine offline?")

    monkeypatch.setattr(beside_splink, "present", lambda: False)
    monkeypatch.setattr(beside_splink, "splink_yardstick", offline)
    told = beside_splink.beside(7, 60, make=True)
    assert told == {"installed": False, "failed": "is this machine offline?"}
    assert "offline" in capsys.readouterr().err
