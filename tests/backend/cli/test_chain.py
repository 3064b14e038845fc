"""Import, follow, export: the command line before the running product with its workers."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import subprocess
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from backend.core.database.session import transaction
from backend.core.database.tables import Job, Recording
from backend.core.database.tables.jobs import JobKind, JobState
from backend.domain.workflow import Stage
from tests.backend.cli.conftest import Cli, command
from tests.factories import make_annotator, make_boxed_recording, unique
from tests.fixtures.server import Person, Server

pytestmark = pytest.mark.xdist_group("cli")  # one running product for all of them


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three images, one of them in a folder of its own, and a text file."""
    folder = tmp_path_factory.mktemp("frames")
    noise = np.random.default_rng(1)
    for name in ("a.jpg", "b.jpg", "more/c.png"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(noise.integers(0, 255, (48, 64, 3), dtype=np.uint8)).save(path)
    (folder / "notes.txt").write_text("not an image")
    return folder


def test_a_folder_of_images_becomes_a_recording(cli: Cli, images: Path) -> None:
    name = unique("folder")
    outcome = cli(
        *("import", "images", images, "--infant", "B07", "--name", name),
        *("--age-months", 9, "--consent", "research", "--json"),
    )
    assert outcome.code == 0, outcome.err
    recording = outcome.json["recording"]
    assert (recording["stage"], recording["frames"]) == ("ingested", 3)
    assert outcome.json["job"]["state"] == "succeeded"
    assert "infantnet prelabel" in outcome.err
    assert "\x1b" not in outcome.err

    shown = cli("recordings", "show", name).out
    assert "B07" in shown
    assert "9 months" in shown
    listed = cli("recordings", "list", "--find", name, "--json").json
    assert [r["id"] for r in listed] == [recording["id"]]


def test_an_import_that_is_not_waited_for_goes_on(cli: Cli, images: Path, tmp_path: Path) -> None:
    packed = tmp_path / "frames.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(images / "a.jpg", "a.jpg")
    words = ["import", "images", packed, "--infant", "B07", "--name", unique("zip")]
    outcome = cli(*words, "--no-wait", "--json")
    assert outcome.code == 0, outcome.err
    job = outcome.json["job"]
    waited = cli("jobs", "show", job["id"], "--wait", "--log", "--json")
    assert waited.code == 0, waited.err
    assert waited.json["state"] == "succeeded"


def test_a_text_file_named_mp4_is_refused_by_name_before_the_import_begins(
    cli: Cli, tmp_path: Path
) -> None:
    fake = tmp_path / "not-a-video.mp4"
    fake.write_text("I am text. " * 100)
    name = unique("fake")
    outcome = cli("import", "video", fake, "--infant", "B07", "--name", name)
    assert outcome.code == 1
    assert "not-a-video.mp4: this is a text file" in outcome.err
    assert "Traceback" not in outcome.err
    assert name not in cli("recordings", "list").out


def test_a_file_that_is_refused_is_named_and_trying_again_is_not_advised(
    cli: Cli, tmp_path: Path
) -> None:
    fake = tmp_path / "not-a-video.mp4"
    fake.write_text("I am text. " * 100)
    begun = cli("import", "video", fake, "--infant", "B07", "--no-wait", "--json")
    outcome = cli("jobs", "show", begun.json["job"]["id"], "--wait")
    assert outcome.code == 1
    assert "not-a-video.mp4" in outcome.err
    assert "infantnet jobs retry" not in outcome.err  # the same file would be refused again
    [failed, *_] = cli("jobs", "list", "--state", "failed", "--kind", "ingest", "--json").json
    again = cli("jobs", "retry", failed["id"])
    assert again.code == 1
    assert "not-a-video.mp4" in again.err


def test_an_empty_file_is_refused_by_name(cli: Cli, tmp_path: Path) -> None:
    empty = tmp_path / "empty.mp4"
    empty.touch()
    outcome = cli("import", "video", empty, "--infant", "B07")
    assert outcome.code == 1
    assert "empty.mp4 is empty" in outcome.err


def test_a_folder_without_images_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    outcome = cli("import", "images", tmp_path / "bare", "--infant", "B07")
    assert outcome.code == 1
    assert "no image" in outcome.err


def approved(server: Server) -> Recording:
    with transaction(server.engine) as session:
        return make_boxed_recording(session, make_annotator(session), stage=Stage.APPROVED)


def test_an_approved_recording_is_exported_to_a_file_that_pycocotools_reads(
    cli: Cli, server: Server, tmp_path: Path
) -> None:
    recording, out = approved(server), tmp_path / "out.json"
    outcome = cli("export", "coco", "--recording", recording.name, "--out", out)
    assert outcome.code == 0, outcome.err
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(out))
    assert len(coco.imgs) == len(coco.anns) == 3
    assert "3 images, 3 annotations" in outcome.err
    assert [path.name for path in tmp_path.glob(".*out*")] == []


def test_an_export_can_go_into_a_pipe(cli: Cli, server: Server) -> None:
    one, two = approved(server), approved(server)
    words = ["export", "coco", "--session", one.id, "--session", two.id, "--out", "-"]
    outcome = cli(*words)
    assert outcome.code == 0, outcome.err
    assert len(json.loads(outcome.out)["images"]) == 6


def test_what_is_not_approved_is_not_exported_and_an_old_file_stays(
    cli: Cli, server: Server, tmp_path: Path
) -> None:
    with transaction(server.engine) as session:
        recording = make_boxed_recording(session, make_annotator(session), stage=Stage.BOXED)
    out = tmp_path / "out.json"
    out.write_text("old")
    outcome = cli("export", "coco", "--session", recording.name, "--out", out)
    assert outcome.code == 1
    assert recording.name in outcome.err
    assert out.read_text() == "old"


def test_an_unknown_recording_is_named_and_similar_ones_are_shown(
    cli: Cli, server: Server, tmp_path: Path
) -> None:
    recording = approved(server)
    unknown = cli("recordings", "show", "no such thing")
    assert unknown.code == 1
    assert "no such thing" in unknown.err
    part = cli("recordings", "show", recording.name[:-2])
    assert part.code == 1
    assert recording.name in part.err


@pytest.fixture
def endless_job(server: Server) -> int:
    """A job that looks as if a worker were at it."""
    now = datetime.now(UTC)
    with transaction(server.engine) as session:
        job = Job(
            kind=JobKind.PULL_WEIGHTS.value,
            queue="cpu",
            payload={"name": "rtmo-l"},
            title="Fetch something large",
            state=JobState.RUNNING.value,
            started_at=now,
            heartbeat_at=datetime(2999, 1, 1, tzinfo=UTC),
        )
        session.add(job)
        session.flush()
        return job.id


def test_ctrl_c_leaves_the_job_running_and_says_so(
    server: Server, maintainer: Person, home: dict[str, str], endless_job: int, cli: Cli
) -> None:
    known = {"INFANTNET_URL": server.url, "INFANTNET_TOKEN": maintainer.token}
    watching = subprocess.Popen(
        command("jobs", "show", endless_job, "--wait"),
        env=home | known,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert watching.stderr is not None
    first = watching.stderr.readline()
    assert "Fetch something large" in first
    watching.send_signal(signal.SIGINT)
    _, rest = watching.communicate(timeout=60)
    assert watching.returncode == 130
    assert "continues on the server" in rest
    assert f"infantnet jobs cancel {endless_job}" in rest
    assert cli("jobs", "show", endless_job, "--json").json["state"] == "running"
    cancelled = cli("jobs", "cancel", endless_job)
    assert cancelled.code == 0
    assert "stops at its next step" in cancelled.err


def test_the_checkpoints_are_listed(cli: Cli) -> None:
    listed = {w["name"]: w for w in cli("weights", "list", "--json").json}
    assert not listed["rtmo-l"]["present"]
    assert {w["kind"] for w in listed.values() if w["in_use"]} == {"pose", "segment"}


def test_an_unknown_checkpoint_is_refused(cli: Cli) -> None:
    outcome = cli("weights", "pull", "yolo")
    assert outcome.code == 1
    assert "rtmo-l" in outcome.err


def test_doctor_finds_the_running_server_and_its_workers(cli: Cli, server: Server) -> None:
    deadline = time.monotonic() + 60
    while True:
        outcome = cli("doctor", "--json", INFANTNET_DATA=str(server.data_dir))
        found = {check["name"]: check for check in outcome.json}
        if found["workers"]["verdict"] == "ok" or time.monotonic() > deadline:
            break
    names = ("server", "database", "redis", "workers", "storage")
    assert {name: found[name]["verdict"] for name in names} == dict.fromkeys(names, "ok"), found


def test_models_do_not_run_over_an_approved_recording(cli: Cli, server: Server) -> None:
    outcome = cli("prelabel", approved(server).id)
    assert outcome.code == 1
    assert "not possible while" in outcome.err


def test_without_its_checkpoint_a_prelabel_job_fails_in_words_and_nothing_is_lost(
    cli: Cli, images: Path
) -> None:
    name = unique("unlabelled")
    assert cli("import", "images", images, "--infant", "B07", "--name", name).code == 0
    outcome = cli("prelabel", name, "--model", "rtmo-l")
    assert outcome.code == 1
    assert "infantnet weights pull" in outcome.err
    assert "Traceback" not in outcome.err
    assert cli("recordings", "show", name, "--json").json["stage"] == "ingested"
