"""Images of different recordings that nearly repeat each other, among hundreds of thousands.

Two images are near-duplicates when their 64-bit difference hashes differ in few bits. Comparing
each with each is out of reach, so the bits are cut into blocks: of b blocks, hashes that differ in
at most k bits have at least b − k in common. For every choice of b − k blocks, hashes with the same
bits there are compared, and no others. Source: Manku, Jain, Das Sarma, "Detecting Near-Duplicates
for Web Crawling", WWW 2007, section 3.

A hash tells nothing of a flat image: what is black, white or lit evenly from one side hashes to the
same few patterns whatever it is of. Such images are left out and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.domain.errors import InvalidInput, TooLarge
from backend.domain.quality import NEAR_DUPLICATE_DISTANCE

BITS: Final = 64
MAX_DISTANCE: Final = 8
"""Beyond this, hashes say nothing: images of other scenes are as near."""

MAX_PAIRS: Final = 20_000_000
"""More pairs than anybody can use: the images are no recordings, or the distance is too wide."""

_CHUNK: Final = 1 << 21
"""Pairs that are compared at a time."""

Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Pairs of images that nearly repeat each other.

    Images of one group with the same hash are one here: the first stands for all of them.

    Attributes:
        first: (n,) indices of images, ascending.
        second: (n,) indices of their near-duplicates; of another group.
        distance: (n,) bits in which they differ.
        pairs: (n,) how many pairs of images each stands for.
        flat: How many images were left out because a hash tells nothing of them.
    """

    first: Indices
    second: Indices
    distance: NDArray[np.int64]
    pairs: Indices
    flat: int


@dataclass(frozen=True, slots=True)
class GroupPair:
    """Two groups with near-duplicates, and the nearest of these.

    Attributes:
        groups: The lower and the higher number.
        pairs: Pairs of images.
        images: The pair that differs least, the earliest of those; indices.
        distance: In how many bits these two differ.
    """

    groups: tuple[int, int]
    pairs: int
    images: tuple[int, int]
    distance: int


def is_flat(hashes: ArrayLike, max_distance: int = NEAR_DUPLICATE_DISTANCE) -> NDArray[np.bool_]:
    """Whether a hash tells nothing of what is in its image.

    A hash is eight rows of eight bits. Where all rows are the same, nothing changes from top to
    bottom: one colour, or light from a side. A hash within ``max_distance`` bits of such a one is
    flat, because its neighbours would be images of anything.

    Args:
        hashes: (n,) unsigned 64-bit, as ``worker.media.quality`` makes them.
        max_distance: Bits.

    Returns:
        (n,) booleans.
    """
    rows = np.asarray(hashes, dtype=np.uint64).astype(">u8").view(np.uint8).reshape(-1, 8)
    ones = np.unpackbits(rows, axis=1).reshape(-1, 8, 8).sum(axis=1, dtype=np.int64)
    return np.asarray(np.minimum(ones, 8 - ones).sum(axis=1) <= max_distance)


def mirrored(hashes: ArrayLike) -> Hashes:
    """Hashes of the same images with left and right exchanged.

    What was darker than its right neighbour is then lighter than its left one. Cells that are
    equally bright come out one bit off.

    Args:
        hashes: (n,) unsigned 64-bit.
    """
    bits = _bits(hashes)
    return _packed(~bits[:, :, ::-1])


def half_turned(hashes: ArrayLike) -> Hashes:
    """Hashes of the same images upside down, turned by 180 degrees.

    Args:
        hashes: (n,) unsigned 64-bit.
    """
    bits = _bits(hashes)
    return _packed(~bits[:, ::-1, ::-1])


def _bits(hashes: ArrayLike) -> NDArray[np.bool_]:
    """(n, 8, 8): rows from the top, of each its bits from the left."""
    rows = np.asarray(hashes, dtype=np.uint64).astype(">u8").view(np.uint8)
    return np.unpackbits(rows).reshape(-1, 8, 8).astype(np.bool_)


def _packed(bits: NDArray[np.bool_]) -> Hashes:
    rows = np.packbits(bits.reshape(-1))
    return rows.view(">u8").astype(np.uint64)


def find_changed_duplicates(
    hashes: ArrayLike,
    groups: ArrayLike,
    change: Callable[[ArrayLike], Hashes],
    *,
    max_distance: int = NEAR_DUPLICATE_DISTANCE,
) -> NearDuplicates:
    """Images of different groups of which one nearly repeats the other once that is changed.

    Args:
        hashes: (n,) unsigned 64-bit.
        groups: (n,) whole numbers.
        change: :func:`mirrored` or :func:`half_turned`: what it does is undone by doing it again,
            so that each pair of groups is looked at once.
        max_distance: As in :func:`find_near_duplicates`.

    Raises:
        TooLarge: more pairs than anybody can use.
    """
    plain, where = np.asarray(hashes, dtype=np.uint64), np.asarray(groups, dtype=np.int64)
    parts = []
    for group in np.unique(where)[:-1]:
        index = np.concatenate([np.flatnonzero(where == group), np.flatnonzero(where > group)])
        own = int(np.count_nonzero(where == group))
        both = np.concatenate([plain[index[:own]], change(plain[index[own:]])])
        side = (np.arange(len(index)) >= own).astype(np.int64)
        found = find_near_duplicates(both, side, max_distance=max_distance)
        parts.append((index[found.first], index[found.second], found.distance, found.pairs))
    first, second, distance, pairs = (
        np.concatenate([part[i] for part in parts] or [np.zeros(0, np.int64)]) for i in range(4)
    )
    return NearDuplicates(first, second, distance, pairs, 0)


def find_near_duplicates(
    hashes: ArrayLike,
    groups: ArrayLike | None,
    *,
    max_distance: int = NEAR_DUPLICATE_DISTANCE,
    max_pairs: int = MAX_PAIRS,
) -> NearDuplicates:
    """Near-duplicates of different groups.

    Args:
        hashes: (n,) unsigned 64-bit; a database's signed numbers modulo 2**64.
        groups: (n,) whole numbers: the recording of each image, or its split. Images of one group
            are not compared. None compares every image with every other.
        max_distance: Differing bits up to which images count as the same.
        max_pairs: Where to give up.

    Raises:
        InvalidInput: arrays of different lengths, or a distance that means nothing.
        TooLarge: more than ``max_pairs`` pairs.
    """
    all_hashes = np.asarray(hashes, dtype=np.uint64).ravel()
    count = len(all_hashes)
    where = np.arange(count) if groups is None else np.asarray(groups, dtype=np.int64).ravel()
    if len(where) != count:
        fault = f"{count} hashes and {len(where)} groups"
        raise InvalidInput(f"Near-duplicates cannot be searched: {fault}.", fault=fault)
    if not 0 <= max_distance <= MAX_DISTANCE:
        fault = f"a distance of {max_distance} bits; 0 to {MAX_DISTANCE} mean something"
        raise InvalidInput(f"Near-duplicates cannot be searched: {fault}.", fault=fault)
    flat = is_flat(all_hashes, max_distance)
    index = np.flatnonzero(~flat)
    kept, own, images = _distinct(all_hashes[index], where[index], index)
    found: list[tuple[Indices, Indices, Indices]] = []
    total = 0
    for left, right in _candidates(kept, own, max_distance):
        total += len(left)
        if total > max_pairs:
            fault = f"there are more than {max_pairs:,} pairs of near-duplicates"
            raise TooLarge(f"{fault[0].upper()}{fault[1:]}.", fault=fault)
        distance = np.bitwise_count(kept[left] ^ kept[right]).astype(np.int64)
        found.append((left, right, distance))
    left, right, distance = (
        np.concatenate([part[i] for part in found] or [np.zeros(0, np.int64)]) for i in range(3)
    )
    first, second = index[images.first[left]], index[images.first[right]]
    pairs = images.count[left] * images.count[right]
    low, high = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((high, low))
    return NearDuplicates(
        low[order], high[order], distance[order], pairs[order], int(np.count_nonzero(flat))
    )


def by_groups(found: NearDuplicates, groups: ArrayLike) -> list[GroupPair]:
    """Near-duplicates summed up by pairs of groups, in order of the groups.

    Args:
        found: The pairs.
        groups: (n,) as they were searched with.
    """
    where = np.asarray(groups, dtype=np.int64).ravel()
    a, b = where[found.first], where[found.second]
    low, high = np.minimum(a, b), np.maximum(a, b)
    order = np.lexsort((found.second, found.first, found.distance, high, low))
    low, high = low[order], high[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    starts = np.flatnonzero(new)
    sums = np.add.reduceat(found.pairs[order], starts) if len(starts) else starts
    out: list[GroupPair] = []
    for start, pairs in zip(starts, sums, strict=True):
        at = order[start]
        nearest = (int(found.first[at]), int(found.second[at]))
        between = (int(low[start]), int(high[start]))
        out.append(GroupPair(between, int(pairs), nearest, int(found.distance[at])))
    return out


@dataclass(frozen=True, slots=True)
class _Images:
    first: Indices
    count: Indices


def _distinct(hashes: Hashes, groups: Indices, index: Indices) -> tuple[Hashes, Indices, _Images]:
    """One of each hash in each group, with its first image and how many there are.

    A camera that stands still makes thousands of equal hashes, whose pairs would be all the same.
    """
    order = np.lexsort((index, hashes, groups))
    hashes, groups = hashes[order], groups[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (hashes[1:] != hashes[:-1]) | (groups[1:] != groups[:-1])
    starts = np.flatnonzero(new)
    counts = np.diff(starts, append=len(order))
    return hashes[starts], groups[starts], _Images(order[starts], counts)


def _candidates(
    hashes: Hashes, groups: Indices, max_distance: int
) -> Iterator[tuple[Indices, Indices]]:
    """All pairs of different groups within the distance, each once, some at a time."""
    blocks = max_distance + 2 if max_distance else 1
    masks = _block_masks(blocks)
    chosen = list(combinations(range(blocks), blocks - max_distance))
    first_choice = _first_choices(blocks, chosen)
    for number, choice in enumerate(chosen):
        mask = np.bitwise_or.reduce([masks[block] for block in choice])
        keys = hashes & mask
        order = np.lexsort((groups, keys))
        for left, right in _within_buckets(keys[order], groups[order]):
            a, b = order[left], order[right]
            difference = hashes[a] ^ hashes[b]
            near = np.bitwise_count(difference) <= max_distance
            a, b, difference = a[near], b[near], difference[near]
            same = np.zeros(len(a), dtype=np.int64)
            for block, bits in enumerate(masks):
                same |= ((difference & bits) == 0).astype(np.int64) << block
            # A pair agrees in several choices of blocks; it is taken at the first of them.
            once = first_choice[same] == number
            if once.any():
                yield a[once], b[once]


def _block_masks(blocks: int) -> list[np.uint64]:
    edges = [BITS * i // blocks for i in range(blocks + 1)]
    return [np.uint64(((1 << (high - low)) - 1) << low) for low, high in pairwise(edges)]


def _first_choices(blocks: int, chosen: list[tuple[int, ...]]) -> NDArray[np.int64]:
    """By the set of equal blocks, as bits, the first choice of blocks that is part of it."""
    sets = [sum(1 << block for block in choice) for choice in chosen]
    return np.array(
        [
            next((i for i, part in enumerate(sets) if part & same == part), -1)
            for same in range(1 << blocks)
        ],
        dtype=np.int64,
    )


def _within_buckets(
    keys: NDArray[Any], groups: NDArray[Any]
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Places of all pairs with the same key and different groups, of keys and groups in order."""
    count = len(keys)
    if count < 2:
        return
    new_key = np.flatnonzero(keys[1:] != keys[:-1]) + 1
    new_run = np.flatnonzero((keys[1:] != keys[:-1]) | (groups[1:] != groups[:-1])) + 1
    places = np.arange(count)
    key_ends = np.append(new_key, count)
    run_ends = np.append(new_run, count)
    begin = run_ends[np.searchsorted(run_ends, places, side="right")]
    end = key_ends[np.searchsorted(key_ends, places, side="right")]
    partners = end - begin
    left = np.flatnonzero(partners)
    upto = np.cumsum(partners[left])
    at = 0
    while at < len(left):
        done = upto[at - 1] if at else 0
        stop = max(at + 1, int(np.searchsorted(upto, done + _CHUNK, side="right")))
        mine, many = left[at:stop], partners[left[at:stop]]
        offsets = np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
        yield np.repeat(mine, many), np.repeat(begin[mine], many) + offsets
        at = stop
