"""On a made-up county, whose truth is known, related persons do live together."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from concord.scenario import generate
from schemas.identifiers import mention_id
from schemas.keyring import Keyring
from tests.property.whole_core import run


def test_nearly_all_related_persons_share_a_household(tmp_path: Path) -> None:
    """Both sides know of each relation, and wrong ones are rare.

    Now and then the two are one person whom linkage has missed: the home is the same all the same.
    """
    scenario, ring = generate(500, 8), Keyring.create(tmp_path / "keys")
    core = run(ring, scenario, scenario.events, datetime(2027, 1, 1, tzinfo=UTC), batch=100)
    whose = {
        mention_id(ring.pseudonyms.incident_id(each.agency, each.reference), each.position): each
        for each in scenario.truth.mentions
    }
    persons = {
        name: Counter(whose[member["mention_id"]].person for member in one["members"]).most_common(
            1
        )[0][0]
        for name, one in core.entities.items()
        if one["kind"] == "person" and one["status"] == "live"
    }
    related = {(name, other) for name in persons for other in core.entities[name]["households"]}
    assert related == {(other, name) for name, other in related}
    pairs = [(persons[name], persons[other]) for name, other in related if name < other]
    assert len(pairs) >= 10
    homes = {name: known.household for name, known in scenario.truth.persons.items()}
    true = sum(homes[one] == homes[other] for one, other in pairs)
    assert true / len(pairs) >= 0.95
    assert sum(one == other for one, other in pairs) / len(pairs) <= 0.1
