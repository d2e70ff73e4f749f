"""The examples inside an agreement, run: what was expected, what came, and which clause decided.

An agreement is tried alone, as live, so that another one's clause cannot make its example pass.
What answers is passed in: the embedded engine, the opa program, a server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from policies.agreements import Agreement
from policies.agreements.validity import EPOCH
from policies.bundle import Bundle, assemble
from policies.decision_input import validate
from policies.embedded import RegorusEngine
from policies.engine import Decision
from policies.examination.judging import Judgement, judge
from policies.examination.questions import question_of
from policies.examination.versions import as_live
from policies.examination.words import TREATED, all_of, field_name
from policies.reasons import sentence

Answering = Callable[[Bundle, Sequence[Mapping[str, Any]]], Sequence[Decision]]
"""Puts questions to an engine that holds a bundle. Raises EngineUnavailable."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One example. `expected` and `came` are sentences, `why` says which clause or rule decided."""

    name: str
    passed: bool
    expected: str
    came: str
    why: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it for a machine."""
        return asdict(self)


def embedded(bundle: Bundle, questions: Sequence[Mapping[str, Any]]) -> list[Decision]:
    """Answer with the engine in this process. Raises EngineUnavailable."""
    engine = RegorusEngine(bundle)
    return [engine.answer(question) for question in questions]


def run(
    agreement: Agreement,
    beside: Iterable[Agreement] = (),
    *,
    answering: Answering = embedded,
) -> tuple[Outcome, ...]:
    """Run the examples of an agreement, alone or beside others. Raises EngineUnavailable."""
    others = [one for one in beside if one["id"] != agreement["id"]]
    bundle = assemble([*others, as_live(agreement)])
    examples = list(agreement.get("examples", ()))
    questions = [question(agreement, example) for example in examples]
    askable = [one for one in questions if validate(one)]
    answers = iter(answering(bundle, askable))
    made = []
    for example, asked in zip(examples, questions, strict=True):
        if validate(asked):
            judgement = judge(bundle.data["agreements"], asked)
            made.append(_outcome(example, next(answers), judgement))
        else:
            made.append(Outcome(example["name"], False, _expected(example), _UNASKABLE, ()))
    return tuple(made)


_UNASKABLE = "it cannot be asked: its facts are not those of a record"


def question(agreement: Agreement, example: Mapping[str, Any]) -> dict[str, Any]:
    """Give the decision input of an example; its day is the first of the agreement unless said."""
    when = example["when"]
    day = (date.fromisoformat(when.get("on", agreement["starts"])) - EPOCH).days
    purposes = [purpose for clause in agreement["clauses"] for purpose in clause["purposes"]]
    return question_of(example["given"], when, purpose=purposes[0], epoch_day=day)


def _outcome(example: Mapping[str, Any], decision: Decision, judgement: Judgement) -> Outcome:
    then = example["then"]
    fields, withheld = then.get("fields", {}), then.get("withheld", [])
    wrong = {name: how for name, how in fields.items() if decision.fields.get(name) != how}
    shown = [name for name in withheld if name in decision.fields]
    passed = decision.permit is then["permit"] and not wrong and not shown
    return Outcome(
        example["name"],
        passed,
        _expected(example),
        _came(decision, [*wrong, *shown] if decision.permit else []),
        tuple(_why(decision, judgement, [*fields, *shown])),
    )


def _expected(example: Mapping[str, Any]) -> str:
    then = example["then"]
    parts = ["a release" if then["permit"] else "a refusal"]
    for name, how in then.get("fields", {}).items():
        parts.append(f"{field_name(name)} {TREATED.get(how, how)}")
    withheld = [field_name(name) for name in then.get("withheld", ())]
    if withheld:
        parts.append(f"{all_of(withheld)} withheld")
    return all_of(parts)


def _came(decision: Decision, differing: Sequence[str]) -> str:
    if not decision.permit:
        return "a refusal"
    parts = [
        f"{field_name(name)} {TREATED[decision.fields.get(name, 'withhold')]}" for name in differing
    ]
    return all_of(["a release", *parts])


def _why(decision: Decision, judgement: Judgement, names: Sequence[str]) -> Iterable[str]:
    if not decision.permit:
        yield from (sentence(code) for code in decision.reasons)
        for one in judgement.verdicts:
            lacking = [sentence(code) for code in (*one.asker, *one.record)]
            if lacking:
                yield f"{one.agreement}, clause {one.clause + 1}: {' '.join(lacking)}"
        return
    for one in judgement.verdicts:
        given = [n for n in names if judgement.giving(n) is one]
        if one.holds:
            what = f" gives {all_of(field_name(n) for n in given)}" if given else " holds"
            yield f"{one.agreement}, clause {one.clause + 1}{what}."
