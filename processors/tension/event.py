"""One accepted item as the counts see it: when, where, against whom, how well sourced."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from processors.tension.rules import Rules
    from schemas.records import TensionItem

ALL: Final = "all"
COUNTY: Final = "county"
UNGRADED: Final = "ungraded"


class Place(NamedTuple):
    """An area and its level (ward, district or county)."""

    level: str
    area: str


class Series(NamedTuple):
    """What is counted together: a place and a strand, or `all`."""

    place: Place
    strand: str


class Event(NamedTuple):
    """An item without what counting does not need. `order` settles which version stands."""

    order: tuple[bool, int, datetime, bytes]
    item_id: str
    agency: str
    day: date
    places: tuple[Place, ...]
    strands: tuple[str, ...]
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

    def series(self) -> Iterator[Series]:
        """Give every series that the event belongs to."""
        for place in self.places:
            for strand in (ALL, *self.strands):
                yield Series(place, strand)

    def belongs_to(self, series: Series) -> bool:
        """Tell whether the event is counted in `series`."""
        return series.place in self.places and series.strand in {ALL, *self.strands}


def event_of(item: TensionItem, rules: Rules) -> Event:
    """Keep of an item what counting needs."""
    places = [Place(COUNTY, COUNTY)]
    if item["district"]:
        places.append(Place("district", item["district"]))
    if item["ward"]:
        places.append(Place("ward", item["ward"]))
    grade = _grade(item)
    disorder = rules.disorder
    return Event(
        order=(item["retracted"], item["version"], item["recorded_at"], item["content_digest"]),
        item_id=item["item_id"],
        agency=item["agency"],
        day=item["observed_from"].astimezone(UTC).date(),
        places=tuple(places),
        strands=tuple(sorted(set(item["strands"]) - {ALL})),
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
