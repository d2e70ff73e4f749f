"""An attack on the hub's own encodings: what a thief learns who has them but not the key.

The thief knows the code, and how common names, dates and postcodes are in such a population.
Nothing here serves the product; it says how far the encodings can be trusted.
"""

from typing import Final

FRIENDS: Final = 20
"""Persons in the loot whom the thief knows anyway, at the level that says so."""
