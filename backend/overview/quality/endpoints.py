"""HTTP: single frames for the editor, agreement, pairs of answers, people's training."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Path, Query, Response

from backend.core.http.blobs import ASK_EACH_TIME
from backend.core.http.dependencies import CurrentUser, Router, SessionDep
from backend.core.http.tables import csv_answer
from backend.labelling.attempts.schemas import PersonTraining
from backend.overview.frames.schemas import FrameDocument
from backend.overview.quality import service
from backend.overview.quality.schemas import (
    Against,
    AgreementReport,
    AgreementRow,
    PairList,
    PairOut,
)

router = Router(tags=["quality"])

Id = Annotated[int, Path(ge=1, lt=2**63)]
Day = Annotated[date | None, Query()]
Person = Annotated[int | None, Query(ge=1, lt=2**63)]


@router.get("/attempts/{attempt_id}")
def get_attempt(
    attempt_id: Id, user: CurrentUser, session: SessionDep, response: Response
) -> FrameDocument:
    """All that the editor needs of a single frame: the pre-label and nothing of anybody else."""
    found = service.document(session, user, attempt_id)
    response.headers["ETag"] = f'"{found.annotation.version}"'
    response.headers["Cache-Control"] = ASK_EACH_TIME
    return found


@router.get("/quality/agreement")
def show_agreement(
    session: SessionDep,
    user: CurrentUser,
    against: Against = Against.PEOPLE,
    since: Day = None,
    until: Day = None,
    person_id: Person = None,
) -> AgreementReport:
    """How far answers agree: by joint, person, recording; one's own, or for maintainers all."""
    return service.report(session, user, against, since, until, person_id)


@router.get("/quality/agreement.csv", response_class=Response)
def download_agreement(
    session: SessionDep,
    user: CurrentUser,
    against: Against = Against.PEOPLE,
    since: Day = None,
    until: Day = None,
    person_id: Person = None,
) -> Response:
    """The same as a table: a row for each joint, person and recording."""
    found = service.report(session, user, against, since, until, person_id)
    groups = (
        ("joint", found.joints), ("person", found.people), ("recording", found.recordings),
    )  # fmt: skip
    return csv_answer(
        f"infantnet-agreement-with-{against.value}.csv",
        ["of", *AgreementRow.model_fields],
        ({"of": of, **row.model_dump()} for of, rows in groups for row in rows),
    )


@router.get("/quality/pairs")
def list_pairs(
    session: SessionDep,
    user: CurrentUser,
    only_open: bool = True,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> PairList:
    """Pairs of answers to decide between, those that agree least first."""
    return service.pairs(session, user, only_open=only_open, limit=limit)


@router.get("/quality/pairs/{attempt_id}")
def get_pair(attempt_id: Id, session: SessionDep, user: CurrentUser) -> PairOut:
    """Two answers to one frame, side by side."""
    return service.pair(session, user, attempt_id)


@router.get("/quality/people")
def list_people_quality(session: SessionDep, user: CurrentUser) -> list[PersonTraining]:
    """How everybody's training and checks stand."""
    return service.people(session, user)
