"""What lies beside the annotations of a release: body fits, cameras, masks, images coded anew."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.session import transaction
from backend.core.database.tables import Calibration, Fit, Frame, Recording, ReleaseFrame, User
from backend.core.jobs import service as jobs
from backend.core.settings import Settings
from backend.domain import masks
from backend.domain.cameras import Camera
from backend.domain.consents import ConsentScope
from backend.domain.pixels import PixelRule, intrinsics_to_inside
from backend.domain.workflow import Stage
from backend.publishing.formats.body_parameters import read_fits
from backend.publishing.releases import drafts, reports
from backend.publishing.releases.payloads import WriteReleasePayload
from backend.publishing.releases.settings import ImageCoding, Images, Masks, Packaging
from tests.backend.multiview.fits.making import (
    make_calibration,
    make_fits,
    make_seen_recording,
    verify_fits,
)
from tests.factories import make_boxes
from tests.worker.release_lab import Lab, Template, Templates, store_pictures
from worker.context import JobContext
from worker.pipelines.write_release import ReleaseWriter


def furnish(lab: Lab) -> None:
    """One more visit: two calibrated cameras, three moments, two of them with a verified fit."""
    with transaction(lab.bench.engine) as session:
        recording = make_seen_recording(session, session.get_one(User, lab.annotator))
        recording.stage = Stage.BOXING.value
        session.flush()
        make_boxes(session, recording)
        recording.stage = Stage.APPROVED.value
        store_pictures(session, lab.storage, recording, seed=70)
        make_fits(session, recording, translation=np.array([0.1, 0.2, 2.0]))
        verify_fits(session, recording, slice(0, 2))
        splits = {recording.infant_id: "train"}
        drafts.assign(session, lab.me(session), lab.release, splits)


@pytest.fixture
def lab(templates: Templates, settings: Settings) -> Iterator[Lab]:
    """A lab with a draft, cameras and fits."""
    with seen_template(templates).copied(settings) as lab:
        yield lab


@pytest.fixture(scope="module")
def packed(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A published release with all that there is, to be read only."""

    def publish(lab: Lab) -> None:
        package(lab, masks=Masks.FILES)
        lab.published(lab.release)

    template = templates.named("packed", lambda at: seen_template(templates).then(at, publish))
    folder = tmp_path_factory.mktemp("packed") / "data"
    settings = Settings(data_dir=folder, storage_url=None, demo=False)
    with template.copied(settings) as lab:
        yield lab


def seen_template(templates: Templates) -> Template:
    return templates.named("seen", lambda folder: templates.furnished().then(folder, furnish))


def package(lab: Lab, **changes: Any) -> None:
    def change(settings: Any) -> None:
        for name, value in changes.items():
            setattr(settings.packaging, name, value)

    lab.settings(lab.release, change)


def seen(lab: Lab) -> int:
    """The recording with cameras and fits."""
    return lab.bench.all(Calibration)[0].recording_id  # type: ignore[no-any-return]


def annotations(files: dict[str, bytes], split: str = "train") -> list[tuple[Any, Any]]:
    document = json.loads(files[f"annotations/{split}.json"])
    images = {image["id"]: image for image in document["images"]}
    return [(images[found["image_id"]], found) for found in document["annotations"]]


def test_annotations_name_the_row_of_their_body(packed: Lab, tmp_path: Path) -> None:
    folder = packed.pull(packed.release, tmp_path)
    with np.load(folder / "fits/train.npz") as file:
        arrays = dict(file)
    assert arrays["verdict"].tolist() == ["verified", "verified"]
    assert arrays["translation"].tolist() == [[0.1, 0.2, 2.0]] * 2
    referred = 0
    for image, annotation in annotations(packed.files(packed.release)):
        reference = annotation["infantnet"].get("fit")
        if reference is not None:
            assert reference["file"] == "fits/train.npz"
            place = (reference["index"], reference["view"])
            assert arrays["frame_file_name"][place] == image["file_name"]
            assert np.all(arrays["error_px"][place] == 2.5)
            referred += 1
    assert referred == 4
    bodies = read_fits(folder / "fits/train.npz")
    assert (len(bodies.pose), len(bodies.views), bodies.unplaced) == (2, 4, 0)


def test_a_fit_that_changes_after_the_check_is_released_as_it_was(lab: Lab) -> None:
    lab.check(lab.release)
    with transaction(lab.bench.engine) as session:
        recording = session.get_one(Recording, seen(lab))
        make_fits(session, recording, replace_verified=True, translation=np.array([9.0, 9, 9]))
        recording.calibration_id = make_calibration(session, recording, version=2).id
        assert session.scalars(select(Fit.status).distinct()).all() == ["fitted"]
    job = lab.publish(lab.release)
    assert job.state == "succeeded", job.error
    files = lab.files(lab.release)
    with np.load(io.BytesIO(files["fits/train.npz"])) as arrays:
        assert arrays["translation"].tolist() == [[0.1, 0.2, 2.0]] * 2
        assert set(arrays["verdict"].tolist()) == {"verified"}
        assert np.isfinite(arrays["error_px"]).all()
    (cameras,) = (json.loads(data) for path, data in files.items() if path.startswith("cameras/"))
    assert cameras["calibration"]["version"] == 1


def test_cameras_count_pixels_as_the_key_points_do(packed: Lab) -> None:
    files = packed.files(packed.release)
    (path,) = (path for path in files if path.startswith("cameras/"))
    told = json.loads(files[path])
    stored = packed.bench.all(Calibration)[0].cameras
    assert len(told["cameras"]) == 2
    for written, before in zip(told["cameras"], stored, strict=True):
        assert np.allclose(
            written["K"], np.subtract(before["K"], [[0, 0, 0.5], [0, 0, 0.5], [0] * 3])
        )
        K = intrinsics_to_inside(written["K"], PixelRule(told["pixels"]))
        camera = Camera.from_dict(written | {"name": written["camera"], "K": K})
        assert np.allclose(camera.pose, before["T_camera_world"])
        assert any(image.startswith(written["folder"] + "/") for image in files)
    assert path == f"cameras/{told['cameras'][0]['folder'].split('/')[1]}/r{seen(packed):05d}.json"


def test_a_camera_that_was_knocked_stands_where_it_stood_from_each_time_on(lab: Lab) -> None:
    pushed = np.eye(4)
    pushed[:3, 3] = (-1.0, 0.02, 0.0)
    with transaction(lab.bench.engine) as session:
        row = session.scalars(select(Calibration)).one()
        first, other = row.cameras
        places = ((None, other["T_camera_world"]), (0.1, pushed.tolist()))
        moves = [{"from_s": at, "T_camera_world": pose, "covariance": None} for at, pose in places]
        row.cameras = [first, {**other, "T_camera_world": None, "moves": moves}]
    lab.published(lab.release)
    files = lab.files(lab.release)
    (told,) = (json.loads(data) for path, data in files.items() if path.startswith("cameras/"))
    still, moved = told["cameras"]
    assert still["moves"] == []
    assert moved["T_camera_world"] is None
    assert [(move["from_s"], move["T_camera_world"]) for move in moved["moves"]] == [*places]


def test_names_of_cameras_and_visits_stay_inside_the_group(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        about = drafts.About(audience=ConsentScope.RESEARCH)
        drafts.edit(session, lab.me(session), lab.release, about)
        names = [row.name for row in session.scalars(select(Recording))]
    lab.published(lab.release)
    files = lab.files(lab.release)
    with np.load(io.BytesIO(files["fits/train.npz"])) as arrays:
        assert arrays["session"].tolist() == [f"r{seen(lab):05d}"] * 2
        assert arrays["camera_names"].tolist() == [["c01", "c02"]] * 2
        assert all("camera 1" not in text for text in arrays["cameras"].tolist())
    for path, data in files.items():
        if path.startswith("cameras/"):
            assert b"camera 1" not in data
            assert not any(name.encode() in data for name in names)


def test_masks_are_files_under_the_names_of_their_images(packed: Lab) -> None:
    files = packed.files(packed.release)
    found = annotations(files)
    assert found
    for image, annotation in found:
        path = image["file_name"].replace("images/", "masks/")
        mask = np.asarray(Image.open(io.BytesIO(files[path])))
        assert set(np.unique(mask).tolist()) == {0, 255}
        assert np.array_equal(mask > 0, masks.decode(annotation["segmentation"]))


@pytest.mark.parametrize(
    ("coding", "kind", "start"),
    [(ImageCoding.JPEG, ".jpg", b"\xff\xd8"), (ImageCoding.PNG, ".png", b"\x89PNG")],
)
def test_images_are_coded_anew_where_that_is_asked_for(
    lab: Lab, coding: ImageCoding, kind: str, start: bytes
) -> None:
    package(lab, coding=coding, images=Images.STORED)
    lab.published(lab.release)
    files = lab.files(lab.release)
    images = {path: data for path, data in files.items() if path.startswith("images/")}
    with Session(lab.bench.engine) as session:
        for row in lab.bench.all(ReleaseFrame):
            data = images.pop(row.file_name)
            assert row.file_name.endswith(kind)
            assert data.startswith(start)
            assert b"filmed at home" not in data
            before = lab.storage.read(session.get_one(Frame, row.frame_id).image_key)
            pixels = [np.asarray(Image.open(io.BytesIO(f)).convert("RGB")) for f in (before, data)]
            assert np.abs(np.subtract(*pixels, dtype=int)).mean() < 4
    assert images == {}
    readme = files["README.md"].decode()
    assert "JPEG, quality 95" in readme if coding is ImageCoding.JPEG else "All are PNG" in readme
    assert f"opencv {cv2.__version__}" in readme


def test_papers_say_what_was_packaged_and_on_whose_terms(packed: Lab) -> None:
    files = packed.files(packed.release)
    for paper in ("README.md", "datasheet.md"):
        assert "open-infant" in files[paper].decode()
        assert "those with a masked head are coded anew (by " in files[paper].decode()
    assert "Heads in images are masked" in files["datasheet.md"].decode()
    described = json.loads(files["croissant.json"])["distribution"]
    assert {"fits/train.npz"} < {entry["@id"] for entry in described}
    assert not any(entry["@id"].startswith("masks/") for entry in described)


def test_what_is_not_asked_for_is_not_there(lab: Lab) -> None:
    package(lab, fits=False, cameras=False, images=Images.NONE, provenance=False)
    lab.published(lab.release)
    tops = {path.partition("/")[0] for path in lab.files(lab.release)}
    assert tops == {
        "annotations", "README.md", "CITATION.cff", "datasheet.md", "croissant.json",
        "statistics.json", "conventions.json", "SHA256SUMS",
    }  # fmt: skip


def test_arrays_bear_no_time_of_writing(packed: Lab) -> None:
    with zipfile.ZipFile(io.BytesIO(packed.files(packed.release)["fits/train.npz"])) as file:
        assert {member.date_time[0] for member in file.infolist()} == {1980}


def test_a_deleted_calibration_asks_for_another_check(lab: Lab) -> None:
    with transaction(lab.bench.engine) as session:
        make_calibration(session, session.get_one(Recording, seen(lab)), version=2)
    lab.check(lab.release)
    with transaction(lab.bench.engine) as session:
        recording = session.get_one(Recording, seen(lab))
        gone = session.get_one(Calibration, recording.calibration_id)
        recording.calibration_id = None
        session.flush()
        session.delete(gone)
    job = lab.publish(lab.release)
    assert job.state == "failed"
    assert "calibrations have been deleted" in str(job.error)
    assert not [path for path in lab.bench.files() if path.startswith("releases/")]


def test_settings_of_earlier_versions_are_still_understood() -> None:
    before = {"images": "masked", "masking": "blur", "fits": True, "provenance": True}
    assert Packaging.model_validate(before).coding is ImageCoding.STORED


def test_written_again_all_files_are_the_same(packed: Lab, tmp_path: Path) -> None:
    with transaction(packed.bench.engine) as session:
        payload = WriteReleasePayload(release_id=packed.release, by_id=packed.ids.maintainer)
        job = jobs.enqueue(session, payload, None, packed.ids.maintainer, title="Again")
        assert jobs.claim(session, job.id) is job
        context = JobContext(job.id, None, dict(job.payload), 0, job.claims, packed.bench.settings)
    again = ReleaseWriter(context, packed.release, "again/", tmp_path).write()
    with Session(packed.bench.engine) as session:
        before = reports.written_files(session, packed.release)
    assert sorted(again, key=lambda file: file.path.encode()) == before
    kinds = {file.path.partition("/")[0] for file in again}
    assert {"images", "masks", "fits", "cameras", "annotations"} < kinds


def test_pycocotools_loads_a_release_as_it_was_pulled(packed: Lab, tmp_path: Path) -> None:
    from pycocotools.coco import COCO

    folder = packed.pull(packed.release, tmp_path)
    images = 0
    for path in sorted((folder / "annotations").iterdir()):
        coco = COCO(str(path))
        for image in coco.loadImgs(coco.getImgIds()):
            with Image.open(folder / image["file_name"]) as picture:
                assert picture.size == (image["width"], image["height"])
            (annotation,) = coco.loadAnns(coco.getAnnIds(image["id"]))
            mask = coco.annToMask(annotation)
            assert mask.sum() == annotation["area"]
            x, y, width, height = annotation["bbox"]
            inside = mask[int(y) : int(np.ceil(y + height)), int(x) : int(np.ceil(x + width))]
            assert inside.sum() == mask.sum()
            images += 1
    assert images == packed.row(packed.release).frames == 18


@pytest.mark.models
def test_mmpose_loads_a_release_as_it_was_pulled(packed: Lab, tmp_path: Path) -> None:
    pytest.importorskip("mmpose")
    from worker.adapters.openmmlab import registry

    registry()
    from mmpose.datasets import CocoDataset

    folder = packed.pull(packed.release, tmp_path)
    images = 0
    for path in sorted((folder / "annotations").iterdir()):
        data = CocoDataset(
            data_root=str(folder),
            ann_file=f"annotations/{path.name}",
            data_prefix={"img": ""},
            data_mode="topdown",
            pipeline=[],
        )
        for i in range(len(data)):
            item = data.get_data_info(i)
            assert Path(item["img_path"]).is_file()
            assert item["keypoints"].shape == (1, 17, 2)
            assert item["keypoints_visible"].max() > 0
            images += 1
    assert images == packed.row(packed.release).frames
