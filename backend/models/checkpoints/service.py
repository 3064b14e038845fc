"""Listing checkpoints, asking for downloads, taking uploaded files."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Job, User
from backend.core.database.tables.jobs import ACTIVE, JobKind
from backend.core.jobs import service as jobs
from backend.core.settings import Settings
from backend.core.uploads import service as uploads
from backend.models.checkpoints.payloads import PullPayload
from backend.models.checkpoints.registry import DEFAULT_POSE, DEFAULT_SEGMENT, WeightKind
from backend.models.checkpoints.schemas import WeightItem
from backend.models.checkpoints.store import WeightStatus, WeightStore

_DEFAULTS = {WeightKind.POSE: DEFAULT_POSE, WeightKind.SEGMENT: DEFAULT_SEGMENT}


def store_of(settings: Settings) -> WeightStore:
    """The folder of checkpoints on this machine."""
    return WeightStore(settings.weights_dir)


def chosen(statuses: Sequence[WeightStatus], kind: WeightKind) -> str:
    """Name of the checkpoint that jobs of a kind take unless told otherwise.

    The default where it is present, else the first present one, else the default, so that the
    message about missing weights names it. Never one that is for demonstration only.
    """
    present = [s.name for s in statuses if s.kind is kind and s.present and not s.demonstration]
    default = _DEFAULTS[kind]
    return default if default in present or not present else present[0]


def items(store: WeightStore) -> list[WeightItem]:
    """All known checkpoints, present or not."""
    statuses = store.list()
    in_use = {chosen(statuses, kind) for kind in WeightKind}
    return [_item(status, status.name in in_use) for status in statuses]


def _item(status: WeightStatus, in_use: bool) -> WeightItem:
    return WeightItem(
        name=status.name,
        kind=status.kind,
        title=status.about,
        licence=status.licence,
        url=status.url,
        present=status.present,
        path=str(status.path),
        bytes=status.bytes,
        sha256=status.sha256,
        source=status.source,
        published=status.published,
        expected_bytes=status.expected_bytes,
        partial_bytes=status.partial_bytes,
        untrained=status.untrained,
        in_use=in_use,
        demonstration=status.demonstration,
    )


def request_pull(session: Session, user: User, store: WeightStore, name: str) -> Job:
    """Ask for a download; where one is under way already, that job is returned.

    Raises:
        Forbidden: the person may not manage weights.
        NotFound: no checkpoint has that name.
    """
    policies.require(policies.may_manage_weights(user), "fetch model weights")
    store.status(name)
    running = session.scalar(
        select(Job)
        .where(
            Job.kind == JobKind.PULL_WEIGHTS.value,
            Job.state.in_(ACTIVE),
            Job.payload["name"].astext == name,
        )
        .order_by(Job.id)
        .limit(1)
    )
    if running is not None:
        return running
    return jobs.enqueue(
        session,
        PullPayload(name=name),
        None,
        user.id,
        title=f"Fetch the checkpoint {name}",
    )


def add_upload(
    session: Session, user: User, settings: Settings, name: str, upload_id: int
) -> WeightItem:
    """Take a finished upload as a checkpoint; its bytes leave the folder of uploads.

    Raises:
        Forbidden: the person may not manage weights.
        NotFound: no checkpoint has that name, or no upload that id.
        Conflict: the upload is not complete, or the name is being fetched right now.
        InvalidInput: the file is no checkpoint; the upload stays as it was.
    """
    policies.require(policies.may_manage_weights(user), "add model weights")
    store = store_of(settings)
    store.status(name)
    [upload] = uploads.consume(session, user, [upload_id])
    path = uploads.path_of(settings.uploads_dir, upload.id)
    status = store.add(name, path, called=upload.filename)
    audit.record(
        session,
        user.id,
        "weights_added",
        "user",
        user.id,
        {"name": name, "filename": upload.filename, "sha256": status.sha256},
    )
    uploads.remove_files(settings.uploads_dir, [upload.id])
    return next(item for item in items(store) if item.name == name)
