"""Tells the story of a county: incident after incident until the asked number has happened."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from concord.scenario import facts, tension
from concord.scenario.agencies import Agency, agencies
from concord.scenario.casting import Case, Cast, Casting
from concord.scenario.chance import Chance, Urn
from concord.scenario.county import Street, Ward, county
from concord.scenario.families import USUAL, Families
from concord.scenario.namebook import name_book
from concord.scenario.people import Home, Person, Population
from concord.scenario.revisions import revisions
from concord.scenario.scenario import Event, Scenario
from concord.scenario.scribe import MARKERS, Scribe
from concord.scenario.truth import Mention, TruePerson, Truth, clues
from schemas import codec
from schemas.identifiers import stable_id

INCIDENTS_A_YEAR = 4500
BUILD_UP_DAYS = 16
_AGAIN = 0.143
"""With relatives and chance this makes 16 % of incidents; short stories need a little more."""

_BUILD_UP_PART = 0.022
_HOURS = Urn(range(24), (2, 1, 1, 1, 1, 1, 2, 4, 6, 6, 6, 7, 8, 7, 8, 9, 9, 9, 8, 8, 7, 6, 5, 4))
_DELAY_DAYS = Urn((0, 1, 2, 5, 14, 40), (62, 20, 8, 6, 3, 1))
_PRECISION = Urn(("exact", "hour", "day", "week"), (62, 20, 15, 3))
_AT_HOME = frozenset({"home", "near_home"})


def generate(
    incidents: int,
    seed: int,
    until: date = date(2026, 6, 30),
    *,
    markers: bool = False,
    families: Families = USUAL,
) -> Scenario:
    """Tell a story of so many incidents, up to the end of the day `until`.

    The same arguments give the same story, byte for byte. The period is as long as that number
    takes at 4,500 incidents a year. With `markers`, every identifying value of a person holds one
    of `Scenario.markers`, to be searched for where no identity may be. Raises ValueError if
    `incidents` is less than 1.
    """
    if incidents < 1:
        raise ValueError("a scenario has at least one incident")
    return _Story(incidents, seed, until, markers=markers, families=families).tell()


class _Story:
    def __init__(
        self, incidents: int, seed: int, until: date, *, markers: bool, families: Families
    ) -> None:
        self._count = incidents
        self._seed = seed
        self._until = until
        self._markers = markers
        self._chance = Chance(f"{seed}/{incidents}/{until}")
        self._end = datetime.combine(until, time(23, 59), UTC)
        days = max(14, round(incidents / INCIDENTS_A_YEAR * 365))
        self._begin = self._end - timedelta(days=days)
        book = name_book()
        self._county = county()
        self._population = Population(self._chance, self._county, book, until, families)
        again = min(0.175, _AGAIN + 14 / incidents)
        self._casting = Casting(self._chance, self._population, book, agencies(), again, families)
        self._scribe = Scribe(self._chance, book, agencies().slips, markers=markers)
        self._spots = [self._county.street(self._chance) for _ in range(8 + incidents // 90)]
        self._numbers: dict[tuple[str, int], int] = {}
        self._truth = Truth()

    def tell(self) -> Scenario:
        """Tell it."""
        told: list[tuple[datetime, dict[str, Any]]] = []
        for at, ward in self._moments():
            event = self._incident(at, ward)
            told.append((event["recorded_at"], event))
        later, gone = revisions(self._chance, [event for _, event in told], self._end)
        told += later
        self._truth.mentions = [
            one for one in self._truth.mentions if (one.agency, one.reference) not in gone
        ]
        events = [(at, "incident.v1", value) for at, value in told]
        hot = self._build_up
        reports = tension.reports(self._chance, self._county, self._begin, self._end, hot)
        events += [(value["recorded_at"], "tension-report.v1", value) for value in reports]
        events.sort(key=lambda one: (one[0], one[2]["event_id"]))
        self._people()
        return Scenario(
            self._seed,
            self._begin.date(),
            self._until,
            agencies().rows,
            tuple(Event(record, codec.complete(record, value)) for _, record, value in events),
            self._truth,
            MARKERS if self._markers else (),
        )

    def _moments(self) -> list[tuple[datetime, Ward | None]]:
        """Times of the incidents; those of the build-up have their ward given."""
        chance = self._chance
        self._build_up = chance.pick(self._county.districts)
        swelling = max(6, int(self._count * _BUILD_UP_PART)) if self._count >= 60 else 0
        swelling = min(swelling, 60)
        days = (self._end - self._begin).days
        found: list[tuple[datetime, Ward | None]] = []
        for number in range(self._count):
            ward = None
            if number < swelling:
                back = int(BUILD_UP_DAYS * chance.source.random() ** 1.6)
                ward = chance.pick(self._build_up.wards[:6])
            else:
                back = chance.between(0, days - 1)
            day = self._end - timedelta(days=back + 1)
            hour = timedelta(hours=_HOURS.draw(chance), minutes=chance.between(0, 59))
            found.append((day.replace(hour=0, minute=0) + hour, ward))
        return sorted(found, key=lambda one: one[0])

    def _incident(self, at: datetime, ward: Ward | None) -> dict[str, Any]:
        chance = self._chance
        strands = facts.strands(chance)
        if ward is not None:
            strands = ["race"] if chance.yes(0.8) else ["religion"]
        cast = self._casting.cast(at, strands, ward)
        agency, previous = cast.agency, cast.previous
        earlier = previous.earlier + 1 if previous else 0
        event = self._outline(at, agency)
        event["strands"] = sorted(strands)
        event["perceived_by"] = facts.perceived_by(chance)
        event["perceived_target"] = sorted(facts.targets(chance, strands, cast.race, cast.religion))
        event |= facts.kind_of_event(chance, agency, min(earlier, 2))
        street = self._place(event, cast, ward)
        self._persons(event, cast)
        event["rubric"] = self._rubric(event, agency, earlier)
        event["consent"] = facts.consent(chance, agency, event["recorded_at"])
        event["victim_wishes"] = facts.wishes(chance)
        self._casting.remember(
            Case(cast.victims[0], agency, cast.suspects, at, street.ward, earlier)
        )
        return event

    def _outline(self, at: datetime, agency: Agency) -> dict[str, Any]:
        chance = self._chance
        delay = timedelta(
            days=_DELAY_DAYS.draw(chance) * chance.source.random(), minutes=chance.between(5, 300)
        )
        recorded = min(at + delay, self._end + timedelta(minutes=1))
        recorded = recorded.replace(microsecond=0)
        precision = _PRECISION.draw(chance)
        handled = chance.yes(0.12)
        reference = self._reference(agency, recorded)
        return {
            "event_id": stable_id("evt", agency.id, reference, "1"),
            "agency": agency.id,
            "reference": reference,
            "version": 1,
            "supersedes": None,
            "retracted": False,
            "recorded_at": recorded,
            "occurred": {
                "from": at.replace(hour=0, minute=0) if precision in {"day", "week"} else at,
                "to": at + timedelta(minutes=20)
                if precision == "exact" and chance.yes(0.1)
                else None,
                "precision": precision,
            },
            "other_strands": [],
            "gsc": "OFFICIAL-SENSITIVE",
            "handling": {
                "code": "C" if handled else "P",
                "conditions": "Do not pass on without asking the originator." if handled else None,
            },
            "linked_references": [],
            "referred_at": recorded - timedelta(days=30) if chance.yes(0.008) else None,
            "outcome": None,
            "review_by": recorded + timedelta(days=90) if chance.yes(0.3) else None,
        }

    def _reference(self, agency: Agency, recorded: datetime) -> str:
        key = (agency.id, recorded.year)
        self._numbers[key] = self._numbers.get(key, 0) + 1
        letters = "".join(part[0] for part in agency.id.split("-")).upper()
        return f"{letters}/{recorded.year}/{self._numbers[key]:06d}"

    def _place(self, event: dict[str, Any], cast: Cast, ward: Ward | None) -> Street:
        """Put the incident somewhere; gives the street."""
        chance, victim = self._chance, cast.victims[0]
        kind = cast.agency.places.draw(chance)
        home: Home = victim.household.home
        house, uprn, street = None, None, home.street
        if kind in _AT_HOME:
            house, uprn = home.house, home.uprn if chance.yes(0.6) else None
        elif ward is not None:
            street = self._county.street(chance, ward)
        elif cast.previous and chance.yes(0.35):
            street = self._county.street(chance, cast.previous.ward)
        elif chance.yes(0.1):
            street = self._spots[int(chance.long_tail(5)) % len(self._spots)]
            house = "1"
        else:
            street = self._county.street(chance)
        online = kind == "online"
        event["location"] = {
            "uprn": uprn,
            "house": None if online else house,
            "street": None if online else self._scribe.marked(street.name),
            "postcode": None if online or chance.yes(0.1) else street.postcode,
            "ward": None if online and chance.yes(0.5) else street.ward.code,
            "district": street.ward.district.code,
            "place_type": kind,
            "online": online,
            "platform": chance.pick(("a social network", "a video site", "a messenger"))
            if online
            else None,
        }
        return street

    def _persons(self, event: dict[str, Any], cast: Cast) -> None:
        chance, agency = self._chance, cast.agency
        noncrime = event["kind"] == "incident" and agency.type == "police"
        role = "complainant" if noncrime else "victim"
        day = event["recorded_at"].date()
        event["persons"] = []
        for victim in cast.victims:
            if chance.yes(agency.anonymous):
                self._enter(event, victim, role, self._scribe.nobody(role))
            else:
                self._write(event, victim, role, agency, day)
        for suspect in cast.suspects:
            if chance.yes(0.45 + 0.45 * agency.suspect):
                self._write(event, suspect, "subject" if noncrime else "suspect", agency, day)
        if cast.bystander:
            self._write(event, cast.bystander, chance.pick(("witness", "reporter")), agency, day)
        named = event["persons"][0]["given_names"] or event["persons"][0]["full_name"]
        what = event["narrative"]
        event["narrative"] = f"{named if named and chance.yes(0.4) else 'The victim'} {what}."

    def _write(
        self, event: dict[str, Any], person: Person, role: str, agency: Agency, day: date
    ) -> None:
        self._enter(event, person, role, self._scribe.write(person, role, agency, day))

    def _enter(
        self, event: dict[str, Any], person: Person, role: str, written: dict[str, Any]
    ) -> None:
        self._truth.mentions.append(
            Mention(
                event["agency"],
                event["reference"],
                len(event["persons"]),
                role,
                person.key,
                event["occurred"]["from"],
                clues(written),
                dated=len(written["date_of_birth"] or "") == len("2000-01-01"),
                undated=_undated(written),
            )
        )
        event["persons"].append(written)

    def _rubric(self, event: dict[str, Any], agency: Agency, earlier: int) -> dict[str, int]:
        asks = {"police": 0.8, "housing": 0.7, "council": 0.6, "third-party-centre": 0.5}
        rate = asks.get(agency.type, 0.1)
        if not self._chance.yes(0.75):
            return {}
        return facts.rubric(self._chance, event, earlier, rate)

    def _people(self) -> None:
        """Tell the truth about everybody who is mentioned."""
        seen = {one.person for one in self._truth.mentions}
        for person in self._population.people:
            if person.key not in seen:
                continue
            home = person.household.key
            self._truth.households.setdefault(home, []).append(person.key)
            self._truth.persons[person.key] = TruePerson(
                home,
                person.origin.ethnicity,
                person.sex,
                _age_band(person.age_on(self._until)),
                person.origin.key,
                *(one.key if one else "" for one in (person.parent, person.twin, person.namesake)),
            )


def _undated(written: dict[str, Any]) -> bool:
    schemes = {one["scheme"].partition(":")[0] for one in written["identifiers"]}
    return not written["date_of_birth"] and written["age"] is None and schemes <= {"tenancy"}


def _age_band(age: int) -> str:
    for limit, band in ((18, "0-17"), (25, "18-24"), (35, "25-34"), (50, "35-49"), (65, "50-64")):
        if age < limit:
            return band
    return "65+"
