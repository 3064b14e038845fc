"""Folders of rendered infants: the same for the same seed, exact, dressed, and readable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO

from backend.domain.errors import Conflict, InvalidInput
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import open_body
from backend.publishing.formats.coco_reader import read_coco
from worker.synthesis.dataset import Order, shots, synthesise
from worker.synthesis.shots import SCENE

SIZE = (160, 120)
COUNT = SCENE + 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("renders") / "set"
    assert synthesise(Order(COUNT, 5, SIZE), out) == COUNT
    return out


@pytest.fixture(scope="module")
def coco(folder: Path) -> COCO:
    return COCO(str(folder / "annotations.json"))


def annotations(coco: COCO) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for annotation in coco.anns.values():
        yield coco.imgs[annotation["image_id"]], annotation


def test_a_picture_depends_on_seed_and_number_alone(folder: Path, tmp_path: Path) -> None:
    synthesise(Order(2, 5, SIZE), tmp_path / "few")
    synthesise(Order(COUNT, 5, SIZE), tmp_path / "many", workers=2)
    name = "images/000001.jpg"
    last = f"images/{COUNT - 1:06d}.jpg"
    assert (tmp_path / "few" / name).read_bytes() == (folder / name).read_bytes()
    assert (tmp_path / "many" / last).read_bytes() == (folder / last).read_bytes()
    files = [json.loads((d / "annotations.json").read_text()) for d in (folder, tmp_path / "many")]
    assert files[0]["annotations"] == files[1]["annotations"]


def test_another_seed_gives_other_pictures(folder: Path, tmp_path: Path) -> None:
    synthesise(Order(1, 6, SIZE), tmp_path / "other")
    name = "images/000000.jpg"
    assert (tmp_path / "other" / name).read_bytes() != (folder / name).read_bytes()


def test_joints_in_3d_project_onto_joints_in_the_image(coco: COCO) -> None:
    for image, annotation in annotations(coco):
        camera, told = image["infantnet"]["camera"], annotation["infantnet"]
        K, T = np.array(camera["K"]), np.array(camera["T_camera_world"])
        world = np.array(told["joints_3d_world"])
        in_camera = world @ T[:3, :3].T + T[:3, 3]
        np.testing.assert_allclose(in_camera, told["joints_3d_camera"], atol=2e-6)
        xy = (in_camera / in_camera[:, 2:]) @ K[:2].T
        joints = np.array(annotation["keypoints"]).reshape(17, 3)
        placed = joints[:, 2] > 0
        np.testing.assert_allclose(joints[placed, :2], xy[placed], atol=0.01)
        inside = (xy >= 0).all(axis=1) & (xy < SIZE).all(axis=1)
        assert (placed == inside).all()


def test_the_body_model_posed_as_told_has_the_joints_told(coco: COCO) -> None:
    for _, annotation in annotations(coco):
        body = annotation["infantnet"]["body"]
        posed = pose_body(
            open_body(), body["betas"], body["pose"], body["scale"], body["translation"]
        )
        np.testing.assert_allclose(
            posed.coco, annotation["infantnet"]["joints_3d_world"], atol=0.002
        )


def test_boxes_hold_mask_and_hidden_joints(coco: COCO) -> None:
    for _, annotation in annotations(coco):
        mask = coco.annToMask(annotation)
        assert mask.sum() == annotation["area"] > 0
        joints = np.array(annotation["keypoints"]).reshape(17, 3)
        rows, cols = np.nonzero(mask)
        hidden = joints[joints[:, 2] == 1, :2]
        points = np.concatenate(
            [hidden, [[cols.min(), rows.min()], [cols.max() + 1, rows.max() + 1]]]
        )
        x, y, width, height = annotation["bbox"]
        np.testing.assert_allclose([x, y], points.min(axis=0), atol=0.002)
        np.testing.assert_allclose([x + width, y + height], points.max(axis=0), atol=0.002)


def test_our_reader_takes_the_file(folder: Path) -> None:
    found = read_coco(folder / "annotations.json")
    assert len(found.images) == COUNT
    for image in found.images:
        [person] = found.candidates[image.id]
        assert sum(joint.present for joint in person.skeleton.joints) >= 9
        picture = cv2.imread(str(folder / image.file_name))
        assert picture.shape == (image.height, image.width, 3)


def test_pictures_are_lit_and_show_their_infant(coco: COCO, folder: Path) -> None:
    for image, annotation in annotations(coco):
        picture = cv2.imread(str(folder / image["file_name"]))
        assert 8 < picture.mean() < 247
        assert picture.std() > 5
        assert coco.annToMask(annotation).mean() > 0.004


def test_trunks_are_dressed_and_no_garment_has_the_colour_of_the_skin() -> None:
    for number in range(6):
        order = Order((number + 1) * SCENE, 8, SIZE)
        scene = next(iter(shots(order, number)))[1].scene
        dressed, body = scene.dressed, scene.dressed.body
        trunk = body.part_weights[:, 1] > 0.9
        below = body.vertices[:, 2] < body.head("upperarm01.L")[2] - 0.03
        covered = np.unique(dressed.source[dressed.vertex_finish == 1])
        assert np.isin(np.nonzero(trunk & below)[0], covered).all()


def test_a_folder_with_files_in_it_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(Conflict, match="not empty"):
        synthesise(Order(1, 1, SIZE), tmp_path / "full")
    assert [p.name for p in tmp_path.rglob("*")] == ["full", "mine.txt"]


def test_a_break_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesise(Order(COUNT, 5, SIZE), tmp_path / "broken", progress=interrupt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("count", "seed", "size", "fault"),
    [
        (0, 0, SIZE, "count"),
        (1, -1, SIZE, "seed"),
        (1, 0, (10, 100), "size"),
    ],
)
def test_numbers_out_of_range_are_named(
    count: int, seed: int, size: tuple[int, int], fault: str
) -> None:
    with pytest.raises(InvalidInput, match=fault):
        Order(count, seed, size)


def test_fits_give_the_poses(tmp_path: Path) -> None:
    pose = np.zeros((2, 72))
    pose[:, 0] = np.pi / 2
    pose[1, 3 * 16 + 2] = -1.0
    betas = np.zeros((2, 20))
    np.savez(tmp_path / "fits.npz", body_name="open-infant", betas=betas, pose=pose)
    order = Order(2, 1, SIZE, tmp_path / "fits.npz")
    found = [shot for _, shot in shots(order, 0)]
    for shot, wanted in zip(found, pose, strict=True):
        np.testing.assert_allclose(shot.body.pose, wanted, atol=1e-6)
        assert shot.posture == "fitted"


def test_fits_of_another_body_model_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "f.npz", body_name="smil", betas=np.zeros((1, 20)), pose=np.zeros((1, 72)))
    with pytest.raises(InvalidInput, match="smil"):
        synthesise(Order(1, 1, SIZE, tmp_path / "f.npz"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
