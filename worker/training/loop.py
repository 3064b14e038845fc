"""One way to train every recipe: mmengine's runner, checkpoints that survive, curves, words.

A run is a folder:

=================  =================================================================================
``run.json``       recipe, settings, seed, material by hash, start by hash, code's version, device
``curves.jsonl``   losses, rate, scores (``watching.Curves``)
``state.pth``      all that it takes to go on after the last whole epoch
``best.pth``       the best model so far: ``state_dict`` and ``meta``
``pictures/``      predictions on some validation images
=================  =================================================================================

Several GPUs: ``torchrun --nproc-per-node N -m worker.tools train …``; mmengine spreads the batches.
Source of the loop, the hooks' order and the optimisers: mmengine 0.10.
"""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import time
import uuid
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

import backend
import worker
from backend.domain.errors import Cancelled, Conflict, DomainError, InvalidInput
from backend.models.checkpoints.files import sha256_of
from worker.adapters.openmmlab import registry

registry()

from mmengine.dataset import DefaultSampler, pseudo_collate  # noqa: E402
from mmengine.dist import is_main_process  # noqa: E402
from mmengine.evaluator import BaseMetric, Evaluator  # noqa: E402
from mmengine.runner import Runner  # noqa: E402
from mmengine.visualization import Visualizer  # noqa: E402

from worker.training import epochs  # noqa: E402
from worker.training.faults import STATE, TrainingStopped, in_words  # noqa: E402
from worker.training.keeper import BEST, Keeper, bare  # noqa: E402
from worker.training.keeping import load, load_json, write_json  # noqa: E402
from worker.training.material import Material, require  # noqa: E402
from worker.training.recipe import Assembly, Listener, Outcome, Recipe, Settings  # noqa: E402
from worker.training.usual import halves_pay  # noqa: E402
from worker.training.watching import CURVES, Curves, Watcher  # noqa: E402

RUN: Final = "run.json"
PICTURES: Final = "pictures"
LOG: Final = "log"
"""Where mmengine writes what it wants to."""
_SAME: Final = ("recipe", "settings", "seed", "material_sha256", "second_sha256", "start_sha256")
"""What must not differ between a run and its resumption."""


def fit(
    recipe: Recipe,
    material: Material,
    settings: Settings,
    folder: Path,
    *,
    seed: int = 0,
    device: str | torch.device = "auto",
    listener: Listener | None = None,
    start: Path | None = None,
) -> Outcome:
    """Train a recipe, or go on with the run that its folder holds.

    Args:
        recipe: What.
        material: On what; see :mod:`worker.training.reading`.
        settings: How; usually ``recipe.settings[scale]``.
        folder: Of the run: new or empty, or that of a run of the very same order, which goes on
            after its last whole epoch. On a CPU the result is that of an unbroken run.
        seed: Of all chance.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, …
        listener: Who hears of it.
        start: A checkpoint to begin from.

    Raises:
        InvalidInput: material, settings or start do not fit the recipe.
        Conflict: the folder holds another run.
        TrainingStopped: losses that are no numbers, no memory, a full disk, a lost GPU.
        Cancelled: the listener asked for it.
    """
    listener = listener or Listener()
    require(material, recipe.needs, start)
    begun = time.monotonic()
    chosen = _device(device)
    try:
        order = _order(recipe, material, settings, seed, start, chosen)
        earlier = _open(folder, order)
        epochs.seed_all(seed, 0)
        assembly = recipe.assemble(material, settings, seed, start)
        for note in (*material.notes, *assembly.notes, *_precision(settings)):
            listener.note(note)
        run = _Run(assembly, settings, folder, seed, chosen, listener)
        run.go()
        outcome = run.outcome(earlier + time.monotonic() - begun)
        if is_main_process():
            write_json(order | _result(outcome), folder / RUN)
        return outcome
    except DomainError:
        raise
    except Exception as error:
        if (stopped := in_words(error, settings, folder)) is not None:
            raise stopped from error
        raise


class _Run:
    """A recipe on mmengine's runner."""

    def __init__(
        self,
        assembly: Assembly,
        settings: Settings,
        folder: Path,
        seed: int,
        device: torch.device,
        listener: Listener,
    ) -> None:
        self.assembly, self.settings, self.folder = assembly, settings, folder
        self.seed, self.device, self.listener = seed, device, listener
        self.curves = Curves(folder / CURVES)
        self.keeper = Keeper(assembly, folder, seed, listener, settings.pictures_every)
        self.runner = self._runner()

    def _runner(self) -> Runner:
        assembly, settings = self.assembly, self.settings
        launched = "RANK" in os.environ and int(os.environ.get("WORLD_SIZE", "1")) > 1
        if self.device.type == "cuda" and not launched:
            torch.cuda.set_device(self.device)
        for module in assembly.model.modules():
            # Recipes set the first numbers; mmengine would draw them anew.
            module._is_init = True
        rank = int(os.environ.get("RANK", "0")) if launched else 0
        runner = Runner(
            model=assembly.model,
            work_dir=str(self.folder / LOG),
            train_dataloader=self._loader(assembly.train, training=True),
            train_cfg={
                "type": epochs.SeededEpochs,
                "max_epochs": settings.epochs,
                "val_interval": settings.validate_every,
                "seed": self.seed,
                "rank": rank,
                "measure_first": assembly.begins_trained,
            },
            val_dataloader=self._loader(assembly.validation),
            val_cfg={},
            val_evaluator=Evaluator(list(assembly.metrics())),
            optim_wrapper=assembly.optimiser,
            param_scheduler=_plain(assembly.schedules),
            default_hooks={"logger": None, "timer": None, "checkpoint": None},
            custom_hooks=[Watcher(self.curves, self.listener), *assembly.hooks, self.keeper],
            launcher="pytorch" if launched else "none",
            env_cfg={"dist_cfg": {"backend": "nccl" if self.device.type == "cuda" else "gloo"}},
            # mmpose's own would import packages that drawing alone needs.
            visualizer=Visualizer.get_instance(f"run-{uuid.uuid4().hex[:12]}"),
            default_scope="mmpose",
            randomness={"seed": self.seed},
            log_level="WARNING",
            experiment_name=f"run-{uuid.uuid4().hex[:12]}",
            cfg={
                "model_wrapper_cfg": {
                    "type": "MMDistributedDataParallel",
                    "find_unused_parameters": assembly.find_unused,
                    "broadcast_buffers": False,
                }
            },
        )
        if not launched:
            runner.model.to(self.device)
        return runner

    def _loader(self, dataset: Dataset[Any], *, training: bool = False) -> DataLoader[Any]:
        sampler = self.assembly.sampler if training else None
        collate = self.assembly.collate or pseudo_collate
        return DataLoader(
            dataset,
            batch_size=self.settings.batch,
            sampler=sampler or DefaultSampler(dataset, shuffle=training, seed=self.seed),
            num_workers=self.settings.loaders,
            collate_fn=collate,
            pin_memory=self.device.type == "cuda",
            # A last batch of one sample would spoil the statistics of normalising layers.
            drop_last=training and len(dataset) % self.settings.batch == 1,  # type: ignore[arg-type]
        )

    def go(self) -> None:
        """Train up to the end, from the beginning or from where the folder stands."""
        state = self.folder / STATE
        held = load(state) if state.is_file() else None
        if held is not None:
            self.keeper.resume_from = held
            self.listener.note(f"Going on after epoch {held['epoch']}.")
        self.curves.keep_until(-1 if held is None else int(held["epoch"]))
        if held is not None and held["epoch"] >= self.settings.epochs:
            return
        logging.getLogger("mmengine").setLevel(logging.WARNING)
        self.runner.train()

    def outcome(self, seconds: float) -> Outcome:
        """Measure the test split with the best model, and with the start; say what was found."""
        state = load(self.folder / STATE)
        best = load(self.folder / BEST)
        test = before = None
        if self.assembly.test is not None:
            if state["before"] is not None and self.keeper.start is not None:
                before = self._measure(self.keeper.start)
            test = self._measure(best["state_dict"])
        return Outcome(
            best=self.folder / BEST,
            epoch=int(best["meta"]["epoch"]),
            key=self.assembly.key,
            scores=best["meta"]["scores"],
            before=state["before"],
            test=test,
            test_before=before,
            folder=self.folder,
            seconds=seconds,
        )

    def _measure(self, tensors: Mapping[str, torch.Tensor]) -> dict[str, float]:
        assert self.assembly.test is not None
        bare(self.runner.model).load_state_dict(tensors)
        metrics = (self.assembly.test_metrics or self.assembly.metrics)()
        return measure(self.runner.model, self._loader(self.assembly.test), metrics, self.listener)


def measure(
    model: nn.Module,
    loader: DataLoader[Any],
    metrics: Sequence[BaseMetric],
    listener: Listener | None = None,
) -> dict[str, float]:
    """Scores of a model on a data set.

    Raises:
        Cancelled: the listener asked for it.
    """
    evaluator = Evaluator(list(metrics))
    if (meta := getattr(loader.dataset, "metainfo", None)) is not None:
        evaluator.dataset_meta = meta
    model.eval()
    inner: Any = bare(model)
    with torch.no_grad():
        for done, batch in enumerate(loader, 1):
            evaluator.process(inner.val_step(batch), batch)
            if listener is not None:
                listener.progress(done, len(loader), "Measuring the test split")
                if listener.stop():
                    raise Cancelled("Cancelled. Training itself is done: resume to measure it.")
    found = evaluator.evaluate(len(loader.dataset))  # type: ignore[arg-type]
    return {name: float(value) for name, value in found.items()}


def _plain(schedules: Any) -> Any:
    if isinstance(schedules, Mapping):
        return dict(schedules)
    return list(schedules) or None


def _device(wanted: str | torch.device) -> torch.device:
    if wanted != "auto":
        device = torch.device(wanted)
        if device.type == "cuda" and not torch.cuda.is_available():
            raise TrainingStopped(
                f"This machine has no {device} for the models.", fault="device", resumable=True
            )
        return device
    if torch.cuda.is_available():
        return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    return torch.device("cpu")


def _order(
    recipe: Recipe,
    material: Material,
    settings: Settings,
    seed: int,
    start: Path | None,
    device: torch.device,
) -> dict[str, Any]:
    sides = {side: len(part) for side, part in material.parts.items()}
    return {
        "recipe": recipe.name,
        "settings": settings.to_json(),
        "seed": seed,
        "material": material.name,
        "material_sha256": material.sha256,
        "second": None if material.second is None else material.second.name,
        "second_sha256": None if material.second is None else material.second.sha256,
        "samples": sides,
        "start_sha256": None if start is None else sha256_of(start),
        "code": code_version(),
        "device": _told(device),
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def _precision(settings: Settings) -> tuple[str, ...]:
    if not settings.half or halves_pay():
        return ()
    return ("Layers compute in single precision: this processor would only imitate bfloat16.",)


def _told(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{torch.cuda.get_device_name(device)} ×{os.environ.get('WORLD_SIZE', '1')}"
    return f"{device.type}, {torch.get_num_threads()} threads"


@cache
def code_version() -> str:
    """A hash over the program's own Python files: what trained this."""
    digest = hashlib.sha256()
    for package in (backend, worker):
        root = Path(str(package.__file__)).parent
        for file in sorted(root.rglob("*.py")):
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _open(folder: Path, order: Mapping[str, Any]) -> float:
    """Make the run's folder, or check that the run in it is this one; its seconds so far."""
    file = folder / RUN
    if file.is_file():
        held = load_json(file)
        differing = [name for name in _SAME if held.get(name) != order[name]]
        if differing:
            raise Conflict(
                f"{folder} holds another run: {', '.join(differing)} differ. Name a new folder.",
                folder=str(folder),
            )
        return float(held.get("seconds", 0.0))
    if folder.is_dir() and any(folder.iterdir()):
        raise Conflict(f"{folder} is not empty and holds no run; name a new folder.")
    try:
        (folder / PICTURES).mkdir(parents=True)
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be made: {error.strerror}.") from error
    write_json(order, file)
    return 0.0


def _result(outcome: Outcome) -> dict[str, Any]:
    return {
        "finished": True,
        "best_epoch": outcome.epoch,
        "key": outcome.key,
        "scores": dict(outcome.scores),
        "before": None if outcome.before is None else dict(outcome.before),
        "test": None if outcome.test is None else dict(outcome.test),
        "test_before": None if outcome.test_before is None else dict(outcome.test_before),
        "seconds": round(outcome.seconds, 1),
        "best_sha256": sha256_of(outcome.best),
    }
