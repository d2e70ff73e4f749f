"""How grave an incident was."""

from __future__ import annotations

from typing import Any

import pytest

from processors.intake.severity import severity


@pytest.mark.parametrize(
    ("kind", "harm", "online", "level"),
    [
        ("incident", {}, True, 0),
        ("incident", {"injury": "none"}, False, 1),
        ("incident", {"threat": True}, True, 2),
        ("crime", {}, False, 2),
        ("crime", {"damage": True}, False, 3),
        ("crime", {"threat": True}, True, 3),
        ("crime", {"weapon": True}, False, 4),
        ("incident", {"injury": "minor"}, False, 4),
        ("crime", {"injury": "serious"}, False, 5),
        ("incident", {"threat_to_life": True}, True, 5),
        ("crime", {"arson": True}, False, 5),
    ],
)
def test_the_gravest_fact_decides(kind: str, harm: Any, *, online: bool, level: int) -> None:
    """The table of the module."""
    none = dict.fromkeys(("weapon", "threat", "threat_to_life", "arson", "damage"), False)
    full: Any = {"injury": "unknown", **none, **harm}
    assert severity(kind, full, online=online) == level
