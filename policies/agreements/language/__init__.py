"""Sharing agreements as sentences: the stored agreement is the text that an officer reads.

`read` and `write` are inverse: `read(write(agreement))` is the agreement, apart from its status,
which is no part of the text; `write(read(text))` is the one canonical text of what a text says.
"""

from __future__ import annotations

import hashlib

from policies.agreements.language.reading import claimed, read
from policies.agreements.language.writing import clause_sentences, example_sentence, write

__all__ = ["claimed", "clause_sentences", "digest", "example_sentence", "read", "write"]


def digest(text: str) -> str:
    """The content address of an agreement: SHA-256 of its canonical text, in hexadecimal.

    Texts that differ in layout alone have one address. Raises AgreementInvalid.
    """
    return hashlib.sha256(write(read(text)).encode("utf-8")).hexdigest()
