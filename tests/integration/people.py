"""People who speak to a running product over HTTP, and what they send."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import av
import httpx
import numpy as np

from tests.fixtures.server import Person, Server

T = TypeVar("T")
ENDED = ("succeeded", "failed", "cancelled")
LONG = 160 * min(max(os.cpu_count() or 2, 2), 10)
"""Frames of the video whose import can be interrupted: seconds of work for all cores."""
PATIENCE_S = 180.0
"""How long to wait for what must come; generous, because the machine may be busy."""


def wait_for(what: str, look: Callable[[], T | None], seconds: float = PATIENCE_S) -> T:
    """Look again and again until there is something to see.

    Raises:
        AssertionError: it did not come.
    """
    deadline = time.monotonic() + seconds
    while True:
        if seen := look():
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.1)


class Caller:
    """Somebody with an API token."""

    def __init__(self, server: Server, person: Person) -> None:
        self.server = server
        self.http = httpx.Client(
            base_url=f"{server.url}/api/v1",
            headers={"Authorization": f"Bearer {person.token}"},
            timeout=60.0,
        )

    def get(self, path: str, **query: Any) -> Any:
        return self._checked(self.http.get(path, params=query))

    def post(self, path: str, body: Any = None) -> Any:
        return self._checked(self.http.post(path, json=body))

    def _checked(self, answer: httpx.Response) -> Any:
        assert answer.is_success, f"{answer.request.url}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def begin_upload(self, path: Path) -> int:
        return int(
            self.post("/uploads", {"filename": path.name, "size": path.stat().st_size})["id"]
        )

    def send(self, upload_id: int, offset: int, data: bytes) -> httpx.Response:
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/octet-stream"}
        return self.http.patch(f"/uploads/{upload_id}", content=data, headers=headers)

    def upload(self, path: Path) -> int:
        upload_id = self.begin_upload(path)
        self._checked(self.send(upload_id, 0, path.read_bytes()))
        return upload_id

    def import_video(self, path: Path, name: str, every: int = 1) -> tuple[int, int]:
        """Begin an import; returns the ids of the recording and of the job."""
        return self.import_upload(self.upload(path), name, every)

    def import_upload(self, upload_id: int, name: str, every: int = 1) -> tuple[int, int]:
        """As :meth:`import_video`, of a file that is already there."""
        answer = self.post(
            "/recordings/import",
            {
                "kind": "video",
                "name": name,
                "source": "other",
                "infant": {"pseudonym": f"infant of {name}"},
                "consent": "research",
                "cameras": [{"name": "camera 1", "upload_id": upload_id}],
                "sampling": {"mode": "every", "value": every},
            },
        )
        return answer["recording"]["id"], answer["job"]["id"]

    def job(self, job_id: int) -> dict[str, Any]:
        return dict(self.get(f"/jobs/{job_id}"))

    def wait_while(self, job_id: int, *states: str) -> dict[str, Any]:
        """The job once it is in none of these states any more."""
        return wait_for(
            f"job {job_id} to leave {states}",
            lambda: job if (job := self.job(job_id))["state"] not in states else None,
        )

    def wait_until_ended(self, job_id: int) -> dict[str, Any]:
        return self.wait_while(job_id, "queued", "running")

    def wait_until_under_way(self, job_id: int) -> dict[str, Any]:
        """The job once it has done something, and before it has done everything.

        Raises:
            AssertionError: it ended too early for the test to say anything.
        """

        def look() -> dict[str, Any] | None:
            job = self.job(job_id)
            assert job["state"] not in ENDED, f"the job is too short for this test: {job}"
            return job if job["done"] > 0 else None

        return wait_for(f"job {job_id} to be under way", look)

    def wait_for_stage(self, recording_id: int, stage: str) -> dict[str, Any]:
        return wait_for(
            f"stage {stage} of recording {recording_id}",
            lambda: (
                found
                if (found := self.get(f"/recordings/{recording_id}"))["stage"] == stage
                else None
            ),
        )


def make_video(path: Path, frames: int, size: tuple[int, int] = (320, 240)) -> Path:
    """Write a video of noise; long ones cost nothing, because few pictures are repeated."""
    width, height = size
    rng = np.random.default_rng(7)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        pictures = []
        for _ in range(8):
            coarse = rng.integers(0, 255, (height // 16, width // 16, 3), np.uint8)
            picture = np.kron(coarse, np.ones((16, 16, 1), np.uint8))
            pictures += stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24"))
        stored = [bytes(packet) for packet in pictures]
        for number in range(frames):
            packet = av.Packet(stored[number % len(stored)])
            packet.stream = stream
            packet.time_base = Fraction(1, 30)
            packet.pts = packet.dts = number
            packet.is_keyframe = True
            container.mux(packet)
    return path
