"""Who paints postures when, and what happens if two people do."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from backend.core.database.tables import PostureRevision, Recording, User
from backend.core.events import announce
from backend.core.names import names_of
from backend.domain.errors import Conflict, StaleVersion
from backend.domain.posture_ranges import (
    PostureRange,
    Stroke,
    check_strokes,
    covered,
    merged,
    named,
    paint,
)
from backend.labelling.postures import repository
from backend.labelling.postures.schemas import (
    PostureActOut,
    PostureRangeOut,
    PosturesOut,
    StrokeIn,
)
from backend.recordings import access


def postures_of(session: Session, recording_id: int) -> PosturesOut:
    """A recording's postures as they are.

    Raises:
        NotFound: there is no such recording.
    """
    access.get_recording(session, recording_id)
    return _out(session, recording_id)


def paint_postures(
    session: Session,
    user: User,
    recording_id: int,
    strokes: Sequence[Stroke],
    *,
    version: int,
    operation_id: uuid.UUID,
) -> PosturesOut:
    """Paint postures over a recording's moments; the same act sent again changes nothing.

    Args:
        session: A transaction.
        user: Who paints.
        recording_id: The recording.
        strokes: What is painted, the later above.
        version: Which version the person saw.
        operation_id: The writer's own name for the act.

    Raises:
        NotFound: there is no such recording.
        Conflict: not in this stage, or the id belongs to another act.
        Forbidden: not by this person.
        InvalidInput: a stroke lies outside of the recording.
        StaleVersion: somebody else painted some of these moments since that version.
    """
    recording = access.get_recording(session, recording_id, lock="share")
    if _done_before(session, user, recording_id, operation_id):
        return _out(session, recording_id)
    frames = repository.frames_painted(session, recording, strokes)
    access.require_edit(session, user, recording, frames)
    now = repository.hold_version(session, recording_id)
    # The same act may have come twice at once: whoever waited here looks again.
    if _done_before(session, user, recording_id, operation_id):
        return _out(session, recording_id)
    check_strokes(strokes, repository.moments_count(session, recording_id))
    _require_unchanged(session, user, recording_id, strokes, version)
    ranges = paint(
        repository.ranges_of(session, recording_id),
        strokes,
        author=user.id,
        round_number=recording.round,
    )
    repository.put(
        session,
        recording_id,
        now + 1,
        ranges,
        strokes,
        author_id=user.id,
        round_number=recording.round,
        operation_id=operation_id,
    )
    tell(session, recording_id, now + 1)
    return _out(session, recording_id)


def _done_before(
    session: Session, user: User, recording_id: int, operation_id: uuid.UUID
) -> PostureRevision | None:
    done = repository.act_of_operation(session, operation_id)
    if done is not None and (done.recording_id, done.author_id) != (recording_id, user.id):
        raise Conflict("This operation id was already used for another act.")
    return done


def _require_unchanged(
    session: Session, user: User, recording_id: int, strokes: Sequence[Stroke], version: int
) -> None:
    """Refuse where somebody else painted the same moments since a version was read.

    What one person paints in two windows, or before an answer came, is painted in its order.
    """
    for act in repository.acts_since(session, recording_id, version):
        if act.author_id == user.id:
            continue
        theirs = repository.strokes_of(act)
        if any(mine.touches(other) for mine in strokes for other in theirs):
            found = _out(session, recording_id)
            who = names_of(session, [act.author_id]).get(act.author_id)
            raise StaleVersion(
                f"{who.name if who else 'Somebody else'} changed postures of the same moments"
                " meanwhile. Look at them, and paint again if yours still hold.",
                current=found.model_dump(mode="json"),
                version=found.version,
            )


def history(session: Session, recording_id: int) -> list[PostureActOut]:
    """Everything that was ever said of a recording's postures, newest first.

    Raises:
        NotFound: there is no such recording.
    """
    access.get_recording(session, recording_id)
    acts = list(reversed(repository.acts_since(session, recording_id, 0)))
    names = names_of(session, [act.author_id for act in acts])
    return [
        PostureActOut(
            version=act.version,
            round=act.round,
            author=names.get(act.author_id),
            at=act.created_at,
            strokes=[_stroke_out(stroke) for stroke in repository.strokes_of(act)],
        )
        for act in acts
    ]


def carried_along(session: Session, recording: Recording) -> Callable[[], None]:
    """Keep postures with their frames while moments are made anew.

    Asked before the moments change; what it gives is called afterwards. Ranges go with the frames
    of the first camera: a range holds from its first frame's new moment to its last one's.
    """
    ranges = repository.ranges_of(session, recording.id)
    if not ranges:
        return lambda: None
    before = repository.places_of_frames(session, recording.id)

    def put_back() -> None:
        now = dict(repository.places_of_frames(session, recording.id))
        moved: list[PostureRange] = []
        for part in ranges:
            places = [
                now[frame]
                for frame, index in before
                if part.first <= index <= part.last and frame in now
            ]
            if not places:
                continue
            # Frames of one camera keep their order, but two may come to share a moment.
            first = max(min(places), moved[-1].last + 1 if moved else 0)
            if first <= max(places):
                moved.append(replace(part, first=first, last=max(places)))
        if tuple(moved) == ranges:
            return
        version = repository.hold_version(session, recording.id) + 1
        repository.put(
            session,
            recording.id,
            version,
            merged(moved),
            [Stroke(part.first, part.last, part.label, part.origin) for part in moved],
            author_id=None,
            round_number=recording.round,
            operation_id=None,
        )
        tell(session, recording.id, version)

    return put_back


def tell(session: Session, recording_id: int, version: int) -> None:
    """Say to open pages that a recording's postures changed."""
    announce(session, "postures", {"recording_id": recording_id, "version": version})


def _stroke_out(stroke: Stroke) -> StrokeIn:
    return StrokeIn.model_validate(
        {
            "first": stroke.first,
            "last": stroke.last,
            "group": stroke.label.group if stroke.label else None,
            "posture": stroke.label.posture if stroke.label else None,
            "origin": stroke.origin,
        }
    )


def _out(session: Session, recording_id: int) -> PosturesOut:
    ranges = repository.ranges_of(session, recording_id)
    names = names_of(session, [part.author for part in ranges])
    return PosturesOut(
        version=repository.version_of(session, recording_id),
        moments=repository.moments_count(session, recording_id),
        covered=covered(ranges),
        named=named(ranges),
        ranges=[
            PostureRangeOut.model_validate(
                {
                    "first": part.first,
                    "last": part.last,
                    "group": part.label.group,
                    "posture": part.label.posture,
                    "origin": part.origin,
                    "author": names.get(part.author),
                    "round": part.round,
                }
            )
            for part in ranges
        ],
    )
