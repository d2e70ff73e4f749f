"""The demo fails loudly where a step does not come out as it is told."""

from __future__ import annotations

from typing import Any

import pytest
from typer.testing import CliRunner

from concord import demo
from concord.cli import app
from concord.watching import MONITOR, StepFailed


def figures(**other: Any) -> dict[str, Any]:
    """Figures of a story that came out."""
    return {"published": 9, "receipts": 9, "rejected": 0, "truth": {"victims_repeat": 1}, **other}


def releases(**other: bool) -> list[dict[str, Any]]:
    """Answers as they should be; `other` turns one of them round, by the asker's role."""
    wanted = [
        (demo.COORDINATOR, "the alert", True),
        (MONITOR, "/v1/tension/counts", True),
        (demo.SCHOOL, "the alert", False),
        (MONITOR, "the alert", False),
    ]
    return [
        {"person": who, "question": what, "permit": permit != (who.role in other)}
        for who, what, permit in wanted
    ]


def test_a_story_that_came_out_passes() -> None:
    """Nothing is raised."""
    demo._expect(figures(), {"alert_id": "alr_1"}, releases())


@pytest.mark.parametrize(
    ("told", "alert", "answers", "says"),
    [
        (figures(receipts=8), {}, releases(), "receipts: 8"),
        (figures(rejected=1), {}, releases(), "1 of them rejected"),
        (figures(), None, [], "no repeat victim"),
        (figures(), {}, releases(**{"pastoral-lead": True}), "School pastoral lead was answered"),
        (figures(), {}, releases(**{"cmarac-coordinator": True}), "coordinator was refused"),
    ],
)
def test_what_did_not_come_out_is_named(
    told: dict[str, Any], alert: dict[str, Any] | None, answers: list[dict[str, Any]], says: str
) -> None:
    """Receipts, alerts, releases."""
    with pytest.raises(StepFailed, match=says):
        demo._expect(told, alert, answers)


def test_the_command_ends_with_one_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, and nothing that looks like an answer."""

    def fail(**_: Any) -> None:
        raise StepFailed("level: the API answered 403")

    monkeypatch.setattr(demo, "_run", fail)
    done = CliRunner().invoke(app, ["demo", "--json"])
    assert done.exit_code == 1
    assert done.stdout == ""
    assert "level: the API answered 403" in done.stderr
