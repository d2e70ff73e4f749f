"""One accepted item as the counts see it: when, where, against whom, how well sourced."""

from __future__ import annotations

from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import date, datetime

    from processors.tension.rules import Rules
    from schemas.records import TensionItem

ALL: Final = "all"
COUNTY: Final = "county"
UNGRADED: Final = "ungraded"


class Place(NamedTuple):
    """An area and its level (lsoa, ward, district or county)."""

    level: str
    area: str


class Series(NamedTuple):
    """What is counted together: a place and a strand, a group (`race:asian`), or `all`."""

    place: Place
    strand: str


class Event(NamedTuple):
    """An item without what counting does not need. `order` settles which version stands."""

    order: tuple[bool, int, datetime, bytes]
    item_id: str
    agency: str
    day: date
    series: tuple[Series, ...]
    is_incident: bool
    is_nil: bool
    is_uncounted: bool
    is_disorder: bool
    grade: str
    weight: int
    origin: bytes | None

    @property
    def is_retracted(self) -> bool:
        """The item has been withdrawn."""
        return self.order[0]

    @property
    def rank(self) -> tuple[bool, str, int, date, str]:
        """Smallest for the one of several reports with one origin that is counted.

        Evidenced disorder first, then the best grading, the greatest weight, the earliest.
        """
        grade = "9" if self.grade == UNGRADED else self.grade
        return (not self.is_disorder, grade, -self.weight, self.day, self.item_id)

    @property
    def places(self) -> list[Place]:
        """Where it was: the county, and what is known of district, ward and LSOA."""
        return list(dict.fromkeys(one.place for one in self.series))


@lru_cache(maxsize=1 << 17)
def series_of(
    district: str | None, ward: str | None, lsoa: str | None, strands: tuple[str, ...]
) -> tuple[Series, ...]:
    """Every series that something at a place against these strands and groups belongs to."""
    places = [Place(COUNTY, COUNTY)]
    named = zip(("district", "ward", "lsoa"), (district, ward, lsoa), strict=True)
    places += [Place(level, area) for level, area in named if area]
    return tuple(Series(place, strand) for place in places for strand in (ALL, *strands))


def event_of(item: TensionItem, rules: Rules) -> Event:
    """Keep of an item what counting needs."""
    groups = item["groups"] or [item["group_affected"] or ""]
    named = {*item["strands"], *(group for group in groups if ":" in group)}
    grade = _grade(item)
    disorder = rules.disorder
    return Event(
        order=(item["retracted"], item["version"], item["recorded_at"], item["content_digest"]),
        item_id=item["item_id"],
        agency=item["agency"],
        day=item["observed_from"].astimezone(UTC).date(),
        series=series_of(
            item["district"], item["ward"], item["lsoa"], tuple(sorted(named - {ALL}))
        ),
        is_incident=item["source"] == "incident",
        is_nil=item["nil_return"],
        is_uncounted=item["intelligence_grade"] in rules.uncounted.intelligence,
        is_disorder=(
            item["eep"] in disorder.eep
            and item["category"] in disorder.categories
            and grade in disorder.grades
        ),
        grade=grade,
        weight=item["weight_milli"],
        origin=item["origin_token"],
    )


def _grade(item: TensionItem) -> str:
    if item["source_grade"] is None or item["intelligence_grade"] is None:
        return UNGRADED
    return f"{item['source_grade']}{item['intelligence_grade']}"
