"""Measuring a file of predictions against what a release froze: all numbers, and a row a frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from backend.core.archives import MAX_BYTES, ArchiveFault, Oversized, read_npz
from backend.domain.evaluation import conventions
from backend.domain.evaluation.evaluate import Model, Options, evaluate_model
from backend.domain.evaluation.other_kinds import evaluate_bodies, evaluate_postures
from backend.domain.evaluation.per_frame import FrameColumns, frame_columns
from backend.domain.pixels import PixelRule
from backend.multiview.bodies.model_file import BodyModel
from backend.publishing.evaluation.body_files import read_bodies
from backend.publishing.evaluation.body_pairs import compare
from backend.publishing.evaluation.other_splits import OtherSplits
from backend.publishing.evaluation.posture_file import read_postures
from backend.publishing.evaluation.predictions_file import read_predictions
from backend.publishing.evaluation.truth_file import TruthFile
from backend.publishing.leaderboard.measured import Measured
from backend.publishing.leaderboard.truth import FrozenBodies, FrozenFrame

FACETS: Final = ("joint", "visibility", "source", "camera", "posture", "age", "box")
"""By what an evaluation is broken down."""

Report = Callable[[int, int | None, str], None]


def measure_joints(
    truth: TruthFile,
    path: Path,
    frames: Mapping[int, FrozenFrame],
    others: OtherSplits,
    report: Report,
) -> Measured:
    """Measure predicted joints as ``infantnet tools evaluate`` does.

    Raises:
        InvalidInput: anything in the file is unsound; names what and where.
        TooLarge: it exceeds a limit.
    """
    report(0, None, "Reading the predictions")
    read = read_predictions(path, truth, others=others)
    report(0, None, "Measuring")
    model = Model(truth.truths, read.predictions)
    known = any("posture" in facts for facts in truth.truths.facts)
    facets = [name for name in FACETS if known or name != "posture"]
    found = evaluate_model(model, Options(by=tuple(facets), worst=0))
    result = _result(found.to_json(), (*truth.notes, *read.notes, *found.notes))
    shift = (truth.pixels or PixelRule.INDEX).shift
    return Measured(result, _joint_rows(frame_columns(model), frames, shift))


def _joint_rows(
    columns: FrameColumns, frames: Mapping[int, FrozenFrame], shift: float
) -> list[dict[str, Any]]:
    kinds = columns.kinds.tolist()
    similarity = _nullable(columns.similarity)
    joints = (columns.joints.reshape(-1, 34) + shift).tolist()
    score, distance = _nullable(columns.score), _nullable(columns.distance)
    return [
        {
            "rank": rank,
            "frame_id": key,
            "recording_id": frames[key].recording_id,
            "oks": columns.oks[rank].item(),
            "error": distance[rank],
            "score": score[rank],
            "worst_joint": None if score[rank] is None else columns.worst_joint[rank].item(),
            "joints": None if score[rank] is None else joints[rank],
            "similarity": similarity[rank],
            "kinds": kinds[rank],
        }
        for rank, key in enumerate(_ids(columns.image_ids))
    ]


def _ids(keys: Sequence[Any]) -> list[int]:
    return [int(key) for key in keys]


def _nullable(array: NDArray[np.float64]) -> Any:
    nothing: Any = None
    return np.where(np.isfinite(array), array, nothing).tolist()


def measure_postures(
    truth: TruthFile,
    path: Path,
    frames: Mapping[int, FrozenFrame],
    others: OtherSplits,
    training: Sequence[str],
) -> Measured:
    """Measure predicted postures.

    Args:
        truth: What the release froze.
        path: The predictions.
        frames: The release's frames.
        others: Its other splits.
        training: Postures of its frames to train on.

    Raises:
        InvalidInput: anything in the file is unsound, or the release froze no postures.
        TooLarge: it exceeds a limit.
    """
    pairs = read_postures(path, truth, others=others)
    found = evaluate_postures(pairs.true, pairs.predicted, pairs.clusters, training=training)
    result = _result(found.to_json(), (*pairs.notes, *found.notes))
    ids = _ids([truth.truths.image_ids[i] for i in pairs.images])
    rows = sorted(
        zip(ids, pairs.true, pairs.predicted, strict=True), key=lambda row: (row[1] == row[2], row)
    )
    return Measured(
        result,
        [
            {
                "rank": rank,
                "frame_id": key,
                "recording_id": frames[key].recording_id,
                "true_posture": true,
                "posture": predicted,
            }
            for rank, (key, true, predicted) in enumerate(rows)
        ],
    )


def goes_by_images(path: Path) -> bool:
    """Whether a file of bodies names images (``id``) instead of sessions and moments.

    What is no such archive is said by whoever reads it whole.
    """
    try:
        return "id" in read_npz(path, MAX_BYTES, only=("id",))
    except (ArchiveFault, Oversized, OSError):
        return False


def measure_bodies(
    truth: Path,
    path: Path,
    frozen: FrozenBodies,
    training: Path | None,
    frames: Mapping[int, FrozenFrame],
    others: OtherSplits,
    body: BodyModel | None,
    report: Report,
) -> Measured:
    """Measure predicted bodies.

    Args:
        truth: The frozen bodies as a file, made of ``frozen``.
        path: The predictions.
        frozen: What the release froze.
        training: The frozen bodies to train on as a file, if there are any.
        frames: Its frames.
        others: Its other splits.
        body: The model that parameters are of, where it is not the open infant body.
        report: Told how far it is.

    Raises:
        InvalidInput: anything in the file is unsound.
        TooLarge: it exceeds a limit.
    """
    report(0, None, "Reading the predictions")
    pairs = read_bodies(truth, path, body=body, others=others)
    compared = compare(
        pairs,
        None if training is None else pairs.to_train_on(training, body),
        lambda done, of: report(done, of, "Comparing bodies"),
    )
    measured = evaluate_bodies(
        compared.each, pairs.clusters, baseline=compared.baseline, worst=len(pairs)
    )
    told = measured.to_json()
    ranked = told.pop("worst")
    result = _result(told, (*pairs.notes, compared.note, *measured.notes))
    rows = []
    for rank, row in enumerate(ranked):
        key = frozen.frames[pairs.ids[row["row"]]]
        measures = {name: value for name, value in row.items() if name != "row"}
        rows.append(
            {
                "rank": rank,
                "frame_id": key,
                "recording_id": frames[key].recording_id,
                "error": measures["PA-MPJPE"],
                "measures": measures,
            }
        )
    return Measured(result, rows)


def _result(found: dict[str, Any], notes: Sequence[str]) -> dict[str, Any]:
    found.pop("worst", None)
    return {**found, "notes": list(notes), "conventions": conventions.table()}
