"""What the sections of ``benchmarks.models_small`` share."""

from __future__ import annotations

import logging
import pickle
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from worker.synthesis.dataset import Order, synthesise
from worker.training.loop import fit
from worker.training.material import Material, Sample
from worker.training.reading import read_parts
from worker.training.recipe import Outcome, Scale
from worker.training.recipes import recipe_named

Made = TypeVar("Made")


@dataclass
class Lab:
    """Where runs and renders are kept, and what they cost."""

    folder: Path
    seeds: Sequence[int]
    began: float = field(default_factory=time.process_time)

    def renders(self, name: str, order: Order) -> Material:
        """A folder of renders, made unless it is there."""
        folder = self.folder / "renders" / name
        if not folder.is_dir():
            folder.parent.mkdir(parents=True, exist_ok=True)
            synthesise(order, folder)
        return read_parts(folder)

    def kept(self, name: str, make: Callable[[], Made]) -> Made:
        """What takes long to make, made unless it was before."""
        file = self.folder / f"{name}.pickle"
        if not file.is_file():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(pickle.dumps(make()))
        found: Made = pickle.loads(file.read_bytes())
        return found

    def posed(self, name: str, make: Callable[[], Iterable[Sample]]) -> list[Sample]:
        """Bodies without pictures, posed unless they were before."""
        return self.kept(name, lambda: list(make()))

    def run(
        self,
        recipe: str,
        material: Material,
        name: str,
        seed: int = 0,
        start: Path | None = None,
        **changed: object,
    ) -> Outcome:
        """Train a recipe in its small settings; a run that is finished is taken as it is."""
        logging.getLogger("mmengine").setLevel(logging.ERROR)
        chosen = recipe_named(recipe)
        settings = chosen.settings[Scale.SMALL].changed(**changed)
        folder = self.folder / "runs" / f"{name}-{seed}"
        begun = time.process_time()
        found = fit(chosen, material, settings, folder, seed=seed, device="cpu", start=start)
        spent = time.process_time() - begun
        print(
            f"  {name}, seed {seed}: {spent:.0f} s, {dict(found.test or found.scores)}", flush=True
        )
        return found

    def spent(self) -> str:
        """CPU time so far."""
        return f"{(time.process_time() - self.began) / 60:.1f} minutes of CPU time"


def told(values: Sequence[float], digits: int = 1) -> str:
    """Mean ± standard deviation over seeds."""
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return f"{np.mean(values):.{digits}f} ± {spread:.{digits}f}"


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table as it stands in the docs."""
    print(f"\n{title}\n")
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print(flush=True)


def column(scores: Sequence[Mapping[str, float]], name: str, factor: float = 1.0) -> list[float]:
    """One measure of several runs."""
    return [factor * one[name] for one in scores]
