"""Splink beside us: the same file, names in clear, and the threshold that is best on the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from concord.yardstick.environment import run

_NOT_COMPARED: Final = frozenset({"id", "report_group", "household"})


def splink_yardstick(
    records: Path, columns: Mapping[str, str | Sequence[str]], *, pairs_per_record: float = 100.0
) -> dict[str, float]:
    """Link a CSV file with Splink and say how well, pair by pair, at its best threshold.

    `columns` gives the file's column, or columns, for each of our field names, as in a columns
    file. The answer has precision, recall, f1, threshold, seconds (training and predicting),
    predict_seconds, and records_per_second and pairs_per_second while predicting. Without `truth`
    among the columns only the speeds are given. A blocking rule that gives more than
    `pairs_per_record` is left out, so that large files end. Raises YardstickMissing and
    YardstickFailed.
    """
    named = {
        field: [column] if isinstance(column, str) else list(column)
        for field, column in columns.items()
        if field not in _NOT_COMPARED
    }
    question = {
        "records": str(records.resolve()),
        "columns": named,
        "pairs_per_record": pairs_per_record,
    }
    answer: dict[str, float] = run("splink_best", question)
    return answer
