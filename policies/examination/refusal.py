"""Why a request was refused, from what the asker is and said, and nothing else.

The answer is the same whatever the record is, and whether there is one (docs/decisions/0041): it
names the clauses that would cover the asker and what each of them still asks for. An asker who is
covered learns no more than that no such record is available.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from policies.agreements import Agreement
from policies.bundle import assemble
from policies.examination.judging import Verdict, judge
from policies.examination.questions import ORDINARY
from policies.examination.words import day_name, one_of
from policies.reasons import sentence

UNKNOWN: Final[Mapping[str, Any]] = {**ORDINARY, "exists": False, "id": "none"}
"""Stands for any record whatever."""


@dataclass(frozen=True, slots=True)
class Lack:
    """What one clause that names the asker asks for and does not get. `clause` counts from 1."""

    agreement: str
    title: str
    clause: int
    text: str
    codes: tuple[str, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an asker was refused. `reasons` and `lacks` are empty of any fact of a record."""

    covered: bool
    codes: tuple[str, ...]
    reasons: tuple[str, ...]
    lacks: tuple[Lack, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it for a machine."""
        return asdict(self)


def why_refused(agreements: Iterable[Agreement], document: Mapping[str, Any]) -> Refused:
    """Say what a decision input says of its asker; of its record only the kind is looked at."""
    listed = list(agreements)
    data = assemble(listed).data["agreements"]
    kind = document["record"]["kind"]
    judgement = judge(data, {**document, "record": {**UNKNOWN, "kind": kind}})
    if judgement.covered:
        code = "record-not-available"
        return Refused(True, (code,), (sentence(code),), ())
    by_id = {one["id"]: one for one in listed}
    lacks = tuple(
        _lack(by_id[one.agreement], one, document) for one in judgement.verdicts if one.asker
    )
    return Refused(
        False, judgement.reasons, tuple(sentence(code) for code in judgement.reasons), lacks
    )


def _lack(agreement: Agreement, one: Verdict, document: Mapping[str, Any]) -> Lack:
    clause = agreement["clauses"][one.clause]
    lacking = tuple(_lacking(agreement, clause, one.asker, document))
    return Lack(
        agreement["id"], agreement["title"], one.clause + 1, clause["text"], one.asker, lacking
    )


def _lacking(
    agreement: Agreement,
    clause: Mapping[str, Any],
    codes: Iterable[str],
    document: Mapping[str, Any],
) -> Iterator[str]:
    for code in codes:
        if code == "agreement-not-live":
            yield _not_live(agreement, document["now"]["epoch_day"])
        elif code == "vetting-insufficient":
            held = document["requester"]["vetting"]
            yield f"It asks for vetting to {one_of(clause['vetting'])}; you hold {held}."
        else:
            yield sentence(code)


def _not_live(agreement: Agreement, day: int) -> str:
    terms = f"It is in force from {agreement['starts']} to {agreement['ends']}"
    if agreement["status"] != "live":
        return f"It is {agreement['status']}, not live."
    return f"{terms}, not on {day_name(day)}."
