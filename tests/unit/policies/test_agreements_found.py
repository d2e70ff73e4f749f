"""Agreements are looked up by purpose and agency; looking up finds what searching would."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.bundle import assemble
from tests.unit.policies import corpus


@settings(max_examples=50)
@given(st.integers(0, 2**32))
def test_the_index_finds_every_clause_for_an_agency_and_no_other(seed: int) -> None:
    """For every purpose and every agency that any agreement names, and one that none names."""
    draw = random.Random(seed)
    made = [corpus.agreement(draw, f"drawn-{n}") for n in range(draw.randint(1, 4))]
    index = assemble(made).data["agreements"]["by_agency"]
    clauses = [(one["id"], clause) for one in made for clause in one["clauses"]]
    agencies = {name for _, clause in clauses for name in clause["recipients"]["agencies"]}
    for purpose in {name for _, clause in clauses for name in clause["purposes"]}:
        for agency in agencies - {"*"} | {"named-by-none"}:
            found = {*index[purpose].get(agency, ()), *index[purpose].get("*", ())}
            assert found == {
                name
                for name, clause in clauses
                if purpose in clause["purposes"]
                and {agency, "*"} & set(clause["recipients"]["agencies"])
            }
