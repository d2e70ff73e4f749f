"""Evidence as files: what `concord_verify` reads. Canonical JSON, so that no byte is free.

Each part is bound to the next: the key is named in the checkpoint that it signs, the checkpoint
covers the entry by the proof, the entry holds the digest of what the policy was asked, and that
names the question, the facts and the texts of the agreements by theirs.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Final

from policies.bundle import canonical
from sharing_api.evidence.checkpoint import Checkpoint
from sharing_api.store.decision_inputs import Inputs

PACK: Final = "concord-evidence/1"
CONSISTENCY: Final = "concord-consistency/1"


def pack(
    key: str, checkpoint: Checkpoint, entry: bytes, proof: Sequence[bytes], inputs: Inputs | None
) -> bytes:
    """Write all that proves one entry. `key` is the ledger's key as a verifier takes it."""
    return _written(
        {
            "format": PACK,
            "key": key,
            "checkpoint": checkpoint.note,
            "entry": entry.decode("utf-8"),
            "inclusion": _encoded(proof),
            "inputs": inputs.content if inputs else None,
            "parts": dict(inputs.parts) if inputs else {},
        }
    )


def consistency(key: str, old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> bytes:
    """Write what proves that one checkpoint continues another."""
    return _written(
        {
            "format": CONSISTENCY,
            "key": key,
            "old": old.note,
            "new": new.note,
            "proof": _encoded(proof),
        }
    )


def _written(document: dict[str, Any]) -> bytes:
    return canonical(document) + b"\n"


def _encoded(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(each).decode("ascii") for each in hashes]
