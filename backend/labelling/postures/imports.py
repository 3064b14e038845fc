"""Tables of postures: previewed, painted as a whole, undone as a whole."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import PostureImport, PostureRevision, Recording, User
from backend.core.database.text import storable
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.domain.posture_ranges import PostureRange, Stroke, beneath, merged, paint
from backend.domain.posture_tables import (
    MAX_WORDS,
    Doubts,
    Line,
    Meaning,
    PostureTable,
    meaning,
    read_table,
    strokes_of,
)
from backend.domain.workflow import Stage
from backend.labelling.postures import repository
from backend.labelling.postures.import_schemas import (
    DoubtOut,
    PosturePreviewOut,
    PostureTableIn,
    PostureUndoOut,
    RecordingPlanOut,
    WordOut,
)
from backend.labelling.postures.service import tell
from backend.recordings import access

_CLOSED = frozenset((Stage.APPROVED.value, Stage.INGESTING.value))


@dataclass(frozen=True, slots=True)
class _Plan:
    table: PostureTable
    words: Mapping[str, Meaning]
    strokes: Mapping[int, list[Stroke]]
    recordings: Mapping[int, Recording]
    doubts: Doubts


def preview(session: Session, user: User, asked: PostureTableIn) -> PosturePreviewOut:
    """What an import would do, without doing it.

    Raises:
        Forbidden: not a maintainer.
        InvalidInput: the file is no table of postures.
        NotFound: there is no such recording.
    """
    return _out(session, _planned(session, user, asked, lock=None))


def run(
    session: Session, user: User, asked: PostureTableIn, operation_id: uuid.UUID
) -> PostureImport:
    """Paint what a table says; the same act sent again changes nothing.

    Raises:
        Forbidden: not a maintainer.
        InvalidInput: the file is no table of postures, says nothing of any moment, or has lines
            that cannot be used and was not asked to leave them out.
        NotFound: there is no such recording.
        Conflict: a recording is approved, or is being imported; or the id belongs to another act.
    """
    policies.require(policies.may_import(user), "import postures")
    sha256 = hashlib.sha256(asked.text.encode("utf-8", "surrogatepass")).hexdigest()
    if (done := _done_before(session, user, operation_id, sha256)) is not None:
        return done
    plan = _planned(session, user, asked, lock="update")
    # The same act may have come twice at once: whoever waited for the recordings looks again.
    if (done := _done_before(session, user, operation_id, sha256)) is not None:
        return done
    left_out = sum(plan.doubts.counts.values())
    if left_out and not asked.leave_out:
        first = next(iter(plan.doubts.found))
        raise InvalidInput(
            f"{left_out:,} lines cannot be used: {first} ({plan.doubts.found[first][0]})."
            " Mend them, or choose to leave them out."
        )
    if not plan.strokes:
        raise InvalidInput("The table names no posture of any moment.")
    made = PostureImport(
        user_id=user.id,
        operation_id=operation_id,
        file_name=storable(asked.file_name)[-255:],
        sha256=sha256,
        choices={"columns": dict(asked.columns), "postures": dict(asked.postures)},
        left_out=left_out,
    )
    session.add(made)
    session.flush()
    for recording_id in sorted(plan.strokes):
        _paint(session, user, plan.recordings[recording_id], plan.strokes[recording_id], made)
    audit.record(
        session, user.id, "postures_imported", "posture_import", made.id,
        {"file": made.file_name, "recordings": sorted(plan.strokes)},
    )  # fmt: skip
    session.flush()
    return made


def _done_before(
    session: Session, user: User, operation_id: uuid.UUID, sha256: str
) -> PostureImport | None:
    done = session.scalar(select(PostureImport).where(PostureImport.operation_id == operation_id))
    if done is not None and (done.user_id, done.sha256) != (user.id, sha256):
        raise Conflict("This operation id was already used for another act.")
    return done


def _paint(
    session: Session,
    user: User,
    recording: Recording,
    strokes: Sequence[Stroke],
    made: PostureImport,
) -> None:
    if recording.stage in _CLOSED:
        raise Conflict(f"{_closed(recording)}: its postures cannot be changed now.",
                       recording_id=recording.id)  # fmt: skip
    version = repository.hold_version(session, recording.id) + 1
    before = repository.ranges_of(session, recording.id)
    ranges = paint(before, strokes, author=user.id, round_number=recording.round)
    repository.put(
        session, recording.id, version, ranges, strokes, author_id=user.id,
        round_number=recording.round, operation_id=None, import_id=made.id,
    )  # fmt: skip
    tell(session, recording.id, version)


def _closed(recording: Recording) -> str:
    return f"“{recording.name}” is {recording.stage.replace('_', ' ')}"


def listed(session: Session, user: User) -> Sequence[PostureImport]:
    """All imports, newest first.

    Raises:
        Forbidden: not a maintainer.
    """
    policies.require(policies.may_import(user), "import postures")
    return session.scalars(select(PostureImport).order_by(PostureImport.id.desc()).limit(200)).all()


def recordings_of(session: Session, import_id: int) -> list[int]:
    """In which recordings an import painted."""
    found = select(PostureRevision.recording_id).where(PostureRevision.import_id == import_id)
    return list(session.scalars(found.order_by(PostureRevision.recording_id).distinct()))


def what_undo_does(session: Session, user: User, import_id: int) -> PostureUndoOut:
    """What would go with an import, and what prevents that.

    Raises:
        Forbidden: not a maintainer.
        NotFound: there is no such import.
    """
    policies.require(policies.may_import(user), "import postures")
    made = _get(session, import_id)
    goes, prevents = [], []
    if made.undone_at is not None:
        prevents.append("it was undone already")
    for act in _acts(session, import_id):
        recording = access.get_recording(session, act.recording_id)
        strokes = repository.strokes_of(act)
        moments = sum(stroke.last - stroke.first + 1 for stroke in strokes)
        goes.append(f"postures of {moments:,} moments of “{recording.name}”")
        now = repository.ranges_of(session, act.recording_id)
        after = repository.ranges_after(act)
        changed = sum(_moments_changed(after, now, stroke) for stroke in strokes)
        if changed:
            prevents.append(
                f"postures of {changed:,} of these moments of “{recording.name}” were changed since"
            )
        if recording.stage in _CLOSED:
            prevents.append(_closed(recording))
    return PostureUndoOut(goes=goes, prevents=prevents)


def undo(session: Session, user: User, import_id: int) -> PostureUndoOut:
    """Take an import back: what held before in its moments holds again. Undone twice is once.

    Raises:
        Forbidden: not a maintainer.
        NotFound: there is no such import.
        Conflict: somebody changed the same moments since, or a recording is approved.
    """
    policies.require(policies.may_import(user), "import postures")
    made = _get(session, import_id, lock=True)
    acts = _acts(session, import_id)
    if made.undone_at is not None:
        return PostureUndoOut(goes=[], prevents=[])
    for act in acts:
        access.get_recording(session, act.recording_id, lock="update")
        repository.hold_version(session, act.recording_id)
    found = what_undo_does(session, user, import_id)
    if found.prevents:
        raise Conflict(f"It cannot be undone: {'; '.join(found.prevents)}.")
    for act in acts:
        _take_back(session, user, act)
    made.undone_at, made.undone_by_id = datetime.now(UTC), user.id
    audit.record(session, user.id, "posture_import_undone", "posture_import", made.id,
                 {"file": made.file_name})  # fmt: skip
    session.flush()
    return found


def _take_back(session: Session, user: User, act: PostureRevision) -> None:
    strokes = repository.strokes_of(act)
    now = repository.ranges_of(session, act.recording_id)
    before = repository.ranges_before(session, act)
    kept = paint(now, [replace(stroke, label=None) for stroke in strokes])
    again: list[PostureRange] = [
        replace(old, first=max(old.first, s.first), last=min(old.last, s.last))
        for s in strokes
        for old in before
        if old.first <= s.last and s.first <= old.last
    ]
    version = repository.hold_version(session, act.recording_id) + 1
    repository.put(
        session, act.recording_id, version, merged([*kept, *again]),
        [part for s in strokes for part in beneath(before, s.first, s.last)],
        author_id=user.id, round_number=act.round, operation_id=None,
    )  # fmt: skip
    tell(session, act.recording_id, version)


def _moments_changed(
    before: Sequence[PostureRange], now: Sequence[PostureRange], within: Stroke
) -> int:
    """Of how many moments something else is said now, or the same by another person or way."""
    said = [
        {
            moment: (part.label, part.origin, part.author, part.round)
            for part in ranges
            for moment in range(max(part.first, within.first), min(part.last, within.last) + 1)
        }
        for ranges in (before, now)
    ]
    moments = range(within.first, within.last + 1)
    return sum(said[0].get(moment) != said[1].get(moment) for moment in moments)


def _acts(session: Session, import_id: int) -> Sequence[PostureRevision]:
    found = select(PostureRevision).where(PostureRevision.import_id == import_id)
    return session.scalars(found.order_by(PostureRevision.recording_id)).all()


def _get(session: Session, import_id: int, *, lock: bool = False) -> PostureImport:
    made = session.get(PostureImport, import_id, with_for_update=lock or None)
    if made is None:
        raise NotFound(f"There is no import of postures {import_id}.")
    return made


def _planned(session: Session, user: User, asked: PostureTableIn, *, lock: str | None) -> _Plan:
    policies.require(policies.may_import(user), "import postures")
    doubts = Doubts()
    table = read_table(asked.text, asked.columns, doubts)
    found = table.words()
    if len(found) > MAX_WORDS:
        raise InvalidInput(
            f"The column “{table.columns['posture']}” has {len(found):,} different words;"
            f" {MAX_WORDS} are the most. Is it the right one?"
        )
    words = {word: meaning(word, asked.postures) for word in found}
    lines = _by_recording(session, asked, table, doubts)
    strokes, recordings = {}, {}
    for recording_id in sorted(lines):
        recordings[recording_id] = access.get_recording(session, recording_id, lock=lock)
        timeline = repository.timeline_of(session, recording_id)
        painted = strokes_of(lines[recording_id], table.place, timeline, words, doubts)
        if painted:
            strokes[recording_id] = painted
    return _Plan(table, words, strokes, recordings, doubts)


def _by_recording(
    session: Session, asked: PostureTableIn, table: PostureTable, doubts: Doubts
) -> Mapping[int, list[Line]]:
    """The lines of each recording; of one that is not there, none."""
    if asked.recording_id is not None:
        return {access.get_recording(session, asked.recording_id).id: list(table.lines)}
    if "recording" not in table.columns:
        raise InvalidInput(
            "No column says which recording a line is of: choose the recording, or say which"
            " column does."
        )
    named = {line.cells["recording"] for line in table.lines}
    known = repository.recordings_named(session, named)
    found: dict[int, list[Line]] = defaultdict(list)
    for line in table.lines:
        ids = known.get(line.cells["recording"], ())
        if len(ids) == 1:
            found[ids[0]].append(line)
        else:
            why = "a name that several recordings have" if ids else "a recording that is not there"
            doubts.add(why, line.number, line.cells["recording"])
    return found


def _out(session: Session, plan: _Plan) -> PosturePreviewOut:
    recordings = []
    for recording_id, strokes in plan.strokes.items():
        before = repository.ranges_of(session, recording_id)
        over = sum(
            max(0, min(old.last, s.last) - max(old.first, s.first) + 1)
            for s in strokes
            for old in before
            if old.label != s.label
        )
        recordings.append(
            RecordingPlanOut(
                id=recording_id,
                name=plan.recordings[recording_id].name,
                ranges=len(strokes),
                moments=sum(s.last - s.first + 1 for s in strokes),
                of_moments=repository.moments_count(session, recording_id),
                replaced=over,
                closed=plan.recordings[recording_id].stage in _CLOSED,
            )
        )
    counts = plan.table.words()
    return PosturePreviewOut(
        header=list(plan.table.header),
        columns=dict(plan.table.columns),
        place=list(plan.table.place),
        lines=len(plan.table.lines),
        words=[
            WordOut(
                word=word,
                lines=counts[word],
                group=label.group if label else None,
                posture=label.posture if label else None,
                unclear=label is False,
            )
            for word, label in plan.words.items()
        ],
        recordings=recordings,
        doubts=[
            DoubtOut(why=why, lines=plan.doubts.counts[why], examples=examples)
            for why, examples in plan.doubts.found.items()
        ],
    )
