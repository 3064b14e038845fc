"""A sample of masked images: looked through, confirmed, or an image marked in which a face shows.

Which images those are stands in ``masking.json`` of the release. A published release never changes;
what people say of it is kept beside it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import orjson
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.audit import service as audit
from backend.core.database.tables import FaceCheck, FaceMark, User
from backend.core.events import announce
from backend.core.jobs.schemas import Named
from backend.core.storage import BlobStore
from backend.domain.errors import Conflict, InvalidInput, NotFound
from backend.domain.privacy.samples import Stratum
from backend.publishing.faces.schemas import (
    FaceCheckOut,
    FaceMarkOut,
    FacesOut,
    FacesStanding,
    GroundLooked,
    GroundOut,
)
from backend.publishing.releases import repository, service

MASKING: Final = "masking.json"


def faces_of(session: Session, user: User, release_id: int, storage: BlobStore) -> FacesOut:
    """The sample of a release, the weakest ground first, and what was said of it.

    Raises:
        Forbidden: the person may not see releases.
        NotFound: there is no such release, or its images are not masked.
        Conflict: it is not published, or was withdrawn.
    """
    masking = _masking(session, user, release_id, storage)
    rule = masking["rule"] or {}
    return FacesOut(
        method=str(rule.get("method", "")),
        cells=rule.get("cells"),
        grounds=_grounds(masking),
        **dict(_standing(session, release_id)),
    )


def standing(session: Session, user: User, release_id: int) -> FacesStanding:
    """What people said of a release's faces, whether or not its files are still there.

    Raises:
        Forbidden: the person may not see releases.
        NotFound: there is no such release.
    """
    service.require_reader(user)
    repository.get(session, release_id)
    return _standing(session, release_id)


def mark(
    session: Session, user: User, release_id: int, path: str, why: str, storage: BlobStore
) -> FacesStanding:
    """Say that somebody could be recognised in an image of the sample; said again, it says anew.

    Raises:
        Forbidden: the person may not.
        NotFound: as :func:`faces_of`; the sample does not hold the image.
        InvalidInput: no word says what is to be seen.
    """
    masking = _masking(session, user, release_id, storage)
    if not (words := why.strip()):
        raise InvalidInput("Say in a word what can be recognised.")
    ground = _ground_of(masking).get(path)
    if ground is None:
        raise NotFound(f"The sample of this release does not hold {path}.")
    values = {"ground": ground, "why": words, "by_id": user.id}
    session.execute(
        insert(FaceMark)
        .values(release_id=release_id, path=path, **values)
        .on_conflict_do_update(index_elements=[FaceMark.release_id, FaceMark.path], set_=values)
    )
    audit.record(
        session, user.id, "face_marked", "release", release_id, {"path": path, "why": words}
    )
    _tell(session, release_id)
    return _standing(session, release_id)


def unmark(session: Session, user: User, release_id: int, path: str) -> FacesStanding:
    """Take a mark back that was a mistake; that it stood stays in the record of acts.

    Raises:
        Forbidden: the person may not.
        NotFound: the image is not marked.
    """
    service.require_maintainer(user, "look through faces")
    found = session.get(FaceMark, (release_id, path), with_for_update=True)
    if found is None:
        raise NotFound(f"{path} is not marked.")
    session.delete(found)
    session.flush()
    audit.record(session, user.id, "face_mark_taken_back", "release", release_id, {"path": path})
    _tell(session, release_id)
    return _standing(session, release_id)


def confirm(
    session: Session, user: User, release_id: int, looked: list[str], storage: BlobStore
) -> FacesStanding:
    """Say that nobody can be recognised in the images of the sample that one looked at.

    Raises:
        Forbidden: the person may not.
        NotFound: as :func:`faces_of`; the sample does not hold an image.
        Conflict: an image is marked as bad.
    """
    masking = _masking(session, user, release_id, storage)
    # Held, so that nobody marks an image between this look and the commit.
    repository.get(session, release_id, lock=True)
    bad = session.scalars(select(FaceMark.path).where(FaceMark.release_id == release_id)).all()
    if bad:
        some = "1 image is" if len(bad) == 1 else f"{len(bad)} images are"
        raise Conflict(f"{some} marked as bad: a release in which a face shows is withdrawn.")
    grounds = _ground_of(masking)
    if strange := sorted(set(looked) - set(grounds)):
        raise NotFound(f"The sample of this release does not hold {strange[0]}.")
    counted = Counter(grounds[path] for path in set(looked))
    told = [
        {"ground": one.ground, "looked": counted[one.ground], "of": one.of}
        for one in _grounds(masking)
    ]
    images = sum(counted.values())
    session.add(FaceCheck(release_id=release_id, by_id=user.id, images=images, grounds=told))
    session.flush()
    audit.record(
        session, user.id, "faces_confirmed", "release", release_id, {"images": images, "of": told}
    )
    _tell(session, release_id)
    return _standing(session, release_id)


def _masking(session: Session, user: User, release_id: int, storage: BlobStore) -> dict[str, Any]:
    service.require_maintainer(user, "look through faces")
    release, prefix = service.given_out(session, release_id)
    try:
        file = repository.get_file(session, release.id, MASKING)
    except NotFound as error:
        raise NotFound("This release has no masked images to look through.") from error
    read: dict[str, Any] = orjson.loads(storage.read(f"{prefix}{file.path}"))
    return read


def _grounds(masking: dict[str, Any]) -> list[GroundOut]:
    order = {stratum.value: i for i, stratum in enumerate(Stratum)}
    sample = sorted(masking["sample"], key=lambda one: order.get(one["ground"], len(order)))
    return [
        GroundOut(ground=one["ground"], of=one["of"], images=one["images"])
        for one in sample
        if one["images"]
    ]


def _ground_of(masking: dict[str, Any]) -> dict[str, str]:
    return {path: one["ground"] for one in masking["sample"] for path in one["images"]}


def _standing(session: Session, release_id: int) -> FacesStanding:
    def named(person: User | None) -> Named | None:
        return None if person is None else Named(id=person.id, name=person.name)

    checks = session.execute(
        select(FaceCheck, User)
        .outerjoin(User, User.id == FaceCheck.by_id)
        .where(FaceCheck.release_id == release_id)
        .order_by(FaceCheck.id.desc())
    )
    marks = session.execute(
        select(FaceMark, User)
        .outerjoin(User, User.id == FaceMark.by_id)
        .where(FaceMark.release_id == release_id)
        .order_by(FaceMark.path)
        .execution_options(populate_existing=True)
    )
    return FacesStanding(
        checks=[
            FaceCheckOut(
                id=check.id,
                by=named(person),
                created_at=check.created_at,
                images=check.images,
                grounds=[GroundLooked.model_validate(one) for one in check.grounds],
            )
            for check, person in checks
        ],
        marks=[
            FaceMarkOut(
                path=row.path,
                ground=row.ground,
                why=row.why,
                by=named(person),
                created_at=row.created_at,
            )
            for row, person in marks
        ],
    )


def _tell(session: Session, release_id: int) -> None:
    announce(session, "release", {"id": release_id})
