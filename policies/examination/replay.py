"""Past decisions put again under a draft: what would stop, start, be lost and be gained.

Both sets of agreements answer each question, by the rules themselves in the embedded engine, so
that the difference is the draft's alone and not that of other changes since. Questions that no
changed clause addresses are not asked; those that the agreements cannot tell apart are asked once;
those that differ in the record's id alone are not even looked at twice.
A result names records and numbers of ledger entries, never a value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from policies.agreements import Agreement
from policies.bundle import Bundle, assemble
from policies.decided import Decided
from policies.decision_input import is_name, validate
from policies.embedded import RegorusEngine
from policies.engine import Decision
from policies.examination.audiences import Audiences
from policies.examination.judging import judge
from policies.examination.vocabulary import Key, document_of
from policies.examination.words import today_or
from policies.fields import TREATMENTS
from policies.reasons import sentence

EFFECTS: Final = ("stop", "start", "lose", "gain", "coarser", "finer")
"""What can happen to a past decision. The last four concern fields of a release that stays one."""
BY: Final = ("agency", "agency_type", "role", "purpose", "kind", "field")
SAMPLES: Final = 5
_TELL_EVERY: Final = 1_000
_ALIKE: Final = 100_000
"""Questions that are remembered by what was kept of them."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Sample:
    """One decision that would change, for a reader who wants to look it up."""

    sequence: int
    record_id: str
    agency: str
    role: str
    purpose: str
    kind: str
    fields: tuple[str, ...]
    why: tuple[str, ...]


@dataclass(slots=True)
class Replay:
    """What a draft would have changed.

    `effects`: decisions by effect. `by`: for each effect and each of `BY`, how many. `asked`: how
    many different questions the draft may answer otherwise, all of which were asked. `unaskable`:
    inputs that no engine may be asked. `own`: samples of one agency's decisions alone.
    """

    decisions: int = 0
    asked: int = 0
    unaskable: int = 0
    unchanged: int = 0
    effects: Counter[str] = field(default_factory=Counter)
    by: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    own: dict[str, list[Sample]] = field(default_factory=dict)

    def summary(self) -> str:
        """Say it in one sentence."""
        said = [_SAID[effect](self.effects[effect]) for effect in EFFECTS if self.effects[effect]]
        told = f"Of {self.decisions:,} past decisions, "
        if not said:
            return f"{told}none would change."
        return f"{told}{', '.join(said)}; {self.unchanged:,} would stay as they are."

    def as_json(self) -> dict[str, Any]:
        """Give it for a machine."""
        return {
            "summary": self.summary(),
            "decisions": self.decisions,
            "asked": self.asked,
            "unaskable": self.unaskable,
            "unchanged": self.unchanged,
            "effects": {effect: self.effects[effect] for effect in EFFECTS},
            "by": {
                effect: {name: dict(count.most_common()) for name, count in tables.items()}
                for effect, tables in self.by.items()
            },
            "samples": told(self.samples),
        }


def told(samples: Mapping[str, Sequence[Sample]]) -> dict[str, list[dict[str, Any]]]:
    """Give samples by effect for a machine."""
    return {
        effect: [{name: getattr(one, name) for name in one.__slots__} for one in several]
        for effect, several in samples.items()
    }


def _plural(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


_SAID: Final[Mapping[str, Callable[[int], str]]] = {
    "stop": lambda n: f"{_plural(n, 'release', 'releases')} would stop",
    "start": lambda n: f"{n:,} would start",
    "lose": lambda n: f"{n:,} would lose a field",
    "gain": lambda n: f"{n:,} would gain one",
    "coarser": lambda n: f"{n:,} would show a field less exactly",
    "finer": lambda n: f"{n:,} would show one more exactly",
}


@dataclass(frozen=True, slots=True)
class _Change:
    """How the answers to one question differ. `fields`: the fields concerned, by effect."""

    fields: Mapping[str, tuple[str, ...]]
    why: tuple[str, ...]


_SAME: Final = _Change({}, ())


def replay(
    decisions: Iterable[Decided],
    live: Iterable[Agreement],
    draft: Iterable[Agreement],
    *,
    on: date | None = None,
    progress: Progress | None = None,
    agency: str = "",
) -> Replay:
    """Put past decisions again, under what is in force and under the draft: two complete sets.

    `on` asks as if on that day, else each is asked for its own day, on which a draft that begins
    later permits nothing. `progress` is told now and then how many are done; what it raises ends
    the replay. `agency`: whose decisions are sampled apart. Raises EngineUnavailable.
    """
    comparing = _Comparing(assemble(live), assemble(draft), on)
    result = Replay()
    for one in decisions:
        change = comparing.change(one)
        result.decisions += 1
        if progress is not None and result.decisions % _TELL_EVERY == 0:
            progress(result.decisions)
        if change is None:
            result.unaskable += 1
            result.unchanged += 1
            continue
        _count(result, one, change, agency)
    result.asked = len(comparing.known)
    if progress is not None:
        progress(result.decisions)
    return result


class _Comparing:
    """Two engines, and what they have said so far."""

    def __init__(self, before: Bundle, after: Bundle, on: date | None) -> None:
        self._on = on
        self._alike: dict[tuple[str, str, bool], _Change | None] = {}
        self._before, self._after = RegorusEngine(before), RegorusEngine(after)
        self._draft = after.data["agreements"]
        self._audiences = Audiences(before.data["agreements"], self._draft)
        self.known: dict[Key, _Change] = {}

    def change(self, one: Decided) -> _Change | None:
        """Tell how the answers differ; None for what no engine may be asked."""
        if one.alike is None or not is_name(one.record_id):
            return self._looked_at(one)
        key = (*one.alike, _member(one))
        if key not in self._alike:
            if len(self._alike) >= _ALIKE:
                self._alike.clear()
            self._alike[key] = self._looked_at(one)
        return self._alike[key]

    def _looked_at(self, one: Decided) -> _Change | None:
        document = _as_on(one.document, self._on)
        return self._asked(document) if validate(document) else None

    def _asked(self, document: Mapping[str, Any]) -> _Change:
        words = self._audiences.of(document)
        if words is None:
            return _SAME
        key = words.key(document)
        change = self.known.get(key)
        if change is None:
            standing = document_of(key)
            before, after = self._before.answer(standing), self._after.answer(standing)
            fields = _fields(before, after)
            change = _Change(fields, self._why(standing, after)) if fields else _SAME
            self.known[key] = change
        return change

    def _why(self, document: Mapping[str, Any], after: Decision) -> tuple[str, ...]:
        if not after.permit:
            return tuple(sentence(code) for code in after.reasons)
        judgement = judge(self._draft, document)
        holding = [one for one in judgement.verdicts if one.holds]
        return tuple(f"{one.agreement}, clause {one.clause + 1}" for one in holding)


def _fields(before: Decision, after: Decision) -> dict[str, tuple[str, ...]]:
    if before.permit and not after.permit:
        return {"stop": tuple(before.fields)}
    if after.permit and not before.permit:
        return {"start": tuple(after.fields)}
    ranks = TREATMENTS.index
    both = before.fields.keys() & after.fields.keys()
    moved = [(n, ranks(after.fields[n]) - ranks(before.fields[n])) for n in sorted(both)]
    found = {
        "lose": tuple(sorted(before.fields.keys() - after.fields.keys())),
        "gain": tuple(sorted(after.fields.keys() - before.fields.keys())),
        "coarser": tuple(name for name, step in moved if step < 0),
        "finer": tuple(name for name, step in moved if step > 0),
    }
    return {effect: names for effect, names in found.items() if names}


def _member(one: Decided) -> bool:
    """Tell whether the asker is a member of this very case: all that an id can decide."""
    asker = one.document.get("requester")
    cases = asker.get("case_membership") if isinstance(asker, Mapping) else None
    return isinstance(cases, list) and one.record_id in cases


def _as_on(document: Mapping[str, Any], on: date | None) -> Mapping[str, Any]:
    return document if on is None else {**document, "now": {"epoch_day": today_or(on, 0)}}


def _count(result: Replay, one: Decided, change: _Change, agency: str) -> None:
    if not change.fields:
        result.unchanged += 1
        return
    asker, record = one.document["requester"], one.document["record"]
    for effect, names in change.fields.items():
        result.effects[effect] += 1
        tables = result.by.setdefault(effect, {name: Counter() for name in BY})
        for name in ("agency", "agency_type", "role"):
            tables[name][asker[name]] += 1
        tables["purpose"][one.document["purpose"]] += 1
        tables["kind"][record["kind"]] += 1
        tables["field"].update(names)
        _keep(result.samples, effect, one, names, change)
        if asker["agency"] == agency:
            _keep(result.own, effect, one, names, change)


def _keep(
    samples: dict[str, list[Sample]],
    effect: str,
    one: Decided,
    names: Sequence[str],
    change: _Change,
) -> None:
    kept = samples.setdefault(effect, [])
    if len(kept) < SAMPLES:
        kept.append(_sample(one, names, change.why))


def _sample(one: Decided, names: Sequence[str], why: tuple[str, ...]) -> Sample:
    asker = one.document["requester"]
    return Sample(
        one.sequence,
        one.record_id,
        asker["agency"],
        asker["role"],
        one.document["purpose"],
        one.document["record"]["kind"],
        tuple(names),
        why,
    )
