"""Trees and proofs are those of RFC 6962: other people's implementations say so too."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree
from pymerkle.core import _inclusion_path_layout
from pymerkle.proof import InclusionProof

from transparency import merkle, stored_nodes
from transparency.merkle import Node, ProofInvalid, Span, Tree

SIZE = 1100
LEAVES = [merkle.leaf_hash(str(place).encode()) for place in range(SIZE)]


def grown(leaves: Sequence[bytes]) -> tuple[list[bytes], dict[Node, bytes]]:
    """Return the roots of the trees of 0, 1, 2, … leaves, and the nodes that are kept."""
    tree, kept = Tree(), {}
    roots = [tree.root()]
    for leaf in leaves:
        kept |= {node: value for node, value in tree.append(leaf) if stored_nodes.is_kept(node)}
        roots.append(tree.root())
    return roots, kept


ROOTS, KEPT = grown(LEAVES)


def proof_of(spans: Sequence[Span]) -> list[bytes]:
    """Return the hashes over *spans*, from the nodes that are needed and no others."""
    nodes = [node for span in spans for node in merkle.nodes_of(span)]
    rows = {node: KEPT[node] for node in stored_nodes.needed(nodes)}
    return merkle.hashes_of(spans, stored_nodes.hashed(nodes, rows))


SIZES = st.integers(1, SIZE)


def test_roots_are_those_of_the_rfcs_own_examples():
    """The trees of CT's reference tests (RFC 6962's authors): eight inputs, and the root after each."""
    inputs = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    tree = Tree()

    assert tree.root() == hashlib.sha256(b"").digest()
    for data, root in zip(inputs, roots, strict=True):
        tree.extend([merkle.leaf_hash(bytes.fromhex(data))])
        assert tree.root().hex() == root


def test_pymerkle_finds_the_same_roots():
    other = InmemoryTree()
    other.append_entries([str(place).encode() for place in range(SIZE)])

    assert [other.get_root(size) for size in range(1, SIZE + 1)] == ROOTS[1:]


@given(SIZES, st.integers(0, SIZE))
def test_what_is_in_a_tree_is_proved_to_be_and_pymerkle_agrees(size: int, index: int):
    index %= size
    proof = proof_of(merkle.inclusion_spans(index, size))

    merkle.verify_inclusion(LEAVES[index], index, size, ROOTS[size], proof)
    rule, _ = _inclusion_path_layout(index + 1, size)
    InclusionProof("sha256", True, size, index + 1, rule, [LEAVES[index], *proof]).verify(
        LEAVES[index], ROOTS[size], index=index + 1, size=size
    )


@given(SIZES, SIZES)
def test_a_tree_is_proved_to_begin_with_a_smaller_one(first: int, second: int):
    first, second = sorted((first, second))

    proof = proof_of(merkle.consistency_spans(first, second))
    merkle.verify_consistency(first, second, ROOTS[first], ROOTS[second], proof)


@given(SIZES, st.integers(0, SIZE), st.data())
def test_an_altered_proof_of_inclusion_does_not_hold(size: int, index: int, data: st.DataObject):
    index %= size
    proof = proof_of(merkle.inclusion_spans(index, size))
    parts = [LEAVES[index], ROOTS[size], *proof]
    altered = with_a_flipped_bit(parts, data)
    other = data.draw(
        st.integers(0, size - 1).filter(lambda place: place != index) if size > 1 else st.just(size)
    )

    with pytest.raises(ProofInvalid):
        merkle.verify_inclusion(altered[0], index, size, altered[1], altered[2:])
    with pytest.raises(ProofInvalid):
        merkle.verify_inclusion(LEAVES[index], other, size, ROOTS[size], proof)
    with pytest.raises(ProofInvalid):
        merkle.verify_inclusion(LEAVES[index], index, size, ROOTS[size], [*proof, LEAVES[0]])
    for short in [proof[:-1]] if proof else []:
        with pytest.raises(ProofInvalid):
            merkle.verify_inclusion(LEAVES[index], index, size, ROOTS[size], short)


@given(SIZES, SIZES, st.data())
def test_an_altered_proof_of_consistency_does_not_hold(first: int, second: int, data: st.DataObject):
    first, second = sorted((first, second))
    proof = proof_of(merkle.consistency_spans(first, second))
    altered = with_a_flipped_bit([ROOTS[first], ROOTS[second], *proof], data)

    with pytest.raises(ProofInvalid):
        merkle.verify_consistency(first, second, altered[0], altered[1], altered[2:])
    with pytest.raises(ProofInvalid):
        merkle.verify_consistency(first, second, ROOTS[first], ROOTS[second], [*proof, LEAVES[0]])


def with_a_flipped_bit(parts: Sequence[bytes], data: st.DataObject) -> list[bytes]:
    place = data.draw(st.integers(0, len(parts) * 32 * 8 - 1))
    part, bit = divmod(place, 256)
    value = int.from_bytes(parts[part], "big") ^ 1 << bit
    return [*parts[:part], value.to_bytes(32, "big"), *parts[part + 1 :]]


@given(SIZES, st.lists(st.integers(1, 300), max_size=8))
def test_peaks_are_all_that_is_needed_to_go_on(first: int, steps: list[int]):
    tree = Tree()
    tree.extend(LEAVES[:first])
    for step in steps:
        tree = Tree(tree.size, list(tree.peaks))
        tree.extend(LEAVES[tree.size : tree.size + step])

    assert tree.root() == ROOTS[tree.size]


@given(st.integers(1, 10**8), st.integers(0, 10**8))
def test_a_proof_in_a_tree_of_any_size_needs_few_kept_nodes(size: int, index: int):
    index %= size
    for spans in (merkle.inclusion_spans(index, size), merkle.consistency_spans(index + 1, size)):
        nodes = [node for span in spans for node in merkle.nodes_of(span)]
        assert len(spans) <= 28
        assert len(stored_nodes.needed(nodes)) <= 4 * 2 * 256
        assert all(node.position + 1 << node.level <= size for node in nodes)
