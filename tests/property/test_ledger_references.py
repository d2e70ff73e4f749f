"""An asker's references are 1, 2, 3, … whatever others do in between, and nothing else fits."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from sharing_api.store.ledger import Entered, LedgerEntry
from sharing_api.store.ledger_entries import UNASKED
from sharing_api.store.ledger_references import series_of
from tests.property.test_ledger import AT, opened

AGENCIES = ("calder-council", "vale-nhs", "hub")
entries = st.builds(
    LedgerEntry,
    operation=st.sampled_from(["disclosure", "consultation"]),
    actor=st.sampled_from(["a.person", "b.person", "linkage"]),
    agency=st.sampled_from(AGENCIES),
    detail=st.sampled_from([{}, {}, {UNASKED: "feed"}, {"emergency": "emr_1"}]),
    at=st.just(AT),
    key=st.none() | st.sampled_from(["k1", "k2", "k3"]),
)
batches = st.lists(st.lists(entries, min_size=1, max_size=5), max_size=6)


async def appended(
    some: Sequence[Sequence[LedgerEntry]], *, together: bool = False
) -> tuple[list[list[Entered]], dict[str, list[tuple[int, int]]]]:
    """Append batches to a fresh ledger: what was told, and each series' places and numbers."""
    engine, ledger = await opened(None)
    if together:
        told = await asyncio.gather(*(ledger.append_all(batch) for batch in some))
    else:
        told = [await ledger.append_all(batch) for batch in some]
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in await ledger.read(limit=1000):
        series, _, number = row.reference.rpartition(".")
        assert series == series_of(row.agency, row.actor, row.key, row.detail)
        assert await ledger.place(row.reference) == row.sequence
        found[series].append((row.sequence, int(number)))
    stands = {row.sequence: row.reference for row in await ledger.read(limit=1000)}
    assert all(stands[each.sequence] == each.reference for batch in told for each in batch)
    assert (await ledger.verify()).fault is None
    await engine.dispose()
    return list(told), found


@settings(max_examples=60, deadline=None)
@given(some=batches, together=st.booleans())
def test_numbers_of_a_series_have_no_gap_in_the_order_of_the_ledger(
    some: list[list[LedgerEntry]], *, together: bool
) -> None:
    """For any interleaving of agencies, askers, keys and batches, one by one or at once."""
    _, found = asyncio.run(appended(some, together=together))
    for listed in found.values():
        assert [number for _, number in sorted(listed)] == list(range(1, len(listed) + 1))


@settings(max_examples=60, deadline=None)
@given(mine=st.lists(entries, max_size=5), others=batches)
def test_what_others_append_in_between_moves_no_reference(
    mine: list[LedgerEntry], others: list[list[LedgerEntry]]
) -> None:
    """Others: of another agency, a colleague, the hub in one's own name."""
    asked = [
        replace(one, agency="calder-council", actor="the.asker", key=None, detail={})
        for one in mine
    ]
    alone, _ = asyncio.run(appended([[one] for one in asked]))
    among: list[list[LedgerEntry]] = []
    own = []
    for place, one in enumerate(asked):
        among += others[place : place + 1]
        own.append(len(among))
        among.append([one])
    told, _ = asyncio.run(appended(among))
    assert [told[place][0].reference for place in own] == [one[0].reference for one in alone]


def test_a_name_does_not_show_and_two_agencies_have_two_series() -> None:
    """The same subject at two agencies is not told to be one."""
    one, two = (series_of(agency, "a.person", None, {}) for agency in AGENCIES[:2])
    assert "person" not in one
    assert one.partition(".")[2] != two.partition(".")[2]
    assert series_of("calder-council", "a.person", "k1", {}) == "calder-council"
