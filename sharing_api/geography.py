"""The areas of a hub, from its configuration: which districts and wards there are, and where.

What is published for every area takes its list from here and never from data: an area that vanishes
when nothing happens in it would tell that nothing happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

COUNTY: Final = "all"
ELSEWHERE: Final = "elsewhere"
"""The area of what lies in no listed one, or of which the place is not known."""
_LEVELS: Final = ("county", "district", "ward")


class GeographyInvalid(ValueError):
    """The file is not a list of areas; the message names the feature and what would be accepted."""


@dataclass(frozen=True, slots=True)
class Area:
    """One district or ward; `parent` is a ward's district. Geometry as GeoJSON, if known."""

    code: str
    name: str
    level: str
    parent: str | None = None
    geometry: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Geography:
    """A county's areas, in the order of its file."""

    name: str
    areas: tuple[Area, ...]
    by_code: Mapping[str, Area] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the areas."""
        object.__setattr__(self, "by_code", {area.code: area for area in self.areas})

    def codes(self, level: str) -> tuple[str, ...]:
        """Codes of a level, then the area for everything else; `all` for the county."""
        if level == "county":
            return (COUNTY,)
        return (*(area.code for area in self.areas if area.level == level), ELSEWHERE)

    @property
    def districts(self) -> dict[str, str]:
        """The district of each ward, by code."""
        return {area.code: area.parent for area in self.areas if area.parent is not None}

    def wards_of(self, district: str) -> int:
        """How many wards a district has; at least one, so that a rate can be shared out."""
        return max(1, sum(area.parent == district for area in self.areas))

    def name_of(self, code: str) -> str:
        """The area's name as people know it; the code of an area that is no longer listed."""
        if code == COUNTY:
            return self.name
        if code == ELSEWHERE:
            return "Elsewhere or not known"
        area = self.by_code.get(code)
        return area.name if area else code

    def geometry_of(self, code: str) -> Mapping[str, Any] | None:
        """The area's boundary or point as GeoJSON, if the file has one."""
        area = self.by_code.get(code)
        return area.geometry if area else None


def read(document: Any) -> Geography:
    """Read a GeoJSON FeatureCollection (RFC 7946) whose features are districts and wards.

    Properties: `code`, `name`, `level` (district or ward), of a ward `district`. The county's name
    is the collection's member `name`. Raises GeographyInvalid.
    """
    if not isinstance(document, Mapping) or document.get("type") != "FeatureCollection":
        raise GeographyInvalid("type: a GeoJSON FeatureCollection is expected")
    features = document.get("features")
    if not isinstance(features, list):
        raise GeographyInvalid("features: a list is expected")
    areas = [_area(number, feature) for number, feature in enumerate(features)]
    _consistent(areas)
    return Geography(str(document.get("name") or "County"), tuple(areas))


def _area(number: int, feature: Any) -> Area:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    if not isinstance(properties, Mapping):
        raise GeographyInvalid(f"features[{number}].properties: an object is expected")
    for name in ("code", "name", "level"):
        if not isinstance(properties.get(name), str) or not properties[name].strip():
            raise GeographyInvalid(f"features[{number}].properties.{name}: a text is expected")
    level, parent = properties["level"], properties.get("district")
    if level not in _LEVELS:
        raise GeographyInvalid(f"features[{number}].properties.level: district or ward")
    if properties["code"] in {COUNTY, ELSEWHERE}:
        raise GeographyInvalid(f"features[{number}].properties.code: not a reserved word")
    if level == "ward" and not isinstance(parent, str):
        raise GeographyInvalid(f"features[{number}].properties.district: code of its district")
    return Area(
        properties["code"],
        properties["name"],
        level,
        parent if level == "ward" else None,
        _wound(feature.get("geometry")),
    )


def _wound(geometry: Any) -> Any:
    """Turn rings as RFC 7946, 3.1.6 has them: outer ones counter-clockwise, holes clockwise.

    Boundaries as they are published often turn the other way round.
    """
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    try:
        if kind == "Polygon":
            return {**geometry, "coordinates": _turned(geometry["coordinates"])}
        if kind == "MultiPolygon":
            parts = [_turned(polygon) for polygon in geometry["coordinates"]]
            return {**geometry, "coordinates": parts}
    except (KeyError, TypeError, IndexError):
        raise GeographyInvalid("geometry.coordinates: rings of positions are expected") from None
    return geometry


def _turned(rings: Sequence[Sequence[Sequence[float]]]) -> list[list[Sequence[float]]]:
    return [
        list(ring) if (_area_of(ring) > 0) == (number == 0) else list(reversed(ring))
        for number, ring in enumerate(rings)
    ]


def _area_of(ring: Sequence[Sequence[float]]) -> float:
    """Twice the area on the plane; negative where the ring turns clockwise (shoelace formula)."""
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return sum(one[0] * two[1] - two[0] * one[1] for one, two in pairs)


def _consistent(areas: Iterable[Area]) -> None:
    seen: set[str] = set()
    listed = list(areas)
    districts = {area.code for area in listed if area.level == "district"}
    if not districts:
        raise GeographyInvalid("features: at least one district is expected")
    for number, area in enumerate(listed):
        if area.code in seen:
            raise GeographyInvalid(f"features[{number}].properties.code: each code once")
        seen.add(area.code)
        if area.level == "ward" and area.parent not in districts:
            raise GeographyInvalid(
                f"features[{number}].properties.district: code of a listed district"
            )
