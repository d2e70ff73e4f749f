"""Who plays which part in an incident: new victims, victims again, relatives, suspects."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from concord.scenario.agencies import Agencies, Agency
from concord.scenario.chance import Chance, Urn
from concord.scenario.county import Ward
from concord.scenario.families import Families
from concord.scenario.namebook import NameBook
from concord.scenario.people import Person, Population
from concord.scenario.truth import WINDOW

_FIRST = 40
"""No victim comes back among the first incidents, or they would come back too often."""

_BACK = 650.0
"""Mean number of incidents to look back for a victim who suffers again: some seven weeks."""


@dataclass(slots=True, eq=False)
class Case:
    """What one incident leaves behind for later ones."""

    victim: Person
    agency: Agency
    suspects: list[Person]
    at: datetime
    ward: Ward
    earlier: int


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of one incident."""

    agency: Agency
    victims: list[Person]
    suspects: list[Person]
    bystander: Person | None
    previous: Case | None
    race: str
    religion: str | None


@dataclass(slots=True)
class Casting:
    """Chooses people, remembering what happened before."""

    chance: Chance
    population: Population
    names: NameBook
    agencies: Agencies
    again: float
    """Chance that the next victim is one of the last twelve months."""
    families: Families

    cases: list[Case] = field(default_factory=list)
    offenders: list[Person] = field(default_factory=list)
    _shares: Urn[Agency] = field(init=False)

    def __post_init__(self) -> None:
        """Weigh the agencies."""
        self._shares = Urn(self.agencies.rows, [row.share for row in self.agencies.rows])

    def cast(self, at: datetime, strands: list[str], ward: Ward | None) -> Cast:
        """Choose the people of an incident at this time, in this ward if one is given."""
        previous = self._earlier_case(at) if ward is None else None
        agency = self._agency(previous)
        victim = previous.victim if previous else self._new_victim(agency, strands, ward, at.date())
        if previous and not _fits(victim, agency, at.date()):
            agency = self.agencies.of_type("police")
        victims = [victim]
        if self.chance.yes(self.families.together):
            others = [
                one
                for one in victim.household.members
                if one is not victim and one.age_on(at.date()) >= 4
            ]
            victims += [self.chance.pick(others)] if others else []
        elif self.chance.yes(0.03):
            victims.append(self._new_victim(agency, strands, None, at.date()))
        return Cast(
            agency,
            victims,
            self._suspects(previous),
            self._bystander() if self.chance.yes(0.14) else None,
            previous,
            victim.origin.target,
            victim.religion,
        )

    def remember(self, case: Case) -> None:
        """Keep a case, so that its people can come back."""
        self.cases.append(case)

    def _earlier_case(self, at: datetime) -> Case | None:
        if len(self.cases) < _FIRST or not self.chance.yes(self.again):
            return None
        back = int(self.chance.long_tail(_BACK))
        if back >= len(self.cases):
            back = self.chance.between(0, len(self.cases) - 1)
        case = self.cases[-1 - back]
        return case if at - case.at <= WINDOW - timedelta(days=1) else None

    def _agency(self, previous: Case | None) -> Agency:
        if previous and self.chance.yes(0.4):
            return previous.agency
        return self._shares.draw(self.chance)

    def _new_victim(
        self, agency: Agency, strands: list[str], ward: Ward | None, day: date
    ) -> Person:
        if self.cases and ward is None and self.chance.yes(self.families.relatives):
            kin = self.chance.pick(self.cases[-2000:]).victim.household.members
            fitting = [one for one in kin if _fits(one, agency, day)]
            if fitting:
                return self.chance.pick(fitting)
        targeted = {"race", "religion"} & set(strands)
        wanted = self.names.origin(self.chance, "race" if targeted else "county")
        tenant = True if agency.type == "housing" else None
        while True:
            home = self.population.household(wanted, ward, tenant=tenant)
            fitting = [one for one in home.members if _fits(one, agency, day)]
            if fitting:
                return self.chance.pick(fitting)

    def _suspects(self, previous: Case | None) -> list[Person]:
        chance = self.chance
        if previous and previous.suspects and chance.yes(0.5):
            return list(previous.suspects)
        if chance.yes(0.56):
            return []
        return [self._offender() for _ in range(2 if chance.yes(0.15) else 1)]

    def _offender(self) -> Person:
        chance = self.chance
        if self.offenders and chance.yes(0.16):
            return self.offenders[-1 - int(chance.long_tail(120)) % len(self.offenders)]
        home = self.population.household(self.names.origin(chance, "county"))
        grown = [one for one in home.members if one.age_on(self.population.today) >= 13]
        offender = chance.pick([one for one in grown if one.sex == "male"] or grown)
        self.offenders.append(offender)
        return offender

    def _bystander(self) -> Person:
        home = self.population.household(self.names.origin(self.chance, "county"))
        return home.members[0]


def _fits(person: Person, agency: Agency, day: date) -> bool:
    age = person.age_on(day)
    if agency.type == "school":
        return 5 <= age <= 18
    if agency.type == "housing":
        return person.household.tenant and age >= 16
    return 10 <= age < 96
