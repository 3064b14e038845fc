"""What is left when processes are killed: nothing acknowledged is lost, nothing is done twice."""

from __future__ import annotations

import hashlib
import os
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import httpx
import psutil
import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import AnnotationRevision, Job, RangeAct
from backend.core.jobs.service import LOST_AFTER
from backend.domain.workflow import Role
from tests.factories import frame_ids_of, make_candidates, make_recording
from tests.fixtures.server import Server, start_server
from tests.integration.conftest import ENVIRONMENT
from tests.integration.people import LONG, Caller, wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("integration")]


def process_of(server: Server, name: str) -> psutil.Process:
    """A process that the supervisor keeps: ``web``, ``worker-cpu`` …"""
    number = (server.data_dir / "run" / f"{name}.pid").read_text().split()[0]
    return psutil.Process(int(number))


def kill_those_who_run_jobs(server: Server) -> None:
    """Kill the children of the worker; the worker itself finds out."""
    for child in process_of(server, "worker-cpu").children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()


def let_the_sign_of_life_grow_old(server: Server, job_id: int) -> None:
    """As if half a minute had passed in which nobody worked on the job.

    A worker that still lived would overwrite this within a second.
    """
    with transaction(server.engine) as session:
        ago = Job.heartbeat_at - LOST_AFTER - timedelta(seconds=5)
        session.execute(update(Job).where(Job.id == job_id).values(heartbeat_at=ago))


def test_a_job_whose_worker_was_killed_is_done_by_the_next_one(
    server: Server, maintainer: Caller, long_video: Path
) -> None:
    recording_id, job_id = maintainer.import_video(long_video, "killed worker")
    maintainer.wait_until_under_way(job_id)

    kill_those_who_run_jobs(server)
    let_the_sign_of_life_grow_old(server, job_id)

    job = maintainer.wait_until_ended(job_id)
    assert (job["state"], job["error"], job["attempt"]) == ("succeeded", None, 2)
    log = [line["message"] for line in maintainer.get(f"/jobs/{job_id}/log")]
    assert "The worker stopped without a message; starting again." in log
    frames = maintainer.get(f"/recordings/{recording_id}/frames")["frames"]
    assert [frame["position"] for frame in frames] == list(range(LONG))
    assert maintainer.get(f"/recordings/{recording_id}")["stage"] == "ingested"


def test_every_acknowledged_save_is_there_after_the_web_server_was_killed(server: Server) -> None:
    annotator = Caller(server, server.add_person("Anna", [Role.ANNOTATOR]))
    with transaction(server.engine) as session:
        me = annotator.get("/auth/me")["id"]
        recording = make_recording(session, frames=1)
        recording.annotator_id = me
        make_candidates(session, recording)
        frame_id = frame_ids_of(session, recording)[0]
    saves = Saves(annotator, frame_id)
    web = process_of(server, "web")

    with saves.under_way():
        wait_for("some saves", lambda: len(saves.acknowledged) >= 5)
        web.send_signal(signal.SIGKILL)

    wait_for("the web server to be back", lambda: is_ready(server))
    frame = annotator.get(f"/frames/{frame_id}")["annotation"]
    last_version, last_x = saves.acknowledged[-1]
    # One more may have been written whose answer never arrived.
    assert frame["version"] - last_version in (0, 1)
    assert frame["joints"][0]["x"] - last_x in (0, 1)
    again = saves.send_last()  # the one without an answer
    assert again.status_code == 200
    assert again.json()["joints"][0]["x"] == last_x + 1
    history = annotator.get(f"/frames/{frame_id}/history")
    assert len({entry["version"] for entry in history}) == len(history)
    assert max(entry["version"] for entry in history) == last_version + 1


class Saves:
    """Somebody who moves the nose one pixel to the right, over and over."""

    def __init__(self, caller: Caller, frame_id: int) -> None:
        self.caller = caller
        self.path = f"/frames/{frame_id}/operations"
        self.acknowledged: list[tuple[int, float]] = []
        self.version = int(caller.get(f"/frames/{frame_id}")["annotation"]["version"])
        self.x = 100.0
        self.operation_id = ""
        self.stop = Event()

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Save until nobody answers any more."""
        thread = Thread(target=self._save)
        thread.start()
        try:
            yield
        finally:
            thread.join(60)
            self.stop.set()
        assert not thread.is_alive(), "the web server went on answering"

    def _save(self) -> None:
        with suppress(httpx.TransportError):
            while not self.stop.is_set():
                self.operation_id = str(uuid.uuid4())
                answer = self.send_last()
                assert answer.status_code == 200, answer.text
                self.version, self.x = answer.json()["version"], self.x + 1
                self.acknowledged.append((self.version, self.x))

    def send_last(self) -> httpx.Response:
        move = {"type": "moveJoint", "joint": 0, "x": self.x + 1, "y": 60.0}
        return self.caller.http.post(
            self.path,
            json={"operation_id": self.operation_id, "operations": [move]},
            headers={"If-Match": f'"{self.version}"'},
        )


def test_a_range_whose_web_server_was_killed_between_two_rows_is_done_whole_or_not_at_all(
    server: Server,
) -> None:
    annotator = Caller(server, server.add_person("Rita", [Role.ANNOTATOR]))
    with transaction(server.engine) as session:
        recording = make_recording(session, frames=6)
        recording.annotator_id = annotator.get("/auth/me")["id"]
        make_candidates(session, recording)
        recording_id = recording.id
        *frames, beside = frame_ids_of(session, recording)
    path = f"/recordings/{recording_id}/ranges/verdict"
    act = {
        "operation_id": str(uuid.uuid4()),
        "frames": frames,
        "versions": [1] * len(frames),
        "verdict": "discard",
        "reason": "motion_blur",
    }

    with stuck_at(server, str(act["operation_id"]), frames[3], beside):
        first = Thread(target=lambda: suppress_lost(lambda: annotator.http.post(path, json=act)))
        first.start()
        wait_for("the act to be half written", lambda: waits_for_a_row(server), 30)
        process_of(server, "web").send_signal(signal.SIGKILL)
        first.join(60)
    wait_for("the web server to be back", lambda: is_ready(server))
    wait_for("what was half written to be gone", lambda: not waits_for_a_row(server))
    states = annotator.get(f"/recordings/{recording_id}/frames")["frames"]
    assert [frame["state"] for frame in states] == ["undecided"] * 6
    assert written_by(server, str(act["operation_id"])) == (0, 0)

    for _ in range(2):  # the editor sends again what had no answer
        answer = annotator.post(path, act)
        assert (answer["frames"], answer["states"]) == (frames, ["discarded"] * 5)
    assert written_by(server, str(act["operation_id"])) == (1, 5)


@contextmanager
def stuck_at(server: Server, operation_id: str, frame_id: int, beside: int) -> Iterator[None]:
    """While rows of an act are written, the one of this frame has to wait.

    Each row has an id of its own, which somebody else, who writes to the frame ``beside``, took and
    did not yet commit.
    """
    taken = hashlib.md5(f"{operation_id}:{frame_id}".encode(), usedforsecurity=False)
    with Session(server.engine) as session:
        session.add(
            AnnotationRevision(
                frame_id=beside,
                version=99,
                round=1,
                model="somebody else",
                operation_id=uuid.UUID(taken.hexdigest()),
                operations=[],
                verdict="undecided",
                state="undecided",
            )
        )
        session.flush()
        yield
        session.rollback()


def suppress_lost(send: Callable[[], object]) -> None:
    """Send what will have no answer."""
    with suppress(httpx.TransportError):
        send()


def waits_for_a_row(server: Server) -> bool:
    """Whether a session of the database is in the middle of writing rows of a range."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO annotation_revisions%'"
    )
    with server.engine.connect() as connection:
        return bool(connection.scalar(query))


def written_by(server: Server, operation_id: str) -> tuple[int, int]:
    """How many acts have this id, and how many revisions belong to them."""
    with Session(server.engine) as session:
        of = select(RangeAct.id).where(RangeAct.operation_id == uuid.UUID(operation_id))
        revisions = select(func.count()).where(AnnotationRevision.range_act_id.in_(of))
        return len(session.scalars(of).all()), session.scalars(revisions).one()


def is_ready(server: Server) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{server.url}/readyz", timeout=10).is_success
    return False


def test_an_upload_goes_on_after_everything_was_killed(tmp_path: Path, short_video: Path) -> None:
    data = short_video.read_bytes()
    half = len(data) // 2
    folder = tmp_path / "data"
    with start_server(folder, ENVIRONMENT) as server:
        person = server.add_person("Mara", [Role.MAINTAINER])
        maintainer = Caller(server, person)
        upload_id = maintainer.begin_upload(short_video)
        assert maintainer.send(upload_id, 0, data[:half]).json()["offset"] == half
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()

    with start_server(folder, ENVIRONMENT) as server:
        maintainer = Caller(server, person)
        offset = maintainer.get(f"/uploads/{upload_id}")["offset"]
        assert offset == half
        assert maintainer.send(upload_id, offset, data[offset:]).json()["complete"]
        recording_id, job_id = maintainer.import_upload(upload_id, "went on")
        assert maintainer.wait_until_ended(job_id)["error"] is None
        assert maintainer.get(f"/recordings/{recording_id}")["frames"] == 8
