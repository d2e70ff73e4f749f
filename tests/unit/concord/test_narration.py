"""The story is told in words, whole, and refusals with their reasons."""

from __future__ import annotations

import re
from typing import Any

import pytest

from concord.askers import Person
from concord.narration import Narrator
from concord.scenario import generate

ALERT = {
    "alert_id": "alr_1",
    "reasons": ["Two incidents in twelve months."],
    "links": [
        {
            "weight": 9.5,
            "evidence": [
                {"field": "given_name", "level": "short_form", "weight": 4.2},
                {"field": "date_of_birth", "level": "same", "weight": 30.4},
                {"field": "sex", "level": "same", "weight": 0.01},
                {"field": "prior", "level": "rarity_of_matches", "weight": -9.9},
                {"field": "household", "level": "could_be_relatives", "weight": -15.2},
            ],
        }
    ],
}
FIGURES = {
    "published": 3,
    "receipts": 3,
    "accepted": 3,
    "rejected": 0,
    "entities": 2,
    "alerts": {"repeat-victim": 1},
    "tension": {
        "returns": 9,
        "agencies": 3,
        "district": "Oxenhale",
        "group": "religion:jewish",
        "map": ["Hallowby    Oxenhale", "········    ▲■······"],
        "signal": {
            "colour": "red",
            "proposed_level": 2,
            "reasons": [{"code": "x", "text": "Rare."}],
        },
        "level": {"level": 2, "ledger_reference": "west-council.5f3a91c0.910"},
        "seconds_to_subscriber": 0.92,
    },
    "truth": {"victims_repeat": 1, "found": 1, "false": 0, "alerts": 1},
    "seconds": 1.0,
}


def asked(permit: bool, **answer: Any) -> dict[str, Any]:  # noqa: FBT001
    """One asker's answer."""
    person = Person("Coordinator", "hallowby-council", "council", "coordinator", "cmarac-case")
    return {"person": person, "question": "the alert", "permit": permit, "answer": answer}


RELEASES = [
    asked(
        True,
        ledger_reference="west-council.5f3a91c0.7",
        fields={"victim_name": "Somebody", "strands": ["race"]},
    ),
    asked(
        True,
        ledger_reference="west-council.5f3a91c0.8",
        items=[{"strand": "race", "count": 4, "area": "X1"}],
    ),
    asked(
        False,
        ledger_reference="west-council.5f3a91c0.9",
        reasons=[{"code": "no", "text": "No agreement covers this."}],
    ),
]


def told(capsys: pytest.CaptureFixture[str], alert: Any, *, quiet: bool = False) -> str:
    """What stands on the terminal after the story."""
    narrator = Narrator(quiet=quiet)
    scenario = generate(5, 1)
    narrator.begin(scenario)
    narrator.step("working")
    narrator.tell(scenario, FIGURES, alert, RELEASES)
    return capsys.readouterr().out


def test_every_figure_and_every_answer_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """From publication to refusal."""
    text = told(capsys, ALERT)
    for words in ("3 events", "1 repeat victim", "Two incidents", "forms of one name"):
        assert words in text
    for words in ("Somebody", "race: 4", "No agreement covers this.", "5f3a91c0.9"):
        assert words in text


def test_a_build_up_is_told_with_its_map(capsys: pytest.CaptureFixture[str]) -> None:
    """Who reported how much, why, who decided and who received it; a short story says why not."""
    text = " ".join(told(capsys, ALERT).split())
    for words in ("9 tension returns from 3 agencies", "▲■", "Rare.", "Level 2 is set by a person"):
        assert words in text
    assert "0.92 seconds" in text
    narrator = Narrator(quiet=False)
    narrator.tell(generate(5, 1), {**FIGURES, "tension": None}, None, [])
    assert "Too short a story" in capsys.readouterr().out


def test_the_evidence_that_is_printed_adds_up_to_its_total(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What counts against it is told too, last and in words."""
    text = " ".join(told(capsys, ALERT).split())
    added = [float(number) for number in re.findall(r"\(([+-][0-9.]+)\)", text)]
    taken = [float(number) for number in re.findall(r"less ([0-9.]+) because", text)]
    total = re.search(r"— ([0-9.]+) in all", text)
    assert total is not None
    assert sum(added) - sum(taken) == pytest.approx(float(total[1]))
    assert (len(added), len(taken)) == (2, 2)
    assert "less 9.9 because two mentions picked at random are rarely one person" in text


def test_without_an_alert_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """And tells nothing of releases."""
    text = told(capsys, None)
    assert "nothing to release" in text
    assert "Refused" not in text


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """So that JSON stands alone."""
    assert told(capsys, ALERT, quiet=True) == ""
