"""The fictional county, the same in every scenario: districts, wards, streets, postcodes."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from concord.scenario.chance import Chance, Urn

_UNIT_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_COLUMNS = 8


@dataclass(frozen=True, slots=True)
class Street:
    """A street with its postcode."""

    number: int
    name: str
    postcode: str
    ward: Ward


@dataclass(slots=True, eq=False)
class Ward:
    """A ward: its place on the county's grid and its streets."""

    code: str
    name: str
    district: District
    x: int
    y: int
    streets: list[Street]


@dataclass(slots=True, eq=False)
class District:
    """A district with its wards."""

    code: str
    name: str
    population: int
    wards: list[Ward]


@dataclass(frozen=True, slots=True)
class County:
    """All districts, with wards weighted by how much happens there."""

    name: str
    districts: tuple[District, ...]
    wards: Urn[Ward]

    def street(self, chance: Chance, ward: Ward | None = None) -> Street:
        """Draw a street of the county, or of a ward."""
        return chance.pick((ward or self.wards.draw(chance)).streets)


def _streets(chance: Chance, ward: Ward, number: int, data: dict[str, Any], area: str) -> None:
    stems, types = data["stems"].split(), data["types"].split()
    seen: set[str] = set()
    while len(ward.streets) < data["per_ward"]:
        name = f"{chance.pick(stems)} {chance.pick(types)}"
        if name in seen:
            continue
        seen.add(name)
        at = len(ward.streets)
        inward = f"{at // 20 + 1 + 3 * (number % 3)}"
        unit = _UNIT_LETTERS[at % 20] + _UNIT_LETTERS[(7 * at + number) % 20]
        street = Street(number * 100 + at, name, f"{area}{number // 3 + 1} {inward}{unit}", ward)
        ward.streets.append(street)


@cache
def county() -> County:
    """Build the county from county.toml, once."""
    data = tomllib.loads(
        resources.files("concord.scenario").joinpath("county.toml").read_text("utf-8")
    )
    chance = Chance("county")
    districts: list[District] = []
    wards: list[Ward] = []
    weights: list[float] = []
    for row in data["district"]:
        district = District(row["code"], row["name"], row["population"], [])
        for at, name in enumerate(row["wards"].split(", ")):
            number = len(wards)
            code = f"X05{number + 1:06d}"
            ward = Ward(
                code, name, district, at % _COLUMNS, at // _COLUMNS + 3 * len(districts), []
            )
            _streets(chance, ward, number, data["streets"], data["postcode_area"])
            district.wards.append(ward)
            wards.append(ward)
            weights.append(row["population"] / 24 * (0.4 + chance.long_tail(0.6)))
        districts.append(district)
    return County(data["name"], tuple(districts), Urn(wards, weights))


def as_json() -> dict[str, Any]:
    """The county for a reader: districts, wards, grid positions; streets left out."""
    whole = county()
    return {
        "name": whole.name,
        "fictional": True,
        "districts": [
            {
                "code": district.code,
                "name": district.name,
                "population": district.population,
                "wards": [
                    {"code": ward.code, "name": ward.name, "x": ward.x, "y": ward.y}
                    for ward in district.wards
                ],
            }
            for district in whole.districts
        ],
    }
