"""Compares two encodings field by field, in plain Python: the definition of every level.

The compiled kernel (kernels.py) must say the same for every pair; a property test holds it to
that. Comparison is symmetric, and a field that one side lacks is never evidence. Cut-offs on the
Dice coefficient of Bloom filters were set once, on trial data, and are the product's own.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.encoding import layout

from . import levels as at

Words = Sequence[int]


def _get(words: Words, field: str) -> Words:
    first, width = layout.FIELDS[field]
    return words[first : first + width]


def _one(words: Words, field: str) -> int:
    return words[layout.FIELDS[field][0]]


def _flag(words: Words, bit: int) -> bool:
    return bool(_one(words, "flags") & bit)


def dice(a: Words, b: Words) -> float:
    """Dice coefficient of two Bloom filters: 0 to 1."""
    both = sum((x & y).bit_count() for x, y in zip(a, b, strict=True))
    total = sum(x.bit_count() for x in (*a, *b))
    return 2.0 * both / total if total else 0.0


def _bytes(words: Words) -> bytes:
    return b"".join(word.to_bytes(4, "little") for word in words)


def _differing(a: bytes, b: bytes) -> int:
    return sum(x != y for x, y in zip(a, b, strict=True))


def _in(token: int, tokens: Words) -> bool:
    return token != 0 and token in tokens


def family_level(a: Words, b: Words) -> int:
    """Family names: spelling, canonical form, parts of double names, a swap, sound."""
    first, second = _one(a, "family"), _one(b, "family")
    if not first or not second:
        return _lone_level(a, b) if first != second else at.NULL
    if first == second:
        return at.FAMILY_SAME
    if _one(a, "family_canonical") == _one(b, "family_canonical"):
        return at.FAMILY_CANONICAL
    alike = dice(_get(a, "family_bloom"), _get(b, "family_bloom"))
    if alike >= 0.8:
        return at.FAMILY_CLOSE
    ours, theirs = _get(a, "family_other"), _get(b, "family_other")
    if any(_in(token, (second, *theirs)) for token in ours) or _in(first, theirs):
        return at.FAMILY_PART
    either = _in(first, _get(b, "given")) or _in(second, _get(a, "given"))
    if either or swapped_whole(a, b):
        return at.FAMILY_SWAPPED
    if alike >= 0.6 or _one(a, "family_phonetic") == _one(b, "family_phonetic"):
        return at.FAMILY_SIMILAR
    return at.FAMILY_FAINT if alike >= 0.4 else at.FAMILY_DIFFERENT


def swapped_whole(a: Words, b: Words) -> bool:
    """Whether given and family names stand the other way round, in spelling or in sound.

    A side whose given name is a bare letter cannot contradict the other half of the exchange.
    Where one half is the very same name, the other need only be alike: whoever exchanges names
    also slips.
    """
    there, back = _crosses(a, b, 0.75), _crosses(b, a, 0.75)
    if there and back:
        return True
    if (there and _flag(a, layout.SINGLE_LETTER)) or (back and _flag(b, layout.SINGLE_LETTER)):
        return True
    return (_stands(a, b) and _crosses(b, a, 0.6)) or (_stands(b, a) and _crosses(a, b, 0.6))


def _stands(a: Words, b: Words) -> bool:
    """Whether the family name of one stands among the given names of the other."""
    names = _get(b, "given")
    return any(_in(token, names) for token in (_one(a, "family"), *_get(a, "family_other")))


def _crosses(a: Words, b: Words, least: float) -> bool:
    if _stands(a, b):
        return True
    if not _one(b, "given"):
        return False
    if _one(a, "family_phonetic") == _one(b, "given_phonetic"):
        return True
    return dice(_get(a, "family_bloom"), _get(b, "given_bloom")) >= least


def _lone_level(a: Words, b: Words) -> int:
    lone, other = (b, a) if _one(a, "family") else (a, b)
    names = _get(lone, "given")
    return at.FAMILY_LONE if not names[1] and _in(names[0], [_one(other, "family")]) else at.NULL


def given_level(a: Words, b: Words) -> int:
    """First given names: spelling, short form, among the other's names, initial, likeness."""
    first, second = _one(a, "given"), _one(b, "given")
    if not first or not second:
        return at.NULL
    if first == second:
        return at.GIVEN_SAME
    ours, theirs = _get(a, "given_canonical"), _get(b, "given_canonical")
    if ours[0] == theirs[0]:
        return at.GIVEN_SHORT
    if _in(ours[0], theirs) or _in(theirs[0], ours):
        letter = _flag(a, layout.SINGLE_LETTER) or _flag(b, layout.SINGLE_LETTER)
        return at.GIVEN_INITIAL if letter else at.GIVEN_AMONG
    level = _given_distance(a, b)
    lone = _flag(a, layout.LONE) or _flag(b, layout.LONE)
    return at.NULL if lone and level >= at.GIVEN_FAINT else level


def _given_distance(a: Words, b: Words) -> int:
    alike = dice(_get(a, "given_bloom"), _get(b, "given_bloom"))
    if alike >= 0.75:
        return at.GIVEN_CLOSE
    begins = (_one(a, "initials") ^ _one(b, "initials")) & 255 == 0
    if _flag(a, layout.SINGLE_LETTER) or _flag(b, layout.SINGLE_LETTER):
        return at.GIVEN_INITIAL if begins else at.GIVEN_DIFFERENT
    # Sound alone is not enough: Louise and Lucy are sisters. Nor are letters, if the first is
    # another, where the pen seldom slips: Anthony and Bethany, Nazia and Shazia.
    sounds = _one(a, "given_phonetic") == _one(b, "given_phonetic") and alike >= 0.35
    if sounds or (begins and (alike >= 0.55 or _slip(a, b, alike))):
        return at.GIVEN_SIMILAR
    return at.GIVEN_FAINT if alike >= 0.35 else at.GIVEN_DIFFERENT


def _slip(a: Words, b: Words, alike: float) -> bool:
    """Whether a given name that no list knows may be a listed one mistyped: Jcak for Jack.

    So few letters leave hardly a pair of them alike; those that changed places are the same.
    """
    ours, theirs = _one(a, "flags"), _one(b, "flags")
    strange = layout.LISTED_GIVEN | layout.STRANGE_GIVEN
    same = (ours ^ theirs) >> layout.LETTERS_SHIFT == 0
    return (ours ^ theirs) & strange == strange and (same or alike >= 0.5)


def middle_level(a: Words, b: Words) -> int:
    """Further given names: any name or initial in common."""
    if not _get(a, "given")[1] or not _get(b, "given")[1]:
        return at.NULL
    names = {name for name in _get(a, "given_canonical")[1:] if name}
    initials = {byte for byte in _bytes(_get(a, "initials"))[1:] if byte}
    shared = names & set(_get(b, "given_canonical")[1:]) or initials & set(
        _bytes(_get(b, "initials"))[1:]
    )
    return 0 if shared else 1


def birth_level(a: Words, b: Words) -> int:
    """Dates of birth: by digits where both are whole, by known parts or age where not."""
    if _one(a, "birth") and _one(b, "birth"):
        first, second = _bytes(_get(a, "birth")), _bytes(_get(b, "birth"))
        if _whole(a, first) and _whole(b, second):
            return _whole_dates(first, second, decade=_ten_apart(a, b))
        return _dates_in_part(a, b, first, second)
    years = [_years(words) for words in (a, b)]
    if not years[0] or not years[1]:
        return at.NULL
    return at.BIRTH_AGE if years[0] & years[1] else at.BIRTH_PART_DIFFERS


def _years(words: Words) -> set[int]:
    """Years in which a person may have been born: one of a date, two of an age."""
    low, high = _year_halves(words)
    return ({low} if _one(words, "birth") else {low, high}) - {0}


def _year_halves(words: Words) -> tuple[int, int]:
    return _one(words, "birth_years") & 0xFFFF, _one(words, "birth_years") >> 16


def _ten_apart(a: Words, b: Words) -> bool:
    """Whether two dates of birth are ten years apart, by the year and the tenth after it."""
    (ours, then), (theirs, later) = _year_halves(a), _year_halves(b)
    return ours != 0 and theirs != 0 and (ours == later or theirs == then)


def _whole(words: Words, date: bytes) -> bool:
    return date[7] != 0 and not _flag(words, layout.CONVENTION)


def _whole_dates(a: bytes, b: bytes, *, decade: bool) -> int:
    parts = [_differing(a[s], b[s]) for s in (slice(0, 4), slice(4, 6), slice(6, 8))]
    digits = sum(parts)
    if digits <= 1:
        return (at.BIRTH_SAME, at.BIRTH_DIGIT)[digits]
    if parts[0] <= 1 and a[4:6] == b[6:8] and a[6:8] == b[4:6]:
        return at.BIRTH_SWAPPED
    # Three digits of a year are a generation, unless it is 2009 for 1999, which is a slip of one.
    if parts.count(0) == 2 and (parts[0] < 3 or decade):
        return at.BIRTH_PART
    if digits == 2 and a[:3] == b[:3]:
        return at.BIRTH_TWO_DIGITS
    if parts[0] == 0:
        return at.BIRTH_YEAR
    return at.BIRTH_THREE_DIGITS if digits <= 3 else at.BIRTH_DIFFERENT


def _dates_in_part(a: Words, b: Words, first: bytes, second: bytes) -> int:
    conventions = _flag(a, layout.CONVENTION) + _flag(b, layout.CONVENTION)
    if first[:3] != second[:3] and (conventions or first[4:6] != second[4:6]):
        return at.BIRTH_DIFFERENT  # another decade: as a rule no slip, but a generation
    if first[:4] != second[:4]:
        return at.BIRTH_PART_DIFFERS
    if conventions:
        return at.BIRTH_CONVENTION if conventions == 2 else at.BIRTH_YEAR_ONLY
    if not any(first[4:6]) or not any(second[4:6]):
        return at.BIRTH_YEAR_ONLY
    return at.BIRTH_KNOWN_PART if first[4:6] == second[4:6] else at.BIRTH_PART_DIFFERS


def postcode_level(a: Words, b: Words) -> int:
    """Postcodes: characters, then sector, outward code and area."""
    if not _one(a, "postcode") or not _one(b, "postcode"):
        return at.NULL
    first, second = _bytes(_get(a, "postcode")), _bytes(_get(b, "postcode"))
    whole = any(first[4:]) and any(second[4:])
    outward = _differing(first[:4], second[:4])
    digits = outward + (_differing(first[4:7], second[4:7]) if whole else 9)
    if digits <= 1:
        return digits
    if whole and first[:5] == second[:5]:
        return 2
    if digits == 2:
        return 3
    if outward == 0:
        return 4
    return 5 if first[:2] == second[:2] else 6


def _text_level(a: Words, b: Words, field: str) -> int:
    if not _one(a, field) or not _one(b, field):
        return at.NULL
    if _one(a, field) == _one(b, field):
        return 0
    alike = dice(_get(a, f"{field}_bloom"), _get(b, f"{field}_bloom"))
    return 1 if alike >= 0.75 else 2 if alike >= 0.5 else 3


def _token_level(a: int, b: int) -> int:
    if not a or not b:
        return at.NULL
    return 0 if a == b else 1


def birthplace_level(a: Words, b: Words) -> int:
    """Places of birth: spelling, then sound."""
    level = _token_level(_one(a, "place_of_birth"), _one(b, "place_of_birth"))
    sounds = _one(a, "place_of_birth_phonetic") == _one(b, "place_of_birth_phonetic")
    return 2 if level == 1 and not sounds else level


def email_level(a: Words, b: Words) -> int:
    """E-mail addresses: whole, local part, likeness."""
    if not _one(a, "email") or not _one(b, "email"):
        return at.NULL
    if _get(a, "email") == _get(b, "email"):
        return 0
    if _one(a, "email_local") and _one(a, "email_local") == _one(b, "email_local"):
        return 1
    return 2 if dice(_get(a, "email_bloom"), _get(b, "email_bloom")) >= 0.75 else 3


def _number_level(a: Words, b: Words, field: str) -> int:
    first, second = _numbers(_get(a, field)), _numbers(_get(b, field))
    if not first or not second:
        return at.NULL
    return 0 if first & second else 1


def _numbers(words: Words) -> set[tuple[int, int]]:
    return {(words[at_], words[at_ + 1]) for at_ in range(0, len(words), 2) if words[at_]}


def identifier_level(a: Words, b: Words) -> int:
    """Numbers in other systems: only numbers of one scheme can agree or differ."""
    first, second = _get(a, "identifier"), _get(b, "identifier")
    ours = {tuple(first[k : k + 3]) for k in (0, 3) if first[k]}
    theirs = {tuple(second[k : k + 3]) for k in (0, 3) if second[k]}
    if ours & theirs:
        return 0
    return 1 if {each[0] for each in ours} & {each[0] for each in theirs} else at.NULL


def compare(a: Words, b: Words) -> tuple[int, ...]:
    """Level of every field (levels.py), -1 where one side has no value."""
    family = family_level(a, b)
    swapped = family == at.FAMILY_SWAPPED and swapped_whole(a, b)
    return (
        family,
        at.NULL if swapped or family == at.FAMILY_LONE else given_level(a, b),
        middle_level(a, b),
        birth_level(a, b),
        postcode_level(a, b),
        _text_level(a, b, "locality"),
        _text_level(a, b, "street"),
        _token_level(_one(a, "house"), _one(b, "house")),
        email_level(a, b),
        _number_level(a, b, "mobile"),
        _number_level(a, b, "landline"),
        identifier_level(a, b),
        _number_level(a, b, "household"),
        _token_level(_one(a, "flags") & 255, _one(b, "flags") & 255),
        _token_level(_one(a, "occupation"), _one(b, "occupation")),
        birthplace_level(a, b),
        _token_level(_region(a), _region(b)),
    )


def _region(words: Words) -> int:
    return _one(words, "flags") >> layout.REGION_SHIFT & 255
