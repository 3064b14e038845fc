"""An import is undone as a whole: rows, files and uploads, unless people's work would be lost."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from backend.core.database.session import transaction
from backend.core.database.tables import (
    AuditEntry,
    Dataset,
    Infant,
    Job,
    Recording,
    Release,
    ReleaseFrame,
    Upload,
    User,
)
from backend.domain.errors import Conflict, Forbidden
from backend.domain.posture_ranges import Stroke
from backend.domain.postures import label_of_posture
from backend.domain.workflow import Stage
from backend.labelling.postures import service as postures
from backend.overview.undoing import service
from tests.factories import accept, frame_ids_of, make_annotator
from tests.worker.bench import Bench, archive, png, video
from tests.worker.pipelines.test_import import coco


def imported(bench: Bench, name: str = "Visit 1") -> int:
    job = bench.images(("a.zip", archive({"a.png": png()})), coco=coco(),
                       name=name)  # fmt: skip
    assert job.error is None
    return job.recording_id or 0


def asked(bench: Bench, recording_id: int) -> int:
    with transaction(bench.engine) as session:
        user = session.get_one(User, bench.maintainer_id)
        return service.begin(session, user, recording_id).id


def undone(bench: Bench, recording_id: int) -> Job:
    return bench.run(asked(bench, recording_id))


def told(bench: Bench, recording_id: int) -> tuple[dict[str, int], dict[str, int]]:
    with transaction(bench.engine) as session:
        user = session.get_one(User, bench.maintainer_id)
        found = service.what_undoing_does(session, user, recording_id)
        return {c.name: c.count for c in found.goes}, {c.name: c.count for c in found.prevents}


@pytest.mark.parametrize("kind", ["coco", "video"])
def test_an_undone_import_leaves_its_job_and_a_record_of_the_act(bench: Bench, kind: str) -> None:
    if kind == "coco":
        recording_id = imported(bench)
    else:
        recording_id = bench.videos(("crib.mp4", video(frames=3))).recording_id or 0
    goes, prevents = told(bench, recording_id)
    assert (goes["frames"], prevents) == ((3 if kind == "video" else goes["images"]), {})

    job = undone(bench, recording_id)

    assert (job.state, job.error, job.recording_id) == ("succeeded", None, None)
    bench.assert_nothing_is_left()
    assert bench.all(Upload) == []
    assert bench.all(Infant) == []
    (act,) = [e for e in bench.all(AuditEntry) if e.action == "import_undone"]
    assert (act.actor_id, act.subject_id) == (bench.maintainer_id, recording_id)
    assert act.details["frames"] == goes["frames"]


def test_another_import_of_the_same_infant_stays_whole(bench: Bench) -> None:
    first, second = imported(bench), imported(bench, "Visit 2")
    kept = [f for f in bench.files() if f.startswith(f"recordings/{second}/")]

    undone(bench, first)

    assert bench.files() == kept
    assert [r.id for r in bench.all(Recording)] == [second]
    assert len(bench.all(Infant)) == 1


def test_a_worker_that_died_after_the_rows_is_followed_by_one_that_removes_the_files(
    bench: Bench,
) -> None:
    recording_id = imported(bench)
    job_id = asked(bench, recording_id)
    with transaction(bench.engine) as session:
        assert service.take_out(session, recording_id, bench.maintainer_id)
    assert bench.files() != []

    job = bench.run(job_id)

    assert (job.state, job.error) == ("succeeded", None)
    bench.assert_nothing_is_left()


def work(bench: Bench, recording_id: int) -> None:
    """Somebody keeps the first frame."""
    with transaction(bench.engine) as session:
        recording = session.get_one(Recording, recording_id)
        annotator = make_annotator(session)
        recording.annotator_id, recording.stage = annotator.id, Stage.ANNOTATING.value
        accept(session, annotator, frame_ids_of(session, recording)[0])


def name_posture(bench: Bench, recording_id: int) -> None:
    """Somebody says which posture the first moment has."""
    with transaction(bench.engine) as session:
        recording = session.get_one(Recording, recording_id)
        annotator = make_annotator(session)
        recording.annotator_id, recording.stage = annotator.id, Stage.ANNOTATING.value
        session.flush()
        stroke = Stroke(0, 0, label_of_posture("rolling"))
        postures.paint_postures(
            session, annotator, recording_id, [stroke], version=0, operation_id=uuid.uuid4()
        )


def freeze(bench: Bench, recording_id: int) -> None:
    """A release holds the first frame."""
    with transaction(bench.engine) as session:
        recording = session.get_one(Recording, recording_id)
        (frame, *_) = frame_ids_of(session, recording)
        dataset = Dataset(name="Set", title="Set")
        session.add(dataset)
        session.flush()
        release = Release(dataset_id=dataset.id, version="1.0.0", audience="research", settings={})
        session.add(release)
        session.flush()
        facts: dict[str, Any] = dict.fromkeys(("camera_id", "moment_id", "box_version"), 1)
        box = dict.fromkeys(("box_x", "box_y", "box_width", "box_height"), 1.0)
        session.add(
            ReleaseFrame(
                release_id=release.id, frame_id=frame, recording_id=recording_id,
                infant_id=recording.infant_id, split="train", file_name="a.png",
                image_sha256="0" * 64, width=64, height=48, annotation_version=1,
                keypoints=[0.0] * 51, **facts, **box,
            )
        )  # fmt: skip


@pytest.mark.parametrize(
    ("built", "kind", "words"),
    [
        (work, "annotated", "1 frame that people annotated"),
        (name_posture, "postures", "1 change of postures"),
        (freeze, "released", "releases? hold"),
    ],
)
def test_what_people_built_on_it_prevents_the_undoing(
    bench: Bench, built: Any, kind: str, words: str
) -> None:
    recording_id = imported(bench)
    late = asked(bench, recording_id)
    built(bench, recording_id)
    before = bench.files()
    assert told(bench, recording_id)[1] == {kind: 1}

    with pytest.raises(Conflict, match=words):
        asked(bench, recording_id)

    # One that was asked for before finds it out as well.
    job = bench.run(late)
    assert job.state == "failed"
    assert re.search(words, job.error or "")
    assert bench.files() == before
    assert [r.id for r in bench.all(Recording)] == [recording_id]


def test_only_a_maintainer_undoes_and_only_once_at_a_time(bench: Bench) -> None:
    recording_id = imported(bench)
    with transaction(bench.engine) as session, pytest.raises(Forbidden):
        service.begin(session, make_annotator(session), recording_id)
    asked(bench, recording_id)
    with pytest.raises(Conflict, match="already"):
        asked(bench, recording_id)
