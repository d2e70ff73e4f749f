"""What is given to one person only: addresses at a mail provider, and NHS numbers.

A provider does not give an address twice, and no two patients have one number. Where a draw finds
its value taken, the next free one is given, without another draw: nobody else's story changes.
"""

from __future__ import annotations

from concord.scenario.chance import Chance

_DIGITS = 6


class Issued:
    """Remembers what has been given."""

    def __init__(self) -> None:
        """Nothing has been given yet."""
        self._addresses: set[str] = set()
        self._patients: set[int] = set()

    def address(self, local: str, number: int | None, domain: str) -> str:
        """Give an e-mail address: with the number if one is wanted, or needed to be the first."""
        while (address := f"{local}{number or ''}@{domain}") in self._addresses:
            number = (number or 0) + 1
        self._addresses.add(address)
        return address

    def nhs_number(self, chance: Chance) -> str:
        """Draw a number of the 999 range, which the NHS keeps for tests, with its check digit."""
        while _checked(body := int(chance.digits(_DIGITS))) is None:
            continue
        while body in self._patients or _checked(body) is None:
            body = (body + 1) % 10**_DIGITS
        self._patients.add(body)
        return _checked(body) or ""


def _checked(body: int) -> str | None:
    """The whole number, or None if it is one of those that have no check digit."""
    text = f"999{body:0{_DIGITS}d}"
    check = 11 - sum(int(digit) * (10 - at) for at, digit in enumerate(text)) % 11
    return None if check == 10 else text + str(check % 11)
