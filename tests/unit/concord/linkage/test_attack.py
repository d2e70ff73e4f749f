"""The attack on encodings: it attacks what the hub makes, and it can be seen to succeed."""

from __future__ import annotations

import json
import random
from collections import Counter

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from concord.linkage.attack import filters
from concord.linkage.attack.command import MEANING, attack
from concord.linkage.attack.names import by_rank, misspelled
from concord.linkage.attack.substitution import solve, told
from schemas.encoding.keyed import Keyed

KEY = b"a key for tests that nobody uses"
YEARS = ("year1", "year2", "year3", "year4")
SEED = 5


def bytes_of(texts: list[str]) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """The keyed bytes of years."""
    keyed = Keyed(KEY)
    words = [keyed.positions(YEARS, text)[0].to_bytes(4, "little") for text in texts]
    return np.frombuffer(b"".join(words), np.uint8).reshape(-1, 4)


def drawn(count: int, seed: int) -> list[str]:
    """Years of birth, the later ones more frequent."""
    chance = random.Random(seed)
    return [str(2015 - int(60 * chance.random() ** 2)) for _ in range(count)]


def test_it_attacks_the_filters_that_the_hub_makes() -> None:
    """Folded random hashing here is schemas.encoding's, bit for bit."""
    keyed = Keyed(KEY)
    for name in ("kovalenko", "li", "oconnor"):
        words = keyed.bloom("name", name)
        theirs = sum(word << (32 * at) for at, word in enumerate(words))
        assert filters.stored(name, KEY) == theirs


def test_other_filters_differ_as_they_should() -> None:
    """Noise flips a few bits, the same ones each time; unfolded filters have twice the bits."""
    stored, noisy = filters.stored("kovalenko", KEY), filters.noisy("kovalenko", KEY)
    assert 0 < (stored ^ noisy).bit_count() < 20
    assert noisy == filters.noisy("kovalenko", KEY)
    assert filters.folded(filters.unfolded("kovalenko", KEY)) == stored
    assert filters.double_hashed("kovalenko", KEY) != filters.unfolded("kovalenko", KEY)


def test_keyed_bytes_are_read_from_frequencies_alone() -> None:
    """Most years are decoded without the key, far more than by saying the commonest."""
    truth, known = drawn(20_000, 1), Counter(drawn(20_000, 2))
    read = solve(bytes_of(truth), dict(known), (0, 1, 2, 3), (4,), seed=SEED)
    right = sum(one == two for one, two in zip(read, truth, strict=True)) / len(truth)
    assert right > 0.6
    assert right > 5 * max(Counter(truth).values()) / len(truth)


def test_a_few_known_persons_give_the_rest_away() -> None:
    """Letters of known persons are certain; what nobody had stays unknown."""
    truth = ["1984", "1985", "1994", "2001"]
    read = told(bytes_of(truth), (0, 1, 2, 3), {0: "1984", 1: "1985"})
    assert read == ["1984", "1985", "19?4", "????"]


def test_what_comes_once_is_not_ranked() -> None:
    """Frequencies say nothing of a value that does not repeat; of ciphertexts none does."""
    known = Counter({"smith": 9, "khan": 5})
    assert by_rank([7, 7, 7, 8, 8, 9, 0, 0, 0, 0], known) == {7: "smith", 8: "khan"}
    assert by_rank([b"a", b"b", b"c"], known) == {}


def test_slips_of_the_pen_are_tried_with_a_stolen_key() -> None:
    """One letter left out, doubled, exchanged or mistyped."""
    assert {"shah", "sha", "shhah", "hsah", "skah"} <= misspelled("shah")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_report_has_every_level_and_the_seal_alone_protects() -> None:
    """Sealed encodings give nothing; in memory most names and years are recovered."""
    app = typer.Typer()
    app.command()(attack)
    done = CliRunner().invoke(app, ["--incidents", "3000", "--seed", str(SEED), "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    recovered = answer["recovered"]
    assert list(recovered) == list(MEANING)
    assert set(recovered["sealed"].values()) == {0.0}
    for field in ("family_names", "given_names", "years_of_birth", "postcode_districts"):
        assert recovered["memory"][field] > 3 * recovered["guessing"][field], field
        assert recovered["key"][field] > 0.8, field
    assert recovered["memory"]["given_names"] > recovered["without_filters"]["given_names"]
    assert recovered["key"]["dates_of_birth"] == 1.0
