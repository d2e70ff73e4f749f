"""From a picture to a colour and a level: what the rules file says, applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from processors.tension.picture import Picture
    from processors.tension.rules import Rules


def colour(picture: Picture, rules: Rules) -> str:
    """Red, amber or green."""
    if picture.is_disorder:
        return "red"
    if not picture.has_spoken or len(picture.agencies) < rules.amber.agencies:
        return "green"
    rare = picture.chance < rules.red.probability
    steep = picture.statistic("mixture") >= rules.red.mixture
    if len(picture.seen) >= rules.red.reports and (rare or steep):
        return "red"
    return "amber"


def level(picture: Picture, shown: str, rules: Rules) -> int:
    """The level to propose, 1 (imminent or ongoing) to 6 (normal)."""
    if shown == "red":
        return 1 if picture.is_disorder else 2
    if shown == "amber":
        rare = picture.chance < rules.amber.raised_probability
        return 3 if rare and len(picture.agencies) > 1 else 4
    unusual = not picture.is_learning and picture.chance < rules.minor.probability
    return 5 if picture.raised_before is not None or unusual else 6
