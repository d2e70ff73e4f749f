"""Names of East Asia: further given names, romanisations, mistyped and missing family names."""

from __future__ import annotations

import pytest

from schemas.encoding import names
from tests.unit.schemas.encoding.test_encode import field


def forms(given: str, family: str = "Kwok") -> set[int]:
    """The canonical tokens of given names, without empty places."""
    return set(field("given_canonical", given_names=given, family_name=family)) - {0}


def first(given: str, family: str = "Kwok") -> int:
    """The canonical token of the first given name."""
    return field("given_canonical", given_names=given, family_name=family)[0]


@pytest.mark.parametrize(
    ("long", "short"),
    [
        ("Xue Hoi Ting", "Xue"),
        ("Yan Siu Fong", "Yan"),
        ("Yan Siu Fong", "Siu Fong"),
        ("Hui Wai Yee", "Hui"),
        ("Mei Ling Yan", "Mai Ling"),
        ("Amy Wai Yee", "Amy"),
        ("Amy Wai Yee", "Wai Yee"),
        ("Wai Ming Tsz Hin", "Wei Ming"),
    ],
)
def test_a_name_meets_itself_with_a_further_given_name(long: str, short: str) -> None:
    """Of three syllables two are one name, of four both pairs."""
    assert first(short) in forms(long) or first(long) in forms(short)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Wai Yee", "Wai Man"),
        ("Hui Wai Yee", "Xue Wai Man"),
        ("Mei Ling Yan", "Mei Fong Yin"),
        ("Wei", "Wei Yi"),
    ],
)
def test_a_shared_syllable_is_no_shared_first_name(one: str, two: str) -> None:
    """Brothers and sisters share a syllable; the first name of neither is the other's first."""
    assert first(one) != first(two)


def test_names_of_one_syllable_in_common_stay_apart() -> None:
    """Wai Yee and Wai Man both go by Wai, and neither is among the names of the other."""
    assert first("Wai Yee") not in forms("Wai Man")
    assert first("Wai Man") not in forms("Wai Yee")


@pytest.mark.parametrize(
    ("southern", "mandarin"),
    [
        ("Wai Man", "Wei Wen"),
        ("Wai Man", "Weiwen"),
        ("Wai Yee", "Hui Yi"),
        ("Wai Yee", "Wei Yi"),
        ("Sum Yee", "Xin Yi"),
        ("Hoi Ting", "Kai Ting"),
        ("Chun Kit", "Jun Jie"),
        ("Ka Yan", "Jia Xin"),
        ("Kwok Wing", "Guo Yong"),
        ("Shing Fung", "Cheng Feng"),
        ("Keung", "Qiang"),
    ],
)
def test_a_southern_name_meets_what_its_characters_are_in_mandarin(
    southern: str, mandarin: str
) -> None:
    """Under its form, or under the other character that it often has."""
    assert first(mandarin) in forms(southern)


@pytest.mark.parametrize("name", ["Wei Man", "Chun Ming"])
def test_what_mandarin_writes_too_is_not_read_otherwise(name: str) -> None:
    """Nothing about Wei Man says that it is Cantonese."""
    assert first("Wei Wen") not in forms(name)
    assert first("Jun Ming") not in forms(name)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Joon Ho", "Jun Ho"),
        ("Hyun Woo", "Hyeon Wu"),
        ("Young Hee", "Yeong Hui"),
        ("Kyung Soo", "Gyeong Su"),
        ("Seong Min", "Sung Min"),
    ],
)
def test_korean_romanisations_meet_in_one_form(one: str, two: str) -> None:
    """As passports have them, and as the state would."""
    assert first(one, "Park") == first(two, "Park")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        *[("Park", "Pak"), ("Choi", "Choe"), ("Lee", "Rhee"), ("Yi", "Lee"), ("Baek", "Paik")],
        *[("Pham", "Fam"), ("Nguyen", "Ngyen"), ("Mohd", "Mohammed")],
        *[("Ono", "Ohno"), ("Sato", "Satoh"), ("Ito", "Itou"), ("Oono", "Ohno")],
    ],
)
def test_family_names_meet_in_one_form(one: str, two: str) -> None:
    """Korean, Vietnamese, Malay and Japanese spellings."""
    assert names.canonical_family(one.lower()) == names.canonical_family(two.lower())


@pytest.mark.parametrize("name", ["moore", "cohen", "toure", "johansson", "noonan", "moussa"])
def test_other_family_names_keep_their_vowels(name: str) -> None:
    """Only what may be Japanese from end to end has long vowels that are written short."""
    assert names.canonical_family(name) == name


@pytest.mark.parametrize(
    ("one", "two"),
    [("yuuki", "yuki"), ("shouko", "shoko"), ("tarou", "taro"), ("yohhei", "yohei")],
)
def test_long_vowels_of_japanese_given_names_are_written_short(one: str, two: str) -> None:
    """Shouko is Shoko."""
    assert names.canonical_given(one) == names.canonical_given(two)


def test_elsewhere_the_same_letters_are_another_vowel() -> None:
    """Mouna is Muna, not Mona."""
    assert names.canonical_given("mouna") == names.canonical_given("muna")
    assert names.canonical_given("mouna") != names.canonical_given("mona")


@pytest.mark.parametrize(
    ("given", "family", "full", "expected"),
    [
        ("Fam", "Hai", None, (("hai",), "fam")),
        ("Fam", "Thanh Thao", None, (("thanhthao",), "fam")),
        (None, None, "Hai Fam", (("hai",), "fam")),
        (None, None, "Law Ka Yan", (("kayan",), "law")),
        (None, None, "Wing Kei Chan", (("wingkei",), "chan")),
        (None, None, "Cheung Xin Yi", (("xinyi",), "cheung")),
        (None, None, "Wanng Xiu Ying", (("xiuying",), "wanng")),
        ("Lm", "Xiu Ying", None, (("xiuying",), "lm")),
        ("Mei Ling", "Jones", None, (("meiling",), "jones")),
        ("Chi Keung J", None, None, (("chikeung", "j"), "")),
        (None, "Hoi Ting", None, (("hoiting",), "")),
        (None, None, "Grace Mei Wong", (("grace", "mei"), "wong")),
        ("Nam", "Ho", None, (("nam",), "ho")),
        (None, None, "Mai Lam", (("mai",), "lam")),
        (None, "Dela Cruz", None, ((), "delacruz")),
    ],
)
def test_syllables_and_slips_tell_the_order(
    given: str | None, family: str | None, full: str | None, expected: tuple[tuple[str, ...], str]
) -> None:
    """A family name with a slip in it is still what stands before two syllables."""
    name = names.take_apart(given, family, full)
    assert (name.given, name.family) == expected


def test_three_syllables_without_a_family_name_are_given_names() -> None:
    """The field for given names of Chi Keung Jun holds no family name."""
    name = names.take_apart("Chi Keung Jun", None, None)
    assert (name.given[0], name.family) == ("chikeung", "")


def test_a_name_that_opens_many_given_names_is_not_taken_for_the_family_name() -> None:
    """Siu is a family name too; of Siu Fong Lei it is none, whoever writes the order."""
    name = names.take_apart("Siu Fong", "Lei", None)
    assert (name.given, name.family) == (("siufong",), "lei")
    assert names.take_apart(None, None, "Leung Ka Ho").family == "leung"


@pytest.mark.parametrize(("given", "lone"), [("Tan", True), ("Dabrowski", True), ("Hui", False)])
def test_a_family_name_alone_may_stand_in_the_wrong_field(given: str, *, lone: bool) -> None:
    """So it is compared with family names as well, like the only word of a whole name."""
    assert names.take_apart(given, None, None).lone is lone
