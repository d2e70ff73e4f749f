"""From a series to its signal, from two sets of signals to what must be published.

Everything here is a pure function of the items and the day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Final

from processors.tension.judgement import Judgement, judge, last_raised, level
from processors.tension.reasons import reasons
from schemas.identifiers import stable_id

if TYPE_CHECKING:
    from processors.tension.event import Series
    from processors.tension.picture import Picture
    from processors.tension.rules import Rules
    from schemas.records import TensionSignal

METHOD: Final = "poisson-7-56"


def signal_id(series: Series) -> str:
    """Return the id of the one signal that a series can have."""
    return stable_id("sig", series.place.level, series.place.area, series.strand, METHOD)


def signal(picture: Picture, day: date, rules: Rules) -> TensionSignal:
    """Return the signal of a series on `day`.

    `raised` is amber or red; `lapsed` was raised within the memory that the rules give it;
    everything else is `quiet`. Lapsing too is a function of the items and the day.
    """
    now = judge(picture.events, day, picture.opening, rules)
    raised_on = None if now.is_raised else last_raised(picture.events, day, picture.opening, rules)
    grades = dict(sorted(Counter(event.grade for event in now.seen).items()))
    return {
        "signal_id": signal_id(picture.series),
        "area": picture.series.place.area,
        "area_level": picture.series.place.level,
        "strand": picture.series.strand,
        "status": _status(now, raised_on),
        "colour": now.colour,
        "proposed_level": level(now, rules, has_lapsed=raised_on is not None),
        "method": f"{METHOD}/{rules.version}",
        "as_of": _midnight(day),
        "window_from": _midnight(now.first),
        "observed": len(now.seen),
        "observed_weight_milli": sum(event.weight for event in now.seen),
        "expected": now.expected,
        "probability": now.probability,
        "agencies": now.agencies,
        "grades": grades,
        "reasons": reasons(now, picture, grades, raised_on, rules),
    }


def diff(
    previous: Mapping[str, TensionSignal], now: Iterable[TensionSignal], *, whole: bool = False
) -> list[TensionSignal]:
    """Return what to publish so that `now` stands where `previous` stood, sorted by signal id.

    A quiet signal is published once, over one that was not quiet: whoever reads the signals
    may treat quiet and absent alike. With `whole`, `now` is a full sweep, and what it lacks has
    gone quiet.
    """
    current = {one["signal_id"]: one for one in now}
    changed = [one for key, one in current.items() if _differs(previous.get(key), one)]
    if whole:
        changed += [
            _hushed(old)
            for key, old in previous.items()
            if key not in current and old["status"] != "quiet"
        ]
    return sorted(changed, key=lambda one: one["signal_id"])


def _differs(old: TensionSignal | None, new: TensionSignal) -> bool:
    if new["status"] == "quiet":
        return old is not None and old["status"] != "quiet"
    return old != new


def _hushed(old: TensionSignal) -> TensionSignal:
    hushed = old.copy()
    hushed["status"], hushed["colour"], hushed["proposed_level"] = "quiet", "green", 6
    hushed["observed"], hushed["observed_weight_milli"] = 0, 0
    hushed["probability"] = 1.0
    hushed["agencies"], hushed["grades"] = [], {}
    hushed["reasons"] = [{"code": "nothing-counted", "text": "Nothing recent is counted here."}]
    return hushed


def _status(judgement: Judgement, raised_on: date | None) -> str:
    if judgement.is_raised:
        return "raised"
    return "quiet" if raised_on is None else "lapsed"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
