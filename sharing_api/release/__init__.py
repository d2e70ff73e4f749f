"""The release gate: the one function before every exit, and what it hands out.

Routes, feeds and pages hand it subjects and get releases or refusals; nothing else opens a seal.
"""

from sharing_api.release.answers import (
    Alike,
    Asker,
    Batch,
    Emergency,
    GateClosed,
    Missing,
    Refusal,
    Release,
    Statement,
    Subject,
    Wanted,
)
from sharing_api.release.gate import Gate
from sharing_api.release.many import GateForMany

__all__ = [
    "Alike",
    "Asker",
    "Batch",
    "Emergency",
    "Gate",
    "GateClosed",
    "GateForMany",
    "Missing",
    "Refusal",
    "Release",
    "Statement",
    "Subject",
    "Wanted",
]
