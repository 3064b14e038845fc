"""Build a recipe's network with random numbers, step once, predict once; say what it took."""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from backend.models.checkpoints.architectures import TRAINING_ONLY
from worker.adapters.random_weights import write_random_checkpoint
from worker.training.material import TRAIN, VALIDATION, Material, Sample

SIZE = (320, 240)
SAMPLES = 4


def material(folder: Path) -> Material:
    """A few pictures of noise with joints put on them at random."""
    rng = np.random.default_rng(0)
    samples = []
    for number in range(1, SAMPLES + 1):
        file = folder / f"{number}.jpg"
        cv2.imwrite(str(file), rng.integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8))
        joints = np.column_stack([rng.uniform((60, 40), (260, 200), (17, 2)), np.full(17, 2.0)])
        samples.append(
            Sample(
                image=file,
                image_id=number,
                width=SIZE[0],
                height=SIZE[1],
                joints=joints,
                box=(50.0, 30.0, 220.0, 180.0),
                area=20_000.0,
                infant=f"infant {number}",
            )
        )
    parts = {TRAIN: tuple(samples), VALIDATION: tuple(samples)}
    return Material(name="noise", root=folder, sha256="", parts=parts, rendered=True)


def peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def count(parameters: Sequence[Any]) -> int:
    return sum(parameter.numel() for parameter in parameters)


def run(name: str, batch: int) -> dict[str, Any]:
    """Everything about one recipe; seconds are those of the processor."""
    from mmengine.dataset import pseudo_collate
    from mmengine.optim import build_optim_wrapper

    from worker.training.recipe import Scale
    from worker.training.recipes import recipe_named

    recipe = recipe_named(name)
    settings = recipe.settings[Scale.PAPER].changed(batch=batch, half=False, loaders=0)
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        torch.manual_seed(0)
        start_file = None
        if recipe.takes == "image":
            # RTMO does not begin without one; this one is random as well.
            start_file = Path(folder) / "start.pth"
            write_random_checkpoint(name, start_file)
        assembly = recipe.assemble(material(Path(folder)), settings, 0, start_file)
        model: Any = assembly.model
        built = time.process_time() - start
        after_build = peak_gib()
        collate = assembly.collate or pseudo_collate
        optimiser = build_optim_wrapper(model, assembly.optimiser)
        given = collate([assembly.train[i] for i in range(batch)])
        before = next(model.parameters()).detach().clone()
        model.train()
        start = time.process_time()
        losses = model.train_step(given, optimiser)
        stepped = time.process_time() - start
        told = {name: float(value.mean()) for name, value in losses.items()}
        if not all(np.isfinite(value) for value in told.values()):
            raise ValueError(f"the losses are {told}")
        if torch.equal(before, next(model.parameters())):
            raise ValueError("the step changed nothing")
        model.eval()
        one = collate([assembly.validation[0]])
        with torch.no_grad():
            start = time.process_time()
            found = model.val_step(one)
            predicted = time.process_time() - start
    return {
        "name": name,
        "parameters": count(
            # Without what training alone has.
            [p for n, p in model.named_parameters() if not n.startswith(TRAINING_ONLY)]
        ),
        "backbone": count(list(model.backbone.parameters())) if hasattr(model, "backbone") else 0,
        "published": recipe.parameters,
        "batch": batch,
        "size": list(settings.size or ()),
        "build_s": built,
        "step_s": stepped,
        "predict_s": predicted,
        "built_gib": after_build,
        "peak_gib": peak_gib(),
        "losses": told,
        "predictions": len(found),
    }
