"""Why a signal has its colour, in sentences with numbers.

No person, no words of a report, and no agency by name: who may know which agencies reported is
decided about the signal's field of that name, and a sentence must not tell it otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from processors.tension.picture import Picture
    from processors.tension.rules import Rules, Trigger
    from processors.tension.silence import Quiet
    from schemas.records import SignalReason

_SAYS: Final = {
    "exceedance": "so many in {days} days are rare",
    "mixture": "reports have come faster than usual for some time",
    "cusum": "what exceeds the usual has added up",
}
_RAREST: Final = 1_000_000


def reasons(
    picture: Picture,
    colour: str,
    grades: Mapping[str, int],
    watched: Sequence[Trigger],
    rules: Rules,
) -> list[SignalReason]:
    """Return the reasons in reading order: each a stable code and a sentence."""
    told = [
        *_numbers(picture, rules),
        *_methods(picture, rules),
        *_sources(picture, grades),
        *_set_aside(picture),
        *_watch(watched),
        *_outcome(picture, colour, rules),
    ]
    return [{"code": code, "text": text} for code, text in told]


def silence_reasons(quiet: Quiet, rules: Rules) -> list[SignalReason]:
    """Return why a silence is one."""
    many = _count(len(quiet.gaps), "agency that normally reports", "agencies that normally report")
    gap = max(quiet.gaps, key=lambda one: one.days)
    has = "has" if len(quiet.gaps) == 1 else "have"
    among = _count(gap.gaps, "gap")
    silent = f"{many} about this area {has} sent nothing, not even a nil return."
    longest = (
        f"{gap.days} days now; in the year before, among {among}, the longest was {gap.longest}."
    )
    limit = f"It would have stayed quiet up to {rules.silence.times_longest:g} times that long."
    told = [("silence", silent), ("gap", longest), ("quiet-if", limit)]
    return [{"code": code, "text": text} for code, text in told]


def _numbers(picture: Picture, rules: Rules) -> Iterator[tuple[str, str]]:
    window = rules.window
    seen = f"{_count(len(picture.seen), 'report')} in the {window.days} days to {picture.day}"
    if picture.is_learning:
        yield ("observed-expected", f"{seen}.")
        yield (
            "learning",
            (
                f"The hub has {_count(picture.history, 'day')} of history and does not know yet "
                "what is usual: counts raise nothing."
            ),
        )
        return
    yield (
        "observed-expected",
        (
            f"{seen}; {picture.expected:.2f} expected, from {picture.baseline} in "
            f"{picture.weeks} weeks of the past, the areas around, and how late reports come."
        ),
    )
    if picture.seen:
        yield (
            "probability",
            f"If nothing had changed, the chance of this many or more would be {_rarity(picture)}.",
        )


def _rarity(picture: Picture) -> str:
    """A chance in words; below one in a million the model is not known well enough for a number."""
    if not picture.chance or picture.chance < 1 / _RAREST:
        return f"less than 1 in {_RAREST:,}"
    odds = max(1, round(1 / picture.chance))
    return f"{picture.chance:.2g}" + (f" (about 1 in {odds:,})" if odds > 1 else "")


def _methods(picture: Picture, rules: Rules) -> Iterator[tuple[str, str]]:
    spoke = [one for one in picture.methods if one.fired]
    if not spoke:
        return
    said = "; ".join(
        f"{one.name}: {_SAYS[one.name].format(days=rules.window.days)} "
        f"({one.statistic:.3g} against {one.threshold:.3g})"
        for one in spoke
    )
    yield ("methods", f"{_count(len(spoke), 'method')} spoke: {said}.")
    if picture.since is not None and picture.ratio is not None:
        yield ("since", f"About {picture.ratio:g} times the usual since {picture.since} fits best.")


def _watch(watched: Sequence[Trigger]) -> Iterator[tuple[str, str]]:
    for one in watched:
        yield (
            "trigger-window",
            (
                f"Watched more closely from {one.from_} to {one.to} ({one.name}): thresholds are "
                f"{one.relax:g} times easier to reach."
            ),
        )


def _sources(picture: Picture, grades: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    if picture.seen:
        many = _count(len(picture.agencies), "independent agency", "independent agencies")
        yield ("agencies", f"From {many}.")
        yield (
            "gradings",
            "Gradings: " + ", ".join(f"{grade} {many}" for grade, many in grades.items()) + ".",
        )
    disorder = sum(event.is_disorder for event in picture.seen)
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
        many = _count(picture.nil_agencies, "agency", "agencies")
        yield ("nil-returns", f"Nil returns for this area in the same days from {many}.")


def _outcome(picture: Picture, colour: str, rules: Rules) -> Iterator[tuple[str, str]]:
    if colour == "green":
        if picture.raised_before is not None:
            yield ("lapsed", f"Last raised on {picture.raised_before}.")
        return
    by_count = picture.quiet_at is not None and picture.quiet_at < len(picture.seen)
    parts = []
    if by_count:
        parts.append(f"with {_count(picture.quiet_at or 0, 'report')} or fewer")
    elif picture.has_spoken:
        parts.append("had the reports of the last weeks come at the usual pace")
    if rules.amber.agencies > 1 and picture.has_spoken:
        parts.append(f"from fewer than {rules.amber.agencies} agencies")
    text = " or ".join(parts)
    if picture.is_disorder:
        text = f"{text} and without" if text else "without"
        text += " the reports of evidenced disorder"
    yield ("quiet-if", f"It would have stayed quiet {text}.")


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
