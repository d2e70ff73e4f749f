"""The areas of a hub: those of a file, or in development those of the made-up county."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from concord.scenario.county import county
from concord.stack.files import json_of, judged
from sharing_api.geography import Geography, GeographyInvalid, read

VARIABLE = "CONCORD_GEOGRAPHY_FILE"
_WEST, _SOUTH, _SIDE = -1.9, 53.6, 0.02
"""Where the made-up wards are drawn: squares of about two kilometres."""


def geography_of(file: Path | None, mode: str) -> Geography | None:
    """Read the file; without one the made-up county, in production none.

    Raises SettingInvalid for a file that is no list of areas, or is not there.
    """
    if file is None:
        return made_up() if mode == "development" else None
    document = json_of(VARIABLE, file)
    return judged(VARIABLE, lambda: read(document), GeographyInvalid)


@cache
def made_up() -> Geography:
    """The made-up county with boundaries: every ward a square of its grid."""
    return read(as_geojson())


def as_geojson() -> dict[str, Any]:
    """The made-up county as a file for CONCORD_GEOGRAPHY_FILE would say it."""
    whole = county()
    features: list[dict[str, Any]] = []
    for district in whole.districts:
        squares = [_square(ward.x, ward.y) for ward in district.wards]
        named = {"code": district.code, "name": district.name, "level": "district"}
        shape = {"type": "MultiPolygon", "coordinates": squares}
        features.append({"type": "Feature", "properties": named, "geometry": shape})
        for ward, square in zip(district.wards, squares, strict=True):
            told = {"code": ward.code, "name": ward.name, "level": "ward"}
            features.append(
                {
                    "type": "Feature",
                    "properties": {**told, "district": district.code},
                    "geometry": {"type": "Polygon", "coordinates": square},
                }
            )
    return {"type": "FeatureCollection", "name": whole.name, "features": features}


def _square(x: int, y: int) -> list[list[list[float]]]:
    """One ring, counter-clockwise as RFC 7946 has it."""
    west, south = round(_WEST + x * _SIDE, 4), round(_SOUTH - y * _SIDE, 4)
    east, north = round(west + _SIDE, 4), round(south + _SIDE, 4)
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]
