"""A finished run's predictions on the release's test split, beside those of its start and of the
pre-labeller in use: for the leaderboard, and for the question whether the new model is better."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson
from sqlalchemy.orm import Session

from backend.core.database.tables import Evaluation, TrainingRun
from backend.core.storage import BlobStore
from backend.domain.candidates import likeliest_infant
from backend.domain.errors import InvalidInput, WeightsMissing
from backend.domain.estimates import PoseEstimate
from backend.domain.evaluation.entries import ModelSetting, PredictedKind
from backend.domain.evaluation.improvement import improvement
from backend.domain.pixels import COCO_JOINTS
from backend.models.checkpoints.designs import WeightKind
from backend.publishing.evaluation.other_splits import OtherSplits
from backend.publishing.leaderboard import measuring, repository, service, truth
from backend.publishing.leaderboard.measured import Measured
from worker.context import JobContext
from worker.pipelines.models import choose, pose_estimator

if TYPE_CHECKING:
    from worker.training.material import Sample
    from worker.training.recipe import Outcome, Recipe, Settings

MEASURE: Final = "OKS of the proposed infant"
"""Of the joints that an annotator would be shown first; 0 where nobody is found."""

People = Mapping[int, Sequence[PoseEstimate]]
"""By the image's id."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A leaderboard's entry to be.

    Attributes:
        model: What it is called.
        setting: Zero-shot or fine-tuned.
        note: How it was made.
        licence: Of the model.
        data: The file of results.
        measured: What was found.
    """

    model: str
    setting: ModelSetting
    note: str
    licence: str
    data: bytes
    measured: Measured


@dataclass(frozen=True, slots=True)
class Scored:
    """What a run's model reaches on the test split.

    Attributes:
        split: Its name.
        entries: For the leaderboard.
        comparison: The new model beside the pre-labeller in use; None where there is none.
    """

    split: str
    entries: tuple[Entry, ...]
    comparison: dict[str, Any] | None


def scored(
    context: JobContext,
    row: TrainingRun,
    recipe: Recipe,
    settings: Settings,
    outcome: Outcome,
    folder: Path,
) -> Scored | None:
    """Predict and measure; None where the release has no test split or the model says no joints.

    Args:
        context: The job.
        row: The run.
        recipe: Its recipe.
        settings: Its settings.
        outcome: What came out.
        folder: The release's.
    """
    from worker.runtime import choose_device
    from worker.training.predicting import predictions
    from worker.training.reading import annotation_files, read_parts, side_of

    files = [file for file in annotation_files(folder) if side_of(file.stem) == "test"]
    if recipe.predictor is None or not files or row.release_id is None:
        return None
    part = read_parts(folder).parts["test"]
    split = files[0].stem
    with context.transaction() as session:
        frames = truth.frozen_frames(session, row.release_id, split)
    known = truth.read_joints(files[0], f"annotations/{split}.json", frames)
    device = choose_device(context.settings.inference_device)

    def people_of(model: Any, called: str) -> People:
        found: dict[int, list[PoseEstimate]] = {}
        for done, (number, people) in enumerate(predictions(model, part)):
            context.check_cancelled()
            context.report(done, len(part), f"Measuring {called} on the {split} split")
            found[number] = people
        return found

    def entry(called: str, setting: ModelSetting, people: People) -> Entry:
        data = as_results(people)
        file = context_file(context, folder, data)
        measured = measuring.measure_joints(known, file, frames, OtherSplits(), context.report)
        note = f"Run {row.name}, by the recipe {recipe.name}"
        if recipe.takes == "boxes":
            note += "; joints in the true boxes"
        return Entry(called, setting, note, recipe.licence, data, measured)

    new = people_of(recipe.predictor(outcome.best, settings, device), row.name)
    entries = [entry(row.name, ModelSetting.FINE_TUNED, new)]
    predicted: dict[str, People] = {}
    if row.start is not None:
        start, origin = pose_estimator(context.settings, row.start)
        predicted[origin.model] = people_of(start, origin.model)
        entries.append(entry(origin.model, ModelSetting.ZERO_SHOT, predicted[origin.model]))
    present = _present(context)
    if present is None or recipe.takes != "image":
        return Scored(split, tuple(entries), None)
    if present not in predicted:
        predicted[present] = people_of(pose_estimator(context.settings, present)[0], present)
    comparison = compared(part, new, predicted[present], present)
    return Scored(split, tuple(entries), comparison)


def context_file(context: JobContext, folder: Path, data: bytes) -> Path:
    """Results as a file beside the release's folder, for those who read files."""
    context.check_cancelled()
    file = folder.parent / f"{hashlib.sha256(data).hexdigest()[:12]}.json"
    file.write_bytes(data)
    return file


def _present(context: JobContext) -> str | None:
    """The pre-labeller in use; None where none is here."""
    try:
        return choose(context.settings, WeightKind.POSE, None).known.name
    except (WeightsMissing, InvalidInput):
        return None


def as_results(people: People) -> bytes:
    """COCO results, as models write them."""
    results = []
    for number, found in people.items():
        for person in found:
            joints = np.asarray(person.keypoints, float) - COCO_JOINTS.shift
            table = np.column_stack([np.round(joints, 2), np.round(person.scores, 4)])
            results.append(
                {
                    "image_id": number,
                    "category_id": 1,
                    "keypoints": table.ravel().tolist(),
                    "score": round(float(person.score), 6),
                }
            )
    return orjson.dumps(results)


def compared(part: Sequence[Sample], new: People, old: People, called: str) -> dict[str, Any]:
    """The new model beside the old one, infant by infant, in words and numbers."""
    found = improvement(
        np.array([shown_oks(sample, new) for sample in part]),
        np.array([shown_oks(sample, old) for sample in part]),
        [sample.infant for sample in part],
    )
    by = (
        f"{abs(found.difference):.3f} {'better' if found.difference > 0 else 'worse'} than {called}"
    )
    if found.interval is None:
        words = (
            f"{by}; {found.infants} infant{'s' if found.infants != 1 else ''} in the test split are"
            " too few to say how far this would differ with others, so it is not proposed."
        )
    elif found.certain:
        words = f"{by}, and the whole 95 % interval is above 0: it is proposed as pre-labeller."
    else:
        words = f"{by}; the 95 % interval does not lie above 0, so it is not proposed."
    return {
        "with_model": called,
        "measure": MEASURE,
        "difference": found.difference,
        "interval": None if found.interval is None else [found.interval.low, found.interval.high],
        "infants": found.infants,
        "frames": found.frames,
        "better": found.certain,
        "words": words,
    }


def shown_oks(sample: Sample, people: People) -> float:
    """OKS of the person whom an annotator would be shown as the infant; 0 for nobody."""
    from worker.training.metrics import oks_of

    found = people.get(sample.image_id, ())
    proposed = likeliest_infant(found)
    if proposed is None:
        return 0.0
    return oks_of(sample.joints, found[proposed].keypoints, sample.area)


def file_scores(session: Session, storage: BlobStore, row: TrainingRun, scores: Scored) -> None:
    """Put the entries on the release's leaderboard; what stands there already stays."""
    if row.release_id is None:
        return
    for entry in scores.entries:
        sha256 = hashlib.sha256(entry.data).hexdigest()
        same = repository.same(
            session,
            release_id=row.release_id,
            split=scores.split,
            model=entry.model,
            file_sha256=sha256,
        )
        if same is not None:
            continue
        evaluation = Evaluation(
            release_id=row.release_id,
            split=scores.split,
            model=entry.model,
            setting=entry.setting.value,
            kind=PredictedKind.JOINTS.value,
            note=entry.note,
            licence=entry.licence,
            file_name=f"{entry.model}.json",
            file_sha256=sha256,
            file_bytes=len(entry.data),
            upload_id=0,
            job_id=row.job_id,
            created_by_id=row.created_by_id,
        )
        session.add(evaluation)
        session.flush()
        key = f"{service.folder_of(evaluation.id)}{evaluation.file_name}"
        storage.put(key, entry.data)
        evaluation.file_key = key
        evaluation.result = entry.measured.result
        evaluation.evaluated_at = datetime.now(UTC)
        session.flush()
        repository.put_frames(session, evaluation.id, entry.measured.frames)
        service.tell(session, evaluation)
