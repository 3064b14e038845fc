"""The files of a release: what is in them, and what becomes of attempts that fail."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Attempt,
    Camera,
    Candidate,
    Frame,
    Infant,
    Recording,
    ReleaseFrame,
    User,
)
from backend.core.jobs import service as jobs
from backend.domain.attempts import Purpose
from backend.domain.consents import ConsentScope
from backend.domain.operations import MoveJoint
from backend.domain.releases.lifecycle import ReleaseState
from backend.domain.workflow import Stage
from backend.publishing.releases import drafts, repository, service
from backend.publishing.releases.people import images_of
from backend.publishing.releases.publishing import SUMS
from backend.publishing.releases.settings import Images
from tests.factories import edit, frame_ids_of, make_annotator
from tests.worker.bench import png
from tests.worker.release_lab import Lab
from worker.context import JobContext
from worker.media.images import decode_image
from worker.pipelines.write_release import ReleaseWriter


def test_a_published_release_holds_every_file_with_its_hash(published_lab: Lab) -> None:
    lab = published_lab
    release = lab.row(lab.release)
    files = lab.files(release.id)
    listed = dict(reversed(line.split("  ", 1)) for line in files[SUMS].decode().splitlines())
    assert set(listed) == set(files) - {SUMS}
    assert all(hashlib.sha256(files[path]).hexdigest() == listed[path] for path in listed)
    assert release.content_sha256 == hashlib.sha256(files[SUMS]).hexdigest()
    assert (release.frames, release.files) == (12, len(files))
    sides = [json.loads(files[f"annotations/{name}.json"]) for name in ("train", "val", "test")]
    images = {image["file_name"] for side in sides for image in side["images"]}
    assert images == {path for path in files if path.startswith("images/")}
    assert {"README.md", "CITATION.cff", "provenance.parquet"} < set(files)


def test_the_page_for_people_names_every_kind_of_file(published_lab: Lab) -> None:
    files = published_lab.files(published_lab.row(published_lab.release).id)
    readme = files.pop("README.md").decode()
    tops = {path.partition("/")[0] for path in files}
    assert "masking.json" in tops
    assert not [top for top in tops if f"`{top}" not in readme]
    assert "\nlicense: CC-BY-NC-4.0\n" in files["CITATION.cff"].decode()


def test_the_description_for_machines_is_valid(
    published_lab: Lab, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lab = published_lab
    import mlcroissant

    release = lab.row(lab.release)
    files = lab.files(release.id)
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    described = mlcroissant.Dataset(str(tmp_path / "croissant.json"))
    assert not described.metadata.issues.errors
    assert "not standard" not in caplog.text
    records = list(described.records("train_annotations"))
    document = json.loads(files["annotations/train.json"])
    assert len(records) == len(document["annotations"])
    images = [record["train_images/id"] for record in described.records("train_images")]
    assert {record["train_annotations/image_id"] for record in records} == set(images)
    sheet = files["datasheet.md"].decode()
    assert "| home_visit | train |" in sheet
    assert "There are no cameras in this release." in sheet
    assert "An inspector approved 0 of" in sheet


def test_names_that_people_gave_stay_inside_the_group(lab: Lab) -> None:
    lab.settings(lab.release, lambda s: None)
    with transaction(lab.bench.engine) as session:
        about = drafts.About(audience=ConsentScope.RESEARCH)
        drafts.edit(session, lab.me(session), lab.release, about)
        names = [session.get_one(Recording, key).name for key in lab.recordings]
    lab.published(lab.release)
    for path, data in lab.files(lab.release).items():
        if not path.startswith("images/"):
            assert not any(name.encode() in data for name in names), path


def test_an_image_that_lost_its_metadata_at_import_is_given_out_as_stored_and_known_as_it_came(
    lab: Lab,
) -> None:
    came = "c" * 64
    with transaction(lab.bench.engine) as session:
        about = drafts.About(audience=ConsentScope.INTERNAL)
        drafts.edit(session, lab.me(session), lab.release, about)
        recording = session.get_one(Recording, lab.recordings[0])
        frame = session.get_one(Frame, frame_ids_of(session, recording)[0])
        stored = decode_image(lab.storage.read(frame.image_key), "a.png").data
        lab.storage.put(frame.image_key, stored)
        frame.sha256, frame.stored_sha256 = came, hashlib.sha256(stored).hexdigest()
        number = frame.id
    lab.settings(lab.release, lambda s: setattr(s.packaging, "images", Images.STORED))
    lab.published(lab.release)
    files = lab.files(lab.release)
    sides = [json.loads(files[f"annotations/{name}.json"]) for name in ("train", "val", "test")]
    (image,) = [i for side in sides for i in side["images"] if i["id"] == number]
    assert image["infantnet"]["sha256"] == came
    assert files[image["file_name"]] == stored


def written(lab: Lab, context: JobContext, attempt: str) -> dict[str, str]:
    """Write the files of a release, as its job would; hash by path."""
    scratch = lab.bench.settings.data_dir / attempt
    scratch.mkdir()
    files = ReleaseWriter(context, lab.release, f"{attempt}/", scratch).write()
    return {file.path: file.sha256 for file in files}


def test_the_same_rows_give_the_same_files(checked_lab: Lab) -> None:
    lab = checked_lab
    with transaction(lab.bench.engine) as session:
        job = service.request_publication(session, lab.me(session), lab.release)
        assert jobs.claim(session, job.id) is job
        context = JobContext(job.id, None, dict(job.payload), 0, job.claims, lab.bench.settings)
    first, second = written(lab, context, "one"), written(lab, context, "two")
    assert first == second
    assert len(first) > 12


def test_recordings_and_infants_that_are_described_anew_leave_a_checked_release_as_it_was(
    lab: Lab,
) -> None:
    with transaction(lab.bench.engine) as session:
        about = drafts.About(audience=ConsentScope.INTERNAL)
        drafts.edit(session, lab.me(session), lab.release, about)
    assert lab.check(lab.release).state == "checked"
    with transaction(lab.bench.engine) as session:
        job = service.request_publication(session, lab.me(session), lab.release)
        assert jobs.claim(session, job.id) is job
        context = JobContext(job.id, None, dict(job.payload), 0, job.claims, lab.bench.settings)
    before = written(lab, context, "one")
    with transaction(lab.bench.engine) as session:
        for number, key in enumerate(lab.recordings):
            recording = session.get_one(Recording, key)
            recording.name, recording.age_months = f"renamed {number}", 50.0 + number
            recording.prelabel_model = "another"
            infant = session.get_one(Infant, recording.infant_id)
            infant.pseudonym, infant.sex = f"other-{number}", "male"
        for camera in session.scalars(select(Camera)):
            camera.name = f"renamed {camera.id}"
    lab.consent(lab.recordings[1], ConsentScope.PUBLIC)

    assert written(lab, context, "two") == before


def test_what_people_change_after_the_check_is_not_in_the_release(checked_lab: Lab) -> None:
    lab = checked_lab
    with transaction(lab.bench.engine) as session:
        recording = session.get_one(Recording, lab.recordings[0])
        recording.stage = Stage.ANNOTATING.value
        frame = frame_ids_of(session, recording)[0]
        before = session.get_one(ReleaseFrame, (lab.release, frame)).keypoints
        edit(session, session.get_one(User, lab.annotator), frame, MoveJoint(0, 11.0, 12.0))
    assert lab.publish(lab.release).state == "succeeded"
    for name in ("train", "val", "test"):
        document = json.loads(lab.files(lab.release)[f"annotations/{name}.json"])
        for annotation in document["annotations"]:
            if annotation["image_id"] == frame:
                assert annotation["keypoints"][0] + 0.5 == before[0]
                return
    pytest.fail("the frame is in no split")


def test_an_image_that_changed_in_the_store_is_not_released(checked_lab: Lab) -> None:
    lab = checked_lab
    with Session(lab.bench.engine) as session:
        key = session.get_one(Frame, lab.bench.all(ReleaseFrame)[0].frame_id).image_key
    lab.storage.put(key, png(8, 8))
    job = lab.publish(lab.release)
    assert job.state == "failed"
    assert "not the one that was imported" in str(job.error)
    assert lab.row(lab.release).state == ReleaseState.CHECKED.value
    with Session(lab.bench.engine) as session:
        assert repository.files(session, lab.release) == []


def test_heads_are_masked_and_metadata_left_behind(published_lab: Lab) -> None:
    lab = published_lab
    files = lab.files(lab.release)
    with Session(lab.bench.engine) as session:
        for row in lab.bench.all(ReleaseFrame):
            stored = Image.open(
                io.BytesIO(lab.storage.read(session.get_one(Frame, row.frame_id).image_key))
            )
            released = Image.open(io.BytesIO(files[row.file_name]))
            assert released.size == stored.size
            assert stored.info["Comment"] == "filmed at home"
            assert released.info == {}
            x, y = (int(value) for value in row.keypoints[:2])
            nose = (slice(y - 8, y + 8), slice(x - 8, x + 8))
            assert np.asarray(stored)[nose].std() > 40
            assert np.asarray(released)[nose].std() < 10
            assert np.array_equal(np.asarray(stored)[-5:], np.asarray(released)[-5:])
    told = json.loads(files["masking.json"])
    assert sum(told["images_by_ground"].values()) == 12
    assert told["rule"]["method"] == "blur"


def test_what_a_dead_attempt_left_is_removed_by_the_next(checked_lab: Lab) -> None:
    lab = checked_lab
    lab.storage.put(f"releases/{lab.release}/0/annotations/train.json", b"half")
    assert lab.publish(lab.release).state == "succeeded"
    prefix = lab.row(lab.release).prefix
    left = [path for path in lab.bench.files() if path.startswith(f"releases/{lab.release}/")]
    assert all(path.startswith(str(prefix)) for path in left)


def test_who_is_missed_in_one_frame_is_masked_where_they_were_beside(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        recording = session.get_one(Recording, lab.recordings[0])
        missed = frame_ids_of(session, recording)[1]
        session.execute(delete(Candidate).where(Candidate.frame_id == missed, Candidate.rank == 1))
    release = lab.published(lab.release)
    with Session(lab.bench.engine) as session:
        people = {
            image.file_name: [person.beside for person in image.people]
            for image in images_of(session, release.id)
        }
        (name,) = session.scalars(
            select(ReleaseFrame.file_name).where(ReleaseFrame.frame_id == missed)
        )
    # The infant as labelled and as found; the other person of both frames beside.
    assert people.pop(name) == [False, False, True, True]
    assert all(beside == [False, False, False] for beside in people.values())


def test_what_people_answered_on_their_own_is_in_no_file_and_counts_as_nobodys_work(
    lab: Lab,
) -> None:
    answered, at = [77.25, 88.25, 2.0] * 17, datetime(2026, 1, 2, tzinfo=UTC)
    with transaction(lab.bench.engine) as session:
        ben = make_annotator(session, name="Ben Beside")
        for frame_id in session.scalars(select(Frame.id)):
            session.add(
                Attempt(
                    frame_id=frame_id,
                    recording_id=session.get_one(Frame, frame_id).recording_id,
                    user_id=ben.id,
                    purpose=Purpose.SECOND.value,
                    seed="1",
                    verdict="keep",
                    state="corrected",
                    keypoints=answered,
                    closed_at=at,
                )
            )
    lab.published(lab.release)
    files = lab.files(lab.release)
    shown = [
        annotation
        for name in ("train", "val", "test")
        for annotation in json.loads(files[f"annotations/{name}.json"])["annotations"]
    ]
    assert len(shown) == 12
    # Files count pixels from the centre of the first one, hence the half.
    assert all(76.75 not in annotation["keypoints"] for annotation in shown)
    assert not any(b"Ben Beside" in data for data in files.values())
    with transaction(lab.bench.engine) as session:
        of_release = session.scalars(select(ReleaseFrame.keypoints))
        assert all(answered != keypoints for keypoints in of_release)


def test_the_papers_say_what_was_made_up_and_what_consent_rests_on(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        session.get_one(Recording, lab.recordings[0]).prelabels_simulated = True
    lab.consent(lab.recordings[1], ConsentScope.PUBLIC)
    with transaction(lab.bench.engine) as session:
        about = drafts.About(notes="Four frames are gone.")
        drafts.edit(session, lab.me(session), lab.release, about)
    lab.published(lab.release)
    files = lab.files(lab.release)
    sheet = files["datasheet.md"].decode()
    assert "for what should it not be used?" in sheet
    assert "## What changed since the version before\n\nFour frames are gone." in sheet
    assert "Pre-labels of 1 of 3 recordings" in sheet
    assert "nobody was filmed" not in sheet
    assert "Date and document are on file for 1 of 3 infants" in sheet
    assert "Pre-labels of 1 of 3 recordings" in files["README.md"].decode()
    assert "simulated from known truth" in json.loads(files["croissant.json"])["description"]
    assert 'email: "lab@example.org"' in files["CITATION.cff"].decode()
