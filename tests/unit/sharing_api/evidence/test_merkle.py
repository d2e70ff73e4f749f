"""The tree hashes as RFC 6962 says, and keeps each hash where it says."""

from __future__ import annotations

import hashlib
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing_api.evidence import merkle

# The eight entries, roots and proofs that Certificate Transparency's implementations are tested on
# (google/certificate-transparency, transparency-dev/merkle).
ENTRIES: Final = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS: Final = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION: Final = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY: Final = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def grown(size: int) -> tuple[merkle.Growing, dict[int, bytes]]:
    """Give a tree of the published entries, and of numbers behind them, with its kept hashes."""
    tree, hashes = merkle.Growing(), []
    for number in range(size):
        entry = ENTRIES[number] if number < len(ENTRIES) else str(number).encode()
        hashes += list(tree.add(merkle.leaf_hash(entry)))
    return tree, dict(enumerate(hashes))


def plain_root(leaves: list[bytes]) -> bytes:
    """Hash a list as RFC 6962 §2.1 defines it, by recursion."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(plain_root(leaves[:split]), plain_root(leaves[split:]))


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    """Grown entry by entry, and put together from kept hashes."""
    tree, hashes = grown(size)
    assert tree.root().hex() == ROOTS[size]
    assert merkle.hash_of((0, size), hashes).hex() == ROOTS[size]


@pytest.mark.parametrize("case", INCLUSION)
def test_inclusion_proofs_are_the_published_ones(case: tuple[int, int]) -> None:
    """Leaf to root."""
    _, hashes = grown(8)
    ranges = merkle.inclusion(*case)
    assert [merkle.hash_of(each, hashes).hex() for each in ranges] == INCLUSION[case]


@pytest.mark.parametrize("case", CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(case: tuple[int, int]) -> None:
    """From the older tree's last subtree on."""
    _, hashes = grown(8)
    ranges = merkle.consistency(*case)
    assert [merkle.hash_of(each, hashes).hex() for each in ranges] == CONSISTENCY[case]


@given(st.integers(0, 300))
def test_a_tree_of_any_size_is_the_plain_definition(size: int) -> None:
    """And keeps two hashes for each entry, less one for each subtree of its edge."""
    tree, hashes = grown(size)
    leaves = [hashes[merkle.place(0, number)] for number in range(size)]
    assert tree.root() == plain_root(leaves)
    assert len(hashes) == merkle.kept(size)
    assert [hashes[at] for at in merkle.edge(size)] == tree.stack


@given(st.integers(1, 1 << 40), st.data())
def test_proofs_of_large_trees_are_short(size: int, data: st.DataObject) -> None:
    """No proof needs more hashes than twice the tree's height."""
    index = data.draw(st.integers(0, size - 1))
    for ranges in (merkle.inclusion(index, size), merkle.consistency(index, size)):
        assert len(merkle.places(ranges)) <= 2 * size.bit_length() + 1


def test_what_cannot_be_proved_is_refused() -> None:
    """An entry outside the tree, a tree that is larger than its continuation."""
    with pytest.raises(ValueError, match="tree"):
        merkle.inclusion(3, 3)
    with pytest.raises(ValueError, match="tree"):
        merkle.consistency(4, 3)
