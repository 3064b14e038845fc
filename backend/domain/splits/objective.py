"""How far a split is from what is wanted, in whole numbers.

A split is judged by *columns*: frames by source, infants, frames by age group, sex and posture. In
each column every split should hold the share that it would have if all frames could be divided
freely: a source's frames by the source's target shares, all other columns by the shares that the
frames in them bring along from their sources. Where a split holds x of a column's T instead of t,

    cost = weight · (T / all of the column's kind) · ((x − t) / T)²

so that a kind of columns weighs the same however many columns it has, and a column by its size. A
split that is empty in a source whose shares ask for it outweighs all that, and one that is empty in
every source outweighs everything else.

All is computed in integers, so that the same frames give the same split on any machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.splits.components import Component
from backend.domain.splits.units import UNKNOWN, Key, age_group

WHOLE: Final = 1_000_000
"""Shares are counted in millionths."""

_RESOLUTION: Final = 100_000
"""Deviations are counted in hundred-thousandths of a column."""

EMPTY: Final = 1 << 55
"""Cost of a wanted split without frames of a source; more than all deviations of two splits."""

EMPTY_SPLIT: Final = 1 << 60
"""Cost of a wanted split without any frames: more than that it, or another, is empty in sources."""

EVERY_SOURCE: Final = "*"
"""Name under which targets stand for all sources that have none of their own."""

MAX_WEIGHT: Final = 100

Ints = NDArray[np.int64]
Targets = Mapping[str, Mapping[str, float]]
"""Share of each split by source; shares of a source sum up to 1."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What matters how much; whole numbers from 0 to ``MAX_WEIGHT``.

    Attributes:
        source: That sources meet their target shares of frames.
        infants: That splits hold their share of infants, not only of frames.
        age: That age groups are spread alike.
        sex: That sexes are.
        posture: That postures are.
    """

    source: int = 100
    infants: int = 3
    age: int = 3
    sex: int = 3
    posture: int = 2


@dataclass(frozen=True, slots=True)
class Column:
    """What is counted: a source's frames, the infants, an age group's frames …"""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Components and targets as numbers.

    Attributes:
        splits: Names, in the order of the targets.
        columns: What is counted.
        amounts: (n, columns) of each component.
        wanted: (splits, columns) in millionths of what is counted.
        totals: (columns,).
        weights: (columns,) of a squared deviation.
        needs: (splits, columns) whether a split must not be empty in a column.
        sources: How many of the columns, at the beginning, are sources.
    """

    splits: tuple[str, ...]
    columns: tuple[Column, ...]
    amounts: Ints
    wanted: Ints
    totals: Ints
    weights: Ints
    needs: NDArray[np.bool_]
    sources: int

    def cost(self, sides: Ints) -> int:
        """Cost of giving each component its split.

        Args:
            sides: (n,) numbers of splits.
        """
        return sum(
            int(self.cost_of(which, self.amounts[sides == which].sum(axis=0)))
            for which in range(len(self.splits))
        )

    def cost_of(self, which: int, held: Ints) -> Ints:
        """Cost of one split that holds so much.

        Args:
            which: Number of the split.
            held: (…, columns).

        Returns:
            (…) costs.
        """
        off = held * WHOLE - self.wanted[which]
        relative = off * (_RESOLUTION // 100) // np.maximum(self.totals, 1) // (WHOLE // 100)
        squares = relative * relative * self.weights
        needs = self.needs[which]
        missing = (needs & (held == 0)).sum(axis=-1)
        empty = needs.any() & ~((held > 0) & needs).any(axis=-1)
        return np.asarray(
            squares.sum(axis=-1) + missing * EMPTY + empty * EMPTY_SPLIT, dtype=np.int64
        )


def parts_of(targets: Targets) -> tuple[tuple[str, ...], dict[str, tuple[int, ...]]]:
    """Names of the splits, and each source's shares in millionths that sum up to a million.

    Raises:
        InvalidInput: no split, a share that is none, or shares that do not sum up to 1.
    """
    splits = tuple(dict.fromkeys(name for shares in targets.values() for name in shares))
    if not splits or any(not name.strip() for name in splits):
        raise _invalid("the targets name no split")
    parts: dict[str, tuple[int, ...]] = {}
    for source, shares in targets.items():
        values = [float(shares.get(name, 0.0)) for name in splits]
        if not all(0 <= value <= 1 for value in values):
            raise _invalid(f"shares of {source} must lie between 0 and 1")
        whole = [round(value * WHOLE) for value in values]
        missing = WHOLE - sum(whole)
        if abs(missing) > len(whole):
            said = sum(values)
            raise _invalid(f"shares of {source} sum up to {said:.4g}, not to 1")
        # A third is no whole number of millionths: the first wanted splits take what is left.
        wanted = [i for i, value in enumerate(whole) if value]
        for step in range(abs(missing)):
            whole[wanted[step % len(wanted)]] += 1 if missing > 0 else -1
        parts[source] = tuple(whole)
    return splits, parts


def problem_of(
    components: Sequence[Component], targets: Targets, weights: Weights | None = None
) -> Problem:
    """Components and targets as numbers.

    Raises:
        InvalidInput: as :func:`parts_of`; a source without targets; numbers of frames below 0.
    """
    weights = weights or Weights()
    if not all(0 <= value <= MAX_WEIGHT for value in asdict(weights).values()):
        raise _invalid(f"weights must lie between 0 and {MAX_WEIGHT}")
    splits, parts = parts_of(targets)
    counted: list[dict[Column, int]] = []
    brought: dict[Column, list[int]] = {}
    for component in components:
        mine: dict[Column, int] = {}
        # Infants are counted once, with the shares of the source of their first recording.
        seen: set[Key] = set()
        for unit in component.units:
            shares = parts.get(unit.source, parts.get(EVERY_SOURCE))
            if shares is None:
                raise _invalid(f"there are no target shares for source {unit.source}")
            if unit.frames < 0 or any(count < 0 for count in unit.postures.values()):
                raise _invalid(f"recording {unit.recording} has fewer than no frames")
            amounts = {
                Column("source", unit.source): unit.frames,
                Column("infants", "infants"): int(unit.infant not in seen and unit.frames > 0),
                Column("age", age_group(unit.age_months)): unit.frames,
                Column("sex", unit.sex or UNKNOWN): unit.frames,
                **{Column("posture", name): n for name, n in unit.postures.items()},
            }
            if unit.frames:
                seen.add(unit.infant)
            for column, amount in amounts.items():
                mine[column] = mine.get(column, 0) + amount
                into = brought.setdefault(column, [0] * len(splits))
                for which, share in enumerate(shares):
                    into[which] += amount * share
        counted.append(mine)
    return _as_arrays(splits, counted, brought, weights)


def _as_arrays(
    splits: tuple[str, ...],
    counted: Sequence[Mapping[Column, int]],
    brought: Mapping[Column, Sequence[int]],
    weights: Weights,
) -> Problem:
    rank = ("source", "infants", "age", "sex", "posture")
    columns = sorted(brought, key=lambda column: (rank.index(column.kind), column.name))
    place = {column: i for i, column in enumerate(columns)}
    amounts = np.zeros((len(counted), len(columns)), dtype=np.int64)
    for i, mine in enumerate(counted):
        for column, amount in mine.items():
            amounts[i, place[column]] = amount
    wanted = np.array(
        [[brought[column][which] for column in columns] for which in range(len(splits))],
        dtype=np.int64,
    ).reshape(len(splits), len(columns))
    totals = amounts.sum(axis=0)
    of_kind = {kind: int(sum(totals[place[c]] for c in columns if c.kind == kind)) for kind in rank}
    scaled = [
        int(getattr(weights, c.kind)) * 1000 * int(totals[place[c]]) // max(1, of_kind[c.kind])
        for c in columns
    ]
    sources = sum(column.kind == "source" for column in columns)
    needs = np.zeros(wanted.shape, dtype=bool)
    needs[:, :sources] = wanted[:, :sources] > 0
    return Problem(
        splits, tuple(columns), amounts, wanted, totals, np.array(scaled, np.int64), needs, sources
    )


def _invalid(fault: str) -> InvalidInput:
    return InvalidInput(f"A split cannot be proposed: {fault}.", fault=fault)
