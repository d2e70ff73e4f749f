"""Single slips of the pen: letters, digits, dates and formats. Who slips, and when: `scribe`."""

from __future__ import annotations

from datetime import date

from concord.scenario.chance import Chance

_NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj",
    "i": "uo", "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "mb", "o": "ip", "p": "o",
    "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc",
    "y": "tu", "z": "xs",
}  # fmt: skip
_SHORT = {
    "Street": "St", "Road": "Rd", "Avenue": "Ave", "Close": "Cl", "Lane": "Ln", "Terrace": "Terr",
    "Grove": "Gr", "Drive": "Dr", "Crescent": "Cres", "Court": "Ct", "Gardens": "Gdns",
    "Place": "Pl",
}  # fmt: skip


def typo(chance: Chance, word: str) -> str:
    """Drop, double, swap or mistype one letter after the first."""
    if len(word) < 3:
        return word
    at = chance.between(1, len(word) - 1)
    kind = chance.between(0, 3)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at] + word[at:]
    if kind == 2 and at + 1 < len(word):
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    near = _NEIGHBOURS.get(word[at].lower(), "e")
    return word[:at] + chance.pick(near) + word[at + 1 :]


def other_digit(chance: Chance, text: str) -> str:
    """Mistype one digit, or swap two that stand together."""
    places = [at for at, letter in enumerate(text) if letter.isdigit()]
    if not places:
        return text
    at = chance.pick(places)
    if chance.yes(0.35) and at + 1 < len(text) and text[at + 1].isdigit():
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + str((int(text[at]) + chance.between(1, 9)) % 10) + text[at + 1 :]


def mistaken_birth(chance: Chance, born: date, today: date) -> date:
    """Mistype a digit of day, month or year, so that a date of the past remains."""
    for _ in range(8):
        year, month, day = born.year, born.month, born.day
        part = chance.between(0, 2)
        if part == 0:
            year += chance.pick((-10, -2, -1, 1, 2, 10))
        elif part == 1:
            month = chance.between(1, 12)
        else:
            day = chance.pick((day - 1, day + 1, day + 10, day - 10, day + 2))
        try:
            wrong = date(year, month, day)
        except ValueError:
            continue
        if wrong != born and wrong <= today and today.year - wrong.year < 105:
            return wrong
    return born


def swapped_birth(born: date) -> date:
    """Read day as month and month as day, where that is a date."""
    return date(born.year, born.day, born.month) if born.day <= 12 else born


def phone_form(chance: Chance, number: str) -> str:
    """Write a national number in one of the usual forms."""
    form = chance.between(0, 9)
    if form <= 4:
        return number
    if form <= 6:
        return f"{number[:5]} {number[5:]}"
    if form == 7:
        return f"+44{number[1:]}"
    if form == 8:
        return f"+44 (0){number[1:5]} {number[5:8]} {number[8:]}"
    return f"{number[:5]} {number[5:8]} {number[8:]}"


def postcode_form(chance: Chance, postcode: str) -> str:
    """Write a postcode in one of the usual forms."""
    form = chance.between(0, 19)
    if form < 15:
        return postcode
    if form < 17:
        return postcode.replace(" ", "")
    return postcode.lower() if form < 19 else postcode.replace(" ", "").lower()


def short_street(name: str) -> str:
    """Shorten the last word of a street's name as clerks do."""
    front, _, kind = name.rpartition(" ")
    return f"{front} {_SHORT.get(kind, kind)}"
