"""The compiled clustering says what the plain one says, of families that are easy to mistake."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from processors.linkage import comparison
from processors.linkage.parameters import load
from processors.linkage.scoring import Scorer
from tests.property.plain_clusters import Plain
from tests.unit.processors.linkage.builders import words

SCORER = Scorer(load())
MOST = 14


def mention(chance: random.Random) -> tuple[int, ...]:
    """What one of a few relatives may be known by: names, dates and addresses come in part."""
    said: dict[str, list[Any]] = {
        "given_names": ["Imran", "Imraan", "Irman", "Kasia", "Katarzyna", "I", "Louise", "Ilyas"],
        "family_name": ["Hussain", "Hussein", "Kowalska"],
        "date_of_birth": [
            "1984-03-12",
            "1984-03-13",
            "1955-07-30",
            "1984",
            "2011-11-02",
            "1994-03-12",
        ],
        "locality": ["Dunmoor"],
        "street": ["Mill Road", "High Street"],
        "house": ["12"],
        "postcode": ["CX5 1AA", "CX5 1AB"],
        "phones": [["07700 900123"], ["0113 496 0123"], ["07700 900999"]],
        "emails": [["imran.h@example.org"], ["kasia@example.org"]],
        "identifiers": [[{"scheme": "nhs_number", "value": "123"}]],
        "sex": ["male", "female"],
    }
    shares = dict.fromkeys(said, 0.7) | {"identifiers": 0.1, "phones": 0.4, "emails": 0.2}
    if chance.random() < 0.2:  # of whom no more is known than a name, or a part of it
        shares |= dict.fromkeys(("locality", "street", "house", "postcode", "phones"), 0.0)
    if chance.random() < 0.1:  # one word, of which nobody said what it is
        return words(full_name=chance.choice(said["family_name"]), phones=["07700 900123"])
    named = "family_name" if chance.random() < 0.15 else "given_names"
    return words(
        **{
            name: chance.choice(values)
            for name, values in said.items()
            if name == named or chance.random() < shares[name]
        }
    )


@pytest.mark.parametrize("seed", range(400))
def test_compiled_clusters_are_the_plain_ones(seed: int) -> None:
    """Labels are the same with and without ties, dates and rulings."""
    chance = random.Random(seed)
    rows = np.array(
        [SCORER.row(mention(chance)) for _ in range(chance.randint(2, MOST))], np.uint32
    )
    apart = np.zeros((len(rows), len(rows)), np.bool_)
    group = np.arange(len(rows))
    for _ in range(chance.choice([0, 0, 2])):
        one, two = sorted(chance.sample(range(len(rows)), 2))
        apart[one, two] = apart[two, one] = True
    for _ in range(chance.choice([0, 0, 1])):
        one, two = sorted(chance.sample(range(len(rows)), 2))
        group[two] = group[one]
    listed = rows.tolist()
    plain = Plain(rows, apart, SCORER.tables, lambda i, j: comparison.compare(listed[i], listed[j]))
    assert SCORER.cluster(rows, apart, group) == plain.labels(group.tolist())


def test_these_families_are_hard() -> None:
    """The test above would see a mistake: it meets clusters, and rows that stay undecided."""
    sizes: set[int] = set()
    for seed in range(120):
        chance = random.Random(seed)
        rows = np.array(
            [SCORER.row(mention(chance)) for _ in range(chance.randint(2, MOST))], np.uint32
        )
        labels = SCORER.cluster(
            rows, np.zeros((len(rows), len(rows)), np.bool_), np.arange(len(rows))
        )
        sizes.update(labels.count(label) for label in labels)
    assert {1, 2, 3} <= sizes
