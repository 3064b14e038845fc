"""Single frames as the editor shows them; agreement, and pairs to decide between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.database.tables import AnnotationRevision, Attempt, User
from backend.core.jobs.schemas import Named
from backend.domain.attempts import Purpose
from backend.domain.checks import check_labels
from backend.domain.errors import InvalidInput, NotFound
from backend.domain.pairs import Agreement, Pair, agreement, by_joint
from backend.domain.skeleton import JOINTS, label
from backend.labelling.annotations import repository as joints
from backend.labelling.annotations.service import annotation_out, joints_out
from backend.labelling.attempts import adjudicating
from backend.labelling.attempts import repository as attempts
from backend.labelling.attempts import service as attempt_service
from backend.labelling.attempts.schemas import PersonTraining, StandingOut
from backend.overview.frames.schemas import CheckOut, FrameDocument
from backend.overview.frames.service import kept_apart, people_of
from backend.overview.quality import repository
from backend.overview.quality.repository import Compared
from backend.overview.quality.schemas import (
    Against,
    AgreementCell,
    AgreementOut,
    AgreementReport,
    AgreementRow,
    AnswerOut,
    DecidedOut,
    PairItem,
    PairList,
    PairOut,
)

MAX_DAYS = 3 * 366
PURPOSES = {Against.PEOPLE: Purpose.SECOND, Against.GOLD: Purpose.CHECK}


def document(session: Session, user: User, attempt_id: int) -> FrameDocument:
    """A single frame for the editor: its picture, the pre-label, and what its person made of it.

    It says neither which frame it is nor what it is for, and holds nothing of its annotation.

    Raises:
        NotFound: the person has no such frame.
    """
    attempt, frame = attempts.own_attempt(session, user.id, attempt_id)
    rows = joints.candidates(session, frame.id)
    skeleton = joints.to_skeleton(attempt.keypoints)
    checks = check_labels(skeleton, frame.width, frame.height, None)
    return FrameDocument(
        id=attempt.id,
        recording_id=0,
        position=0,
        camera_id=0,
        camera_name="",
        moment_id=0,
        time_s=0,
        own_time=True,
        damage=None,
        sharpness=frame.sharpness,
        mean_luma=frame.mean_luma,
        width=frame.width,
        height=frame.height,
        image_url=f"/api/v1/attempts/{attempt.id}/image",
        thumbnail_url=f"/api/v1/attempts/{attempt.id}/thumbnail",
        candidates=people_of(rows, attempt),
        apart=kept_apart(rows),
        annotation=annotation_out(attempt, None, attempt.updated_at),
        previous=None,
        changed_joints=[],
        checks=[
            CheckOut(kind=check.kind, message=check.message, joints=list(check.joints))
            for check in checks
        ],
        comments=[],
        mark=None,
        returned=False,
        approved_round=None,
        open_joints=None,
        box=None,
    )


# Agreement


def report(
    session: Session,
    user: User,
    against: Against,
    since: date | None,
    until: date | None,
    person_id: int | None,
) -> AgreementReport:
    """How far answers agree, of everybody for maintainers; everybody sees their own.

    Raises:
        Forbidden: somebody else's answers, and the person is no maintainer.
        InvalidInput: the days are the wrong way round.
    """
    everybodys = policies.may_see_everybodys_work(user)
    if person_id is None and not everybodys:
        person_id = user.id
    policies.require(everybodys or person_id == user.id, "see how others work")
    last = until or datetime.now(UTC).date()
    first = since or last - timedelta(days=MAX_DAYS - 1)
    if last < first:
        raise InvalidInput("The last day lies before the first.")
    begin = datetime.combine(first, time(), UTC)
    end = datetime.combine(last, time(), UTC) + timedelta(days=1)
    found = list(repository.compared(session, PURPOSES[against], begin, end, person_id))
    if not everybodys:
        # Whose the other answer is stays between the two and the maintainers.
        found = [_alone(one, user) for one in found]
    every = [one.pair for one in found]
    total = agreement(every)
    return AgreementReport(
        against=against,
        everybody=person_id is None,
        total=AgreementOut.model_validate(total) if total else None,
        joints=[
            AgreementRow(key=JOINTS[i], name=label(i), **_numbers(row))
            for i, row in enumerate(by_joint(every))
            if row is not None
        ],
        people=_rows(found, lambda one: [p for p in (one.first, one.second) if p is not None]),
        recordings=_rows(found, lambda one: [one.recording]) if everybodys else [],
        matrix=_matrix(found) if everybodys and against is Against.PEOPLE else [],
    )


def _numbers(found: Agreement | None) -> dict[str, Any]:
    return AgreementOut.model_validate(found).model_dump()


def _alone(one: Compared, user: User) -> Compared:
    return Compared(None, (user.id, user.name), one.recording, one.pair)


def _rows(
    found: Sequence[Compared], of: Callable[[Compared], Iterable[tuple[int, str]]]
) -> list[AgreementRow]:
    groups: dict[tuple[int, str], list[Pair]] = {}
    for one in found:
        for whose in of(one):
            groups.setdefault(whose, []).append(one.pair)
    return [
        AgreementRow(key=str(key), name=name, **_numbers(agreement(every)))
        for (key, name), every in sorted(groups.items(), key=lambda group: group[0][1].casefold())
    ]


def _matrix(found: Sequence[Compared]) -> list[AgreementCell]:
    groups: dict[tuple[tuple[int, str], tuple[int, str]], list[Pair]] = {}
    for one in found:
        if one.first is not None:
            low, high = sorted((one.first, one.second), key=lambda p: (p[1].casefold(), p[0]))
            groups.setdefault((low, high), []).append(one.pair)
    return [
        AgreementCell(
            one=Named(id=low[0], name=low[1]),
            other=Named(id=high[0], name=high[1]),
            **_numbers(agreement(every)),
        )
        for (low, high), every in sorted(groups.items(), key=lambda item: item[0][0][1])
    ]


# Pairs


def pairs(session: Session, user: User, *, only_open: bool, limit: int) -> PairList:
    """Pairs of answers, those that agree least first.

    Raises:
        Forbidden: not by this person.
    """
    policies.require(policies.may_adjudicate(user), "decide between two answers")
    rows = session.execute(repository.pairs(only_open=only_open).limit(limit))
    return PairList(
        open=repository.open_pairs(session),
        pairs=[
            PairItem(
                id=attempt.id,
                frame_id=frame.id,
                recording=Named(id=recording.id, name=recording.name),
                position=frame.position,
                first=Named(id=first.id, name=first.name),
                second=Named(id=second.id, name=second.name),
                verdict_agrees=attempt.verdict_agrees,
                oks=attempt.oks,
                worst_px=max((px for px in attempt.px or [] if px is not None), default=None),
                handed_in_at=attempt.closed_at,
                decided=decided,
                blocked=None
                if decided
                else adjudicating.why_not(user, recording, annotation, (first.id, second.id)),
            )
            for attempt, _, first, second, recording, frame, annotation, decided in rows
        ],
    )


def pair(session: Session, user: User, attempt_id: int) -> PairOut:
    """Two answers to one frame, side by side.

    Raises:
        NotFound: there is no such pair.
        Forbidden: not by this person.
    """
    policies.require(policies.may_adjudicate(user), "decide between two answers")
    row = session.execute(
        repository.pairs(only_open=False).where(Attempt.id == attempt_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no pair of answers {attempt_id}.")
    attempt, known, first, second, recording, frame, annotation, _ = row
    found = repository.adjudication_of(session, attempt_id)
    return PairOut(
        id=attempt.id,
        frame_id=frame.id,
        recording=Named(id=recording.id, name=recording.name),
        position=frame.position,
        width=frame.width,
        height=frame.height,
        image_url=f"/api/v1/frames/{frame.id}/image",
        version=annotation.version,
        verdict_agrees=attempt.verdict_agrees,
        oks=attempt.oks,
        px=attempt.px or [],
        first=_answer(first, known),
        second=_answer(second, attempt),
        blocked=adjudicating.why_not(user, recording, annotation, (first.id, second.id)),
        decided=None
        if found is None
        else DecidedOut(
            person=Named(id=found[1].id, name=found[1].name),
            at=found[0].created_at,
            version=found[0].version,
            verdict=found[0].choices["verdict"],
            joints=found[0].choices["joints"],
        ),
    )


def _answer(person: User, row: AnnotationRevision | Attempt) -> AnswerOut:
    skeleton = joints.to_skeleton(row.keypoints)
    return AnswerOut.model_validate(
        {
            "person": Named(id=person.id, name=person.name),
            "verdict": row.verdict,
            "reason": row.reason,
            "reason_text": row.reason_text,
            "joints": joints_out(skeleton) if skeleton else None,
        }
    )


# People


def people(session: Session, user: User) -> list[PersonTraining]:
    """How everybody's training and checks stand.

    Raises:
        Forbidden: not by this person.
    """
    policies.require(policies.may_set_quality(user), "see how others work")
    rules = attempts.rules_of(attempts.rule_row(session))
    work_of, passes = repository.work_by_person(session), repository.passes(session)
    found = []
    for person in repository.annotators(session):
        work = work_of.get(person.id)
        passed, waived_by = passes.get(person.id, (None, None))
        found.append(
            PersonTraining(
                person=Named(id=person.id, name=person.name),
                standing=StandingOut.model_validate(
                    attempt_service.standing_of(session, person.id, rules)
                ),
                passed_at=passed.passed_at if passed else None,
                passed_by=Named(id=waived_by.id, name=waived_by.name) if waived_by else None,
                checks=work.checks if work else 0,
                check_oks=work.check_oks if work else None,
                seconds=work.seconds if work else 0,
                open=work.open if work else 0,
            )
        )
    return found
