"""Rows of evaluations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Row, Select, SmallInteger, case, func, literal, select
from sqlalchemy import tuple_ as pair
from sqlalchemy.orm import Session, defer

from backend.core.database.copying import copy_rows
from backend.core.database.tables import (
    Camera,
    Evaluation,
    EvaluationFrame,
    Frame,
    Moment,
    Recording,
    Release,
    ReleaseFrame,
)
from backend.domain.errors import NotFound
from backend.domain.evaluation.keypoint_errors import ErrorKind

_COLUMNS: Final = (
    "frame_id", "rank", "recording_id", "oks", "error", "score", "worst_joint", "joints",
    "similarity", "kinds", "true_posture", "posture",
)  # fmt: skip


def get(session: Session, evaluation_id: int, *, lock: bool = False) -> Evaluation:
    """An evaluation by id; ``lock`` holds it for this transaction.

    Raises:
        NotFound: there is none.
    """
    query = select(Evaluation).where(Evaluation.id == evaluation_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.scalar(query)
    if row is None:
        raise NotFound(f"There is no evaluation {evaluation_id}.")
    return row


def same(
    session: Session, *, release_id: int, split: str, model: str, file_sha256: str
) -> Evaluation | None:
    """The evaluation of the same file under the same name, held for this transaction."""
    return session.scalar(
        select(Evaluation)
        .where(
            Evaluation.release_id == release_id,
            Evaluation.split == split,
            Evaluation.model == model,
            Evaluation.file_sha256 == file_sha256,
        )
        .with_for_update()
    )


class Summary(NamedTuple):
    """The short part of a result.

    Attributes:
        evaluation: Without its result.
        measures: As in the result.
        baseline: The same.
        baseline_name: What the baseline is called; None in results from before it was told.
        count: How many frames were compared; None where the kind does not tell.
    """

    evaluation: Evaluation
    measures: Any
    baseline: Any
    baseline_name: Any
    count: Any


def of_release(session: Session, release_id: int) -> Sequence[Summary]:
    """Evaluations of a release with their measures and the baseline's, newest first.

    The rest of a result, some hundred kilobytes, stays where it is.
    """
    return _with_measures(session, Evaluation.release_id == release_id)


def of_earlier(session: Session, release: Release, models: Iterable[str]) -> Sequence[Summary]:
    """Evaluations of the same models on other versions of a release's dataset, newest first."""
    others = select(Release.id).where(
        Release.dataset_id == release.dataset_id, Release.id != release.id
    )
    return _with_measures(
        session,
        Evaluation.release_id.in_(others),
        Evaluation.model.in_(set(models)),
        Evaluation.evaluated_at.is_not(None),
    )


def _with_measures(session: Session, *conditions: ColumnElement[bool]) -> Sequence[Summary]:
    rows = session.execute(
        select(
            Evaluation,
            *(Evaluation.result[n] for n in ("measures", "baseline", "baseline_name", "count")),
        )
        .where(*conditions)
        .options(defer(Evaluation.result, raiseload=True))
        .order_by(Evaluation.id.desc())
    )
    return [Summary(*row) for row in rows]


def put_frames(session: Session, evaluation_id: int, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write what each frame showed, in one stream; what a row does not tell is null.

    Args:
        session: The transaction.
        evaluation_id: The evaluation.
        rows: Columns of ``evaluation_frames``.
    """
    copy_rows(
        session,
        "evaluation_frames",
        ("evaluation_id", *_COLUMNS, "measures"),
        (
            (
                evaluation_id,
                *(row.get(name) for name in _COLUMNS),
                orjson.dumps(row.get("measures", {})).decode(),
            )
            for row in rows
        ),
    )


@dataclass(frozen=True, slots=True)
class FrameFilter:
    """Which frames are asked for.

    Attributes:
        joint: Only those in which this joint is labelled; the order goes by it.
        kind: Only those with this kind of error, of that joint if one is named.
        recording_id: Only those of this recording.
        camera_id: Only those of this camera.
        posture: Only those whose true posture this is.
        missed: Only those in which nobody was found.
        best: The best first.
    """

    joint: int | None = None
    kind: ErrorKind | None = None
    recording_id: int | None = None
    camera_id: int | None = None
    posture: str | None = None
    missed: bool = False
    best: bool = False


def frames(
    session: Session, evaluation: Evaluation, asked: FrameFilter, *, after: int | None, limit: int
) -> Sequence[Row[Any]]:
    """Frames by badness, from the one after ``after`` (a frame) on, with truth and prediction.

    Raises:
        NotFound: ``after`` is no frame of the evaluation.
    """
    of = EvaluationFrame
    order = _order(asked)
    page = select(of.frame_id).where(of.evaluation_id == evaluation.id, *_conditions(asked))
    if asked.camera_id is not None or asked.posture is not None:
        page = page.join(ReleaseFrame, _frozen(evaluation))
    if after is not None:
        here = session.execute(
            select(*order).where(of.evaluation_id == evaluation.id, of.frame_id == after)
        ).one_or_none()
        if here is None:
            raise NotFound(f"Evaluation {evaluation.id} has no frame {after}.")
        seen = pair(*(literal(value) for value in here))
        page = page.where(pair(*order) < seen if asked.best else pair(*order) > seen)
    columns = [c.desc() for c in order] if asked.best else order
    # Only the frames of the page are joined with all that is told of them.
    ids = session.scalars(page.order_by(*columns).limit(limit)).all()
    return session.execute(_frames(evaluation).where(of.frame_id.in_(ids)).order_by(*columns)).all()


def frame(session: Session, evaluation: Evaluation, frame_id: int) -> Row[Any]:
    """One frame.

    Raises:
        NotFound: the evaluation does not have it.
    """
    row = session.execute(
        _frames(evaluation).where(EvaluationFrame.frame_id == frame_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"Evaluation {evaluation.id} has no frame {frame_id}.")
    return row


def _order(asked: FrameFilter) -> list[ColumnElement[Any]]:
    rank: ColumnElement[Any] = EvaluationFrame.rank.expression
    if asked.joint is None:
        return [rank]
    # Of frames without a prediction every joint is as bad.
    similarity = EvaluationFrame.similarity[asked.joint + 1]
    return [func.coalesce(similarity, 0.0), rank]


def _conditions(asked: FrameFilter) -> list[ColumnElement[bool]]:
    of = EvaluationFrame
    found: list[ColumnElement[bool]] = []
    if asked.joint is not None:
        found.append(of.similarity[asked.joint + 1].is_not(None))
    if asked.kind is not None:
        kind = literal(int(asked.kind), SmallInteger)
        found.append(
            of.kinds[asked.joint + 1] == kind
            if asked.joint is not None
            else kind == func.any(of.kinds)
        )
    if asked.recording_id is not None:
        found.append(of.recording_id == asked.recording_id)
    if asked.camera_id is not None:
        found.append(ReleaseFrame.camera_id == asked.camera_id)
    if asked.posture is not None:
        found.append(func.coalesce(of.true_posture, ReleaseFrame.posture) == asked.posture)
    if asked.missed:
        found.append(of.oks == 0)
    return found


def _frozen(evaluation: Evaluation) -> ColumnElement[bool]:
    return (ReleaseFrame.frame_id == EvaluationFrame.frame_id) & (
        ReleaseFrame.release_id == evaluation.release_id
    )


def _frames(evaluation: Evaluation) -> Select[*tuple[Any, ...]]:
    of, frozen = EvaluationFrame, ReleaseFrame
    return (
        select(
            of,
            frozen.file_name,
            frozen.width,
            frozen.height,
            frozen.keypoints,
            frozen.box_x,
            frozen.box_y,
            frozen.box_width,
            frozen.box_height,
            frozen.annotation_version,
            func.coalesce(of.true_posture, frozen.posture).label("true_posture_name"),
            Frame.id.label("there"),
            Frame.position,
            Recording.id.label("recording_there"),
            Recording.name.label("recording_name"),
            Recording.stage.label("stage"),
            Moment.index.label("moment"),
            Camera.index.label("camera"),
            Camera.name.label("camera_name"),
        )
        .join(frozen, _frozen(evaluation))
        .outerjoin(Frame, Frame.id == of.frame_id)
        .outerjoin(Recording, Recording.id == of.recording_id)
        .outerjoin(Moment, Moment.id == frozen.moment_id)
        .outerjoin(Camera, Camera.id == frozen.camera_id)
        .where(of.evaluation_id == evaluation.id)
    )


def recordings_of(session: Session, evaluation_id: int) -> Sequence[tuple[int, str | None, int]]:
    """Recordings in an evaluation: id, name while it exists, and frames."""
    of = EvaluationFrame
    rows = session.execute(
        select(of.recording_id, Recording.name, func.count())
        .outerjoin(Recording, Recording.id == of.recording_id)
        .where(of.evaluation_id == evaluation_id)
        .group_by(of.recording_id, Recording.name)
        .order_by(case((Recording.name.is_(None), 1), else_=0), Recording.name, of.recording_id)
    )
    return [(row[0], row[1], row[2]) for row in rows]
