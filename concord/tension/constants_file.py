"""The constants file as the commands write it: TOML with the sentences that explain it."""

from __future__ import annotations

from processors.tension.constants import LEVELS, Constants, Limits

_HEAD = """\
# Constants behind the default method, estimated and not guessed: `concord tension estimate` writes
# this file from a hub's own history, `concord tension thresholds` its last section by simulation.
# A signal carries a version computed from what stands here. Name your own file in
# CONCORD_TENSION_CONSTANTS_FILE. {source}
"""


def text_of(constants: Constants, source: str) -> str:
    """The file; reading it gives the constants back."""
    return "\n".join([_HEAD.format(source=source), *_lines(constants)]) + "\n"


def _lines(constants: Constants) -> list[str]:
    shares = [f"{each:g}" for each in constants.delay.share]
    rows = ["    " + ", ".join(shares[at : at + 12]) + "," for at in range(0, len(shares), 12)]
    part, found = constants.baseline, constants.thresholds
    lines = [
        "[delay] # share of reports known within 0, 1, 2 … days of what they are about",
        "share = [" + ("\n" + "\n".join(rows) + "\n" if rows else "") + "]",
        "",
        "# How much more than Poisson a week's count varies, relative to its squared mean.",
        "[variation]",
        *(f"{level} = {getattr(constants.variation, level)!r}" for level in LEVELS),
        "",
        "[baseline]",
        f"guard_days = {part.guard_days}   # the last weeks are no baseline",
        f"weeks = {part.weeks}",
        f"strength = {part.strength!r}    # reports that a neighbours' prior weighs",
        f"recent_weeks = {part.recent_weeks}  # of the county's strand, for its present level",
        f"kappa = {part.kappa!r}      # reports that no change of level weighs as much as",
        "",
        "[thresholds]",
        f"budget = {found.budget!r}  # new signals a week in the whole hub when nothing builds",
    ]
    for level in LEVELS:
        lines += _limits(level, found.at(level))
    return lines


def _limits(level: str, limits: Limits) -> list[str]:
    lines = [
        f"[thresholds.{level}]",
        f"chance = {limits.chance!r}",
        f"mixture = {limits.mixture!r} # log10",
    ]
    return lines if limits.cusum is None else [*lines, f"cusum = {limits.cusum!r}"]
