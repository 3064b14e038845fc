"""Labels of other tools through the whole import: told by content, matched, mapped, stored."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from backend.core.database.session import transaction
from backend.core.database.tables import Job, Recording
from backend.domain.boxes import Box
from backend.domain.infants import PersonRole
from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.domain.oddities import Odd
from backend.domain.pixels import PixelRule, RuleOrigin
from backend.domain.skeleton import JOINTS
from backend.domain.workflow import Stage
from backend.labelling.boxes import service as boxes
from backend.publishing.exports.frames import labelled
from backend.publishing.formats.holding import Thing
from backend.publishing.formats.reading import ReadOptions
from backend.publishing.formats.registry import INTERCHANGE
from backend.publishing.labelled import PersonMarks, VideoFrame
from backend.publishing.labelled_columns import as_frames
from backend.recordings.access import get_recording
from tests.factories import accept, frame_ids_of, make_annotator, make_inspector
from tests.worker.bench import Bench, archive, png, video
from tests.worker.label_senders import HEIGHT, WIDTH, Import, frames, sent, written, zipped

READ = sorted(name for name, form in INTERCHANGE.items() if form.read and name != "mini-rgbd")


def approved(bench: Bench, job: Job) -> None:
    """Everything is kept, boxed by hand and approved."""
    with transaction(bench.engine) as session:
        annotator, inspector = make_annotator(session), make_inspector(session)
        recording = get_recording(session, job.recording_id or 0)
        recording.annotator_id, recording.inspector_id = annotator.id, inspector.id
        recording.stage = Stage.ANNOTATING.value
        frame_ids = frame_ids_of(session, recording)
        for frame_id in frame_ids:
            accept(session, annotator, frame_id)
        recording.stage = Stage.INSPECTING_BOXES.value
        session.flush()
        for frame_id in frame_ids:
            boxes.draw_box(session, inspector, frame_id, Box(1, 1, 60, 50), None)
        recording.stage = Stage.APPROVED.value


def same(found: Skeleton, expected: Skeleton, name: str) -> None:
    """Joints that a format has are where they were."""
    form = INTERCHANGE[name]
    for i in form.joints:
        here, there = found.joints[i], expected.joints[i]
        assert here.present == there.present, JOINTS[i]
        assert (here.x, here.y) == pytest.approx((there.x, there.y), abs=0.02), JOINTS[i]
        if Thing.OCCLUDED in form.holds:
            assert here.visibility == there.visibility, JOINTS[i]


@pytest.mark.parametrize("name", READ)
def test_labels_become_frames_and_leave_in_their_format_with_the_same_joints(
    labels: Import, tmp_path: Path, name: str
) -> None:
    found = frames()
    if name == "coco-results":  # it knows images by their numbers only
        found = [replace(f, image=replace(f.image, file_name=f"{f.image.id:012d}.png"))
                 for f in found]  # fmt: skip
    path = written(name, tmp_path, found)

    job = labels.run(f"whole {name}", *sent(name, path), unclear="smallest")

    stored = labels.stored(job)
    names = [Path(frame.source_name or "").name for frame, _, _ in stored]
    assert names == [Path(frame.image.file_name).name for frame in found]
    for (frame, annotation, people), expected in zip(stored, found, strict=True):
        assert (frame.width, frame.height) == (WIDTH, HEIGHT)
        assert len(people) == len(expected.people)
        assert expected.joints is not None
        assert annotation.keypoints is not None
        same(Skeleton.from_flat(annotation.keypoints), expected.joints, name)

    approved(labels.bench, job)
    with transaction(labels.bench.engine) as session:
        out = list(as_frames(labelled(session, [job.recording_id or 0])))
    again = tmp_path / "again"
    again.mkdir()
    reader = INTERCHANGE[name].read
    assert reader is not None
    options = ReadOptions(size=(WIDTH, HEIGHT), images=again / "images")
    back = list(reader(written(name, again, out), options).frames())
    for frame_back, expected in zip(back, found, strict=True):
        assert expected.joints is not None
        (person,) = frame_back.people
        same(person.joints, expected.joints, name)


def test_a_first_pass_says_what_was_understood_and_imports_nothing(
    labels: Import, tmp_path: Path
) -> None:
    path = written("cvat", tmp_path, frames())
    before = len(labels.bench.all(Recording))

    report = labels.look(*sent("cvat", path))

    assert (report.format, report.title) == ("cvat", INTERCHANGE["cvat"].title)
    assert (report.images, report.people, report.proposed, report.unclear) == (2, 3, 2, 0)
    assert {c.name: (c.people, c.role) for c in report.categories} == {
        "infant": (2, PersonRole.INFANT),
        "adult": (1, PersonRole.OTHER),
    }
    assert report.infant_category == "infant"
    assert (report.pixels.rule, report.pixels.origin) == (PixelRule.CONTINUOUS, RuleOrigin.FORMAT)
    assert report.refused is None
    assert len(labels.bench.all(Recording)) == before


def test_people_of_a_category_are_the_infant_others_or_left_out_as_chosen(
    labels: Import, tmp_path: Path
) -> None:
    path = written("label-studio", tmp_path, frames())
    found = labels.look(*sent("label-studio", path), people={"infant": "skip", "adult": "infant"})
    assert (found.people, found.proposed) == (1, 1)
    assert {c.name: c.taken for c in found.categories} == {"infant": False, "adult": True}

    job = labels.run(
        "chosen roles", *sent("label-studio", path), people={"infant": "skip", "adult": "infant"}
    )

    (first, annotation, people), (_, second, nobody) = labels.stored(job)
    assert [round(p.skeleton[0], 2) for p in people] == [50.25]
    assert annotation.candidate_id == people[0].id
    assert (second.candidate_id, nobody) == (None, [])
    assert first.source is not None


def table_of(path: Path, nodes: list[str]) -> bytes:
    """A table of predictions with these body parts, in one frame."""
    lines = [
        "scorer," + ",".join(["net"] * 2 * len(nodes)),
        "bodyparts," + ",".join(n for node in nodes for n in (node, node)),
        "coords," + ",".join(["x", "y"] * len(nodes)),
        "labeled-data/v/a.png," + ",".join(str(n) for i in range(len(nodes)) for n in (i, 10 + i)),
    ]
    path.write_text("\n".join(lines) + "\n")
    return path.read_bytes()


def test_a_skeleton_that_is_not_known_is_shown_and_mapped_by_hand(
    labels: Import, tmp_path: Path
) -> None:
    table = ("CollectedData_x.csv", table_of(tmp_path / "t.csv", ["snout", "paw1", "paw2", "tail"]))
    others = [("a.png", png(WIDTH, HEIGHT))]

    report = labels.look([table], others)
    assert report.refused is not None
    (shown,) = report.categories
    assert [(j.joint, j.coco) for j in shown.table] == [
        ("snout", None), ("paw1", None), ("paw2", None), ("tail", None),
    ]  # fmt: skip

    mapped = {shown.key: {"snout": "nose", "paw2": "right_wrist"}}
    assert labels.look([table], others, joints=mapped).refused is None
    job = labels.run("mapped", [table], others, joints=mapped)

    ((_, annotation, _),) = labels.stored(job)
    joints = Skeleton.from_flat(annotation.keypoints or []).joints
    assert joints[JOINTS.index("nose")] == Joint(0.5, 10.5, Visibility.VISIBLE)
    assert joints[JOINTS.index("right_wrist")] == Joint(2.5, 12.5, Visibility.VISIBLE)
    assert sum(joint.present for joint in joints) == 2


def test_frames_that_labels_name_are_taken_from_the_video(labels: Import, tmp_path: Path) -> None:
    found = [
        replace(frame, image=replace(frame.image, width=64, height=48, file_name=f"{n}.png",
                                     video=VideoFrame("C:\\lab\\Crib.mp4", n)), mask=None)
        for frame, n in zip(frames(), (2, 7), strict=True)
    ]  # fmt: skip
    path = written("sleap", tmp_path, found)
    file = [("labels.slp", path.read_bytes())]
    alone = labels.look(file)
    assert alone.refused is not None
    assert "Crib.mp4" in alone.refused

    job = labels.run("of a video", file, [("crib.mp4", video(frames=12))])

    stored = labels.stored(job)
    assert [frame.source_frame for frame, _, _ in stored] == [2, 7]
    assert [round(frame.time_s, 2) for frame, _, _ in stored] == [0.2, 0.7]
    assert [len(people) for _, _, people in stored] == [2, 1]
    packed = archive({"set/labels.slp": path.read_bytes(), "set/crib.mp4": video(frames=12)})
    assert labels.look([], [("set.zip", packed)]).images == 2
    beyond = labels.look(file, [("crib.mp4", video(frames=5))])
    assert {odd.kind: odd.count for odd in beyond.odd}[Odd.IMAGE_NOT_SENT] == 1


def test_what_labels_said_comes_out_of_an_export_again(labels: Import, tmp_path: Path) -> None:
    """Name, split, label, ids and track of an image and its infant."""
    found = [
        replace(frame, image=replace(frame.image, split="val"), marks=PersonMarks("baby", "t7"))
        for frame in frames(adult=False)
    ]
    path = written("coco-folder", tmp_path, found)
    job = labels.run("said", *sent("coco-folder", path))
    assert job.error is None
    approved(labels.bench, job)

    with transaction(labels.bench.engine) as session:
        (first, _) = as_frames(labelled(session, [job.recording_id or 0]))

    assert first.image.source["file_name"] == "visitA/a.png"
    assert first.image.source["image_id"] == 1
    assert first.image.extras["split"] == "val"
    assert first.imported is not None
    assert first.imported.category is not None
    assert first.imported.category["name"] == "baby"
    assert first.imported.extras["track_id"] == "t7"


def test_labels_of_turned_photographs_turn_with_them_where_that_is_known_else_it_is_asked(
    labels: Import, tmp_path: Path
) -> None:
    found = [replace(frame, image=replace(frame.image, file_name=f"{i}.jpg"), mask=None)
             for i, frame in enumerate(frames())]  # fmt: skip
    path = written("yolo", tmp_path, found)
    for image in path.rglob("*.jpg"):
        image.write_bytes(turned_jpeg())
    files = sent("yolo", path)

    report = labels.look(*files)
    assert report.turned.unknown == 2
    assert "rotated by Exif" in (report.refused or "")

    job = labels.run("turned", *files, exif="stored")
    (frame, _, people), _ = labels.stored(job)
    assert (frame.width, frame.height) == (HEIGHT, WIDTH)
    # (5.75, 10.25) in stored pixels; turned clockwise y becomes the distance from the right.
    assert people[0].skeleton[:2] == pytest.approx([HEIGHT - 10.25, 5.75], abs=0.01)


def turned_jpeg() -> bytes:
    """A picture that Exif turns by a quarter."""
    buffer = io.BytesIO()
    image = Image.new("RGB", (WIDTH, HEIGHT), (90, 20, 10))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def test_what_a_worker_left_that_died_while_unpacking_is_removed(
    labels: Import, tmp_path: Path
) -> None:
    bench = labels.bench
    path = written("labelme", tmp_path, frames())
    job_id = bench.start(kind="labels", name="again", **labels.start(*sent("labelme", path)))
    left = bench.settings.scratch_dir / f"job-{job_id}-0-dead" / "files"
    left.mkdir(parents=True)
    (left / "a.json").write_text("half")

    assert bench.run(job_id).error is None
    assert list(bench.settings.scratch_dir.iterdir()) == []


def test_infants_of_mini_rgbd_come_with_their_masks(labels: Import) -> None:
    files: dict[str, bytes] = {}
    for i in range(2):
        files[f"set/01/rgb/syn_{i:05d}.png"] = png(64, 48, i)
        files[f"set/01/fg_mask/mask_{i:05d}.png"] = png(64, 48, 200)
        rows = "\n".join(f"{j + 5} {j + 6} 1000 {j}" for j in range(25))
        files[f"set/01/joints_2Ddep/syn_joints_2Ddep_{i:05d}.txt"] = rows.encode()

    job = labels.run("mini", [], [("mini.zip", archive(files))])

    stored = labels.stored(job)
    assert [frame.source_name for frame, _, _ in stored] == [
        "rgb/syn_00000.png",
        "rgb/syn_00001.png",
    ]
    joints = Skeleton.from_flat(stored[0][1].keypoints or []).joints
    assert (joints[0].x, joints[0].y) == (29.5, 30.5)  # the nose is row 24, in indices
    assert stored[0][2][0].source is not None
    assert stored[0][2][0].source["segmentation"] is not None


def test_files_that_belong_together_may_be_sent_one_by_one(labels: Import, tmp_path: Path) -> None:
    """YOLO's description beside its folders, a backup's two files, and a note among images."""
    yolo, backup = tmp_path / "yolo", tmp_path / "backup"
    yolo.mkdir()
    backup.mkdir()
    folder = written("yolo", yolo, frames())
    about = (folder / "data.yaml").read_bytes()
    (folder / "data.yaml").unlink()
    report = labels.look([("data.yaml", about)], [("set.zip", zipped(folder))])
    assert (report.format, report.images, report.refused) == ("yolo", 2, None)

    task = written("cvat-json", backup, frames())
    files = [(name, (task / name).read_bytes()) for name in ("annotations.json", "task.json")]
    images = [(f"frame_{i:06d}.png", png(WIDTH, HEIGHT, i)) for i in range(2)]
    report = labels.look(files, [*images, ("note.txt", b"ours")], odd={
        "image_other_extension": "map"})  # fmt: skip
    assert (report.format, report.images, report.refused) == ("cvat-json", 2, None)
    assert "Neither labels nor images, and not used: note.txt." in report.notes


def test_a_tar_holds_labels_and_images(labels: Import, tmp_path: Path) -> None:
    path = written("labelme", tmp_path, frames())
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        tar.add(path, "visit")

    report = labels.look([], [("visit.tar.gz", buffer.getvalue())])

    assert (report.format, report.images, report.refused) == ("labelme", 2, None)
