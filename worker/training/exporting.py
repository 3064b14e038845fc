"""A trained model as a checkpoint of its architecture: named tensors and nothing else."""

from __future__ import annotations

from pathlib import Path

from worker.training.keeping import load, save
from worker.training.recipe import Recipe


def export(recipe: Recipe, best: Path, to: Path) -> Path:
    """Write the tensors that a recipe's architecture has.

    Args:
        recipe: One that can pre-label.
        best: ``best.pth`` of a run of it.
        to: The file to write.
    """
    assert recipe.prelabels is not None
    content = load(best)
    tensors = dict(recipe.prelabels.tensors(content["state_dict"]))
    save({"state_dict": tensors, "meta": content["meta"]}, to)
    return to
