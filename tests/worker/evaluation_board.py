"""A lab with a published release, to whose leaderboards predictions are sent."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Job,
    Recording,
)
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import open_body
from backend.multiview.fits.proposals import store_fits
from backend.publishing.releases import drafts
from backend.publishing.releases.settings import Images, ReleaseSettings
from tests.backend.multiview.fits.making import make_calibration, make_run, propose, verify_fits
from tests.factories import bearer
from tests.worker.bench import Bench
from tests.worker.release_lab import Lab, furnish
from worker.tools.__main__ import main as tools

POSTURES = ("supine_lying", "sitting_without_support", "standing")
VISITS, FRAMES = 6, 2
SEEN_FROM = np.array([[0.0, 0, 1, 0.2], [0, 1, 0, 0.1], [-1, 0, 0, 3], [0, 0, 0, 1]])
"""Where the camera of fitted recordings stands: a quarter turn about y, and aside."""


class Board:
    """A lab with a published release of six infants in its test split, and its web server."""

    def __init__(self, bench: Bench, client: TestClient) -> None:
        self.lab = Lab(bench, furnish(bench, visits=VISITS, frames=FRAMES))
        self.bench = bench
        self.client = client
        with transaction(bench.engine) as session:
            self.headers = bearer(session, self.lab.me(session))
            for key in self.lab.recordings[:3]:
                fit_bodies(session, session.get_one(Recording, key))
        self.lab.settings(self.lab.release, without_images)
        self.assign(self.lab.release)
        release = self.lab.check(self.lab.release)
        assert release.state == "checked", release.gate
        with transaction(bench.engine) as session:
            for i, name in enumerate(POSTURES):
                session.execute(
                    text("UPDATE release_frames SET posture = :name WHERE frame_id % 3 = :i"),
                    {"name": name, "i": i},
                )
        job = self.lab.publish(self.lab.release)
        assert job.state == "succeeded", job.error
        self.truth: dict[str, Any] = json.loads(
            self.lab.files(self.lab.release)["annotations/test.json"]
        )

    def assign(self, release: int) -> None:
        with transaction(self.bench.engine) as session:
            infants = [session.get_one(Recording, k).infant_id for k in self.lab.recordings]
            drafts.assign(session, self.lab.me(session), release, dict.fromkeys(infants, "test"))

    def results(self, seed: int = 1, scale: float = 3.0) -> list[dict[str, Any]]:
        """COCO results near the truth: some people missed, some joints on the other side."""
        rng = np.random.default_rng(seed)
        found = []
        for i, annotation in enumerate(self.truth["annotations"]):
            joints = np.array(annotation["keypoints"], float).reshape(17, 3)
            joints[:, :2] += rng.normal(0, scale, (17, 2))
            if i == 3:
                joints[[9, 10]] = joints[[10, 9]]
            if i != 5:
                found.append(
                    {
                        "image_id": annotation["image_id"],
                        "category_id": annotation["category_id"],
                        "keypoints": joints.ravel().tolist(),
                        "score": round(float(rng.uniform(0.3, 1)), 3),
                    }
                )
        return found

    def post(self, name: str, data: bytes, **said: Any) -> Any:
        body = {"split": "test", "model": "pose-net", "setting": "zero-shot"} | said
        upload = self.bench.upload(name, data)
        path = f"/api/v1/releases/{body.pop('release', self.lab.release)}/evaluations"
        return self.client.post(path, json=body | {"upload_id": upload}, headers=self.headers)

    def evaluate(self, name: str, data: bytes, **said: Any) -> tuple[int, Job]:
        answer = self.post(name, data, **said)
        assert answer.status_code == 202, answer.text
        return answer.json()["evaluation"]["id"], self.bench.run(answer.json()["job"]["id"])

    def measured(self, name: str, data: bytes, **said: Any) -> int:
        key, job = self.evaluate(name, data, **said)
        assert job.state == "succeeded", job.error
        return key

    @cached_property
    def plain(self) -> int:
        """The evaluation of :meth:`results`, which several tests look at."""
        return self.measured("results.json", as_json(self.results()))

    def get(self, path: str, **params: Any) -> Any:
        answer = self.client.get(f"/api/v1{path}", params=params, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def leaderboard(self) -> Any:
        return self.get(f"/releases/{self.lab.release}/evaluations")

    def by_tool(self, folder: Path, truth: str, name: str, data: bytes, *options: str) -> Any:
        """What ``infantnet tools evaluate`` says of the release's own file."""
        released = self.lab.pull(self.lab.release, folder / "release")
        (folder / name).write_bytes(data)
        out = folder / "found.json"
        files = (f"{released}/{truth}", f"{folder}/{name}", "--json", str(out))
        assert tools(["evaluate", *files, *options]) == 0
        return json.loads(out.read_text())


def without_images(settings: ReleaseSettings) -> None:
    settings.packaging.images = Images.NONE


def fit_bodies(session: Session, recording: Recording) -> None:
    """A verified fit of the open infant body for every moment."""
    calibration = make_calibration(session, recording)
    calibration.cameras = [
        camera | {"T_camera_world": SEEN_FROM.tolist()} for camera in calibration.cameras
    ]
    run = make_run(session, recording)
    body = open_body()
    run.body_sha256 = body.sha256
    rng = np.random.default_rng(recording.id)
    proposals = []
    for proposal in propose(session, recording):
        pose, place = rng.normal(0, 0.2, 72), rng.normal((0, 0, 2), 0.3)
        posed = pose_body(body, run.betas, pose, run.scale, place)
        proposals.append(
            replace(
                proposal,
                pose=pose,
                translation=place,
                joints=posed.coco,
                body_joints=posed.joints,
            )
        )
    store_fits(session, recording, run, proposals, replace_verified=False)
    verify_fits(session, recording)


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def archive(arrays: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()
