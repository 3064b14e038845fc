"""Rows of evaluations as the HTTP interface shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from backend.core.database.tables import Evaluation, Release, ReleaseFrame
from backend.core.database.tables.jobs import ACTIVE
from backend.core.jobs import repository as job_rows
from backend.core.jobs.schemas import JobOut, Named
from backend.core.names import names_of
from backend.domain.errors import Conflict
from backend.domain.evaluation.baseline import NAME
from backend.domain.evaluation.entries import HEADLINES, ModelSetting, PredictedKind
from backend.domain.evaluation.keypoint_errors import ErrorKind
from backend.domain.releases.lifecycle import ReleaseState
from backend.domain.splits.order import reading_order
from backend.publishing.leaderboard import repository
from backend.publishing.leaderboard.repository import FrameFilter, Summary
from backend.publishing.leaderboard.schemas import (
    BaselineOut,
    BoardFrame,
    BoardFrames,
    BoardSplit,
    EvaluationItem,
    EvaluationOut,
    LeaderboardOut,
    RecordingCount,
)
from backend.publishing.releases import repository as releases
from backend.publishing.releases import service as release_service

_ERROR_NAMES = {
    int(kind): None if kind is ErrorKind.UNMEASURED else kind.name.lower() for kind in ErrorKind
}


def leaderboard(session: Session, release: Release) -> LeaderboardOut:
    """A release's leaderboard, in some queries whatever the number of its entries."""
    dataset = releases.get_dataset(session, release.dataset_id)
    found = repository.of_release(session, release.id)
    entries = _items(session, found)
    others = repository.of_earlier(session, release, {item.model for item in entries})
    return LeaderboardOut(
        release_id=release.id,
        dataset=dataset.name,
        version=release.version,
        state=ReleaseState(release.state),
        refuses=_refuses(session, release),
        splits=_splits(session, release.id),
        entries=[item for item in entries if item.evaluated_at is not None],
        unfinished=_unfinished(entries),
        baselines=_baselines(found),
        elsewhere=_items(session, others),
    )


def _unfinished(entries: Sequence[EvaluationItem]) -> list[EvaluationItem]:
    """What is being measured or could not be; a failure counts until its model was measured."""
    done: dict[tuple[str, str], int] = {}
    for item in entries:
        if item.evaluated_at is not None:
            key = (item.model, item.setting)
            done[key] = max(item.id, done.get(key, 0))
    return [
        item
        for item in entries
        if item.evaluated_at is None
        and (
            (item.job is not None and item.job.state in ACTIVE)
            or item.id > done.get((item.model, item.setting), 0)
        )
    ]


def _refuses(session: Session, release: Release) -> str | None:
    try:
        release_service.given_out(session, release.id)
    except Conflict as error:
        return error.message
    return None


def _splits(session: Session, release_id: int) -> list[BoardSplit]:
    of = ReleaseFrame
    rows = session.execute(
        select(
            of.split,
            func.count(),
            func.count(func.distinct(of.infant_id)),
            func.count(of.fit_id),
        )
        .where(of.release_id == release_id)
        .group_by(of.split)
    )
    found = [BoardSplit(name=r[0], frames=r[1], infants=r[2], bodies=r[3]) for r in rows]
    return sorted(found, key=lambda split: reading_order(split.name))


def _baselines(found: Sequence[Summary]) -> list[BaselineOut]:
    """By split and kind; they do not depend on the model, but on which frames were compared.

    So of those that compared most frames the newest tells them.
    """
    told: dict[tuple[str, PredictedKind], Summary] = {}
    for one in found:
        if not one.baseline:
            continue
        key = one.evaluation.split, PredictedKind(one.evaluation.kind)
        known = told.get(key)
        if known is None or (one.count or 0) > (known.count or 0):
            told[key] = one
    return [
        BaselineOut(
            split=split,
            kind=kind,
            name=one.baseline_name or NAME,
            measures=_headlines(one.baseline, kind),
        )
        for (split, kind), one in sorted(told.items())
    ]


def _headlines(measures: Mapping[str, Any] | None, kind: PredictedKind) -> Any:
    return {name: measures[name] for name in HEADLINES[kind] if name in (measures or {})}  # type: ignore[index]


def _items(session: Session, found: Sequence[Summary]) -> list[EvaluationItem]:
    rows = [one.evaluation for one in found]
    versions = {
        row.id: row.version
        for row in session.execute(
            select(Release.id, Release.version).where(Release.id.in_({r.release_id for r in rows}))
        )
    }
    wanted = [row.job_id for row in rows if row.evaluated_at is None and row.job_id is not None]
    jobs = {
        job.id: job
        for job in job_rows.list_jobs(session, job_ids=wanted, limit=max(1, len(wanted)))
    }
    people = names_of(session, {row.created_by_id for row in rows})
    return [
        EvaluationItem.model_validate(
            _item(row, versions[row.release_id], people, jobs)
            | {"measures": _headlines(one.measures, PredictedKind(row.kind))}
        )
        for one in found
        for row in (one.evaluation,)
    ]


def _item(
    row: Evaluation, version: str, people: Mapping[int | None, Named], jobs: Mapping[int, JobOut]
) -> dict[str, Any]:
    return {
        "id": row.id,
        "release_id": row.release_id,
        "version": version,
        "split": row.split,
        "model": row.model,
        "setting": ModelSetting(row.setting),
        "kind": PredictedKind(row.kind),
        "note": row.note,
        "licence": row.licence,
        "url": row.url,
        "file_name": row.file_name,
        "file_sha256": row.file_sha256,
        "file_bytes": row.file_bytes,
        "created_at": row.created_at,
        "created_by": people.get(row.created_by_id),
        "evaluated_at": row.evaluated_at,
        "job": jobs.get(row.job_id or 0),
    }


def item(session: Session, evaluation: Evaluation) -> EvaluationItem:
    """One entry."""
    measures = (evaluation.result or {}).get("measures")
    return _items(session, [Summary(evaluation, measures, None, None, None)])[0]


def evaluation_out(session: Session, evaluation: Evaluation) -> EvaluationOut:
    """All that was found.

    Raises:
        Conflict: nothing is found yet.
    """
    result = evaluation.result
    if result is None:
        raise Conflict("This file is not measured yet.", evaluation_id=evaluation.id)
    defined = result["conventions"]["measures"]
    counts = result.get("counts") or {"bodies": result.get("count", 0)}
    if result.get("confusion"):
        counts = {"images": sum(map(sum, result["confusion"]["counts"]))}
    return EvaluationOut.model_validate(
        item(session, evaluation).model_dump()
        | {
            "measures": _in_order(result["measures"], defined),
            "counts": counts,
            "baseline": _in_order(result.get("baseline") or {}, defined),
            "baseline_name": result.get("baseline_name")
            or (NAME if result.get("baseline") else ""),
            "parts": result.get("parts") or {},
            "errors": result.get("errors"),
            "reliability": result.get("reliability"),
            "confusion": result.get("confusion"),
            "groups": result.get("groups"),
            "notes": result["notes"],
            "settings": result["settings"],
            "conventions": [told for told in defined if told["name"] in result["measures"]],
            "recordings": [
                RecordingCount(id=key, name=name, frames=count)
                for key, name, count in repository.recordings_of(session, evaluation.id)
            ],
        }
    )


def _in_order(measures: Mapping[str, Any], defined: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Measures in the order of their definitions; the database keeps none."""
    names = [told["name"] for told in defined]
    return {name: measures[name] for name in (*names, *sorted(measures)) if name in measures}


def frames_out(
    session: Session, evaluation: Evaluation, asked: FrameFilter, *, after: int | None, limit: int
) -> BoardFrames:
    """Some frames by badness."""
    rows = repository.frames(session, evaluation, asked, after=after, limit=limit + 1)
    more = len(rows) > limit
    shown = [_frame(row) for row in rows[:limit]]
    return BoardFrames(items=shown, next_after=shown[-1].frame_id if more else None)


def frame_out(session: Session, evaluation: Evaluation, frame_id: int) -> BoardFrame:
    """One frame."""
    return _frame(repository.frame(session, evaluation, frame_id))


def _frame(row: Row[Any]) -> BoardFrame:
    of = row.EvaluationFrame
    return BoardFrame(
        frame_id=of.frame_id,
        rank=of.rank,
        file_name=row.file_name,
        width=row.width,
        height=row.height,
        recording_id=of.recording_id,
        recording=row.recording_name,
        camera=row.camera_name,
        moment=row.moment,
        position=row.position if row.there is not None else None,
        stage=row.stage,
        oks=of.oks,
        error=of.error,
        score=of.score,
        worst_joint=of.worst_joint,
        truth=row.keypoints,
        box=[row.box_x, row.box_y, row.box_width, row.box_height],
        joints=of.joints,
        similarity=of.similarity,
        kinds=None if of.kinds is None else [_ERROR_NAMES[kind] for kind in of.kinds],
        true_posture=row.true_posture_name,
        posture=of.posture,
        measures=of.measures,
    )
