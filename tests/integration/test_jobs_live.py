"""Jobs as people watch them: live progress, cancelling, retrying, and words where one fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from tests.integration.people import LONG, Caller, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("integration")]


@dataclass
class Ear:
    """What a browser hears on the stream of events."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    opened: bool = False

    def read(self, address: str, headers: httpx.Headers) -> None:
        topic = ""
        # Nobody hangs up: the server ends the stream when it stops, in its way or in another.
        with (
            suppress(httpx.TransportError),
            httpx.stream("GET", address, headers=headers, timeout=60.0) as answer,
        ):
            assert answer.headers["content-type"].startswith("text/event-stream")
            for line in answer.iter_lines():
                self.opened = True
                name, _, value = line.partition(": ")
                if name == "event":
                    topic = value
                elif name == "data":
                    self.events.append((topic, json.loads(value)))

    def of_job(self, job_id: int) -> list[dict[str, Any]]:
        return [
            data for topic, data in list(self.events) if topic == "job" and data["id"] == job_id
        ]

    def stages_of(self, recording_id: int) -> list[str]:
        return [
            data["stage"]
            for topic, data in list(self.events)
            if topic == "recording" and data["id"] == recording_id
        ]


@contextmanager
def listening(caller: Caller) -> Iterator[Ear]:
    """Hear what happens from now on."""
    ear = Ear()
    address = f"{caller.server.url}/api/v1/events"
    Thread(target=ear.read, args=(address, caller.http.headers), daemon=True).start()
    wait_for("the stream of events to open", lambda: ear.opened)
    yield ear


def test_progress_arrives_while_the_job_runs(maintainer: Caller, long_video: Path) -> None:
    with listening(maintainer) as ear:
        recording_id, job_id = maintainer.import_video(long_video, "live progress")
        wait_for(
            "the news that the job has ended",
            lambda: any(event["state"] == "succeeded" for event in ear.of_job(job_id)),
        )
    news = ear.of_job(job_id)
    states = list(dict.fromkeys(event["state"] for event in news))
    assert states == ["queued", "running", "succeeded"]
    done = [event["done"] for event in news if event["state"] == "running"]
    assert done == sorted(done)
    assert len({n for n in done if 0 < n < LONG}) >= 2, "progress came only at the end"
    assert {event["total"] for event in news if event["state"] == "succeeded"} == {LONG}
    assert ear.stages_of(recording_id)[-1] == "ingested"


def test_a_cancelled_import_leaves_nothing_and_can_be_retried(
    maintainer: Caller, long_video: Path
) -> None:
    recording_id, job_id = maintainer.import_video(long_video, "cancelled")
    maintainer.wait_until_under_way(job_id)

    maintainer.post(f"/jobs/{job_id}/cancel")
    assert maintainer.wait_until_ended(job_id)["state"] == "cancelled"
    assert maintainer.http.get(f"/recordings/{recording_id}").status_code == 404
    blobs = maintainer.server.data_dir / "blobs" / "recordings" / str(recording_id)
    assert not [path for path in blobs.rglob("*") if path.is_file()]

    maintainer.post(f"/jobs/{job_id}/retry")
    job = maintainer.wait_until_ended(job_id)
    assert (job["state"], job["error"]) == ("succeeded", None)
    again = maintainer.get(f"/recordings/{job['recording']['id']}")
    assert (again["name"], again["stage"], again["frames"]) == ("cancelled", "ingested", LONG)


def test_pre_labels_without_weights_fail_with_the_way_to_get_them(
    maintainer: Caller, short_video: Path
) -> None:
    recording_id, job_id = maintainer.import_video(short_video, "no weights")
    maintainer.wait_until_ended(job_id)

    detail = maintainer.post(
        f"/recordings/{recording_id}/events", {"event": "prelabel", "model": "rtmo-l"}
    )
    job = maintainer.wait_until_ended(detail["active_job"]["id"])

    assert job["state"] == "failed"
    assert "The checkpoint rtmo-l is not on this machine" in job["error"]
    assert "infantnet weights pull rtmo-l" in job["error"]
    recording = maintainer.wait_for_stage(recording_id, "ingested")
    assert recording["prelabel_model"] is None
    first = maintainer.get(f"/recordings/{recording_id}/frames")["frames"][0]
    assert maintainer.get(f"/frames/{first['id']}")["candidates"] == []
