"""Registering and listing checkpoints, asking for downloads, taking and removing files.

A row follows the folder: a file is written, checked and described first, its row afterwards. So a
row never names a file that is not whole, and :func:`refresh`, which runs at start-up and before
every reading, finds a file again whose row was never written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.session import after_commit
from backend.core.database.tables import Checkpoint, Job, User
from backend.core.database.tables.jobs import ACTIVE, JobKind
from backend.core.jobs import service as jobs
from backend.core.jobs.schemas import Named
from backend.core.settings import Settings
from backend.core.uploads import service as uploads
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.models.checkpoints import designs, repository
from backend.models.checkpoints.designs import WeightKind
from backend.models.checkpoints.known import KnownWeights
from backend.models.checkpoints.payloads import PullPayload
from backend.models.checkpoints.registry import DEFAULT_POSE, DEFAULT_SEGMENT, KNOWN
from backend.models.checkpoints.schemas import WeightAdd, WeightItem
from backend.models.checkpoints.status import WeightStatus
from backend.models.checkpoints.store import WeightStore

DEFAULTS = {WeightKind.POSE: DEFAULT_POSE, WeightKind.SEGMENT: DEFAULT_SEGMENT}


UNTRAINED_TITLE: Final = "Random numbers, trained on nothing: only for tests"
"""What is said of a file that has a checkpoint's layout and no training, whatever its name says."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")


def folder_of(settings: Settings) -> WeightStore:
    """The folder of checkpoints as it is without a database: what ships or is published."""
    return WeightStore(settings.weights_dir)


def refresh(session: Session, settings: Settings) -> WeightStore:
    """Bring the rows up to date with the declared list and the folder; changes nothing twice.

    Returns:
        The folder, knowing what the rows tell.
    """
    strays = WeightStore(settings.weights_dir, {**KNOWN, **_own(session)}).strays()
    repository.declare(session, [*KNOWN.values(), *strays])
    rows = repository.all_rows(session)
    store = WeightStore(
        settings.weights_dir, {name: repository.known_of(row) for name, row in rows.items()}
    )
    for name, row in rows.items():
        repository.mirror(row, store.status(name))
    session.flush()
    return store


def register(session: Session, settings: Settings) -> None:
    """What a start does: rows for all that is known or lies here, and no left-over files."""
    refresh(session, settings).sweep()


def _own(session: Session) -> dict[str, KnownWeights]:
    rows = repository.all_rows(session)
    return {name: repository.known_of(row) for name, row in rows.items() if name not in KNOWN}


def chosen(
    statuses: Sequence[WeightStatus], kind: WeightKind, *, finds_people: bool = False
) -> str:
    """Name of the checkpoint that jobs of a kind take unless told otherwise.

    The one that a maintainer chose, while it is here. Else the default where it is present, else
    the first present one that was downloaded or added, else one that comes with the product, else
    the default, so that the message about missing weights names it. Without a choice never one that
    is for demonstration only, nor one that needs boxes from another.

    Args:
        statuses: All checkpoints.
        kind: What it must do.
        finds_people: Leave out one that was chosen and takes boxes.
    """
    for status in statuses:
        fits = not (finds_people and status.takes == "boxes")
        if status.chosen and status.kind is kind and status.present and fits:
            return status.name
    present = [
        s.name
        for s in statuses
        if s.kind is kind and s.present and not s.demonstration and s.takes != "boxes"
    ]
    source = {s.name: s.source for s in statuses}
    default = DEFAULTS[kind]
    if default in present or not present:
        return default
    # What somebody brought here comes before what comes with the product.
    return min(present, key=lambda name: source[name] == "shipped")


def items(session: Session, store: WeightStore) -> list[WeightItem]:
    """All checkpoints, present or not.

    Args:
        session: The transaction.
        store: As :func:`refresh` gave it.
    """
    statuses = store.list()
    in_use = {chosen(statuses, kind) for kind in WeightKind}
    adders = session.execute(
        select(Checkpoint.name, User).join(User, User.id == Checkpoint.created_by_id)
    )
    people = dict(adders.all())
    rows = repository.all_rows(session)
    return [_item(rows[s.name], s, s.name in in_use, people.get(s.name)) for s in statuses]


def _item(row: Checkpoint, status: WeightStatus, in_use: bool, user: User | None) -> WeightItem:
    return WeightItem(
        name=row.name,
        kind=status.kind,
        architecture=row.architecture,
        takes=row.config["takes"],
        config=row.config,
        title=UNTRAINED_TITLE if status.untrained else row.trained_on,
        licence=row.licence,
        url=row.url or "",
        present=status.present,
        path=str(status.path),
        bytes=status.bytes,
        sha256=status.sha256,
        origin=status.source,
        published=status.published if row.published_sha256 else None,
        expected_bytes=status.expected_bytes,
        partial_bytes=status.partial_bytes,
        untrained=status.untrained,
        in_use=in_use,
        chosen=row.chosen,
        demonstration=status.demonstration,
        added_at=row.added_at,
        created_by=None if user is None else Named(id=user.id, name=user.name),
    )


def choose(session: Session, user: User, name: str) -> None:
    """Make a checkpoint the one of its kind that jobs take unless told otherwise.

    Raises:
        Forbidden: the person may not manage weights.
        NotFound: no checkpoint has that name.
        Conflict: it is not here, or it holds random numbers.
    """
    policies.require(policies.may_manage_weights(user), "choose the model that jobs take")
    row = session.scalar(select(Checkpoint).where(Checkpoint.name == name).with_for_update())
    if row is None:
        raise NotFound(f"There is no checkpoint {name}.", name=name)
    if row.state != "present":
        raise Conflict(f"{name} is not on this machine.", name=name)
    if row.untrained or row.demonstration:
        raise Conflict(
            f"{name} is not for real recordings: name it in a single request where you want it.",
            name=name,
        )
    unchoose(session, user, WeightKind(row.kind))
    row.chosen = True
    session.flush()
    audit.record(session, user.id, "weights_chosen", "user", user.id, {"name": name})


def unchoose(session: Session, user: User, kind: WeightKind) -> None:
    """Let jobs of a kind take what they would take if nobody had chosen.

    Raises:
        Forbidden: the person may not manage weights.
    """
    policies.require(policies.may_manage_weights(user), "choose the model that jobs take")
    session.execute(
        update(Checkpoint)
        .where(Checkpoint.kind == kind.value, Checkpoint.chosen)
        .values(chosen=False)
    )
    session.flush()


def request_pull(session: Session, user: User, settings: Settings, name: str) -> Job:
    """Ask for a download; where one is under way already, that job is returned.

    Raises:
        Forbidden: the person may not manage weights.
        NotFound: no checkpoint has that name.
        Conflict: it is somebody's own, which is published nowhere.
    """
    policies.require(policies.may_manage_weights(user), "download checkpoints")
    refresh(session, settings).status(name)
    if name not in KNOWN:
        raise Conflict(f"{name} was added here and is not published anywhere.", name=name)
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
        title=f"Download the checkpoint {name}",
    )


def record_file(session: Session, store: WeightStore, name: str, user: User | None = None) -> str:
    """Write down that a checked file is here; once that stands, the former file goes.

    Returns:
        The file's SHA-256.

    Raises:
        NotFound: no checkpoint has that name.
    """
    row = session.scalar(select(Checkpoint).where(Checkpoint.name == name).with_for_update())
    if row is None:
        raise NotFound(f"There is no checkpoint {name}.", name=name)
    status = store.status(name)
    repository.mirror(row, status)
    row.created_by_id = row.created_by_id if user is None else user.id
    session.flush()
    after_commit(session, store.sweep)
    return status.sha256 or ""


def add_upload(
    session: Session, user: User, settings: Settings, name: str, wish: WeightAdd
) -> WeightItem:
    """Take a finished upload as a checkpoint; its bytes leave the folder of uploads.

    Under a name that is known it takes the place of what was there. Under a new name, the wish
    says what it is.

    Raises:
        Forbidden: the person may not manage weights.
        NotFound: no checkpoint has that name and no architecture was said, or no upload that id.
        Conflict: the upload is not complete, or the name is being fetched right now.
        InvalidInput: the file is no checkpoint of the architecture, which leaves the upload as it
            was; or what was said does not fit together.
    """
    policies.require(policies.may_manage_weights(user), "add checkpoints")
    store = refresh(session, settings)
    known = _wished(store, name, wish)
    store = WeightStore(settings.weights_dir, {**store.known, name: known})
    [upload] = uploads.consume(session, user, [wish.upload_id])
    path = uploads.path_of(settings.uploads_dir, upload.id)
    store.add(name, path, called=upload.filename, keep_former=True)
    repository.declare(session, [known])
    digest = record_file(session, store, name, user)
    audit.record(
        session,
        user.id,
        "weights_added",
        "user",
        user.id,
        {"name": name, "filename": upload.filename, "sha256": digest},
    )
    after_commit(session, lambda: uploads.remove_files(settings.uploads_dir, [upload.id]))
    return next(item for item in items(session, store) if item.name == name)


def _wished(store: WeightStore, name: str, wish: WeightAdd) -> KnownWeights:
    """What a row is going to tell of an upload."""
    known = store.known.get(name)
    if name in KNOWN and known is not None:
        if wish.architecture not in (None, known.architecture) or wish.config_changes():
            raise InvalidInput(
                f"{name} is an {known.architecture} as it was published: choose a name of your own"
                " for another architecture or another input.",
                name=name,
            )
        return known
    if known is None and wish.architecture is None:
        store.status(name)  # raises, and lists the names that are known
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"A checkpoint cannot be called {name!r}: use lower-case letters, digits, - and "
            "_, at most 80 characters.",
            name=name,
        )
    architecture = designs.architecture_named(
        wish.architecture or (known.architecture if known else None) or ""
    )
    if known is not None and architecture.name != known.architecture:
        raise InvalidInput(
            f"{name} is an {known.architecture}; choose another name for an {architecture.name}.",
            name=name,
        )
    before = known.used_with if known and known.used_with else architecture.config
    return KnownWeights(
        name,
        architecture.kind,
        architecture.variant,
        "",
        "",
        None,
        wish.trained_on or (known.about if known else "Not said."),
        licence=wish.licence or (known.licence if known else "Not said"),
        architecture=architecture.name,
        config=designs.changed(architecture, before, wish.config_changes()),
    )


def remove(session: Session, user: User, settings: Settings, name: str) -> None:
    """Remove a checkpoint's file; of somebody's own, the row as well.

    What was labelled with it keeps its name and hash.

    Raises:
        Forbidden: the person may not manage weights.
        NotFound: no checkpoint has that name.
        Conflict: it ships with the product, or is being fetched right now.
    """
    policies.require(policies.may_manage_weights(user), "remove checkpoints")
    store = refresh(session, settings)
    status = store.status(name)
    if status.source == "shipped" or store.known[name].shipped is not None:
        raise Conflict(f"{name} ships with the product and cannot be removed.", name=name)
    store.require_idle(name)
    row = session.scalars(select(Checkpoint).where(Checkpoint.name == name).with_for_update()).one()
    if name in KNOWN:
        row.state, row.added_at, row.untrained = "missing", None, False
        row.origin = row.file = row.sha256 = row.bytes = None
    else:
        session.delete(row)
    session.flush()
    audit.record(
        session,
        user.id,
        "weights_removed",
        "user",
        user.id,
        {"name": name, "sha256": status.sha256},
    )
    after_commit(session, lambda: store.remove(name))
