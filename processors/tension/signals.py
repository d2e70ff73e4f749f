"""From a picture to its signal, from two sets of signals to what must be published.

Everything here is a pure function of the items and the day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Final, cast

from processors.tension.event import ALL, Place, Series
from processors.tension.judgement import colour, level
from processors.tension.reasons import reasons, silence_reasons
from schemas.identifiers import stable_id

if TYPE_CHECKING:
    from processors.tension.picture import Picture
    from processors.tension.rules import Rules
    from processors.tension.silence import Quiet
    from schemas.records import TensionSignal

METHOD: Final = "shrunken-7-56"
SILENCE: Final = "longest-gap"


def signal_id(series: Series) -> str:
    """Return the id of the one signal that a series can have."""
    return stable_id("sig", series.place.level, series.place.area, series.strand, METHOD)


def series_of(signal: TensionSignal) -> Series | None:
    """Return the series that a signal is about; None for one of silence or of an earlier method."""
    if signal["kind"] != "count":
        return None
    place = Place(signal["area_level"], signal["area"])
    series = Series(place, signal["group"] or signal["strand"])
    return series if signal_id(series) == signal["signal_id"] else None


def signal(picture: Picture, day: date, rules: Rules) -> TensionSignal:
    """Return the signal of a series on `day`.

    `raised` is amber or red; `lapsed` was raised within the memory that the rules give it;
    everything else is `quiet`. Lapsing too is a function of the items and the day.
    """
    shown = colour(picture, rules)
    grades = dict(sorted(Counter(event.grade for event in picture.seen).items()))
    strand, _, rest = picture.series.strand.partition(":")
    watched = rules.watched(day, picture.series.strand)
    made = _frame(picture.series.place, day, rules, METHOD)
    made |= {
        "signal_id": signal_id(picture.series),
        "strand": strand,
        "group": picture.series.strand if rest else None,
        "status": _status(shown, picture.raised_before),
        "colour": shown,
        "proposed_level": level(picture, shown, rules),
        "window_from": _midnight(picture.first),
        "observed": len(picture.seen),
        "observed_weight_milli": sum(event.weight for event in picture.seen),
        "expected": picture.expected,
        "probability": picture.chance,
        "methods": [
            {
                "name": one.name,
                "statistic": one.statistic,
                "threshold": one.threshold,
                "fired": one.fired,
            }
            for one in picture.methods
        ],
        "quiet_at": picture.quiet_at,
        "rising_since": None if picture.since is None else _midnight(picture.since),
        "ratio": picture.ratio,
        "trigger_windows": [one.name for one in watched],
        "agencies": picture.agencies,
        "grades": grades,
        "reasons": reasons(picture, shown, grades, watched, rules),
    }
    return cast("TensionSignal", made)


def silent(quiet: Quiet, day: date, rules: Rules) -> TensionSignal:
    """Return the signal that agencies which normally report about a place are silent.

    Its id does not tell which agencies: who may know that is decided about that field.
    """
    longest = max(gap.days for gap in quiet.gaps)
    made = _frame(quiet.place, day, rules, SILENCE)
    made |= {
        "signal_id": stable_id("sig", quiet.place.level, quiet.place.area, SILENCE),
        "kind": "silence",
        "status": "raised",
        "colour": "amber",
        "proposed_level": 5,
        "window_from": _midnight(date.fromordinal(day.toordinal() - longest + 1)),
        "probability": float(f"{quiet.chance:.6g}"),
        "agencies": sorted(gap.agency for gap in quiet.gaps),
        "reasons": silence_reasons(quiet, rules),
    }
    return cast("TensionSignal", made)


def _frame(place: Place, day: date, rules: Rules, method: str) -> dict[str, Any]:
    """A signal of nothing, to be filled."""
    return {
        "signal_id": "",
        "area": place.area,
        "area_level": place.level,
        "strand": ALL,
        "status": "quiet",
        "colour": "green",
        "proposed_level": 6,
        "method": f"{method}/{rules.version}",
        "as_of": _midnight(day),
        "window_from": _midnight(day),
        "observed": 0,
        "observed_weight_milli": 0,
        "expected": 0.0,
        "probability": 1.0,
        "agencies": [],
        "grades": {},
        "reasons": [],
        "kind": "count",
        "group": None,
        "methods": [],
        "quiet_at": None,
        "rising_since": None,
        "ratio": None,
        "trigger_windows": [],
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
    hushed["probability"], hushed["methods"] = 1.0, []
    hushed["quiet_at"], hushed["rising_since"], hushed["ratio"] = None, None, None
    hushed["agencies"], hushed["grades"] = [], {}
    hushed["reasons"] = [{"code": "nothing-counted", "text": "Nothing recent is counted here."}]
    return hushed


def _status(shown: str, raised_before: date | None) -> str:
    if shown != "green":
        return "raised"
    return "quiet" if raised_before is None else "lapsed"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
