"""Why a signal has its colour, in sentences with numbers.

No person, no words of a report, and no agency by name: who may know which agencies reported is
decided about the signal's field of that name, and a sentence must not tell it otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from processors.tension.judgement import quiet_at

if TYPE_CHECKING:
    from datetime import date

    from processors.tension.judgement import Judgement
    from processors.tension.picture import Picture
    from processors.tension.rules import Rules
    from schemas.records import SignalReason


def reasons(
    judgement: Judgement,
    picture: Picture,
    grades: Mapping[str, int],
    raised_on: date | None,
    rules: Rules,
) -> list[SignalReason]:
    """Return the reasons in reading order: each a stable code and a sentence."""
    told = [
        *_numbers(judgement, rules),
        *_sources(judgement, grades),
        *_set_aside(picture),
        *_outcome(judgement, raised_on, rules),
    ]
    return [{"code": code, "text": text} for code, text in told]


def _numbers(judgement: Judgement, rules: Rules) -> Iterator[tuple[str, str]]:
    window = rules.window
    yield (
        "observed-expected",
        (
            f"{_count(len(judgement.seen), 'report')} in the {window.days} days to "
            f"{judgement.day.isoformat()}; {judgement.expected:.2f} expected, from "
            f"{judgement.baseline} in the {judgement.history_days} days before."
        ),
    )
    if judgement.is_learning:
        yield (
            "learning",
            (
                f"The hub has {_count(judgement.history_days, 'day')} of history before that and "
                f"needs {rules.baseline.learning_days}: counts raise nothing yet."
            ),
        )
    elif judgement.baseline < rules.baseline.at_least:
        yield (
            "floor",
            (
                f"So few reports before do not prove that none are to be expected: "
                f"{rules.baseline.at_least} are assumed at least."
            ),
        )
    if judgement.seen and not judgement.is_learning:
        odds = max(1, round(1 / judgement.probability)) if judgement.probability else None
        about = f" (about 1 in {odds:,})" if odds and odds > 1 else ""
        yield (
            "probability",
            (
                f"If nothing had changed, the chance of this many or more would be "
                f"{judgement.probability:.2g}{about}."
            ),
        )


def _sources(judgement: Judgement, grades: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    if judgement.seen:
        many = _count(len(judgement.agencies), "independent agency", "independent agencies")
        yield ("agencies", f"From {many}.")
        yield (
            "gradings",
            "Gradings: " + ", ".join(f"{grade} {many}" for grade, many in grades.items()) + ".",
        )
    disorder = sum(event.is_disorder for event in judgement.seen)
    if disorder:
        yield (
            "evidenced-disorder",
            (
                f"{_count(disorder, 'report')} of evidenced disorder from a reliable source, known "
                "directly or corroborated: one is enough for red."
            ),
        )


def _set_aside(picture: Picture) -> Iterator[tuple[str, str]]:
    if picture.folded:
        yield (
            "circular",
            (
                f"{_count(picture.folded, 'report')} of an origin already counted "
                f"{'was' if picture.folded == 1 else 'were'} not counted again."
            ),
        )
    if picture.uncounted:
        yield (
            "suspected-false",
            (
                f"{_count(picture.uncounted, 'report')} suspected false "
                f"{'was' if picture.uncounted == 1 else 'were'} not counted."
            ),
        )
    if picture.nil_agencies:
        many = _count(len(picture.nil_agencies), "agency", "agencies")
        yield ("nil-returns", f"Nil returns for this area in the same days from {many}.")


def _outcome(
    judgement: Judgement, raised_on: date | None, rules: Rules
) -> Iterator[tuple[str, str]]:
    if judgement.is_raised:
        limit = quiet_at(judgement, rules)
        counts = limit < len(judgement.seen)
        parts = [f"with {_count(limit, 'report')} or fewer"] if counts else []
        if judgement.colour == "amber" and rules.amber.agencies > 1:
            parts.append(f"from fewer than {rules.amber.agencies} agencies")
        text = " or ".join(parts)
        if judgement.is_disorder:
            text = f"{text} and without" if text else "without"
            text += " the reports of evidenced disorder"
        yield ("quiet-if", f"It would have stayed quiet {text}.")
    elif raised_on is not None:
        yield ("lapsed", f"Last raised on {raised_on.isoformat()}.")


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
