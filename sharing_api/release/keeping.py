"""What one request asked the policy, gathered for the ledger; nothing is decided here.

Records with equal facts and an equal answer are one group, so that a page of a thousand like
records costs little more than their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from policies.agreements.language import write
from policies.bundle import canonical
from policies.engine import Decision
from sharing_api.release.question import Question
from sharing_api.store.decision_inputs import Inputs, part_digest

Addressed = tuple[str, str]
"""Digest and canonical text of a part."""
REFUSED_MAX: Final = 1000
"""Refused records of one request whose ids are kept; of further ones their number is."""
_TEXTS: Final = 4096
"""Texts of agreements that are held ready."""


class Asked:
    """Decisions of one request, in the order in which their groups were first met."""

    def __init__(self, question: Question) -> None:
        """Nothing has been decided yet."""
        self._question = question
        self._groups: dict[tuple[str, bool], dict[str, Any]] = {}
        self._parts: dict[str, str] = {}
        self._refused = 0

    def add(self, facts: str, record_id: str, decision: Decision) -> None:
        """Note a decision about a record; `facts` are canonical JSON, without the id."""
        key = (facts, record_id in self._question.requester["case_membership"])
        group = self._groups.get(key)
        if group is None:
            digest = part_digest(facts)
            self._parts[digest] = facts
            group = self._groups[key] = {
                "facts": digest,
                "permit": decision.permit,
                "fields": dict(decision.fields) if decision.permit else {},
                "reasons": list(decision.reasons),
                "agreements": [list(pair) for pair in decision.agreements],
                "records": [],
                "further": 0,
            }
        self._refused += not decision.permit
        if decision.permit or self._refused <= REFUSED_MAX:
            group["records"].append(record_id)
        else:
            group["further"] += 1

    def inputs(self, texts: AgreementTexts, revision: str) -> Inputs | None:
        """Give everything as the store keeps it; None if nothing could be asked."""
        asked = addressed(self._question)
        return next(self.inputs_by((asked,), texts, revision), None)

    def inputs_by(
        self, asked: Iterable[Addressed], texts: AgreementTexts, revision: str
    ) -> Iterator[Inputs]:
        """Give these decisions as what each of several questions was answered, for whom they hold.

        Nothing where nothing could be asked.
        """
        if not self._groups:
            return
        groups = list(self._groups.values())
        parts = dict(self._parts)
        agreements = {}
        for name, version in {tuple(pair) for group in groups for pair in group["agreements"]}:
            found = texts.text(name, version, revision)
            if found is not None:
                address, text = found
                agreements[f"{name}@{version}"], parts[address] = address, text
        permits = any(group["permit"] for group in groups)
        rest = canonical({"agreements": agreements, "decided": groups}).decode("utf-8")
        for digest, question in asked:
            # "question" is the last name in canonical order
            content = f'{rest[:-1]},"question":"{digest}"}}'
            yield Inputs(content, {**parts, digest: question}, permits)


def addressed(question: Question) -> Addressed:
    """Write a question as the store keeps it, under its digest."""
    return _addressed(canonical(question.asked()).decode("utf-8"))


class AgreementTexts:
    """The agreements under which something was released, as the evidence quotes them."""

    def __init__(self, agreements: Callable[[], Sequence[Mapping[str, Any]]]) -> None:
        """`agreements` gives those in force now."""
        self._agreements = agreements
        self._known: dict[tuple[str, int, str], tuple[str, str] | None] = {}

    def text(self, name: str, version: int, revision: str) -> tuple[str, str] | None:
        """Give digest and canonical text of a version; None where this process does not know it.

        `revision` is the policy's that decided: whatever changes an agreement changes that too.
        """
        key = (name, version, revision)
        if key not in self._known:
            if len(self._known) >= _TEXTS:
                self._known.clear()
            self._known[key] = next(
                (
                    _addressed(write(dict(each)))
                    for each in self._agreements()
                    if (each["id"], each["version"]) == (name, version)
                ),
                None,
            )
        return self._known[key]


def _addressed(text: str) -> tuple[str, str]:
    return part_digest(text), text
