"""Loads the demo: its people, and its recordings through the same import that everybody uses.

``python -m backend.demo.load``; doing it again changes nothing.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.accounts.demo import create_demo_users
from backend.core.database.engine import make_engine
from backend.core.database.session import transaction
from backend.core.database.tables import Recording, Upload, User
from backend.core.database.tables.recordings import Source
from backend.core.settings import Settings, get_settings
from backend.core.uploads import service as uploads
from backend.demo.truth import DemoRecording, list_demo_recordings
from backend.domain.consents import Consent
from backend.recordings import service as recordings
from backend.recordings.schemas import CameraIn, ImportIn, InfantIn, Sampling

EVERY = {"play_mat": 8, "living_room": 5}
"""Every n-th frame: few enough that a visitor can take a recording through all stages."""

_NOTES = "A rendered recording: nobody was filmed."


def _upload(session: Session, video: Path, user: User, settings: Settings) -> int:
    """Put a shipped video where an upload by a person would lie."""
    upload = Upload(
        filename=video.name,
        size=video.stat().st_size,
        created_by_id=user.id,
        completed_at=datetime.now(UTC),
    )
    session.add(upload)
    session.flush()
    path = uploads.path_of(settings.uploads_dir, upload.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(video, path)
    return upload.id


def _request(demo: DemoRecording, upload_ids: list[int]) -> ImportIn:
    names = [camera.name.replace("_", " ") for camera in demo.cameras]
    return ImportIn(
        kind="video",
        name=f"{demo.title} (demo)",
        source=Source.HOME_VISIT if len(demo.cameras) > 1 else Source.OTHER,
        infant=InfantIn(pseudonym=demo.infant_identity),
        age_months=demo.infant_age_months,
        consent=Consent.PUBLIC_VIDEO,
        notes=_NOTES,
        cameras=[
            CameraIn(name=name, upload_id=i) for name, i in zip(names, upload_ids, strict=True)
        ],
        sampling=Sampling(mode="every", value=EVERY.get(demo.name, 5)),
    )


def load(settings: Settings) -> list[str]:
    """Add the demo's people and begin the import of its recordings.

    Returns:
        Names of the recordings that were added now.
    """
    added = []
    engine = make_engine(settings.required_database_url, pool_size=1)
    # The single-camera recording last, so that it stands first in the lists of new visitors.
    for demo in list_demo_recordings():
        with transaction(engine) as session:
            people = create_demo_users(session)
            # By what it was made from: people may have renamed it.
            known = session.scalar(
                select(Recording.id).where(
                    Recording.is_demo, Recording.import_request["demo"].astext == demo.name
                )
            )
            if known is not None:
                continue
            maintainer = people["maintainer@demo.local"]
            ids = [_upload(session, c.video, maintainer, settings) for c in demo.cameras]
            recording, _ = recordings.begin_import(
                session, _request(demo, ids), maintainer, demo=demo.name
            )
            recording.annotator_id = people["annotator@demo.local"].id
            recording.inspector_id = people["inspector@demo.local"].id
            added.append(recording.name)
    engine.dispose()
    return added


def main() -> None:
    """Entry point."""
    for name in load(get_settings()):
        print(f"demo: importing {name}")


if __name__ == "__main__":
    main()
