"""Areas as a hub is given them."""

from __future__ import annotations

from typing import Any

import pytest
from geojson_pydantic import Feature, MultiPolygon, Polygon

from sharing_api.geography import GeographyInvalid, read

RING = [[0.0, 51.0], [1.0, 51.0], [1.0, 52.0], [0.0, 52.0], [0.0, 51.0]]
HOLE = [[0.2, 51.2], [0.2, 51.4], [0.4, 51.4], [0.2, 51.2]]


def areas(geometry: Any) -> Any:
    """A county of one district."""
    properties = {"code": "D1", "name": "One", "level": "district"}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    return read({"type": "FeatureCollection", "features": [feature]})


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("outer", [RING, RING[::-1]])
@pytest.mark.parametrize("inner", [HOLE, HOLE[::-1]])
def test_rings_turn_as_rfc_7946_has_them(outer: Any, inner: Any, *, many: bool) -> None:
    """Whichever way round a file has them: outer ones counter-clockwise, holes clockwise."""
    rings = [outer, inner]
    kind = "MultiPolygon" if many else "Polygon"
    told = areas({"type": kind, "coordinates": [rings] if many else rings}).geometry_of("D1")
    assert told["coordinates"] == ([[RING, HOLE]] if many else [RING, HOLE])
    parsed: Any = Feature[MultiPolygon | Polygon, dict[str, Any]]
    assert parsed(type="Feature", geometry=told, properties={}).geometry.type == kind


def test_points_and_nothing_stay_and_what_is_no_ring_is_named() -> None:
    """A boundary that cannot be read is refused when the hub starts."""
    point = {"type": "Point", "coordinates": [0.0, 51.0]}
    assert areas(point).geometry_of("D1") == point
    assert areas(None).geometry_of("D1") is None
    with pytest.raises(GeographyInvalid, match="coordinates"):
        areas({"type": "Polygon", "coordinates": [[1, 2]]})
