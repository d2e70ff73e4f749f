"""The map of characters shows the gravest raised signal of each ward."""

from __future__ import annotations

from typing import Any

from concord.county_map import drawn
from concord.scenario.county import county


def feature(area: str, colour: str, status: str = "raised") -> dict[str, Any]:
    """A feature of the feed."""
    return {"properties": {"area": area, "colour": colour, "status": status}}


def test_each_ward_has_its_place_and_its_gravest_colour() -> None:
    """Districts beside each other, wards row by row, what is quiet or lapsed a dot."""
    first, second = county().districts[:2]
    lines = drawn(
        [
            feature(first.wards[0].code, "amber"),
            feature(first.wards[0].code, "red"),
            feature(first.wards[1].code, "red", "lapsed"),
            feature(second.wards[9].code, "amber"),
            feature(second.code, "red"),
            feature("all", "red"),
        ]
    )
    assert [line[:20] for line in lines[1:4]] == [
        "■·······    ········", "········    ·▲······", "········    ········",
    ]  # fmt: skip
    assert lines[0].split() == [district.name for district in county().districts]
    assert lines[4].split() == ["red"]
    assert max(map(len, lines)) <= 76


def test_a_level_is_no_signal() -> None:
    """Features without a colour leave no mark."""
    code = county().districts[0].wards[0].code
    assert "■" not in "".join(drawn([{"properties": {"area": code, "level": 1}}]))
