"""HTTP: datasets and releases."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request, Response, status
from sqlalchemy.orm import Session

from backend.core.http import ranges
from backend.core.http.dependencies import CurrentUser, Router, SessionDep, StorageDep
from backend.core.http.description import binary
from backend.core.jobs.schemas import JobOut
from backend.core.storage import BlobStore
from backend.domain.consents import ConsentScope
from backend.publishing.releases import drafts, removal, reports, repository, service
from backend.publishing.releases.archive import Archive, TarArchive, ZipArchive
from backend.publishing.releases.contents.draft_counts import DraftCountsDep
from backend.publishing.releases.effect import effect_of
from backend.publishing.releases.schemas import (
    DatasetCreate,
    DatasetOut,
    DoiGiven,
    EffectAsked,
    EffectOut,
    FileOut,
    FrameOriginsOut,
    ProposalAsked,
    ReleaseCreate,
    ReleaseEdit,
    ReleaseItem,
    ReleaseOut,
    SplitsEdit,
    WithdrawAsked,
)
from backend.publishing.releases.splitting import propose_splits

router = Router(tags=["releases"])

Id = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/datasets")
def list_datasets(user: CurrentUser, session: SessionDep) -> list[DatasetOut]:
    """All datasets, by name."""
    service.require_reader(user)
    return [reports.dataset_out(dataset) for dataset in repository.datasets(session)]


@router.post("/datasets", status_code=status.HTTP_201_CREATED)
def create_dataset(body: DatasetCreate, user: CurrentUser, session: SessionDep) -> DatasetOut:
    """Make a dataset, under which releases follow each other."""
    dataset = drafts.create_dataset(
        session, user, name=body.name, title=body.title, description=body.description
    )
    return reports.dataset_out(dataset)


@router.get("/releases")
def list_releases(
    user: CurrentUser, session: SessionDep, dataset_id: Annotated[int | None, Query()] = None
) -> list[ReleaseItem]:
    """Releases, newest first."""
    service.require_reader(user)
    return reports.items(session, repository.releases(session, dataset_id))


@router.post("/releases", status_code=status.HTTP_201_CREATED)
def create_release(body: ReleaseCreate, user: CurrentUser, session: SessionDep) -> ReleaseOut:
    """Begin the next version of a dataset, with the settings of the last."""
    release = drafts.create_release(
        session, user, body.dataset_id, version=body.version, change=body.change
    )
    return reports.release_out(session, release)


@router.get("/releases/{release_id}")
def get_release(release_id: Id, user: CurrentUser, session: SessionDep) -> ReleaseOut:
    """One release."""
    service.require_reader(user)
    return reports.release_out(session, repository.get(session, release_id))


@router.patch("/releases/{release_id}")
def edit_release(
    release_id: Id,
    body: ReleaseEdit,
    user: CurrentUser,
    session: SessionDep,
    counts: DraftCountsDep,
) -> ReleaseOut:
    """Change a draft; what was checked is a draft again."""
    about = drafts.About(
        version=body.version,
        audience=ConsentScope(body.audience) if body.audience else None,
        notes=body.notes,
        licence=body.licence,
        contact=body.contact,
        citation=body.citation,
    )
    release = drafts.edit(session, user, release_id, about, body.settings)
    counts.ahead(session, release)
    return reports.release_out(session, release)


@router.delete("/releases/{release_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_release(
    release_id: Id, user: CurrentUser, session: SessionDep, storage: StorageDep
) -> None:
    """Throw a release away that was never published."""
    drafts.delete_draft(session, user, release_id, storage)


@router.post("/releases/{release_id}/effect")
def release_effect(
    release_id: Id, body: EffectAsked, user: CurrentUser, session: SessionDep
) -> EffectOut:
    """What a rule selects now; nothing is stored."""
    service.require_reader(user)
    release = repository.get(session, release_id)
    return effect_of(session, release, body.settings, ConsentScope(body.audience))


@router.put("/releases/{release_id}/splits")
def assign_splits(
    release_id: Id, body: SplitsEdit, user: CurrentUser, session: SessionDep
) -> ReleaseOut:
    """Put infants into splits by hand."""
    release = drafts.assign(session, user, release_id, dict(body.splits))
    return reports.release_out(session, release)


@router.post("/releases/{release_id}/splits/proposal")
def propose_release_splits(
    release_id: Id,
    body: ProposalAsked,
    user: CurrentUser,
    session: SessionDep,
    counts: DraftCountsDep,
) -> ReleaseOut:
    """Put every infant into a split; those of earlier versions stay where they were."""
    service.require_maintainer(user, "edit releases")
    release = service.editable(session, release_id)
    propose_splits(session, release, body.seed)
    counts.ahead(session, release)
    return reports.release_out(session, release)


@router.post("/releases/{release_id}/check", status_code=status.HTTP_202_ACCEPTED)
def check_release(release_id: Id, user: CurrentUser, session: SessionDep) -> JobOut:
    """Look for what blocks; a job does it, and freezes the selection where nothing does."""
    return reports.job_out(session, service.request_check(session, user, release_id))


@router.post("/releases/{release_id}/publication", status_code=status.HTTP_202_ACCEPTED)
def publish_release(release_id: Id, user: CurrentUser, session: SessionDep) -> JobOut:
    """Write all files of a checked release and publish it; a job does it."""
    return reports.job_out(session, service.request_publication(session, user, release_id))


@router.post("/releases/{release_id}/withdrawal")
def withdraw_release(
    release_id: Id, body: WithdrawAsked, user: CurrentUser, session: SessionDep
) -> ReleaseOut:
    """Take a published release back; its record stays, and its files unless that is asked for."""
    release = service.withdraw(session, user, release_id, body.why)
    if body.remove_files:
        removal.request_removal(session, user, release_id)
    return reports.release_out(session, release)


@router.post("/releases/{release_id}/files-removal", status_code=status.HTTP_202_ACCEPTED)
def remove_release_files(release_id: Id, user: CurrentUser, session: SessionDep) -> JobOut:
    """Remove the files of a withdrawn release from the store; a job does it."""
    return reports.job_out(session, removal.request_removal(session, user, release_id))


@router.put("/releases/{release_id}/doi")
def give_doi(release_id: Id, body: DoiGiven, user: CurrentUser, session: SessionDep) -> ReleaseOut:
    """Note the DOI of a published release, once."""
    return reports.release_out(session, service.set_doi(session, user, release_id, body.doi))


@router.get("/releases/{release_id}/files")
def list_release_files(
    release_id: Id,
    user: CurrentUser,
    session: SessionDep,
    limit: Annotated[int, Query(ge=1, le=1_000_000)] = 1000,
) -> list[FileOut]:
    """Files of a published release, by path."""
    service.require_reader(user)
    repository.get(session, release_id)
    return [
        FileOut(path=file.path, bytes=file.bytes, sha256=file.sha256)
        for file in repository.files(session, release_id)[:limit]
    ]


@router.get(
    "/releases/{release_id}/files/{path:path}",
    response_class=Response,
    responses=binary("application/octet-stream", about="The file")
    | {206: {"description": "The part that was asked for"}, 409: {}, 416: {}},
)
def download_release_file(
    release_id: Id,
    path: str,
    request: Request,
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
) -> Response:
    """One file of a published release, or a range of it."""
    service.require_reader(user, "download releases")
    release, prefix = service.given_out(session, release_id)
    file = repository.get_file(session, release.id, path)
    key = prefix + file.path
    return ranges.answer(
        request,
        ranges.Content(
            file.bytes,
            file.sha256,
            "application/octet-stream",
            path.rpartition("/")[2],
            lambda start, stop: storage.stream_part(key, start, stop),
        ),
    )


@router.get(
    "/releases/{release_id}/archive.tar",
    response_class=Response,
    responses=binary("application/x-tar", about="All files")
    | {206: {"description": "The part that was asked for"}, 409: {}, 416: {}},
)
def download_release(
    release_id: Id,
    request: Request,
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
) -> Response:
    """All files of a published release as one tar, or a range of it."""
    service.require_reader(user, "download releases")
    return _archive(TarArchive, session, release_id, request, storage)


@router.get(
    "/releases/{release_id}/archive.zip",
    response_class=Response,
    responses=binary("application/zip", about="All files")
    | {206: {"description": "The part that was asked for"}, 409: {}, 416: {}},
)
def download_release_as_zip(
    release_id: Id,
    request: Request,
    user: CurrentUser,
    session: SessionDep,
    storage: StorageDep,
) -> Response:
    """All files of a published release as one zip, or a range of it."""
    service.require_reader(user, "download releases")
    return _archive(ZipArchive, session, release_id, request, storage)


def _archive(
    kind: type[Archive], session: Session, release_id: int, request: Request, storage: BlobStore
) -> Response:
    release, prefix = service.given_out(session, release_id)
    folder = reports.folder_of(session, release)
    archive = kind(
        reports.written_files(session, release.id), prefix, folder, reports.created_at(release)
    )
    return ranges.answer(
        request,
        ranges.Content(
            archive.size,
            f"{release.content_sha256}{archive.suffix}",
            archive.media_type,
            f"{folder}{archive.suffix}",
            lambda start, stop: archive.read(storage, start, stop),
        ),
    )


@router.get("/releases/{release_id}/frames/{frame_id}/origins")
def frame_origins(
    release_id: Id, frame_id: Id, user: CurrentUser, session: SessionDep
) -> FrameOriginsOut:
    """Where each joint of a released frame comes from: model, person, inspector, round."""
    service.require_reader(user)
    return reports.origins_out(session, release_id, frame_id)
