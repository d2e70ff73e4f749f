"""For any history of releases and changes, each recipient has one notice for each fact."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policies.engine import Decision
from sharing_api.recall import rules
from sharing_api.recall.facts import (
    ACTIONS,
    AgreementChange,
    Change,
    Disclosure,
    Due,
)

START = datetime(2026, 3, 1, tzinfo=UTC)
TODAY = date(2026, 3, 2)
DAY = (TODAY - date(1970, 1, 1)).days
FIELDS = ("victim_name", "district", "strands", "outcome_code")
AGREEMENTS = ("one", "two")
RECORDS = ("inc_a", "inc_b")
RECIPIENTS = ("north", "south", "west")


@dataclass(frozen=True)
class State:
    """A world in which what an agreement releases hangs on one fact of the record: consent."""

    terms: Mapping[str, frozenset[str]]
    consent: Mapping[str, bool]
    values: Mapping[tuple[str, str], int]
    there: frozenset[str]


STEP = st.one_of(
    st.tuples(st.just("release"), st.sampled_from(RECIPIENTS), st.sampled_from(RECORDS)),
    st.tuples(st.just("correct"), st.sampled_from(FIELDS), st.sampled_from(RECORDS)),
    st.tuples(st.just("consent"), st.booleans(), st.sampled_from(RECORDS)),
    st.tuples(st.just("retract"), st.none(), st.sampled_from(RECORDS)),
    st.tuples(
        st.just("terms"),
        st.frozensets(st.sampled_from(FIELDS)),
        st.sampled_from(AGREEMENTS),
    ),
)


def granted(state: State, recipient: str, *, consent: bool) -> dict[str, str]:
    """What a recipient is given: an agreement for each, names only with consent."""
    fields = state.terms[under(recipient)]
    return {name: "release" for name in fields if name != "victim_name" or consent}


def under(recipient: str) -> str:
    """The agreement that a recipient asks under."""
    return "two" if recipient == "west" else "one"


def policy(state: State) -> rules.Decide:
    """The policy of now."""

    async def decide(document: Mapping[str, Any]) -> Decision:
        record = document["record"]
        fields = granted(
            state,
            document["requester"]["agency"],
            consent=record["consent"]["state"] == "given",
        )
        return Decision(permit=bool(fields), covered=True, fields=fields)

    return decide


def consented(*, given_: bool) -> dict[str, Any]:
    """Facts of a record."""
    return {"consent": {"state": "given" if given_ else "withdrawn", "scope": []}}


@dataclass
class History:
    """Runs a history, and notes notices as recall would at each moment, and at the end again."""

    state: State
    disclosures: list[Disclosure]
    changes: list[tuple[Change | AgreementChange, Mapping[str, bool]]]
    notices: dict[str, Due]

    def at(self) -> datetime:
        """Each step is an hour after the one before."""
        return START + timedelta(hours=len(self.disclosures) + len(self.changes))

    def step(self, what: str, which: Any, whose: str) -> None:
        """One thing happens."""
        state, edition = self.state, str(len(self.changes))
        if what == "release":
            self._release(which, whose)
        elif what == "terms":
            change = AgreementChange(whose, edition, self.at(), withdrawn=not which)
            if state.terms[whose] != which:
                self.state = replace(state, terms={**state.terms, whose: which})
                self._look(change)
        elif whose in state.there:
            self._change(what, which, whose, edition)

    def _release(self, recipient: str, record: str) -> None:
        fields = granted(self.state, recipient, consent=self.state.consent[record])
        if fields and record in self.state.there:
            facts = {**consented(given_=self.state.consent[record]), "kind": "incident"}
            document = {
                "requester": {"agency": recipient},
                "now": {"epoch_day": DAY - 1},
                "record": facts,
            }
            self.disclosures.append(
                Disclosure(
                    len(self.disclosures) + 1,
                    recipient,
                    record,
                    "incident",
                    self.at(),
                    fields,
                    frozenset({under(recipient)}),
                    document,
                    frozenset({record}),
                )
            )

    def _change(self, what: str, which: Any, record: str, edition: str) -> None:
        state = self.state
        change = Change(record, edition, self.at())
        if what == "retract":
            self.state = replace(state, there=state.there - {record})
            self._look(replace(change, retracted=True))
        elif what == "correct":
            value = state.values.get((record, which), 0) + 1
            self.state = replace(state, values={**state.values, (record, which): value})
            self._look(replace(change, fields=frozenset({which})))
        elif state.consent[record] != which:
            self.state = replace(state, consent={**state.consent, record: which})
            self._look(replace(change, restricts="consent-withdrawn"))

    def _look(self, change: Change | AgreementChange) -> None:
        self.changes.append((change, self.state.consent))
        for due in self.found(change, self.state.consent, self.disclosures):
            self.notices[due.notice_id] = due

    def found(
        self,
        change: Change | AgreementChange,
        consent: Mapping[str, bool],
        disclosures: Sequence[Disclosure],
    ) -> list[Due]:
        """What one change makes due."""
        if isinstance(change, AgreementChange):
            work = rules.of_agreement(change, disclosures, policy(self.state), TODAY)
        else:

            def after(_: Disclosure) -> rules.Facts:
                return consented(given_=consent[change.incident_id])

            work = rules.of_change(change, disclosures, after, policy(self.state), TODAY)
        return asyncio.run(work)


def run(steps: Sequence[tuple[str, Any, str]]) -> History:
    """A history from the beginning."""
    state = State(
        {"one": frozenset(FIELDS), "two": frozenset(FIELDS[1:])},
        dict.fromkeys(RECORDS, True),
        {},
        frozenset(RECORDS),
    )
    history = History(state, [], [], {})
    for what, which, whose in steps:
        history.step(what, which, whose)
    return history


@settings(max_examples=120, deadline=None)
@given(st.lists(STEP, max_size=14))
def test_every_recipient_of_what_holds_no_more_has_a_notice(steps: Any) -> None:
    """Whatever was released and is not permitted or not true at the end has been called back.

    Told by hand, without the rules: released fields against what stands and is granted now.
    """
    history = run(steps)
    state = history.state
    told: dict[tuple[str, str], set[str]] = {}
    for due in history.notices.values():
        told.setdefault((due.agency, due.record_id), set()).update(due.fields)
    last = {(each.agency, each.record_id): each for each in history.disclosures}
    for (agency, record), each in last.items():
        allowed = granted(state, agency, consent=state.consent[record])
        if record not in state.there:
            allowed = {}
        assert each.fields.keys() - allowed.keys() <= told.get((agency, record), set())


@settings(max_examples=120, deadline=None)
@given(st.lists(STEP, max_size=14))
def test_a_correction_reaches_exactly_those_who_had_the_field(steps: Any) -> None:
    """One notice for each recipient and each correction of a field it had, and none besides."""
    history = run(steps)
    expected = set()
    for change, _ in history.changes:
        if isinstance(change, Change) and change.fields:
            for each in history.disclosures:
                before = each.record_id == change.incident_id and each.at < change.at
                if before and change.fields & each.fields.keys():
                    expected.add((each.agency, each.record_id, change.edition))
    found = [
        (due.agency, due.record_id, due.fact.edition)
        for due in history.notices.values()
        if due.fact.kind == "correction"
    ]
    assert sorted(found) == sorted(expected)


@settings(max_examples=80, deadline=None)
@given(st.lists(STEP, max_size=12), st.randoms(use_true_random=False))
def test_looking_again_in_any_order_finds_the_same(steps: Any, chance: Any) -> None:
    """Disclosures shuffled and repeated, one change looked at again: the same ids and content."""
    history = run(steps)
    for change, consent in history.changes:
        once = history.found(change, consent, history.disclosures)
        again = [*history.disclosures, *history.disclosures]
        chance.shuffle(again)
        assert history.found(change, consent, again) == once
        split = len(history.disclosures) // 2
        parts = [
            *history.found(change, consent, history.disclosures[:split]),
            *history.found(change, consent, history.disclosures[split:]),
        ]
        assert rules.merged(parts) == once
        assert len({due.notice_id for due in once}) == len(once)
        assert {due.action for due in once} <= set(ACTIONS.values())


@settings(max_examples=80, deadline=None)
@given(st.lists(STEP, max_size=14))
def test_nobody_is_told_of_what_they_never_had(steps: Any) -> None:
    """A notice names only fields that this recipient was shown of this record, before the fact."""
    history = run(steps)
    for due in history.notices.values():
        had = [each for each in history.disclosures if each.sequence in due.sequences]
        assert {each.agency for each in had} == {due.agency}
        assert {each.record_id for each in had} == {due.record_id}
        assert due.fields <= {name for each in had for name in each.fields}
