"""The people of the county as they are, household by household. How clerks write them: `scribe`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from concord.scenario.chance import Chance, Urn
from concord.scenario.county import County, Street, Ward
from concord.scenario.families import Families
from concord.scenario.issued import Issued
from concord.scenario.namebook import NameBook, Origin, plain
from concord.scenario.numbers import Line, Numbers

_OCCUPATIONS = (
    *("taxi driver", "shop assistant", "nurse", "student", "warehouse operative", "care worker"),
    *("teacher", "cleaner", "takeaway owner", "bus driver", "software developer", "retired"),
    *("builder", "chef", "security guard", "pharmacist", "imam", "rabbi", "dentist"),
    *("hairdresser", "delivery driver", "postal worker", "not working"),
)
_DOMAINS = ("example.com", "example.org", "example.net")
_SHAPES = Urn(
    ("alone", "couple", "family", "lone parent", "three generations"), (32, 20, 30, 12, 6)
)
_CROWDED = frozenset(
    {"pakistani", "bangladeshi", "somali", "roma", "afghan", "traveller", "jewish"}
)
_OWN_SURNAMES = frozenset(
    {"pakistani", "bangladeshi", "somali", "eritrean", "chinese", "vietnamese", "arab", "afghan"}
)
_TENANT = 0.3
_PNC_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Home:
    """A dwelling."""

    house: str
    street: Street
    uprn: str


@dataclass(slots=True, eq=False)
class Household:
    """People who live together."""

    key: str
    origin: Origin
    home: Home
    tenant: bool
    tenancy: str
    landline: Line | None
    shared_phone: Line | None
    earlier_home: Home | None = None
    members: list[Person] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Person:
    """One person, in truth."""

    key: str
    origin: Origin
    sex: str
    given: str
    middle: str | None
    family: str
    former_family: str | None
    born: date
    household: Household
    phone: Line | None
    second_phone: Line
    email: str | None
    second_email: str
    religion: str
    occupation: str | None
    nhs_number: str
    school: str
    pnc: str
    migrant: bool
    vulnerable: tuple[str, ...]
    parent: Person | None = None
    """Whose child of the same household this is."""
    twin: Person | None = None

    @property
    def namesake(self) -> Person | None:
        """The parent, if both bear the same whole name."""
        elder = self.parent
        same = elder and (elder.given, elder.family) == (self.given, self.family)
        return elder if same else None

    def age_on(self, day: date) -> int:
        """Age in completed years."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


class Population:
    """Grows the county's households as the story asks for them."""

    def __init__(
        self, chance: Chance, county: County, names: NameBook, today: date, families: Families
    ) -> None:
        """`today` is the day on which ages are drawn."""
        self._chance = chance
        self._county = county
        self._names = names
        self.today = today
        self._families = families
        self.numbers = Numbers(chance)
        self._issued = Issued()
        self.people: list[Person] = []
        self.households: list[Household] = []

    def household(
        self, origin: Origin, ward: Ward | None = None, tenant: bool | None = None
    ) -> Household:
        """Move a new household in; `tenant`: its landlord is the housing association."""
        chance = self._chance
        lives_in = self.home(ward)
        number = len(self.households) + 1
        rents = chance.yes(_TENANT) if tenant is None else tenant
        made = Household(
            f"h{number:06d}",
            origin,
            lives_in,
            rents,
            f"T{number:06d}/{chance.digits(2)}",
            Line(self.numbers) if chance.yes(0.3) else None,
            Line(self.numbers) if chance.yes(0.15) else None,
            self.home() if chance.yes(0.12) else None,
        )
        self.households.append(made)
        self._fill(made)
        return made

    def home(self, ward: Ward | None = None) -> Home:
        """Draw a dwelling."""
        chance = self._chance
        street = self._county.street(chance, ward)
        number = chance.between(1, 140)
        if chance.yes(0.12):
            flat = chance.between(1, 24)
            uprn = f"9990{street.number:05d}{(number * 25 + flat) % 1000:03d}"
            return Home(f"Flat {flat}, {number}", street, uprn)
        return Home(str(number), street, f"9990{street.number:05d}{number:03d}")

    def _fill(self, home: Household) -> None:
        chance, origin = self._chance, home.origin
        shape = _SHAPES.draw(chance)
        if origin.key in _CROWDED and shape == "alone" and chance.yes(0.6):
            shape = "family"
        family = origin.family_name(chance)
        age = chance.between(19, 78) if shape in {"alone", "couple"} else chance.between(25, 52)
        sex = "female" if shape == "lone parent" and chance.yes(0.85) else self._sex()
        first = self._person(home, sex, family, age)
        partner = None if shape in {"alone", "lone parent"} else self._partner(home, first, age)
        if shape not in {"alone", "couple"}:
            father = next((one for one in (first, partner) if one and one.sex == "male"), None)
            self._children(home, father or first, min(age, partner_age(partner, self.today, age)))
        if shape == "three generations":
            self._person(home, self._sex(), family, age + chance.between(22, 32))

    def _sex(self) -> str:
        return "female" if self._chance.yes(0.46) else "male"

    def _partner(self, home: Household, first: Person, age: int) -> Person:
        chance = self._chance
        sex = first.sex if chance.yes(0.06) else ("male" if first.sex == "female" else "female")
        keeps_own = chance.yes(0.55 if home.origin.key in _OWN_SURNAMES else 0.2)
        own = home.origin.family_name(chance)
        family = own if keeps_own else home.origin.masculine(first.family)
        partner = self._person(home, sex, family, max(18, age + chance.between(-6, 6)))
        if not keeps_own and sex == "female":
            partner.former_family = home.origin.borne_by(own, sex)
        return partner

    def _children(self, home: Household, parent: Person, youngest_parent: int) -> None:
        chance, origin = self._chance, home.origin
        family = parent.given if origin.patronymic else origin.masculine(parent.family)
        count = chance.between(2, 5) if origin.key in _CROWDED else chance.between(1, 3)
        oldest = max(0, youngest_parent - 20)
        ages = sorted({chance.between(max(0, oldest - 14), oldest) for _ in range(count)})
        for age in ages:
            child = self._person(home, self._sex(), family, age)
            child.parent = parent
            sons = parent.sex == "male" and child.sex == "male"
            if sons and chance.yes(self._families.namesakes) and not _has_namesake(parent):
                child.given = parent.given
            if chance.yes(self._families.twins):
                twin = self._person(home, self._sex(), family, age)
                twin.born, twin.parent, twin.twin, child.twin = child.born, parent, child, twin

    def _person(self, home: Household, sex: str, family: str, age: int) -> Person:
        chance, origin = self._chance, home.origin
        given = origin.given_name(chance, sex)
        taken = {member.given for member in home.members}
        if self._families.unlike:
            taken |= {name for each in taken for name in self._names.spellings.get(each, ())}
        while given in taken:
            given = origin.given_name(chance, sex)
        settled = self._settle(given), self._settle(origin.borne_by(family, sex))
        born = self.today - timedelta(days=int(age * 365.25) + chance.between(0, 364))
        number = len(self.people) + 1
        made = Person(
            key=f"p{number:06d}",
            origin=origin,
            sex=sex,
            given=settled[0],
            middle=origin.given_name(chance, sex) if chance.yes(0.4) else None,
            family=settled[1],
            former_family=None,
            born=born,
            household=home,
            phone=Line(self.numbers) if age >= 11 and chance.yes(0.92) else None,
            second_phone=Line(self.numbers),
            email=self._email(*settled) if age >= 13 and chance.yes(0.75) else None,
            second_email=self._email(*settled),
            religion=chance.pick(origin.religions),
            occupation=chance.pick(_OCCUPATIONS) if age >= 18 else None,
            nhs_number=self._issued.nhs_number(chance),
            school=f"X{chance.digits(12)}",
            pnc=f"{chance.between(1, 24):02d}/{chance.digits(6)}{chance.pick(_PNC_LETTERS)}",
            migrant=origin.key in _MIGRANT and chance.yes(0.5),
            vulnerable=self._vulnerable(age),
        )
        home.members.append(made)
        self.people.append(made)
        return made

    def _settle(self, name: str) -> str:
        """Choose the spelling that the person uses."""
        others = self._names.spellings.get(name)
        return self._chance.pick(others) if others and self._chance.yes(0.3) else name

    def _email(self, given: str, family: str) -> str:
        chance = self._chance
        first, last = (_letters(part) for part in (given, family))
        local = chance.pick(
            (f"{first}.{last}", f"{first[:1]}{last}", f"{first}{last}", f"{last}.{first}")
        )
        number = chance.between(1, 99) if chance.yes(0.6) else None
        return self._issued.address(local, number, chance.pick(_DOMAINS))

    def _vulnerable(self, age: int) -> tuple[str, ...]:
        if age < 18:
            return ("child",)
        if age > 70:
            return ("older_person",)
        if self._chance.yes(0.1):
            return (self._chance.pick(("disability", "mental_health", "isolation", "language")),)
        return ()


_MIGRANT = frozenset(
    {"somali", "eritrean", "afghan", "kurdish", "iranian", "arab", "romanian", "roma"}
    | {"vietnamese", "bangladeshi"}
)


def partner_age(partner: Person | None, today: date, otherwise: int) -> int:
    """Age of a partner, or `otherwise` where there is none."""
    return partner.age_on(today) if partner else otherwise


def _has_namesake(parent: Person) -> bool:
    """Whether a child has the parent's name already."""
    return any(one.parent and one.given == parent.given for one in parent.household.members)


@cache
def _letters(name: str) -> str:
    return "".join(
        letter for letter in plain(name).lower() if letter.isalpha() and letter.isascii()
    )
