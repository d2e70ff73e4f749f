"""The sentences of an alert: plain words with numbers, never an identity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date

    from processors.repeats.occurrence import Occurrence
    from processors.repeats.rubric import Assessment
    from processors.repeats.rules import Rubric

_SMALL: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def number(count: int) -> str:
    """Say a count: a word below ten, digits from there."""
    return _SMALL[count] if count < len(_SMALL) else str(count)


def counted(count: int, noun: str) -> str:
    """Say a count with its noun: `three incidents`, `one agency`."""
    if count == 1:
        return f"one {noun}"
    return f"{number(count)} {noun[:-1] + 'ies' if noun.endswith('cy') else noun + 's'}"


def sentence(text: str) -> str:
    """Give a clause its capital and its full stop."""
    return text[0].upper() + text[1:] + "."


def history(found: Sequence[Occurrence]) -> str:
    """Say how many incidents, over what time, told to how many agencies."""
    agencies = len({one.agency for one in found})
    told = f"told to {counted(agencies, 'agency')}"
    if len(found) == 1:
        return f"one incident, {told}"
    days = (found[-1].day - found[0].day).days
    over = f"in {counted(days, 'day')}" if days else "on one day"
    return f"{counted(len(found), 'incident')} {over}, {told}"


def double_reports(found: Sequence[Occurrence]) -> list[str]:
    """Warn where different agencies recorded incidents of one day: they may be one event."""
    agencies: dict[date, set[str]] = defaultdict(set)
    records: dict[date, int] = defaultdict(int)
    for one in found:
        agencies[one.day].add(one.agency)
        records[one.day] += 1
    doubtful = sum(records[day] for day, who in agencies.items() if len(who) > 1)
    if not doubtful:
        return []
    return [
        sentence(
            f"{number(doubtful)} of the incidents were recorded by different agencies for the "
            "same day and may be one event told twice"
        )
    ]


def form(assessment: Assessment, rubric: Rubric) -> list[str]:
    """Say what the risk form gives, what is unknown and how high it could be."""
    if assessment.score is None:
        return ["No agency has answered the risk form."]
    text = (
        f"The risk form gives {assessment.score} of {rubric.highest} points on "
        f"{assessment.known} of {len(rubric.items)} items"
    )
    if assessment.items_unknown:
        text += f"; up to {assessment.upper} if every unknown item were at its highest"
    return [text + "."]


def possible(count: int) -> list[str]:
    """Say that possible matches are not counted."""
    if not count:
        return []
    matches = (
        "one possible match awaits" if count == 1 else f"{number(count)} possible matches await"
    )
    return [sentence(f"{matches} review; not counted here")]


def listed(values: Sequence[str]) -> str:
    """Join words: `a, b and c`."""
    words = [value.replace("_", " ") for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
