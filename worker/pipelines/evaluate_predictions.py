"""Measuring a file of predictions against what a release froze.

All is read before anything is written. The transaction that ends the job stores every number and
every frame; until then the evaluation is on no leaderboard, whatever dies.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from backend.core.database.tables import Evaluation, Release
from backend.core.uploads import service as uploads
from backend.core.uploads.files import sha256_of
from backend.domain.errors import Conflict, NotFound
from backend.domain.evaluation.entries import PredictedKind
from backend.multiview.bodies.library import find_model
from backend.multiview.bodies.model_file import BodyModel
from backend.publishing.evaluation.other_splits import OtherSplits
from backend.publishing.evaluation.truth_file import Key
from backend.publishing.leaderboard import measuring, repository, service, truth
from backend.publishing.leaderboard.measured import Measured
from backend.publishing.leaderboard.payloads import EvaluatePayload
from backend.publishing.releases import service as releases
from worker.context import Finish, JobContext


def run(context: JobContext) -> Finish:
    """Measure an evaluation's file, keep it in the store, and write down what was found."""
    evaluation_id = context.read(EvaluatePayload).evaluation_id
    uploads_dir = context.settings.uploads_dir
    with context.scratch() as scratch:
        work = _Work.of(context, evaluation_id, scratch)
        measured = work.measure()
        key = f"{service.folder_of(evaluation_id)}{work.evaluation.file_name}"
        context.check_cancelled()
        context.storage.put(key, work.predictions.resolve())

    def finish(session: Session) -> dict[str, Any]:
        evaluation = service.store(
            session, evaluation_id, file_key=key, measured=measured, folder=uploads_dir
        )
        return {
            "evaluation_id": evaluation.id,
            "release_id": evaluation.release_id,
            "frames": len(measured.frames),
        }

    return finish


@dataclass(frozen=True, slots=True)
class _Work:
    """One file and what it is compared with."""

    context: JobContext
    evaluation: Evaluation
    release: Release
    prefix: str
    predictions: Path
    scratch: Path

    @classmethod
    def of(cls, context: JobContext, evaluation_id: int, scratch: Path) -> _Work:
        with context.transaction() as session:
            evaluation = repository.get(session, evaluation_id)
            release, prefix = releases.given_out(session, evaluation.release_id)
            session.expunge_all()
        path = uploads.path_of(context.settings.uploads_dir, evaluation.upload_id)
        if not path.is_file():
            raise Conflict(f"{evaluation.file_name} is not here any more: send it again.")
        if sha256_of(path) != evaluation.file_sha256:
            raise Conflict(f"{evaluation.file_name} is not the file that was sent: send it again.")
        folder = scratch / "predictions"
        folder.mkdir()
        named = folder / evaluation.file_name  # Readers call a file by its name.
        named.symlink_to(path)
        return cls(context, evaluation, release, prefix, named, scratch)

    def report(self, done: int, total: int | None, message: str) -> None:
        self.context.check_cancelled()
        self.context.report(done, total, message)

    def measure(self) -> Measured:
        kind = PredictedKind(self.evaluation.kind)
        measured = self._bodies() if kind is PredictedKind.BODIES else self._images(kind)
        with self.context.transaction() as session:
            note = truth.conventions_note(session, self.context.storage, self.release, self.prefix)
        if note is not None:
            measured.result["notes"].append(note)
        return measured

    def _images(self, kind: PredictedKind) -> Measured:
        self.report(0, None, "Reading what the release froze")
        split = self.evaluation.split
        path = f"annotations/{split}.json"
        local = self.scratch / f"{split}.json"
        with self.context.transaction() as session:
            frames = truth.frozen_frames(session, self.release.id, split)
            training = truth.training_postures(session, self.release.id, split)
            truth.fetch(session, self.context.storage, self.release, self.prefix, path, local)
        known = truth.read_joints(local, path, frames)
        others = OtherSplits(self._frames_elsewhere)
        if kind is PredictedKind.POSTURES:
            return measuring.measure_postures(known, self.predictions, frames, others, training)
        return measuring.measure_joints(known, self.predictions, frames, others, self.report)

    def _frames_elsewhere(self) -> dict[Key, str]:
        with self.context.transaction() as session:
            return truth.frames_elsewhere(session, self.release.id, self.evaluation.split)

    def _bodies_elsewhere(self, *, by_image: bool) -> dict[Key, str]:
        split = self.evaluation.split
        with self.context.transaction() as session:
            return truth.bodies_elsewhere(session, self.release, split, by_image=by_image)

    def _bodies(self) -> Measured:
        self.report(0, None, "Reading what the release froze")
        split = self.evaluation.split
        by_image = measuring.goes_by_images(self.predictions)
        with self.context.transaction() as session:
            frames = truth.frozen_frames(session, self.release.id, split)
            frozen = truth.frozen_bodies(session, self.release, split, by_image=by_image)
            learnt = truth.training_bodies(session, self.release, split)
            body = self._model(session, frozen.body)
        others = OtherSplits(lambda: self._bodies_elsewhere(by_image=by_image))
        local = self._bodies_file(f"bodies of {split}", frozen)
        training = None
        if learnt is not None and learnt.body == frozen.body:
            training = self._bodies_file("bodies to train on", learnt)
        return measuring.measure_bodies(
            local, self.predictions, frozen, training, frames, others, body, self.report
        )

    def _bodies_file(self, name: str, frozen: truth.FrozenBodies) -> Path:
        path = self.scratch / f"{name}.npz"
        np.savez(path, **frozen.arrays)  # type: ignore[arg-type]
        return path

    def _model(self, session: Session, body: tuple[str, str] | None) -> BodyModel | None:
        """The model of the frozen bodies, while it is here; joints are compared without it too."""
        if body is None:
            return None
        try:
            model = find_model(session, self.context.storage, body[0])
        except NotFound:
            return None
        return model if model.sha256 == body[1] else None
