"""The search for a split: largest components first, then moves and swaps until none helps.

It begins anew several times, and goes on from the best split with a few components thrown elsewhere
(iterated local search: Lourenço, Martin, Stützle, in "Handbook of Metaheuristics", 2003). The order
in which components are looked at comes from SHA-256 of the seed and their names, hence is the same
on any machine and for any order of the input.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.splits.objective import Ints, Problem

_ROUNDS: Final = ((8, 20), (30, 80), (100, 30), (400, 6), (1 << 62, 2))
"""How often the search begins, by the number of components up to which."""

_ANEW: Final = 4
"""One of so many of these times it begins anew."""

_THROWN: Final = 4
"""So many components are thrown elsewhere in the best split, if it has more than that."""

FREE: Final = -1


def solve(problem: Problem, names: Sequence[str], fixed: Ints, seed: int) -> Ints:
    """Give each component a split, so that no single move or swap makes it better.

    Args:
        problem: Components and targets.
        names: (n,) different names of the components, from which their order comes.
        fixed: (n,) number of the split of components that must not move, ``FREE`` for others.
        seed: Another seed looks elsewhere.

    Returns:
        (n,) numbers of splits.
    """
    rounds = next(times for limit, times in _ROUNDS if len(names) <= limit)
    best: Ints | None = None
    lowest = 0
    for number in range(rounds):
        drawn = _drawn(names, seed, number)
        search = _Search(problem, fixed, _order(problem, drawn))
        if best is None or number % _ANEW == 0:
            search.place()
        else:
            search.take(_thrown(best, drawn, fixed, len(problem.splits)))
        search.improve()
        cost = search.cost()
        if best is None or cost < lowest:
            best, lowest = search.side.copy(), cost
    assert best is not None
    return best


def is_improvable(problem: Problem, sides: Ints, fixed: Ints) -> bool:
    """Whether moving one free component, or exchanging two, would lower the cost.

    Args:
        problem: Components and targets.
        sides: (n,) number of the split of each component.
        fixed: (n,) as for :func:`solve`.
    """
    search = _Search(problem, fixed, range(len(sides)))
    search.take(sides)
    return any(search.better(i) for i in search.free)


def _drawn(names: Sequence[str], seed: int, number: int) -> list[bytes]:
    return [hashlib.sha256(f"{seed}:{number}:{name}".encode()).digest() for name in names]


def _order(problem: Problem, drawn: Sequence[bytes]) -> list[int]:
    """Components of about the same size in the drawn order, large ones first."""
    sizes = problem.amounts[:, : problem.sources].sum(axis=1).tolist()
    return sorted(range(len(drawn)), key=lambda i: (-int(sizes[i]).bit_length(), drawn[i]))


def _thrown(sides: Ints, drawn: Sequence[bytes], fixed: Ints, splits: int) -> Ints:
    """The same sides but for the first few free components in the drawn order."""
    out = sides.copy()
    free = sorted((i for i in range(len(drawn)) if fixed[i] == FREE), key=lambda i: drawn[i])
    for i in free[: min(_THROWN, len(free) // 2)]:
        out[i] = int.from_bytes(drawn[i][:8], "big") % splits
    return out


class _Search:
    def __init__(self, problem: Problem, fixed: Ints, order: Sequence[int]) -> None:
        self.problem = problem
        self.free = [i for i in order if fixed[i] == FREE]
        self.take(fixed)

    def take(self, sides: Ints) -> None:
        """Begin from these sides; components at ``FREE`` are nowhere yet."""
        problem = self.problem
        self.side = sides.astype(np.int64)
        which = range(len(problem.splits))
        self.held = np.array([problem.amounts[self.side == i].sum(axis=0) for i in which])
        self.now = [int(problem.cost_of(i, self.held[i])) for i in which]

    def cost(self) -> int:
        return sum(self.now)

    def place(self) -> None:
        """Put one component after the other where the cost is lowest with those before it."""
        for i in self.free:
            added = [
                int(self.problem.cost_of(which, self.held[which] + self.problem.amounts[i]))
                - self.now[which]
                for which in range(len(self.problem.splits))
            ]
            which = min(range(len(added)), key=lambda which: (added[which], which))
            self.side[i] = which
            self.held[which] += self.problem.amounts[i]
            self._refresh((which,))

    def improve(self) -> None:
        """Move or swap components as long as that lowers the cost."""
        again = True
        while again:
            again = False
            for i in self.free:
                while self.better(i):
                    again = True

    def better(self, i: int) -> bool:
        """Move a component, or exchange it for another, if that lowers the cost."""
        return self._move(i) or self._swap(i)

    def _move(self, i: int) -> bool:
        problem, here = self.problem, int(self.side[i])
        without = int(problem.cost_of(here, self.held[here] - problem.amounts[i]))
        best, target = 0, here
        for which in range(len(problem.splits)):
            if which == here:
                continue
            there = int(problem.cost_of(which, self.held[which] + problem.amounts[i]))
            change = without + there - self.now[here] - self.now[which]
            if change < best:
                best, target = change, which
        if target == here:
            return False
        self._put(i, target)
        self._refresh((here, target))
        return True

    def _swap(self, i: int) -> bool:
        problem, here = self.problem, int(self.side[i])
        free = np.array(self.free)
        best, partner = 0, -1
        for which in range(len(problem.splits)):
            if which == here:
                continue
            others = free[self.side[free] == which]
            if not len(others):
                continue
            shift: NDArray[np.int64] = problem.amounts[others] - problem.amounts[i]
            change = (
                problem.cost_of(here, self.held[here] + shift)
                + problem.cost_of(which, self.held[which] - shift)
                - (self.now[here] + self.now[which])
            )
            at = int(np.argmin(change))
            if change[at] < best:
                best, partner = int(change[at]), int(others[at])
        if partner < 0:
            return False
        there = int(self.side[partner])
        self._put(i, there)
        self._put(partner, here)
        self._refresh((here, there))
        return True

    def _put(self, i: int, which: int) -> None:
        self.held[self.side[i]] -= self.problem.amounts[i]
        self.held[which] += self.problem.amounts[i]
        self.side[i] = which

    def _refresh(self, changed: Sequence[int]) -> None:
        for which in changed:
            self.now[which] = int(self.problem.cost_of(which, self.held[which]))
