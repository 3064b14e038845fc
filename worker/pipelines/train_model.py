"""Training: a recipe on a release, kept in the store after each epoch, registered at the end.

Another worker goes on from the last state in the store. Nothing is registered before the last
transaction: of a run that failed there are its curves, and no model.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy.orm import Session

from backend.core.database.tables import TrainingRun
from backend.core.jobs import service as jobs
from backend.domain.errors import WeightsMissing
from backend.models.checkpoints import service as checkpoints
from backend.models.runs import repository, service
from backend.models.runs.payloads import TrainPayload
from worker.context import Finish, JobContext
from worker.pipelines.release_folder import lay_out
from worker.pipelines.trained_models import Registration, register, unregister
from worker.pipelines.trained_scores import Scored, file_scores, scored

if TYPE_CHECKING:
    from worker.training.material import Material
    from worker.training.recipe import Outcome, Recipe, Settings

_KEPT: Final = ("run.json", "best.pth", "curves.jsonl", "state.pth")
"""Files of a run, the state last: whoever finds it finds the others."""
_CURVES_SECONDS: Final = 2.0
RENDERED_SIZE: Final = (320, 240)


def run(context: JobContext) -> Finish:
    """Train, measure, register."""
    run_id = context.read(TrainPayload).run_id
    with context.transaction() as session:
        row = repository.get(session, run_id)
        session.expunge(row)
    with context.scratch() as scratch:
        training = _Training.of(context, row, scratch)
        outcome = training.fit()
        scores = scored(context, row, training.recipe, training.settings, outcome, training.folder)
        registered = register(context, row, training.recipe, training.settings, outcome)
        facts = _facts(outcome, scratch)

    def finish(session: Session) -> dict[str, Any]:
        try:
            return _finish(session, context, row, facts, scores, registered)
        except BaseException:
            unregister(context, registered)
            raise

    return finish


def _finish(
    session: Session,
    context: JobContext,
    row: TrainingRun,
    facts: Mapping[str, Any],
    scores: Scored | None,
    registered: Registration | None,
) -> dict[str, Any]:
    found = dict(facts)
    if registered is not None:
        found["checkpoint"] = registered.name
        found["best_sha256"] = registered.record(session, context.settings)
    if scores is not None:
        file_scores(session, context.storage, row, scores)
        found["comparison"] = scores.comparison
    run = service.finished(session, row.id, found)
    return {"run_id": run.id, "checkpoint": run.checkpoint, "best_epoch": run.best_epoch}


def _facts(outcome: Outcome, scratch: Path) -> dict[str, Any]:
    told = orjson.loads((outcome.folder / "run.json").read_bytes())
    return {
        "best_epoch": outcome.epoch,
        "best_sha256": told["best_sha256"],
        "key_metric": outcome.key,
        "scores": dict(outcome.scores),
        "before": None if outcome.before is None else dict(outcome.before),
        "test": None if outcome.test is None else dict(outcome.test),
        "test_before": None if outcome.test_before is None else dict(outcome.test_before),
    }


@dataclass
class _Training:
    """One run on its way."""

    context: JobContext
    row: TrainingRun
    recipe: Recipe
    settings: Settings
    folder: Path
    """Of the release."""
    scratch: Path

    @classmethod
    def of(cls, context: JobContext, row: TrainingRun, scratch: Path) -> _Training:
        try:
            from worker.training.recipe import Settings
            from worker.training.recipes import recipe_named
        except ImportError as error:
            raise WeightsMissing(
                "The model packages are not installed on this worker (it was started with"
                " MODELS=0)."
            ) from error
        if row.release_id is None:
            raise WeightsMissing(f"The release {row.release_title} was removed since.")
        context.report(0, None, "Loading the model packages")
        folder = scratch / "release"
        lay_out(context, row.release_id, folder)
        return cls(
            context,
            row,
            recipe_named(row.recipe),
            Settings.of_json(row.settings),
            folder,
            scratch,
        )

    def fit(self) -> Outcome:
        """Train, or go on."""
        from worker.runtime import choose_device
        from worker.training.loop import code_version, fit

        context, row = self.context, self.row
        material = self._material()
        start, start_sha256 = self._start()
        into = self.scratch / "run"
        resumed = self._fetch(into)
        device = choose_device(context.settings.inference_device)
        with context.transaction() as session:
            jobs.held(session, context.id, context.claim)
            facts = {
                "code": code_version(),
                "device": str(device),
                "samples": {side: len(part) for side, part in material.parts.items()},
                "start_sha256": start_sha256,
                "notes": list(material.notes),
            }
            service.started(session, row.id, facts)
        if resumed:
            context.log(f"Going on after epoch {row.epoch}, on {device}.")
        settings = self.settings
        if settings.loaders and multiprocessing.current_process().daemon:
            context.log("This worker may not start processes: it loads samples itself.")
            settings = settings.changed(loaders=0)
        return fit(
            self.recipe,
            material,
            settings,
            into,
            seed=row.seed,
            device=device,
            listener=reporter(context, row, into),
            start=start,
        )

    def _material(self) -> Material:
        from worker.training.reading import read

        context, row = self.context, self.row
        material = read(self.folder, seed=row.seed)
        if row.renders:
            from worker.synthesis.dataset import Order, synthesise

            def progress(done: int) -> None:
                context.check_cancelled()
                context.report(done, row.renders, "Rendering infants")

            order = Order(count=row.renders, seed=row.seed, size=RENDERED_SIZE)
            synthesise(order, self.scratch / "renders", progress=progress)
            material = material.with_second(read(self.scratch / "renders", seed=row.seed))
        return material

    def _start(self) -> tuple[Path | None, str | None]:
        if self.row.start is None:
            return None, None
        with self.context.transaction() as session:
            store = checkpoints.refresh(session, self.context.settings)
        usable = store.usable(self.row.start)
        return usable.path, usable.sha256

    def _fetch(self, into: Path) -> bool:
        """Bring what an earlier worker kept of this run; False where it kept nothing."""
        prefix = service.folder_of(self.row.id)
        if not self.context.storage.exists(prefix + "state.pth"):
            return False
        into.mkdir()
        for name in _KEPT:
            self.context.storage.download(prefix + name, into / name)
        return True


def reporter(context: JobContext, row: TrainingRun, folder: Path) -> Any:
    """Tells the job, the store and the run's row how a training goes."""
    from worker.training.recipe import Listener

    @dataclass
    class Reporter(Listener):
        pictures: list[dict[str, Any]] = field(default_factory=lambda: list(row.pictures))
        notes: list[str] = field(default_factory=list)
        sent: float = 0.0

        def stop(self) -> bool:
            return context.cancelled()

        def progress(self, done: int, total: int, words: str) -> None:
            context.report(done, total, words)

        def note(self, words: str) -> None:
            context.log(words)

        def row(self, told: Mapping[str, Any]) -> None:
            now = time.monotonic()
            if now - self.sent > _CURVES_SECONDS:
                self.sent = now
                self._put("curves.jsonl")

        def picture(self, file: Path, epoch: int) -> None:
            self._put(f"pictures/{file.name}")
            told = {"epoch": epoch, "file": file.name}
            if told not in self.pictures:
                self.pictures.append(told)

        def saved(self, state: Path, epoch: int) -> None:
            for name in _KEPT:
                if (folder / name).is_file():
                    self._put(name)
            with context.transaction() as session:
                jobs.held(session, context.id, context.claim)
                service.kept(session, row.id, epoch=epoch, pictures=self.pictures)

        def _put(self, name: str) -> None:
            context.storage.put(service.folder_of(row.id) + name, folder / name)

    return Reporter()
