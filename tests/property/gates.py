"""Gates, questions and records for properties of the release: real rules, a ledger in memory."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from hypothesis import strategies as st

from policies.agreements import Agreement
from policies.engine import PolicyEngine
from policies.fields import FIELDS
from schemas.sealing import Opener
from sharing_api.release import Asker, Batch, Gate, Refusal, Release, Subject
from sharing_api.store.ledger import Entered, LedgerEntry
from sharing_api.store.ledger_references import reference, series_of
from tests.unit.policies import corpus
from tests.unit.sharing_api.release.making import KEY, NOW, PSEUDONYMS

seeds = st.integers(0, 2**32)


class FakeLedger:
    """Counts entries as the ledger does and keeps them in a list; made anew for each question."""

    def __init__(self) -> None:
        self.entries: list[LedgerEntry] = []
        self._series: Counter[str] = Counter()

    async def append(self, entry: LedgerEntry) -> Entered:
        """Keep it."""
        return (await self.append_all((entry,)))[0]

    async def append_all(self, entries: Sequence[LedgerEntry]) -> list[Entered]:
        """Keep them."""
        return [self._enter(entry) for entry in entries]

    def _enter(self, entry: LedgerEntry) -> Entered:
        self.entries.append(entry)
        series = series_of(entry.agency, entry.actor, entry.key, entry.detail)
        self._series[series] += 1
        return Entered(len(self.entries), reference(series, self._series[series]))


def gate(engine: PolicyEngine, kind: type[Gate] = Gate) -> Gate:
    """Give a gate with an empty ledger, so that equal answers are equal to the byte."""
    return kind(engine, FakeLedger(), Opener({KEY.key_id: KEY}), PSEUDONYMS, clock=lambda: NOW)


def said(answer: Release | Refusal | Batch) -> str:
    """Write an answer as the bytes that a route could make of it."""
    return json.dumps(asdict(answer), sort_keys=True)


def drawn_world(draw: random.Random) -> tuple[list[Agreement], list[dict[str, Any]]]:
    """Draw agreements and the clauses in them."""
    agreements = [corpus.agreement(draw, f"drawn-{n}") for n in range(draw.randint(1, 3))]
    return agreements, [clause for one in agreements for clause in one["clauses"]]


def asker_of(question: Mapping[str, Any]) -> Asker:
    """Give the asker of a decision input."""
    told = question["requester"]
    return Asker(
        told["subject"], told["agency"], told["agency_type"], told["role"], told["vetting"],
        tuple(told["case_membership"]),
    )  # fmt: skip


def subject_of(question: Mapping[str, Any], values: Mapping[str, Any]) -> Subject:
    """Give a record with these values of every field, sealed or not."""
    record = question["record"]
    facts = {name: value for name, value in record.items() if name not in {"id", "kind"}}
    table = FIELDS[record["kind"]]
    clear = {name: value for name, value in values.items() if table[name].source == "clear"}

    def sealed(
        opener: Opener, names: frozenset[str], *, consent_set_aside: bool
    ) -> Mapping[str, Any]:
        return {name: values.get(name) for name in names}

    return Subject(record["kind"], record["id"], facts, clear, {}, sealed)


def values_of(draw: random.Random, kind: str) -> dict[str, Any]:
    """Draw a value for every field of a kind."""
    return {
        name: "1990-05-17" if field.shape in {"date", "birth"} else f"v{draw.randrange(10**9)}"
        for name, field in FIELDS[kind].items()
    }
