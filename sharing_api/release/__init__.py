"""The release gate: the one function before every exit, and what it hands out.

Routes, feeds and pages hand it subjects and get releases or refusals; nothing else opens a seal.
"""

from sharing_api.release.answers import (
    Asker,
    Batch,
    Emergency,
    GateClosed,
    Missing,
    Refusal,
    Release,
    Subject,
    Wanted,
)
from sharing_api.release.gate import Gate

__all__ = [
    "Asker",
    "Batch",
    "Emergency",
    "Gate",
    "GateClosed",
    "Missing",
    "Refusal",
    "Release",
    "Subject",
    "Wanted",
]
