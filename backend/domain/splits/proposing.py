"""A proposed split: who goes where, how near it comes to what is wanted, and why not nearer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final

import numpy as np

from backend.domain.errors import InvalidInput
from backend.domain.splits.components import Component
from backend.domain.splits.objective import (
    WHOLE,
    Column,
    Ints,
    Problem,
    Targets,
    Weights,
    problem_of,
)
from backend.domain.splits.solving import FREE, is_improvable, solve
from backend.domain.splits.units import Key

NOTED_SHARE: Final = 0.01
"""A source's split is said to miss its target from this difference in shares on."""


@dataclass(frozen=True, slots=True)
class Held:
    """What one split holds of one thing that is balanced.

    Attributes:
        kind: ``source``, ``infants``, ``age``, ``sex`` or ``posture``.
        name: Which source, age group …
        split: The split.
        amount: Frames, or infants.
        total: Of all splits.
        target: Wanted share, 0 to 1: the source's target; of other things what their sources
            bring along.
    """

    kind: str
    name: str
    split: str
    amount: int
    total: int
    target: float

    @property
    def share(self) -> float:
        """Share of the total, 0 to 1; 0 of nothing."""
        return self.amount / self.total if self.total else 0.0

    @property
    def off(self) -> float:
        """Share too many, or too few if negative."""
        return self.share - self.target if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A split of components.

    Attributes:
        sides: Split by the component's key.
        recordings: Split by recording.
        infants: Split by infant: what the next version inherits.
        held: What each split holds, by kind and name, splits in the order of the targets.
        notes: One sentence for each target that is missed: by how much, and why.
        cost: Of ``objective``; comparable for the same components and targets.
    """

    sides: Mapping[Key, str]
    recordings: Mapping[Key, str]
    infants: Mapping[Key, str]
    held: tuple[Held, ...]
    notes: tuple[str, ...]
    cost: int


def propose(
    components: Sequence[Component],
    targets: Targets,
    *,
    seed: int = 0,
    fixed: Mapping[Key, str] | None = None,
    weights: Weights | None = None,
) -> Proposal:
    """Divide components so that sources meet their target shares and the rest is balanced.

    The same input gives the same proposal on any machine and in any order. No single move of a
    component to another split, and no exchange of two, would lower the cost.

    Args:
        components: What stays together.
        targets: Shares of the splits by source, ``*`` for sources without their own; names of
            splits are free.
        seed: Another one looks elsewhere, and may propose another split.
        fixed: Split of components that were given one before, by key.
        weights: What matters how much.

    Raises:
        InvalidInput: targets or weights that mean nothing, nothing to divide, or a fixed component
            or its split that does not exist.
    """
    ordered, problem, settled = _prepared(components, targets, fixed or {}, weights)
    sides = solve(problem, [_name(component.key) for component in ordered], settled, seed)
    return _described(ordered, problem, settled, sides)


def describe(
    components: Sequence[Component],
    targets: Targets,
    sides: Mapping[Key, str],
    *,
    fixed: Mapping[Key, str] | None = None,
    weights: Weights | None = None,
) -> Proposal:
    """The same account of a split that was made by hand.

    Args:
        components: What stays together.
        targets: As for :func:`propose`.
        sides: Split of every component, by key.
        fixed: Those among them that could not be chosen.
        weights: As for :func:`propose`.

    Raises:
        InvalidInput: as :func:`propose`; a component without a split.
    """
    ordered, problem, settled = _prepared(components, targets, fixed or {}, weights)
    chosen = _numbers(ordered, problem, sides)
    if (chosen == FREE).any():
        lacking = [c.title for c, side in zip(ordered, chosen, strict=True) if side == FREE]
        raise _invalid(f"{lacking[0]} has no split")
    return _described(ordered, problem, settled, chosen)


def held_so_far(
    components: Sequence[Component], targets: Targets, sides: Mapping[Key, str]
) -> tuple[Held, ...]:
    """What each split holds while some components are in none.

    Args:
        components: What stays together.
        targets: As for :func:`propose`.
        sides: Split of those that are in one, by key.

    Raises:
        InvalidInput: as :func:`propose`.
    """
    ordered, problem, _ = _prepared(components, targets, {}, None)
    return _held(problem, _numbers(ordered, problem, sides))


def _prepared(
    components: Sequence[Component],
    targets: Targets,
    fixed: Mapping[Key, str],
    weights: Weights | None,
) -> tuple[list[Component], Problem, Ints]:
    if not components:
        raise _invalid("there are no recordings")
    # Their order must not depend on the order in which they were given.
    ordered = sorted(components, key=lambda component: _name(component.key))
    problem = problem_of(ordered, targets, weights)
    return ordered, problem, _numbers(ordered, problem, fixed)


def _numbers(ordered: Sequence[Component], problem: Problem, sides: Mapping[Key, str]) -> Ints:
    place = {component.key: i for i, component in enumerate(ordered)}
    numbers = np.full(len(ordered), FREE, dtype=np.int64)
    for key, split in sides.items():
        if key not in place:
            raise _invalid(f"there is no component {key}")
        if split not in problem.splits:
            raise _invalid(
                f"{ordered[place[key]].title} is in split {split}, which is not among"
                f" {', '.join(problem.splits)}"
            )
        numbers[place[key]] = problem.splits.index(split)
    return numbers


def _described(
    ordered: Sequence[Component], problem: Problem, settled: Ints, sides: Ints
) -> Proposal:
    of = {c.key: problem.splits[side] for c, side in zip(ordered, sides, strict=True)}
    empty = _empty(problem, sides)
    better = cache(lambda: is_improvable(problem, sides, settled))  # asked only where one is missed
    notes = _empty_notes(problem, settled, empty)
    for at, column in enumerate(problem.columns[: problem.sources]):
        places = (
            _Place(ordered, problem, settled, sides, column, at, which, better)
            for which in range(len(problem.splits))
            if which not in empty
        )
        notes += _notes(column.name, places)
    return Proposal(
        sides=of,
        recordings={key: of[c.key] for c in ordered for key in c.recordings},
        infants={key: of[c.key] for c in ordered for key in c.infants},
        held=_held(problem, sides),
        notes=tuple(notes),
        cost=problem.cost(sides),
    )


def _held(problem: Problem, sides: Ints) -> tuple[Held, ...]:
    return tuple(
        Held(
            column.kind,
            column.name,
            split,
            int(problem.amounts[sides == which, at].sum()),
            int(problem.totals[at]),
            _share(problem, which, at),
        )
        for at, column in enumerate(problem.columns)
        for which, split in enumerate(problem.splits)
    )


def _empty(problem: Problem, sides: Ints) -> list[int]:
    """Wanted splits that hold no frame of a source that asks for them."""
    return [
        which
        for which in range(len(problem.splits))
        if (needs := problem.needs[which]).any()
        and not problem.amounts[sides == which][:, needs].any()
    ]


def _empty_notes(problem: Problem, settled: Ints, empty: Sequence[int]) -> list[str]:
    """Why splits stay empty: one sentence for all of them, because one reason holds for all."""
    if not empty:
        return []
    filled = problem.amounts[:, problem.needs.any(axis=0)].any(axis=1)
    groups = int(filled.sum())
    wanted = int(problem.needs.any(axis=1).sum())
    *first, last = (problem.splits[which] for which in empty)
    said = f"{', '.join(first)} and {last} stay empty" if first else f"{last} stays empty"
    if groups < wanted:
        lots = "1 group" if groups == 1 else f"{groups} groups"
        away = "splits" if first else "a split"
        return [
            f"{said}: there are {wanted} splits to fill and only {lots} of recordings that cannot"
            f" be divided. Add recordings of other infants, or take {away} away."
        ]
    if (settled != FREE).any():
        free = int((filled & (settled == FREE)).sum())
        lots = "no group is" if free == 0 else "1 group is" if free == 1 else f"{free} groups are"
        return [
            f"{said}: infants of earlier versions keep their sides, and {lots} left to be placed."
        ]
    return [f"{said}: no infant stands in {'them' if first else 'it'}."]


def _share(problem: Problem, which: int, at: int) -> float:
    total = int(problem.totals[at])
    return float(Fraction(int(problem.wanted[which, at]), total * WHOLE)) if total else 0.0


@dataclass(frozen=True, slots=True)
class _Place:
    """One split of one source, for telling why it misses its target."""

    components: Sequence[Component]
    problem: Problem
    settled: Ints
    sides: Ints
    column: Column
    at: int
    which: int
    better: Callable[[], bool]
    """Whether some move or exchange of two would bring the whole nearer to what is wanted."""

    @property
    def amounts(self) -> Ints:
        return self.problem.amounts[:, self.at]


def _notes(source: str, places: Iterable[_Place]) -> list[str]:
    """A sentence for each reason for which splits of a source miss their targets."""
    by_reason: dict[str, list[str]] = {}
    for place in places:
        if (missed := _missed(place)) is not None:
            said, reason = missed
            by_reason.setdefault(reason, []).append(said)
    return [f"{source}: {_listed(said)}, because {reason}." for reason, said in by_reason.items()]


def _listed(said: Sequence[str]) -> str:
    *others, last = said
    return f"{', '.join(others)} and {last}" if others else last


def _missed(place: _Place) -> tuple[str, str] | None:
    """What a split holds where it misses its target, and why; None where it holds it."""
    total = int(place.problem.totals[place.at])
    if not total:
        return None
    inside = place.sides == place.which
    held = int(place.amounts[inside].sum())
    target = _share(place.problem, place.which, place.at)
    if abs(held / total - target) < NOTED_SHARE:
        return None
    split = place.problem.splits[place.which]
    said = f"{split} holds {_percent(held / total)} of the frames instead of {_percent(target)}"
    return said, _reason(place, inside, held, total, target)


def _reason(place: _Place, inside: Ints, held: int, total: int, target: float) -> str:
    wanted = target * total
    settled_here = int(place.amounts[inside & (place.settled != FREE)].sum())
    settled_elsewhere = int(place.amounts[~inside & (place.settled != FREE)].sum())
    groups = int(np.count_nonzero(place.amounts))
    if held > wanted and settled_here > wanted:
        share = _percent(settled_here / total)
        return f"infants with {share} of all frames stand there since an earlier version"
    if held < wanted and total - settled_elsewhere < wanted:
        share = _percent(settled_elsewhere / total)
        return f"infants with {share} of all frames stand elsewhere since an earlier version"
    if place.better():
        return "infants stand where they do; other sides would bring it nearer, as a proposal does"
    if (why := _undividable(place, held, total, wanted)) is not None:
        return why
    needed = int(place.problem.needs[:, place.at].sum())
    if groups < needed:
        return f"there are {needed} splits to fill and only {groups} groups of recordings"
    frames = int(place.amounts.max())
    return (
        f"there are {groups} groups of recordings that cannot be divided, the largest with"
        f" {_percent(frames / total)} of the frames; no move and no exchange of two of them brings"
        " all that is balanced nearer"
    )


def _undividable(place: _Place, held: int, total: int, wanted: float) -> str | None:
    """The one group of recordings for which no division could do better; None without one."""
    source, amounts = place.column.name, place.amounts
    largest = int(np.argmax(amounts))
    most = max(_share(place.problem, which, place.at) for which in range(len(place.problem.splits)))
    if amounts[largest] > most * total:
        there = "" if place.sides[largest] == place.which else _stands_in(place, largest)
        return (
            f"{place.components[largest].title} has {_percent(amounts[largest] / total)} of all"
            f" frames of {source}{there}, and cannot be divided"
        )
    smallest = int(np.argmin(np.where(amounts > 0, amounts, total + 1)))
    if amounts[smallest] > (wanted if held > wanted else total - wanted):
        return (
            f"even the smallest group of recordings, {place.components[smallest].title}, has"
            f" {_percent(amounts[smallest] / total)} of all frames of {source}, and cannot be"
            " divided"
        )
    return None


def _stands_in(place: _Place, which: int) -> str:
    return f" and stands in {place.problem.splits[place.sides[which]]}"


def _percent(share: float) -> str:
    return "less than 1 %" if 0 < share < 0.005 else f"{share * 100:.0f} %"


def _name(key: Key) -> str:
    """A name that tells the number 7 from the text "7"."""
    return f"#{key}" if isinstance(key, int) else f"'{key}"


def _invalid(fault: str) -> InvalidInput:
    return InvalidInput(f"A split cannot be made: {fault}.", fault=fault)
