"""Processor time of processes, as Linux counts it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Give user and system time so far, by name; nothing where the system does not tell it."""
    found: dict[str, float] = {}
    for name, pid in pids.items():
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        fields = text.rpartition(")")[2].split()
        found[name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found
