"""The model of a finished run as a checkpoint that pre-labels recordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from backend.core.database.tables import TrainingRun
from backend.core.settings import Settings as ProgramSettings
from backend.models.checkpoints import designs, repository, service
from backend.models.checkpoints.known import KnownWeights
from backend.models.checkpoints.store import WeightStore
from worker.context import JobContext

if TYPE_CHECKING:
    from worker.training.recipe import Outcome, Recipe, Settings


@dataclass(frozen=True, slots=True)
class Registration:
    """A checkpoint whose file lies in the folder, and whose row comes with the last transaction.

    Attributes:
        name: The run's.
        known: What its row is going to tell.
    """

    name: str
    known: KnownWeights

    def record(self, session: Session, settings: ProgramSettings) -> str:
        """Write its row; returns the file's SHA-256."""
        repository.declare(session, [self.known])
        store = WeightStore(settings.weights_dir, {self.name: self.known})
        return service.record_file(session, store, self.name)


def register(
    context: JobContext, row: TrainingRun, recipe: Recipe, settings: Settings, outcome: Outcome
) -> Registration | None:
    """Lay a run's best model into the folder of checkpoints; None where it cannot pre-label.

    Raises:
        InvalidInput: its tensors are not those of the architecture.
        Conflict: the disk is full.
    """
    if recipe.prelabels is None:
        return None
    from worker.training.exporting import export

    context.report(0, None, "Registering the model")
    architecture = designs.architecture_named(recipe.prelabels.architecture)
    config = designs.changed(architecture, architecture.config, recipe.prelabels.config(settings))
    scores = ", ".join(f"{k} {v:.3f}" for k, v in (outcome.test or outcome.scores).items())
    side = "test split" if outcome.test else "validation"
    began = f", from {row.start}" if row.start else ""
    known = KnownWeights(
        row.name,
        architecture.kind,
        architecture.variant,
        "",
        "",
        None,
        f"{recipe.title}: trained on {row.release_title} (SHA-256 {row.release_sha256[:12]})"
        f"{began}, by run {row.id}; on its {side} {scores}.",
        licence=recipe.licence,
        architecture=architecture.name,
        config=config,
    )
    file = export(recipe, outcome.best, outcome.folder / "checkpoint.pth")
    WeightStore(context.settings.weights_dir, {row.name: known}).add(
        row.name, file, called=row.name, cancelled=context.cancelled
    )
    return Registration(row.name, known)


def unregister(context: JobContext, registered: Registration | None) -> None:
    """Take the file away again: the last transaction failed."""
    if registered is not None:
        store = WeightStore(context.settings.weights_dir, {registered.name: registered.known})
        store.remove(registered.name)
