"""The attack on names as a whole: from the loot's words, or from filters made otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final, NamedTuple

from concord.linkage.attack.bootstrap import Puzzle, bootstrap
from concord.linkage.attack.filters import Bits, Make, stored, table
from concord.linkage.attack.loot import Knowledge, Loot, Traits
from concord.linkage.attack.shapes import Column, distinct, shapes
from schemas.encoding import layout, names

KINDS: Final = ("family", "given")
_OTHER: Final = {"family": "given", "given": "family"}
_OWN_KEY: Final = b"a key of the thief's own"
_FLAG: Final = {"family": layout.COMMON_FAMILY, "given": layout.COMMON_GIVEN}
_CANONICAL: Final[dict[str, Callable[[str], str]]] = {
    "family": names.canonical_family,
    "given": names.canonical_given,
}
_SOUNDS: Final[dict[str, Callable[[str], str]]] = {
    "family": lambda name: names.phonetic(names.canonical_family(name)),
    "given": names.sound_of_given,
}


class Guesses(NamedTuple):
    """For each kind of name, what each token is taken for."""

    family: Mapping[Hashable, str]
    given: Mapping[Hashable, str]


def sexes(loot: Loot, known: Knowledge) -> list[str]:
    """The sex behind each person's byte: the commoner byte is the commoner sex."""
    held = (loot.words("flags")[:, 0] & 255).tolist()
    bytes_ = [byte for byte, _ in Counter(byte for byte in held if byte).most_common()]
    ranked = [sex for sex, _ in known.count("sex").most_common()]
    meaning = dict(zip(bytes_, ranked, strict=False))
    return [meaning.get(byte, "") for byte in held]


def _stolen(loot: Loot, kind: str, sex: Sequence[str]) -> Column:
    tokens, flags = loot.tokens(kind), loot.tokens("flags")
    return Column(
        tokens,
        loot.tokens(_OTHER[kind]),
        sex,
        dict(zip(tokens, loot.tokens(f"{kind}_canonical"), strict=True)),
        dict(zip(tokens, loot.tokens(f"{kind}_phonetic"), strict=True)),
        {token: bool(bits & _FLAG[kind]) for token, bits in zip(tokens, flags, strict=True)},
    )


def _known(known: Knowledge, kind: str) -> Column:
    own = [getattr(each, kind) for each in known.persons]
    canonical = {name: _CANONICAL[kind](name) for name in own}
    return Column(
        own,
        [getattr(each, _OTHER[kind]) for each in known.persons],
        [each.sex for each in known.persons],
        canonical,
        {name: _SOUNDS[kind](name) for name in canonical},
        {name: names.is_common(kind, name) for name in own},
    )


def _behind(loot: Loot, kind: str) -> dict[Hashable, str]:
    """The name that a token stands for; only to make another filter of it."""
    return {
        token: getattr(person, kind)
        for token, person in zip(loot.tokens(kind), loot.truth, strict=True)
    }


def _filters(loot: Loot, kind: str, tokens: Sequence[Hashable], make: Make | None) -> Bits:
    """The tokens' filters: as stolen, or as `make` would have made them."""
    if make is not None:
        truth = _behind(loot, kind)
        return table([make(truth[token], loot.key) for token in tokens])
    first: dict[Hashable, int] = {}
    for at, token in enumerate(loot.tokens(kind)):
        first.setdefault(token, at)
    words = loot.words(f"{kind}_bloom")
    return table(
        [int.from_bytes(words[first[token]].astype("<u4").tobytes(), "little") for token in tokens]
    )


def guess(
    loot: Loot, known: Knowledge, make: Make | None = None, *, filters: bool = True
) -> Guesses:
    """What each token is taken for. With `make`, as if filters had been made so; or none at all."""
    sex, puzzles = sexes(loot, known), []
    for kind in KINDS:
        theirs, ours = _stolen(loot, kind, sex), _known(known, kind)
        tokens, candidates = distinct(theirs), [str(name) for name in distinct(ours)]
        bits = _filters(loot, kind, tokens, make) if filters else None
        own = table([(make or stored)(name, _OWN_KEY) for name in candidates]) if filters else None
        puzzles.append(
            Puzzle.of(
                tokens,
                candidates,
                shapes(theirs, tokens, bits),
                shapes(ours, candidates, own),
                bits,
            )
        )
    if filters:
        bootstrap(puzzles)
    return Guesses(*(puzzle.answer() for puzzle in puzzles))


def by_rank(tokens: Sequence[Hashable], known: Counter[str]) -> dict[Hashable, str]:
    """The most frequent token for the most frequent value, and so on; what comes once is left."""
    ranked = [token for token, count in Counter(filter(None, tokens)).most_common() if count > 1]
    return dict(zip(ranked, (value for value, _ in known.most_common()), strict=False))


def misspelled(name: str) -> set[str]:
    """A name and what one slip of the pen makes of it: left out, doubled, exchanged, mistyped."""
    made = {name}
    for at in range(len(name)):
        head, letter, tail = name[:at], name[at], name[at + 1 :]
        made |= {head + tail, head + 2 * letter + tail, head + tail[:1] + letter + tail[1:]}
        made |= {head + other + tail for other in "abcdefghijklmnopqrstuvwxyz"}
    return made


def known_names(persons: Sequence[Traits]) -> set[str]:
    """Every name that the thief knows, as either kind."""
    return {name for each in persons for name in (each.family, each.given) if name}
