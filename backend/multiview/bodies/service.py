"""Which body models are here; adding licensed ones and taking them away."""

from __future__ import annotations

import re
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.accounts import policies
from backend.core.audit import service as audit
from backend.core.database.tables import Body, FitRun, Upload, User
from backend.core.jobs.schemas import Named
from backend.core.settings import Settings
from backend.core.storage import BlobStore
from backend.core.uploads import service as uploads
from backend.domain.body_ranges import OLDEST_MONTHS
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.multiview.bodies.convert import BETAS, convert_smil
from backend.multiview.bodies.library import find_model
from backend.multiview.bodies.model_file import JOINTS, OPEN_BODY, BodyModel, load_body, open_body
from backend.multiview.bodies.schemas import BodyOut

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


def list_bodies(session: Session, storage: BlobStore) -> list[BodyOut]:
    """All body models, the open one first."""
    rows = session.execute(
        select(Body, User).outerjoin(User, User.id == Body.created_by_id).order_by(Body.name)
    ).all()
    found = [_item(open_body(), None, None)]
    found += [_item(find_model(session, storage, row.name), row, user) for row, user in rows]
    return found


def add(
    session: Session,
    user: User,
    settings: Settings,
    storage: BlobStore,
    upload_id: int,
    prior_upload_id: int | None = None,
) -> BodyOut:
    """Take an uploaded body model: SMIL's pickle, with its prior's, or a body model file.

    The uploaded bytes leave the folder of uploads. After an error they stay and nothing is added.

    Raises:
        Forbidden: the person may not manage body models.
        NotFound: an upload is unknown.
        Conflict: an upload is not complete, or a model of that name is here already.
        InvalidInput: a file is not what it should be; the message names it and the fault.
    """
    policies.require(policies.may_manage_bodies(user), "add body models")
    ids = [upload_id] + ([prior_upload_id] if prior_upload_id is not None else [])
    if len(set(ids)) < len(ids):
        raise InvalidInput("The model and its prior are two files.")
    taken = uploads.consume(session, user, ids)
    with tempfile.TemporaryDirectory() as folder:
        path, body = _converted(Path(folder), settings, taken)
        here = session.scalar(select(Body).where(Body.name == body.name))
        if here is not None:
            same = here.sha256 == body.sha256
            raise Conflict(
                f"The body model {body.name} is already here"
                + ("." if same else "; remove it first to replace it."),
                name=body.name,
            )
        key = f"bodies/{body.name}-{body.sha256[:16]}.npz"
        storage.put(key, path)
    row = Body(
        name=body.name,
        version=body.version[:40],
        sha256=body.sha256,
        source_sha256=body.sha256_source,
        key=key,
        licence=body.licence,
        about=body.about,
        created_by_id=user.id,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict(f"Somebody else is adding {body.name} right now.") from error
    audit.record(
        session,
        user.id,
        "body_added",
        "body",
        row.id,
        {"name": body.name, "sha256": body.sha256, "files": [u.filename for u in taken]},
    )
    uploads.remove_files(settings.uploads_dir, ids)
    return _item(body, row, user)


def _converted(folder: Path, settings: Settings, taken: list[Upload]) -> tuple[Path, BodyModel]:
    paths = [uploads.path_of(settings.uploads_dir, upload.id) for upload in taken]
    names = [upload.filename for upload in taken]
    if zipfile.is_zipfile(paths[0]):
        if len(paths) > 1:
            raise InvalidInput(
                f"{names[0]} is a body model file, which holds its prior already.",
                file=names[1],
                fault="a prior too many",
            )
        body = load_body(paths[0], names[0])
        if body.name == OPEN_BODY or not _NAME.fullmatch(body.name):
            raise _wrong(names[0], f"a model cannot be added under the name “{body.name[:80]}”")
        if body.betas != BETAS:
            raise _wrong(names[0], f"it has {body.betas} shape directions, fits use {BETAS}")
        return paths[0], body
    out = folder / "body.npz"
    convert_smil(
        paths[0],
        paths[1] if len(paths) > 1 else None,
        out,
        model_called=names[0],
        prior_called=names[1] if len(names) > 1 else None,
    )
    return out, load_body(out, names[0])


def remove(session: Session, user: User, storage: BlobStore, name: str) -> None:
    """Take an added body model away.

    Raises:
        Forbidden: the person may not manage body models.
        NotFound: no added model has that name.
        Conflict: it is the open one, or fits were made with it.
    """
    policies.require(policies.may_manage_bodies(user), "remove body models")
    if name == OPEN_BODY:
        raise Conflict("The open infant body ships with the product and stays.", name=name)
    row = session.scalar(select(Body).where(Body.name == name).with_for_update())
    if row is None:
        raise NotFound(f"There is no body model {name}.", name=name)
    used = session.scalar(
        select(FitRun.recording_id).where(FitRun.body_name == name).order_by(FitRun.id).limit(1)
    )
    if used is not None:
        raise Conflict(
            f"Body fits were made with {name} (recording {used}); their meshes need it.",
            name=name,
            recording_id=used,
        )
    audit.record(
        session, user.id, "body_removed", "body", row.id, {"name": name, "sha256": row.sha256}
    )
    session.delete(row)
    session.flush()
    storage.delete(row.key)


def _item(body: BodyModel, row: Body | None, user: User | None) -> BodyOut:
    return BodyOut(
        name=body.name,
        version=body.version,
        sha256=body.sha256,
        sha256_source=body.sha256_source,
        vertices=len(body.v_template),
        joints=JOINTS,
        betas=body.betas,
        licence=body.licence,
        about=_for_people(body.about) + (_SERVES if body.is_open else ""),
        pose_prior_about=body.pose_prior_about,
        is_open=body.is_open,
        rest_length_m=round(body.rest_length, 4),
        created_at=row.created_at if row else None,
        created_by=Named(id=user.id, name=user.name) if user else None,
    )


_SERVES: Final = f" With its free scale it serves infants of 0 to {OLDEST_MONTHS:.0f} months."
"""Beside what the open body was made from, which its file tells."""


def _for_people(about: str) -> str:
    """A body's description without the sentence that names the program which made it."""
    return re.sub(r"\s*Made by [a-z_]+(\.[a-z_]+)+\.?(?=\s|$)", "", about).strip()


def _wrong(called: str, fault: str) -> InvalidInput:
    return InvalidInput(f"{called} was not added: {fault}.", file=called, fault=fault)
