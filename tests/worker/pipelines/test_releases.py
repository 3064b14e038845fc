"""Releases: checked, frozen, written, published, given out, and what happens in between."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import (
    Frame,
    InfantConsent,
    Job,
    Recording,
    Release,
    ReleaseFrame,
    User,
)
from backend.core.jobs import service as jobs
from backend.core.storage import open_store
from backend.domain.consents import ConsentScope
from backend.domain.keypoints import Skeleton, Visibility
from backend.domain.operations import MoveJoint, SetVisibility
from backend.domain.releases.lifecycle import ReleaseState
from backend.domain.releases.versions import Change
from backend.domain.workflow import Stage
from backend.publishing.releases import repository, service
from backend.publishing.releases.archive import Archive
from backend.domain.releases.differences import ChangeKind
from backend.publishing.releases.contents.changes import difference, page
from backend.publishing.releases.publishing import SUMS, WrittenFile
from backend.publishing.releases.settings import Images, ReleaseSettings
from backend.publishing.releases.splitting import propose_splits
from tests.factories import (
    annotation_of,
    discard,
    edit,
    frame_ids_of,
    frames_of,
    make_annotator,
    make_boxed_recording,
    make_boxes,
)
from tests.worker.bench import Bench, png
from worker.context import JobContext
from worker.pipelines.write_release import ReleaseWriter


def picture(width: int, height: int, seed: int) -> bytes:
    """A picture with detail everywhere, and with metadata."""
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    told = PngInfo()
    told.add_text("Comment", "filmed at home")
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", pnginfo=told)
    return buffer.getvalue()


class Lab:
    """Three visits of three infants, approved, and a dataset."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.storage = open_store(bench.settings)
        with transaction(bench.engine) as session:
            self.annotator = make_annotator(session).id
            annotator = session.get_one(User, self.annotator)
            self.recordings = [self._visit(session, annotator, i) for i in range(3)]
            self.dataset = service.create_dataset(
                session, self.me(session), name="crawlers", title="Crawlers"
            ).id
        self.release = self.begin()

    def me(self, session: Session) -> User:
        return session.get_one(User, self.bench.maintainer_id)

    def _visit(self, session: Session, annotator: User, number: int) -> int:
        recording = make_boxed_recording(session, annotator, frames=4, stage=Stage.APPROVED)
        for i, frame in enumerate(frames_of(session, recording)):
            data = picture(frame.width, frame.height, seed=10 * number + i)
            frame.sha256 = hashlib.sha256(data).hexdigest()
            # Hashes of pictures that have nothing in common.
            frame.dhash = int.from_bytes(hashlib.sha256(data).digest()[:8], "big", signed=True)
            self.storage.put(frame.image_key, data)
        session.flush()
        return recording.id

    def begin(self, change: Change = Change.MINOR) -> int:
        """The next version, ready to be checked."""
        with transaction(self.bench.engine) as session:
            release = service.create_release(
                session, self.me(session), self.dataset, version=None, change=change
            )
            about = service.About(licence="CC BY-NC 4.0", contact="lab@example.org")
            service.edit(session, self.me(session), release.id, about)
            propose_splits(session, release)
            return release.id

    def settings(self, release: int, change: Callable[[ReleaseSettings], None]) -> None:
        with transaction(self.bench.engine) as session:
            settings = service.settings_of(repository.get(session, release))
            change(settings)
            service.edit(session, self.me(session), release, service.About(), settings)

    def check(self, release: int) -> Release:
        with transaction(self.bench.engine) as session:
            job = service.request_check(session, self.me(session), release).id
        assert self.bench.run(job).state == "succeeded"
        return self.row(release)

    def publish(self, release: int) -> Job:
        with transaction(self.bench.engine) as session:
            job = service.request_publication(session, self.me(session), release).id
        return self.bench.run(job)

    def published(self, release: int) -> Release:
        assert self.check(release).state == "checked", self.row(release).gate
        job = self.publish(release)
        assert job.state == "succeeded", job.error
        return self.row(release)

    def row(self, release: int) -> Release:
        with Session(self.bench.engine, expire_on_commit=False) as session:
            return repository.get(session, release)

    def files(self, release: int) -> dict[str, bytes]:
        row = self.row(release)
        with Session(self.bench.engine) as session:
            paths = [file.path for file in repository.files(session, release)]
        return {path: self.storage.read(f"{row.prefix}{path}") for path in paths}

    def consent(self, recording: int, scope: ConsentScope) -> None:
        with transaction(self.bench.engine) as session:
            infant = session.get_one(Recording, recording).infant_id
            session.add(
                InfantConsent(
                    infant_id=infant, scope=scope.value, given_on=date(2026, 1, 2), document="A-7"
                )
            )


@pytest.fixture
def lab(bench: Bench) -> Lab:
    return Lab(bench)


def blocking(release: Release) -> dict[str, int]:
    return {entry["kind"]: entry["count"] for entry in release.gate or []}


def test_a_published_release_holds_every_file_with_its_hash(lab: Lab) -> None:
    release = lab.published(lab.release)
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


def test_what_is_in_a_release_is_counted_when_it_is_frozen(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        recording = session.get_one(Recording, lab.recordings[0])
        recording.stage = Stage.ANNOTATING.value
        frame = frame_ids_of(session, recording)[3]
        discard(session, session.get_one(User, lab.annotator), frame)
        recording.stage = Stage.APPROVED.value
    release = lab.published(lab.release)
    told = json.loads(lab.files(release.id)["statistics.json"])
    assert told == release.statistics
    assert sum(row["raw"] for row in told["table"]) == 12
    assert sum(row["kept"] for row in told["table"]) == 11
    assert told["discards"] == {"motion_blur": 1}
    seen = [counts for split in told["joints"].values() for counts in split.values()]
    assert sum(sum(counts) for counts in seen) == 11 * 17
    assert sum(row["frames"] for row in told["ages"]) == 11
    assert sum(row["boxes"] for row in told["box_sizes"]) == 11
    assert told["work"]["annotators"] == 1


def test_the_description_for_machines_is_valid(lab: Lab, tmp_path: Path) -> None:
    import mlcroissant

    release = lab.published(lab.release)
    files = lab.files(release.id)
    for path, data in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    described = mlcroissant.Dataset(str(tmp_path / "croissant.json"))
    assert not described.metadata.issues.errors
    records = list(described.records("train_annotations"))
    document = json.loads(files["annotations/train.json"])
    assert len(records) == len(document["annotations"])
    sheet = files["datasheet.md"].decode()
    assert "| home_visit | train |" in sheet


def test_names_that_people_gave_stay_inside_the_group(lab: Lab) -> None:
    lab.settings(lab.release, lambda s: None)
    with transaction(lab.bench.engine) as session:
        about = service.About(audience=ConsentScope.RESEARCH)
        service.edit(session, lab.me(session), lab.release, about)
        names = [session.get_one(Recording, key).name for key in lab.recordings]
    lab.published(lab.release)
    for path, data in lab.files(lab.release).items():
        if not path.startswith("images/"):
            assert not any(name.encode() in data for name in names), path


def test_the_same_rows_give_the_same_files(lab: Lab) -> None:
    lab.check(lab.release)
    with transaction(lab.bench.engine) as session:
        job = service.request_publication(session, lab.me(session), lab.release)
        assert jobs.claim(session, job.id) is job
        context = JobContext(job.id, None, dict(job.payload), 0, job.claims, lab.bench.settings)
    written = []
    for attempt in ("one", "two"):
        scratch = lab.bench.settings.data_dir / attempt
        scratch.mkdir()
        files = ReleaseWriter(context, lab.release, f"{attempt}/", scratch).write()
        written.append({file.path: file.sha256 for file in files})
    assert written[0] == written[1]
    assert len(written[0]) > 12


def test_what_people_change_after_the_check_is_not_in_the_release(lab: Lab) -> None:
    lab.check(lab.release)
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


def test_a_published_release_cannot_be_changed_in_the_database(lab: Lab) -> None:
    release = lab.published(lab.release)
    frame = lab.bench.all(ReleaseFrame)[0]
    for statement, values in (
        ("UPDATE releases SET notes = 'other' WHERE id = %s", (release.id,)),
        ("UPDATE releases SET state = 'draft' WHERE id = %s", (release.id,)),
        ("DELETE FROM releases WHERE id = %s", (release.id,)),
        ("UPDATE release_frames SET split = 'test' WHERE frame_id = %s", (frame.frame_id,)),
        ("DELETE FROM release_frames WHERE frame_id = %s", (frame.frame_id,)),
        ("DELETE FROM release_files WHERE release_id = %s", (release.id,)),
        ("UPDATE release_splits SET split = 'x' WHERE release_id = %s", (release.id,)),
    ):
        with (
            pytest.raises(IntegrityError, match="cannot be changed"),
            lab.bench.engine.begin() as c,
        ):
            c.exec_driver_sql(statement, values)


def test_what_blocks_is_counted_and_listed_with_its_place(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        first, second = (session.get_one(Recording, key) for key in lab.recordings[:2])
        frames = frames_of(session, first)
        lab.storage.delete(frames[0].image_key)
        frames[1].sha256 = frames[2].sha256
        edit_of = frames_of(session, second)[0].id
        second.stage = Stage.ANNOTATING.value
        edit(session, session.get_one(User, lab.annotator), edit_of, MoveJoint(0, 11.0, 12.0))
        second.stage = Stage.APPROVED.value
        service.assign(session, lab.me(session), lab.release, {first.infant_id: None})
    release = lab.check(lab.release)
    assert release.state == "draft"
    assert blocking(release) == {"unassigned": 1, "unreadable": 1, "duplicate": 1, "stale": 1}
    assert release.gate is not None
    stale = next(entry for entry in release.gate if entry["kind"] == "stale")
    assert stale["items"][0]["frame_id"] == edit_of
    assert lab.bench.all(ReleaseFrame) == []


def test_infants_who_look_alike_may_not_be_on_two_sides(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        rows = repository.splits(session, lab.release)
        assert {row.split for row in rows.values()} == {"train", "val", "test"}
        a, b = (frames_of(session, session.get_one(Recording, key)) for key in lab.recordings[:2])
        b[0].dhash = a[0].dhash ^ 1
    release = lab.check(lab.release)
    assert blocking(release) == {"leaking": 1}
    assert release.gate is not None
    assert "nearly repeat each other" in release.gate[0]["items"][0]["why"]


def test_recordings_without_consent_are_left_out_or_block(lab: Lab) -> None:
    lab.consent(lab.recordings[0], ConsentScope.NONE)
    assert lab.check(lab.release).frames == 8

    def everybody(settings: ReleaseSettings) -> None:
        settings.selection.consented_only = False

    lab.settings(lab.release, everybody)
    assert blocking(lab.check(lab.release)) == {"unconsented": 1}


def test_consent_taken_back_after_the_check_stops_the_publication(lab: Lab) -> None:
    lab.check(lab.release)
    lab.consent(lab.recordings[0], ConsentScope.NONE)
    job = lab.publish(lab.release)
    assert job.state == "failed"
    assert job.error is not None
    assert "do not agree" in job.error
    assert lab.row(lab.release).state == "draft"
    assert lab.published(lab.release).frames == 8


def test_an_infant_never_changes_sides_between_versions(lab: Lab) -> None:
    lab.published(lab.release)
    second = lab.begin()
    with transaction(lab.bench.engine) as session:
        before, now = repository.splits(session, lab.release), repository.splits(session, second)
        assert {k: row.split for k, row in now.items()} == {k: r.split for k, r in before.items()}
        assert all(row.inherited for row in now.values())
        infant, row = next(iter(now.items()))
        other = next(name for name in ("train", "val", "test") if name != row.split)
        with pytest.raises(service.Conflict, match="never changes sides"):
            service.assign(session, lab.me(session), second, {infant: other})


def test_an_image_that_changed_in_the_store_is_not_released(lab: Lab) -> None:
    lab.check(lab.release)
    with Session(lab.bench.engine) as session:
        key = session.get_one(Frame, lab.bench.all(ReleaseFrame)[0].frame_id).image_key
    lab.storage.put(key, png(8, 8))
    job = lab.publish(lab.release)
    assert job.state == "failed"
    assert "not the one that was imported" in str(job.error)
    assert lab.row(lab.release).state == ReleaseState.CHECKED.value
    with Session(lab.bench.engine) as session:
        assert repository.files(session, lab.release) == []


def test_heads_are_masked_and_metadata_left_behind(lab: Lab) -> None:
    lab.published(lab.release)
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
            nose = (slice(y - 4, y + 4), slice(x - 4, x + 4))
            assert np.asarray(stored)[nose].std() > 50
            assert np.asarray(released)[nose].std() < 10
            assert np.array_equal(np.asarray(stored)[-5:], np.asarray(released)[-5:])
    told = json.loads(files["masking.json"])
    assert sum(told["images_by_ground"].values()) == 12
    assert told["rule"]["method"] == "blur"


def test_faces_as_they_are_do_not_go_to_the_public(lab: Lab) -> None:
    def with_faces(settings: ReleaseSettings) -> None:
        settings.packaging.images = Images.STORED

    lab.settings(lab.release, with_faces)
    for recording in lab.recordings:
        lab.consent(recording, ConsentScope.PUBLIC)
    with transaction(lab.bench.engine) as session:
        about = service.About(audience=ConsentScope.PUBLIC)
        service.edit(session, lab.me(session), lab.release, about)
    assert blocking(lab.check(lab.release)) == {"unmasked": 3}


def test_what_a_dead_attempt_left_is_removed_by_the_next(lab: Lab) -> None:
    lab.check(lab.release)
    lab.storage.put(f"releases/{lab.release}/0/annotations/train.json", b"half")
    assert lab.publish(lab.release).state == "succeeded"
    prefix = lab.row(lab.release).prefix
    left = [path for path in lab.bench.files() if path.startswith(f"releases/{lab.release}/")]
    assert all(path.startswith(str(prefix)) for path in left)


def test_every_joint_names_where_it_comes_from(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        recording = session.get_one(Recording, lab.recordings[0])
        recording.stage = Stage.ANNOTATING.value
        frame = frame_ids_of(session, recording)[0]
        annotator = session.get_one(User, lab.annotator)
        edit(session, annotator, frame, MoveJoint(5, 111.0, 80.0))
        edit(session, annotator, frame, MoveJoint(6, 112.0, 81.0))
        version = edit(session, annotator, frame, MoveJoint(6, 113.0, 82.0)).version
        recording.stage = Stage.BOXING.value
        session.flush()
        make_boxes(session, recording)
        recording.stage = Stage.APPROVED.value
    lab.published(lab.release)
    rows = pq.read_table(io.BytesIO(lab.files(lab.release)["provenance.parquet"])).to_pylist()
    assert len(rows) == 12 * 17
    mine = {row["joint"]: row for row in rows if row["frame_id"] == frame}
    assert (mine[0]["origin"], mine[0]["model"]) == ("model", "test-pose")
    assert mine[0]["changed_by"] is None
    assert (mine[5]["origin"], mine[5]["changed_by"]) == ("person", lab.annotator)
    assert mine[5]["changed_in_version"] == version - 2
    assert mine[6]["changed_in_version"] == version
    assert mine[6]["x"] == 113.0
    assert {row["accepted_by"] for row in mine.values()} == {lab.annotator}


def test_any_part_of_the_archive_is_the_same_as_that_part_of_the_whole(lab: Lab) -> None:
    release = lab.published(lab.release)
    with Session(lab.bench.engine) as session:
        files = [
            WrittenFile(file.path, file.bytes, file.sha256)
            for file in repository.files(session, release.id)
        ]
    assert release.frozen_at is not None
    archive = Archive(files, str(release.prefix), "crawlers-1.0.0", release.frozen_at)
    whole = b"".join(archive.read(lab.storage, 0, archive.size))
    assert len(whole) == archive.size
    for start, stop in ((0, 1), (511, 513), (500, 5000), (archive.size - 1025, archive.size),
                        (archive.size - 3, archive.size), (777, archive.size // 2)):  # fmt: skip
        assert b"".join(archive.read(lab.storage, start, stop)) == whole[start:stop]
    with tarfile.open(fileobj=io.BytesIO(whole)) as unpacked:
        for path, data in lab.files(release.id).items():
            member = unpacked.extractfile(f"crawlers-1.0.0/{path}")
            assert member is not None
            assert member.read() == data


def test_two_versions_are_compared_frame_by_frame(lab: Lab) -> None:
    lab.published(lab.release)
    with transaction(lab.bench.engine) as session:
        recording = session.get_one(Recording, lab.recordings[0])
        recording.stage = Stage.ANNOTATING.value
        annotator = session.get_one(User, lab.annotator)
        frame = frame_ids_of(session, recording)[0]
        before = Skeleton.from_flat(annotation_of(session, frame).keypoints or []).joints[5]
        edit(session, annotator, frame, MoveJoint(5, before.x + 3, before.y + 4))
        edit(session, annotator, frame, SetVisibility(6, Visibility.OCCLUDED))
        recording.stage = Stage.BOXING.value
        session.flush()
        make_boxes(session, recording)
        recording.stage = Stage.APPROVED.value
    lab.consent(lab.recordings[1], ConsentScope.NONE)
    second = lab.begin()
    lab.check(second)
    with Session(lab.bench.engine) as session:
        found = difference(session, second)
        with pytest.raises(service.Conflict, match="first version"):
            difference(session, lab.release)
        moved = page(session, second, None, ChangeKind.MOVED, offset=0, limit=10)
    assert (found.frames_in, found.frames_out, found.frames_kept) == (0, 4, 8)
    assert (found.frames_changed, found.joints_moved, found.visibility_changed) == (1, 1, 1)
    (changed,) = moved.frames
    assert (changed.frame_id, changed.visibility) == (frame, ["right_shoulder"])
    assert changed.moved == {"left_shoulder": pytest.approx(5)}
    assert changed.before is not None
    assert changed.after is not None
    assert changed.before.keypoints != changed.after.keypoints
    assert changed.oks is not None
    assert 0.5 < changed.oks < 1
    assert "4 frames of 1 infant removed" in found.changelog
    assert "1 joint moved in 1 frame" in found.changelog


def test_a_withdrawn_release_keeps_its_record_and_gives_out_nothing(lab: Lab) -> None:
    lab.published(lab.release)
    with transaction(lab.bench.engine) as session:
        service.withdraw(session, lab.me(session), lab.release, "a family asked")
    with Session(lab.bench.engine) as session:
        with pytest.raises(service.Conflict, match="a family asked"):
            service.given_out(session, lab.release)
        assert len(repository.files(session, lab.release)) > 0
