"""The demo's four-camera session, brought over HTTP to where bodies can be fitted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import uuid4

import httpx

from backend.demo.load import EVERY
from backend.demo.truth import FrameTruth, load_truth
from tests.integration.people import wait_for

NAME = "Play mat, four cameras (demo)"
_DEMO = "play_mat"


@dataclass(frozen=True)
class DemoPerson:
    """One of the demo's people, logged in with the password that the log-in page shows."""

    http: httpx.Client

    @classmethod
    def log_in(cls, url: str, role: str) -> DemoPerson:
        http = httpx.Client(base_url=f"{url}/api/v1", headers={"X-Infantnet": "1"}, timeout=60.0)
        logins = http.get("/auth/demo-logins").json()
        login = next(found for found in logins if found["roles"] == [role])
        answer = http.post(
            "/auth/login", json={"email": login["email"], "password": login["password"]}
        )
        assert answer.is_success, answer.text
        return cls(http)

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    def post(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        answer = self.http.post(path, json=body, headers=headers)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()


def session_id(person: DemoPerson) -> int:
    """The session's number, once it can be annotated."""

    def look() -> int | None:
        found = [r for r in person.get("/recordings")["items"] if r["name"] == NAME]
        ready = found and found[0]["stage"] == "prelabelled"
        return int(found[0]["id"]) if ready else None

    return wait_for("the demo's import", look)


def annotate(annotator: DemoPerson, recording_id: int, *, wrong: set[int]) -> None:
    """Keep every frame with its true joints; swap left and right in those of some moments.

    Args:
        annotator: Who does it.
        recording_id: The session.
        wrong: Moments, from 0, in which one view is told the wrong way round.
    """
    annotator.post(f"/recordings/{recording_id}/events", {"event": "start_annotating"})
    frames = annotator.get(f"/recordings/{recording_id}/frames")["frames"]
    truth = load_truth(_DEMO).cameras
    by_camera = groupby(sorted(frames, key=lambda f: f["camera_id"]), lambda f: f["camera_id"])
    for number, ((_, group), camera) in enumerate(zip(by_camera, truth, strict=True)):
        for frame in group:
            moment = frame["moment_index"]
            known = camera.frames[moment * EVERY[_DEMO]]
            swap = number == 0 and moment in wrong
            _keep(annotator, frame["id"], known, swap)


def _keep(annotator: DemoPerson, frame_id: int, known: FrameTruth, swap: bool) -> None:
    infant = known.infant
    if infant is None:
        verdict = {"type": "setVerdict", "verdict": "discard", "reason": "no_infant"}
        operations: list[dict[str, Any]] = [verdict]
    else:
        placed = zip(infant.joints2d.tolist(), infant.visibility.tolist(), strict=True)
        joints = [{"x": x if v else 0, "y": y if v else 0, "v": v} for (x, y), v in placed]
        operations = [{"type": "setSkeleton", "candidateId": None, "joints": joints}]
        operations += [{"type": "swapSides"}] * swap
        operations.append({"type": "setVerdict", "verdict": "keep"})
    version = annotator.get(f"/frames/{frame_id}")["annotation"]["version"]
    annotator.post(
        f"/frames/{frame_id}/operations",
        {"operation_id": str(uuid4()), "operations": operations},
        {"If-Match": f'"{version}"'},
    )


def approve_joints(annotator: DemoPerson, inspector: DemoPerson, recording_id: int) -> None:
    """Submit, look, approve: the boxes and masks that follow are used by the fits."""
    annotator.post(f"/recordings/{recording_id}/events", {"event": "submit"})
    frames = inspector.get(f"/recordings/{recording_id}/frames")["frames"]
    looks = [{"frame_id": frame["id"], "seconds": 2.0} for frame in frames]
    inspector.post(f"/recordings/{recording_id}/looks", {"round": 1, "looks": looks})
    inspector.post(f"/recordings/{recording_id}/marks", {"mark": "good", "only_unmarked": True})
    inspector.post(f"/recordings/{recording_id}/events", {"event": "approve_keypoints"})
    wait_for(
        "the boxes",
        lambda: inspector.get(f"/recordings/{recording_id}")["stage"] == "boxed" or None,
    )
