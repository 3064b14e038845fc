"""The sample of a release's masked images: looked through, marked, confirmed."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import AuditEntry
from backend.domain.errors import Conflict, NotFound
from backend.publishing.faces import service as faces
from backend.publishing.releases import service
from backend.publishing.releases.settings import Images, ReleaseSettings
from tests.worker.release_lab import Lab


def test_a_sample_is_confirmed_unless_a_face_shows(published_lab: Lab) -> None:
    lab = published_lab
    with transaction(lab.bench.engine) as session:
        me = lab.me(session)
        seen = faces.faces_of(session, me, lab.release, lab.storage)
        images = [path for ground in seen.grounds for path in ground.images]
        assert set(images) == {f for f in lab.files(lab.release) if f.startswith("images/")}
        assert (seen.method, seen.checks, seen.marks) == ("blur", [], [])

        marked = faces.mark(session, me, lab.release, images[0], " an ear ", lab.storage)
        assert [(mark.path, mark.why) for mark in marked.marks] == [(images[0], "an ear")]
        with pytest.raises(Conflict, match="1 image is marked as bad"):
            faces.confirm(session, me, lab.release, images, lab.storage)
        assert faces.unmark(session, me, lab.release, images[0]).marks == []
        with pytest.raises(NotFound, match="not marked"):
            faces.unmark(session, me, lab.release, images[0])
        with pytest.raises(NotFound, match="does not hold"):
            faces.mark(session, me, lab.release, "README.md", "a name", lab.storage)
        with pytest.raises(NotFound, match="does not hold"):
            faces.confirm(session, me, lab.release, [*images, "nowhere.png"], lab.storage)

        (check,) = faces.confirm(session, me, lab.release, images[:2] * 2, lab.storage).checks
        assert (check.images, check.by and check.by.name) == (2, me.name)
        assert sum(ground.looked for ground in check.grounds) == 2
        assert sum(ground.of for ground in check.grounds) == len(images)

        service.withdraw(session, me, lab.release, "A face shows.")
        with pytest.raises(Conflict, match="withdrawn"):
            faces.confirm(session, me, lab.release, images, lab.storage)
        assert len(faces.standing(session, me, lab.release).checks) == 1
    acts = [row.action for row in lab.bench.all(AuditEntry) if "face" in row.action]
    assert acts == ["face_marked", "face_mark_taken_back", "faces_confirmed"]


def test_a_release_without_masked_images_has_no_sample(lab: Lab) -> None:
    def without_images(settings: ReleaseSettings) -> None:
        settings.packaging.images = Images.NONE

    lab.settings(lab.release, without_images)
    with Session(lab.bench.engine) as session, pytest.raises(Conflict, match="not published"):
        faces.faces_of(session, lab.me(session), lab.release, lab.storage)
    lab.published(lab.release)
    with Session(lab.bench.engine) as session, pytest.raises(NotFound, match="no masked images"):
        faces.faces_of(session, lab.me(session), lab.release, lab.storage)
