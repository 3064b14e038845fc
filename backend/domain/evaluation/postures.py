"""Postures: how often the likeliest one is right, and which is taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from backend.domain.postures import GROUP_OF, POSTURES


@dataclass(frozen=True, slots=True)
class Confusion:
    """What was predicted of each true posture.

    Attributes:
        names: Postures, in the order of rows and columns.
        counts: (C, C) frames; rows are the truth.
    """

    names: tuple[str, ...]
    counts: Int[NDArray[Any], "c c"]

    @property
    def top1(self) -> float | None:
        """Share of frames whose likeliest posture is the true one; None without frames."""
        total = int(self.counts.sum())
        return float(np.trace(self.counts)) / total if total else None

    @property
    def balanced(self) -> float | None:
        """Mean over the postures that occur of the share that was recognised."""
        rows = self.counts.sum(axis=1)
        there = rows > 0
        if not there.any():
            return None
        return float((np.diag(self.counts)[there] / rows[there]).mean())

    def grouped(self) -> Confusion | None:
        """The same by the four groups; None where a name is none of the twelve postures."""
        if not all(name in GROUP_OF for name in self.names):
            return None
        groups = tuple(POSTURES)
        index = np.array([groups.index(GROUP_OF[name]) for name in self.names], np.intp)
        counts = np.zeros((len(groups), len(groups)), np.int64)
        np.add.at(counts, (index[:, None], index[None, :]), self.counts)
        return Confusion(groups, counts)


def names_of(found: Sequence[str]) -> tuple[str, ...]:
    """The postures of rows and columns: the twelve where all belong to them, else as they sort."""
    if all(name in GROUP_OF for name in found):
        return tuple(GROUP_OF)
    return tuple(sorted(set(found)))


def likeliest(scores: Float[NDArray[Any], "n c"]) -> Int[NDArray[Any], " n"]:
    """(N,) column of the highest score; of equal ones the first."""
    return np.asarray(scores.argmax(axis=1))


def tied(scores: Float[NDArray[Any], "n c"]) -> Bool[NDArray[Any], " n"]:
    """(N,) whether several postures share the highest score, so that chance decides."""
    return np.asarray((scores == scores.max(axis=1, keepdims=True)).sum(axis=1) > 1)


def confusion(names: Sequence[str], true: Sequence[str], predicted: Sequence[str]) -> Confusion:
    """Count pairs of a true and a predicted posture.

    Args:
        names: All postures.
        true: One of these for each frame.
        predicted: One of these for each frame.
    """
    index = {name: i for i, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)), np.int64)
    rows = np.array([index[name] for name in true], np.intp)
    columns = np.array([index[name] for name in predicted], np.intp)
    np.add.at(counts, (rows, columns), 1)
    return Confusion(tuple(names), counts)
