"""An import is undone as a whole, or not at all.

It may be undone as long as nothing is lost that people made of it. Rows go in one transaction;
files go after it, by a job that is begun again until all are gone, wherever it was cut off.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Job, Recording, Upload, User
from backend.core.events import announce
from backend.core.jobs import service as jobs
from backend.domain.errors import Conflict, NotFound
from backend.labelling.workflow.service import discard_rows
from backend.overview.undoing import repository
from backend.overview.undoing.payloads import UndoPayload
from backend.overview.undoing.schemas import CountOut, UndoOut
from backend.recordings.access import get_recording


def what_undoing_does(session: Session, user: User, recording_id: int) -> UndoOut:
    """What would go, and what prevents it.

    Raises:
        NotFound: there is no such recording.
        Forbidden: the person may not.
    """
    policies.require(policies.may_import(user), "undo imports")
    recording = get_recording(session, recording_id)
    goes, prevents = repository.counts(session, recording_id)
    uploads = len(_uploads(recording))
    listed = _listed(goes)
    if uploads:
        words = "uploaded file" if uploads == 1 else "uploaded files"
        listed.append(CountOut(name="uploads", count=uploads, text=f"{uploads:,} {words}"))
    infant = repository.infant_that_goes(session, recording)
    if infant is not None:
        said = f"the pseudonym {infant}, which nothing else names"
        listed.append(CountOut(name="infants", count=1, text=said))
    return UndoOut(
        recording_id=recording_id,
        name=recording.name,
        goes=listed,
        prevents=_listed(prevents),
    )


def begin(session: Session, user: User, recording_id: int) -> Job:
    """Queue the undoing of an import.

    Raises:
        NotFound: there is no such recording.
        Forbidden: the person may not.
        Conflict: something would be lost, or it is being undone already; the words say what.
    """
    policies.require(policies.may_import(user), "undo imports")
    recording = get_recording(session, recording_id, lock="update")
    _require_nothing_lost(session, recording)
    return jobs.enqueue(
        session,
        UndoPayload(recording_id=recording_id, upload_ids=_uploads(recording)),
        recording_id,
        user.id,
        title=f"Undoing the import of {recording.name}",
    )


def delete_now(session: Session, user: User, recording_id: int) -> None:
    """Remove a recording at once; a job sees to it that no file of it is left.

    Raises:
        NotFound, Forbidden, Conflict: as :func:`begin`.
    """
    policies.require(policies.may_import(user), "delete recordings")
    recording = get_recording(session, recording_id, lock="update")
    payload = UndoPayload(recording_id=recording_id, upload_ids=_uploads(recording))
    title = f"Removing the files of {recording.name}"
    take_out(session, recording_id, user.id)
    jobs.enqueue(session, payload, None, user.id, title=title)


def take_out(session: Session, recording_id: int, user_id: int | None) -> bool:
    """Remove all rows of an import, in the caller's transaction; False: they are gone already.

    Raises:
        Conflict: something would be lost; nothing is changed.
    """
    try:
        recording = get_recording(session, recording_id, lock="update")
    except NotFound:
        return False
    goes = _require_nothing_lost(session, recording)
    audit.record(
        session, user_id, "import_undone", "recording", recording_id,
        {"name": recording.name, "label_source": recording.label_source, **goes},
    )  # fmt: skip
    upload_ids, infant_id = _uploads(recording), recording.infant_id
    discard_rows(session, recording_id)
    session.execute(delete(Upload).where(Upload.id.in_(upload_ids)))
    infant = repository.lonely_infant(session, infant_id)
    if infant is not None:
        session.delete(infant)
    session.flush()
    announce(session, "recording", {"id": recording_id, "stage": "removed", "round": 0})
    return True


def _require_nothing_lost(session: Session, recording: Recording) -> dict[str, int]:
    """What goes, where nothing stands against it."""
    goes, prevents = repository.counts(session, recording.id)
    if prevents:
        listed = "; ".join(count.text for count in _listed(prevents))
        raise Conflict(
            f"The import of {recording.name} cannot be undone: {listed}.", prevents=prevents
        )
    return goes


def _uploads(recording: Recording) -> list[int]:
    """Uploads that the import took."""
    stored: dict[str, Any] = recording.import_request
    cameras = stored.get("cameras") or []
    found = [i for camera in cameras for i in camera.get("upload_ids") or []]
    found += [camera.get("upload_id") for camera in cameras]
    for name in ("upload_ids", "label_upload_ids"):
        found += stored.get(name) or []
    found.append(stored.get("coco_upload_id"))
    return sorted({i for i in found if isinstance(i, int)})


def _listed(found: dict[str, int]) -> list[CountOut]:
    return [
        CountOut(name=name, count=n, text=f"{n:,} {repository.WORDS[name][0 if n == 1 else 1]}")
        for name, n in found.items()
    ]
