"""The made-up county as a map of characters: what a GIS would draw of the feed's GeoJSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from concord.scenario.county import District, county

LEGEND: Final = "■ red   ▲ amber   · nothing"
_SIGNS: Final = {"red": "■", "amber": "▲"}
_GRAVEST: Final = ("red", "amber")
_COLUMNS: Final = 8
_GAP: Final = "    "


def drawn(features: Iterable[Mapping[str, Any]]) -> list[str]:
    """Lines of the map: districts beside each other, a sign for each ward, its gravest signal.

    `features` are those of `GET /v1/tension/feed?format=geojson`. Below each district stands what
    is raised for the district as a whole.
    """
    colours = _colours(features)
    districts = county().districts
    blocks = [_block(district, colours) for district in districts]
    return [_GAP.join(cells).rstrip() for cells in zip(*blocks, strict=True)]


def _colours(features: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The gravest colour raised for each area."""
    found: dict[str, str] = {}
    for feature in features:
        told = feature["properties"]
        colour, area = told.get("colour"), told.get("area")
        if told.get("status") != "raised" or colour not in _SIGNS or area is None:
            continue
        found[area] = min(colour, found.get(area, colour), key=_GRAVEST.index)
    return found


def _block(district: District, colours: Mapping[str, str]) -> list[str]:
    signs = "".join(_SIGNS.get(colours.get(ward.code, ""), "·") for ward in district.wards)
    rows = [signs[at : at + _COLUMNS] for at in range(0, len(signs), _COLUMNS)]
    whole = colours.get(district.code, "")
    width = max(_COLUMNS, len(district.name))
    return [line.ljust(width) for line in (district.name, *rows, whole)]
