"""A small lab whose dataset is looked at: before and after corrections."""

from __future__ import annotations

from time import sleep
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from backend.core.database.tables import Recording, Release
from backend.domain.consents import ConsentScope
from backend.domain.keypoints import Visibility
from backend.domain.operations import MoveJoint, SetVisibility
from backend.domain.releases.versions import Change
from backend.domain.workflow import Stage
from backend.publishing.releases import drafts, repository, service
from backend.publishing.releases.freezing import freeze
from backend.publishing.releases.selecting import choose
from tests.factories import (
    bearer,
    discard,
    edit,
    frame_ids_of,
    make_annotator,
    make_boxed_recording,
    make_boxes,
    make_maintainer,
    unique,
)


class Lab:
    """Three visits of three infants, two in train and one in test, and a dataset."""

    def __init__(self, session: Session, client: TestClient) -> None:
        self.session, self.client = session, client
        self.user = make_maintainer(session)
        self.headers = bearer(session, self.user)
        self.annotator = make_annotator(session)
        self.visits = [self._visit(age) for age in (7.5, 7.9, None)]
        self.dataset = drafts.create_dataset(session, self.user, name=unique("set"), title="Set")
        self.release = self.draft()

    def _visit(self, age: float | None) -> Recording:
        made = make_boxed_recording(self.session, self.annotator, frames=4, stage=Stage.ANNOTATING)
        made.age_months = age
        frames = frame_ids_of(self.session, made)
        edit(
            self.session, self.annotator, frames[0],
            SetVisibility(9, Visibility.OCCLUDED), SetVisibility(15, Visibility.ABSENT),
        )  # fmt: skip
        discard(self.session, self.annotator, frames[3])
        self.approve(made)
        return made

    def approve(self, recording: Recording) -> None:
        recording.stage = Stage.BOXING.value
        self.session.flush()
        make_boxes(self.session, recording)
        recording.stage = Stage.APPROVED.value
        self.session.flush()

    def draft(self) -> Release:
        release = drafts.create_release(
            self.session, self.user, self.dataset.id, version=None, change=Change.MINOR
        )
        settings = service.settings_of(release)
        settings.selection.recordings = [visit.id for visit in self.visits]
        drafts.edit(self.session, self.user, release.id, drafts.About(), settings)
        sides = dict(
            zip((v.infant_id for v in self.visits), ("train", "train", "test"), strict=True)
        )
        repository.put_splits(self.session, release.id, {k: (v, False) for k, v in sides.items()})
        self.session.commit()
        return release

    def freeze(self, release: Release) -> None:
        settings = service.settings_of(release)
        chosen = choose(self.session, settings.selection, ConsentScope(release.audience))
        freeze(self.session, release, chosen, settings.packaging)
        self.session.commit()

    def get(self, path: str, release: Release | None = None, **query: Any) -> Any:
        of = release or self.release
        answer = self.client.get(
            f"/api/v1/releases/{of.id}/{path}", params=query, headers=self.headers
        )
        while answer.status_code == 202:  # a draft that is being counted
            assert answer.json() == {"counting": True}
            sleep(0.05)
            answer = self.client.get(
                f"/api/v1/releases/{of.id}/{path}", params=query, headers=self.headers
            )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def total(self, **query: Any) -> int:
        total: int = self.get("frames", limit=1, **query)["total"]
        return total


class Corrected:
    """A frozen version, and a draft after corrections: two joints changed, a frame out."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.base = lab, lab.release
        lab.freeze(lab.release)
        visit = lab.visits[0]
        self.frames = frame_ids_of(lab.session, visit)
        visit.stage = Stage.ANNOTATING.value
        visit.round += 1
        shown = lab.get("frames", frame_id=self.frames[1])["frames"][0]["keypoints"]
        edit(
            lab.session, lab.annotator, self.frames[1],
            MoveJoint(5, shown[15] + 3, shown[16] + 4), SetVisibility(6, Visibility.OCCLUDED),
        )  # fmt: skip
        discard(lab.session, lab.annotator, self.frames[2])
        lab.approve(visit)
        self.draft = lab.draft()

    def get(self, path: str, **query: Any) -> Any:
        return self.lab.get(path, self.draft, base_id=self.base.id, **query)
