"""Answers of the tension commands as a page of text."""

from __future__ import annotations

from typing import Any


def evaluation_page(answer: dict[str, Any]) -> str:
    """Methods side by side, at nominal settings and at one rate of false alarms."""
    kind = "weekly" if answer["weekly"] else "daily"
    size = f"{answer['series']} series, {answer['days']} days ({kind})"
    lines = [
        f"{size}, {answer['outbreaks']} outbreaks",
        "",
        "at nominal settings",
        *_rows(answer["nominal"]),
        "",
        f"at {answer['equal_false_alarms']['per_series_year']} false alarms a series and year",
        *_rows(answer["equal_false_alarms"]["methods"]),
    ]
    return "\n".join(lines)


def _rows(methods: dict[str, Any]) -> list[str]:
    lines = [f"  {'method':<22}{'7 d':>7}{'14 d':>7}{'28 d':>7}{'delay':>8}{'false/yr':>10}"]
    for name, one in methods.items():
        shares = "".join(f"{one['sensitivity'][days]:>7.2f}" for days in ("7", "14", "28"))
        delay = "-" if one["mean_delay_days"] is None else f"{one['mean_delay_days']:.1f}"
        lines.append(f"  {name:<22}{shares}{delay:>8}{one['false_alarms_per_series_year']:>10.3f}")
    return lines


def comparison_page(answer: dict[str, Any]) -> str:
    """By method and kind of build-up: the share seen in time; then by what the default is ahead."""
    tested = f"{answer['build_ups']} build-ups in counties {answer['test_seeds']}"
    budget = f"{answer['budget_a_week']} false signals a week in {answer['null_seeds']}"
    lines = [f"{tested}; thresholds for {budget}"]
    for name, row in answer["methods"].items():
        lines += ["", f"{name}  ({row['false_signals_a_week']:.2f} false signals a week)"]
        for kind, seen in row["seen_within"].items():
            cells = "   ".join(
                f"{days} d {one['share']:.3f} ± {one['error']:.3f}" for days, one in seen.items()
            )
            lines.append(f"  {kind:<34} {cells}")
    lines += ["", "the default minus"]
    for name, row in answer["default_minus"].items():
        cells = "   ".join(
            f"{days} d {one['margin']:+.3f} ± {one['error']:.3f}" for days, one in row.items()
        )
        lines.append(f"  {name:<34} {cells}")
    return "\n".join(lines)


def backtest_page(answer: dict[str, Any]) -> str:
    """Every new signal with its day."""
    spans = f"{answer['series']} series from {answer['from']} to {answer['to']}"
    rates = f"{answer['signals_per_week']} a week, {answer['signals_per_series_year']} a series"
    lines = [f"{spans}: {len(answer['signals'])} new signals, {rates} and year"]
    lines += [
        f"  {one['from']}  {one['colour']:<6}{one['level']:<9}{one['area']:<14}"
        f"{one['strand']:<28}{one['observed']:>4} seen, {one['expected']:.2f} expected"
        for one in sorted(answer["signals"], key=lambda one: (one["from"], one["area"]))
    ]
    return "\n".join(lines)
