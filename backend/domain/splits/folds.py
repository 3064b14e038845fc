"""Grouped k-fold cross-validation: every component is in one fold, folds are balanced alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from backend.domain.errors import InvalidInput
from backend.domain.splits.components import Component
from backend.domain.splits.objective import EVERY_SOURCE, Weights
from backend.domain.splits.proposing import Proposal, propose
from backend.domain.splits.units import Key

MAX_FOLDS: Final = 100


def fold_names(k: int) -> tuple[str, ...]:
    """Names of the folds, ``fold_1`` to ``fold_k``."""
    return tuple(f"fold_{i}" for i in range(1, k + 1))


def fold_shares(k: int) -> dict[str, float]:
    """Equal shares of the folds."""
    return dict.fromkeys(fold_names(k), 1 / k)


def k_folds(
    components: Sequence[Component],
    k: int,
    *,
    seed: int = 0,
    fixed: Mapping[Key, str] | None = None,
    weights: Weights | None = None,
) -> Proposal:
    """Divide components into k folds of about the same size and kind, by a seed.

    Args:
        components: What stays together; those without frames may end up in any fold.
        k: How many folds.
        seed: Another one gives other folds.
        fixed: Fold of components that were given one before, by key.
        weights: What matters how much.

    Returns:
        The proposal, with folds for splits. Each fold is once the test, the others the training
        set.

    Raises:
        InvalidInput: fewer than two folds, or more folds than components with frames.
    """
    filled = sum(component.frames > 0 for component in components)
    if not 2 <= k <= MAX_FOLDS:
        raise _invalid(f"{k} folds; there can be 2 to {MAX_FOLDS}")
    if filled < k:
        raise _invalid(
            f"{k} folds need as many groups of recordings with frames, there are {filled}"
        )
    share = fold_shares(k)
    return propose(components, {EVERY_SOURCE: share}, seed=seed, fixed=fixed, weights=weights)


def _invalid(fault: str) -> InvalidInput:
    return InvalidInput(f"Folds cannot be made: {fault}.", fault=fault)
