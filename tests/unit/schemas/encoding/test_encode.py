"""Encodings: compact, keyed, without clear values; the same for all the ways to write a value."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.encoding import ENCODED_ROLES, EncodingError, contact, decode, encode, names
from tests.unit.processors.linkage.builders import KEY, NOON, person, words


def field(name: str, **known: Any) -> tuple[int, ...]:
    """The words of one field of a person's encoding."""
    data = encode(person(**known), KEY, NOON)
    assert data is not None
    return decode(data).field(name)


@pytest.mark.parametrize("role", ["witness", "reporter", "other"])
def test_only_victims_and_suspects_are_encoded(role: str) -> None:
    """Data minimisation: whoever is not correlated has no encoding."""
    assert role not in ENCODED_ROLES
    assert encode(person(role, given_names="Ada", family_name="Byron"), KEY) is None


@pytest.mark.parametrize("text", ["Unknown", "refused", "n/a", "NOT STATED", "-", "John Doe", ""])
def test_values_that_say_nothing_leave_no_trace(text: str) -> None:
    """Ways to say that nothing is known give an encoding without the field."""
    assert encode(person(full_name=text), KEY) == encode(person(), KEY)


def test_no_value_is_in_clear() -> None:
    """An encoding contains none of the person's values, in any case or spelling."""
    known = {"given_names": "Wilhelmina", "family_name": "Abercrombie", "street": "Mill Road"}
    data = encode(person(**known, postcode="CX5 1AA", phones=["07700 900123"]), KEY)
    assert data is not None
    for clear in (b"wilhelmina", b"abercrombie", b"mill", b"cx5", b"7700900123"):
        assert clear not in data.lower()


def test_another_key_gives_nothing_in_common() -> None:
    """Under another key all tokens of a person are others."""
    one = encode(person(given_names="Ada", family_name="Byron", date_of_birth="1984-03-12"), KEY)
    two = encode(
        person(given_names="Ada", family_name="Byron", date_of_birth="1984-03-12"), KEY[::-1]
    )
    assert one is not None
    assert two is not None
    assert decode(one).field("family") != decode(two).field("family")
    assert decode(one).field("birth") != decode(two).field("birth")


@pytest.mark.parametrize(
    "form", ["+447700900123", "07700 900 123", "+44 (0)7700 900123", "00447700900123"]
)
def test_telephone_numbers_are_one_in_all_forms(form: str) -> None:
    """National and international forms of a number give one token."""
    assert field("mobile", phones=[form]) == field("mobile", phones=["07700900123"])


@pytest.mark.parametrize("form", ["cx51aa", "CX5  1AA", "Cx5-1aa"])
def test_postcodes_are_one_in_all_forms(form: str) -> None:
    """Spacing and case of a postcode do not matter."""
    assert field("postcode", postcode=form) == field("postcode", postcode="CX5 1AA")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        *[("Mohammed", "Muhammad"), ("Kasia", "Katarzyna"), ("Ayesha", "Aisha"), ("Zoë", "zoe")],
        *[("Naveed", "Nawid"), ("Erika", "Erica"), ("Halid", "Khaled"), ("Iryna", "Irina")],
        *[("Abdul Rahman", "Abdirahman"), ("Abdel Karim", "Abdulkarim"), ("Casey", "Casie")],
        *[("Jasvindar", "Jaswinder"), ("Sandhya", "Sandya"), ("Xasan", "Hassan")],
    ],
)
def test_spellings_of_a_given_name_meet_in_one_form(one: str, two: str) -> None:
    """Transliterations and short forms share the canonical token."""
    first = field("given_canonical", given_names=one, family_name="Ek")
    assert first[0] == field("given_canonical", given_names=two, family_name="Ek")[0]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        *[("Louise", "Lucy"), ("Ali", "Alan"), ("Wei", "Weiming")],
        *[("Abdulrahman", "Abdulaziz"), ("Adewale", "Olawale"), ("Abdi", "Abdul")],
    ],
)
def test_other_names_do_not(one: str, two: str) -> None:
    """What only sounds alike, or begins alike, is another name."""
    first = field("given_canonical", given_names=one, family_name="Ek")
    assert first[0] != field("given_canonical", given_names=two, family_name="Ek")[0]


def test_a_short_form_meets_every_name_that_it_may_stand_for() -> None:
    """Sam meets Samantha and Samuel, who do not meet each other."""
    sam, samantha, samuel = (
        set(field("given_canonical", given_names=name, family_name="Ek")) - {0}
        for name in ("Sam", "Samantha", "Samuel")
    )
    assert sam == samantha | samuel
    assert samantha.isdisjoint(samuel)


def test_an_initial_may_be_that_of_the_long_form() -> None:
    """W and B both stand for Bill; V and W are two letters."""
    bill, w, b, v = (
        field("given_canonical", given_names=name, family_name="Ek") for name in ("Bill", *"WBV")
    )
    assert w[0] in bill
    assert len({bill[0], w[0], b[0], v[0]}) == 4


def test_two_syllables_meet_the_first_of_them() -> None:
    """Jun Ming goes by Jun; Jun Ming and Jun Wei are brothers."""
    jun, ming, wei = (
        field("given_canonical", given_names=name, family_name="Kwok")
        for name in ("Jun", "Jun Ming", "Jun Wei")
    )
    assert jun[0] in ming
    assert ming[0] not in wei
    assert wei[0] not in ming


def test_two_syllables_meet_the_second_of_them_too() -> None:
    """Siu Ming goes by Ming as often as by Siu."""
    ming, whole = (
        field("given_canonical", given_names=name, family_name="Kwok")
        for name in ("Ming", "Siu Ming")
    )
    assert ming[0] in whole


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Kar Wai", "Ka Wai"),
        ("Ka Wai", "Jia Wei"),
        ("Tsz Kit", "Zijie"),
        ("Hsiao-Mei", "Xiao Mei"),
        ("Chee Keong", "Chi Keung"),
        ("Kwok Fai", "Guohui"),
    ],
)
def test_romanisations_of_a_given_name_meet_in_one_form(one: str, two: str) -> None:
    """Mandarin and Cantonese, by the book and by ear."""
    forms = [field("given_canonical", given_names=name, family_name="Kwok") for name in (one, two)]
    assert forms[0][0] == forms[1][0]


@pytest.mark.parametrize(
    ("one", "two"), [("Ka Yan", "Ka Wai"), ("Chi Ming", "Chi Keung"), ("Karl", "Cal")]
)
def test_other_syllables_do_not(one: str, two: str) -> None:
    """Brothers and sisters often share one of the two."""
    forms = [field("given_canonical", given_names=name, family_name="Kwok") for name in (one, two)]
    assert forms[0][0] != forms[1][0]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Kowalska", "Kowalski"),
        ("McDonald", "MacDonald"),
        ("O'Neill", "ONEILL"),
        ("Ivanova", "Ivanov"),
        ("Tan", "Chen"),
        ("Teoh", "Cheung"),
        ("Goh", "Wu"),
        ("Jallow", "Diallo"),
    ],
)
def test_spellings_of_a_family_name_meet_in_one_form(one: str, two: str) -> None:
    """Endings, prefixes and apostrophes do not part a family."""
    first = field("family_canonical", given_names="Jo", family_name=one)
    assert first == field("family_canonical", given_names="Jo", family_name=two)


def test_a_date_digit_apart_is_one_byte_apart() -> None:
    """Each digit of a date has its own byte; day and month share their alphabet."""
    one, two = (
        field("birth", date_of_birth="1984-03-12"),
        field("birth", date_of_birth="1984-12-03"),
    )
    assert one[0] == two[0]
    assert (one[1] >> 16, one[1] & 0xFFFF) == (two[1] & 0xFFFF, two[1] >> 16)


def test_an_age_gives_years_and_a_date_gives_its_year() -> None:
    """An age fits the two years in which its owner may have been born."""
    (years,) = field("birth_years", age=42)
    (year,) = field("birth_years", date_of_birth="1984-03-12")
    assert year & 0xFFFF in {years & 0xFFFF, years >> 16}
    assert words(age=42) == words(age=42, date_of_birth="unknown")


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x03" + bytes(8), b"\x01" + b"\xff" * 8])
def test_anything_else_is_no_encoding(data: bytes) -> None:
    """Bytes of another version or length are refused."""
    with pytest.raises(EncodingError):
        decode(data)


@pytest.mark.parametrize(
    ("given", "family", "full"),
    [
        ("Li Na", "Wong", None),
        ("Wong", "Li Na", None),
        (None, None, "Wong Li Na"),
        ("Lina", "Wong", None),
        (None, None, "Lina Wong"),
    ],
)
def test_a_name_of_east_asia_has_one_order(
    given: str | None, family: str | None, full: str | None
) -> None:
    """Whichever way round an agency has it, and however its syllables are parted."""
    assert names.take_apart(given, family, full) == names.Name(("lina",), "wong")


@pytest.mark.parametrize("full", ["Chen Siu Fong", "Siu Fong Chen"])
def test_of_two_family_names_one_is_the_second_syllable(full: str) -> None:
    """Siu opens a given name, and Fong is a family name elsewhere."""
    name = names.take_apart(None, None, full)
    assert (name.given, name.family) == (("siufong",), "chen")


@pytest.mark.parametrize(
    ("given", "family", "full", "expected"),
    [
        ("Wei Jian", "Ma", None, ("weijian", "ma")),
        ("Kim Chi", "Nguyen", None, ("kimchi", "nguyen")),
        ("Wei", "Young", None, ("wei", "young")),
        ("Leung Ka", "Ho", None, ("kaho", "leung")),
        ("Kwok Wing", None, None, ("kwokwing", "")),
        (None, None, "Ka Yan", ("kayan", "")),
        (None, None, "Mei Wong", ("mei", "wong")),
        (None, None, "Yong Lam", ("yong", "lam")),
        ("Tran", "Van Hung", None, ("vanhung", "tran")),
        (None, None, "Tran Van Hung", ("vanhung", "tran")),
        (None, None, "Le Thi Mai", ("thimai", "le")),
        (None, None, "Do Kim Chi", ("kimchi", "do")),
    ],
)
def test_what_can_be_no_second_syllable_is_a_family_name(
    given: str | None, family: str | None, full: str | None, expected: tuple[str, str]
) -> None:
    """Ma and Nguyen never close a given name, as Ho does; Le and Do are no particles there."""
    name = names.take_apart(given, family, full)
    assert (name.given, name.family) == ((expected[0],), expected[1])


def test_a_letter_between_names_is_an_initial() -> None:
    """Not the Spanish or Italian "and"; and Mc stands before the name that it belongs to."""
    for letter in "yei":
        name = names.take_apart(None, None, f"MOHAMMED ALI {letter.upper()} KHAN")
        assert (name.given, name.family) == (("mohammed", "ali", letter), "khan")
    name = names.take_apart(None, None, "Mc Donagh Rose")
    assert (name.given, name.family) == (("mcdonagh",), "rose")


def test_a_family_name_sounds_the_same_in_the_place_of_a_given_one() -> None:
    """Chang Wei and Wei Zhang."""
    swapped = field("given_phonetic", given_names="Chang", family_name="Wei")
    assert swapped == field("family_phonetic", given_names="Wei", family_name="Zhang")


def test_a_family_name_in_an_older_spelling_stands_first_too() -> None:
    """As in Taiwan: Chang for Zhang, Tseng for Zeng."""
    for family in ("chang", "tseng", "hsu", "vong"):
        assert names.take_apart(family, "Wen Jing", None) == names.Name(("wenjing",), family)


@pytest.mark.parametrize(
    ("given", "family"), [("Kim", "Jones"), ("Ho", "Ali"), ("Mark", "Lee"), ("Imran", "Ma")]
)
def test_other_names_keep_the_order_that_they_were_given(given: str, family: str) -> None:
    """A family name that is no syllable, or a given name that is none, changes nothing."""
    name = names.take_apart(given, family, None)
    assert (name.given, name.family) == ((given.lower(),), family.lower())


@pytest.mark.parametrize(
    ("local", "of_name", "says_more"),
    [
        ("amina.kovalenko", True, False),
        ("akovalenko7", True, False),
        ("aminakovalenko84", True, True),
        ("kovalenkoflorist", True, True),
        ("moonlight", False, True),
    ],
)
def test_a_local_part_made_of_the_name_says_no_more(
    local: str, *, of_name: bool, says_more: bool
) -> None:
    """Namesakes have like addresses; two digits or a word set them apart."""
    assert contact.of_name(local, ("amina", "kovalenko")) == (of_name, says_more)


def test_two_syllables_without_a_family_name_are_a_given_name() -> None:
    """Wai Yee and Wai Yee Mak have the given name in common; Tom Hay has a family name."""
    lone = field("given", full_name="Wai Yee")
    assert lone[0] == field("given", full_name="Wai Yee Mak")[0]
    assert not any(field("family", full_name="Wai Yee"))
    assert any(field("family", full_name="Tom Hay"))
