"""A published release as a folder on this machine, for the time of a job."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from backend.core.database.tables import Release
from backend.domain.errors import Conflict
from backend.publishing.releases import repository as releases
from backend.publishing.releases import service
from worker.context import JobContext

_WANTED: Final = ("annotations/", "images/", "fits/", "cameras/", "SHA256SUMS")


def lay_out(context: JobContext, release_id: int, folder: Path) -> Release:
    """Lay a release's files into a folder; where the store is a disk, as links.

    Raises:
        NotFound: there is no such release.
        Conflict: it is not published, was withdrawn, or lost a file.
    """
    with context.transaction() as session:
        release, prefix = service.given_out(session, release_id)
        paths = [file.path for file in releases.files(session, release.id)]
        session.expunge_all()
    wanted = [path for path in paths if path.startswith(_WANTED)]
    for done, path in enumerate(wanted):
        context.check_cancelled()
        context.report(done, len(wanted), "Bringing the release here")
        to = folder / path
        to.parent.mkdir(parents=True, exist_ok=True)
        here = context.storage.local_path(prefix + path)
        if here is None:
            context.storage.download(prefix + path, to)
        elif here.is_file():
            to.symlink_to(here)
        else:
            raise Conflict(f"{path} of this release is missing in the store.")
    return release
