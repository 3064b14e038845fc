"""Body fits as motions, read back by the programs that the formats are for."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import ezc3d
import numpy as np
import pandas
import pytest
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.domain.skeleton import JOINTS
from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import open_body
from backend.publishing.formats.tracks.layout import grid, tracks_of
from backend.publishing.formats.tracks.pack import TRACK_FORMATS, files_of, write_zip
from backend.publishing.formats.tracks.skeleton import repose
from tests.fixtures.fitting import open_basis, sample_moments
from worker.fitting.skin import posed_joints

Array = NDArray[np.float64]

TIMES = np.array([2.0, 2.1, 2.2, 2.3, 2.5, 2.6])
"""Ten a second; the moment at 2.4 is missing."""


@pytest.fixture(scope="module")
def arrays() -> dict[str, NDArray[Any]]:
    made = sample_moments(6, seed=4, motion=True)
    place = made.x[:, :3]
    coco, body = posed_joints(open_basis(), made.betas, made.pose, place, made.scale)
    raw = made.pose + np.random.default_rng(0).normal(0, 0.05, made.pose.shape)
    raw[3] = np.nan
    raw_place, raw_coco = place + 0.01, coco + 0.01
    raw_place[3], raw_coco[3] = np.nan, np.nan
    return {
        "session": np.array(["Visit 3"] * 6),
        "moment": np.array([20, 21, 22, 23, 25, 26]),
        "time_s": TIMES,
        "pose": made.pose,
        "translation": place,
        "joints3d_coco": coco,
        "joints3d_body": body,
        "betas": np.repeat(made.betas[None], 6, axis=0),
        "scale": np.full(6, made.scale),
        "body_name": np.array(["open-infant"] * 6),
        "body_sha256": np.array([open_body().sha256] * 6),
        "verdict": np.array(["verified"] * 6),
        "time_filter": np.array(["sequence"] * 6),
        "bridged": np.array([False] * 3 + [True] + [False] * 2),
        "spread_m": np.full((6, 17), 0.004),
        "raw_pose": raw,
        "raw_translation": raw_place,
        "raw_joints3d_coco": raw_coco,
    }


def files(arrays: dict[str, NDArray[Any]], name: str) -> dict[str, bytes]:
    return files_of(TRACK_FORMATS[name], tracks_of(arrays, "fits.npz"))


def test_ezc3d_reads_joints_rate_and_filter_of_a_c3d_file(
    arrays: dict[str, NDArray[Any]], tmp_path: Path
) -> None:
    (tmp_path / "a.c3d").write_bytes(files(arrays, "c3d")["visit-3.c3d"])
    read = ezc3d.c3d(str(tmp_path / "a.c3d"))
    points = read["data"]["points"][:3].transpose(2, 1, 0)
    there = [0, 1, 2, 3, 5, 6]
    np.testing.assert_allclose(points[there], 1000 * arrays["joints3d_coco"], atol=1e-3)
    assert np.isnan(points[4]).all()
    point = read["parameters"]["POINT"]
    assert tuple(point["LABELS"]["value"]) == JOINTS
    assert point["RATE"]["value"][0] == pytest.approx(10.0)
    assert point["UNITS"]["value"] == ["mm"]
    processing = read["parameters"]["PROCESSING"]
    assert processing["FILTER"]["value"][0].startswith("sequence")
    assert "prior only" in processing["PRIOR_ONLY"]["value"][0]


def test_the_raw_c3d_file_holds_what_was_not_filtered(
    arrays: dict[str, NDArray[Any]], tmp_path: Path
) -> None:
    (tmp_path / "a.c3d").write_bytes(files(arrays, "c3d")["visit-3.raw.c3d"])
    read = ezc3d.c3d(str(tmp_path / "a.c3d"))
    points = read["data"]["points"][:3].transpose(2, 1, 0)
    np.testing.assert_allclose(points[0], 1000 * arrays["raw_joints3d_coco"][0], atol=1e-3)
    assert np.isnan(points[3]).all()
    assert read["parameters"]["PROCESSING"]["FILTER"]["value"][0].startswith("none")


def test_an_amass_file_gives_back_the_skin(arrays: dict[str, NDArray[Any]]) -> None:
    found = files(arrays, "amass")
    assert [name for name in found if name.endswith(".npz")] == [
        "visit-3_01.amass.npz", "visit-3_02.amass.npz",
    ]  # fmt: skip
    read = np.load(io.BytesIO(found["visit-3_01.amass.npz"]))
    assert read["poses"].shape == (4, 156)
    assert read["betas"].shape[0] >= 16
    assert read["dmpls"].shape == (4, 8)
    assert (str(read["gender"]), float(read["mocap_framerate"])) == ("neutral", pytest.approx(10))
    model, pose = open_body(), np.zeros(72)
    pose[:66] = read["poses"][2, :66]
    # As SMPL is posed: at the model's own size, its root where that is at rest.
    root = read["pelvis"][2] - read["trans"][2]
    rest = pose_body(model, read["betas"][:20], pose, 1.0, root / float(read["body_scale"]))
    whole = arrays["pose"][2].copy()
    whole[66:] = 0
    ours = pose_body(
        model, arrays["betas"][2], whole, float(arrays["scale"][2]), arrays["translation"][2]
    )
    theirs = float(read["body_scale"]) * rest.vertices + read["trans"][2]
    np.testing.assert_allclose(theirs, ours.vertices, atol=1e-6)
    np.testing.assert_allclose(read["poses_raw"][0, :66], arrays["raw_pose"][0, :66])


def test_a_trc_file_has_millimetres_with_y_up_and_leaves_holes_empty(
    arrays: dict[str, NDArray[Any]],
) -> None:
    lines = files(arrays, "trc")["visit-3.trc"].decode().splitlines()
    assert lines[0] == "PathFileType\t4\t(X/Y/Z)\tvisit-3.trc"
    assert lines[2].split("\t") == ["10", "10", "7", "17", "mm", "10", "1", "7"]
    assert tuple(name for name in lines[3].split("\t")[2:] if name) == JOINTS
    first = np.array([float(v) for v in lines[6].split("\t")[2:]]).reshape(17, 3)
    x, y, z = 1000 * arrays["joints3d_coco"][0].T
    np.testing.assert_allclose(first, np.stack([x, z, -y], axis=1), atol=1e-3)
    hole = lines[10].split("\t")
    assert hole[0] == "5"
    assert set(hole[2:]) == {""}


def test_pandas_reads_joint_angles_and_their_definitions_stand_before_them(
    arrays: dict[str, NDArray[Any]],
) -> None:
    text = files(arrays, "angles")["visit-3.angles.csv"].decode()
    table = pandas.read_csv(io.StringIO(text), comment="#")
    assert table["moment"].tolist() == [20, 21, 22, 23, 25, 26]
    assert table["left_knee_flexion_deg"].between(0, 180).all()
    assert table["raw_left_knee_flexion_deg"].isna().tolist() == [False] * 3 + [True] + [False] * 2
    assert table["bridged"].tolist() == [0, 0, 0, 1, 0, 0]
    assert "# left_knee_flexion_deg: Left angle between thigh and shank" in text
    assert "# Filter: sequence" in text


def test_an_archive_says_what_was_filtered_and_what_nobody_saw(
    arrays: dict[str, NDArray[Any]],
) -> None:
    data = io.BytesIO()
    write_zip(files(arrays, "trc"), data)
    with zipfile.ZipFile(data) as archive:
        assert archive.namelist() == ["visit-3.trc", "visit-3.raw.trc", "README.txt"]
        about = archive.read("README.txt").decode()
    assert "Visit 3: 6 moments at 10 Hz, 1 empty, 1 bridged; filter: sequence" in about
    assert "Hands, feet, toes" in about


def test_bones_of_a_pose_give_the_joints_of_another(arrays: dict[str, NDArray[Any]]) -> None:
    pose, body = arrays["pose"], arrays["joints3d_body"]
    again = repose(pose[:3], body[:3], pose[3:], arrays["translation"][3:])
    np.testing.assert_allclose(again, body[3:], atol=1e-8)


def test_moments_that_are_not_evenly_spaced_are_no_motion() -> None:
    with pytest.raises(InvalidInput, match="not evenly spaced"):
        grid(np.array([0.0, 0.1, 0.2, 0.35, 0.41]), "Visit 3", "fits.npz")


def test_rounded_times_of_a_long_recording_lie_on_its_grid() -> None:
    times = np.round(np.arange(2000) / 29.97, 3)
    step, rate = grid(times, "Visit 3", "fits.npz")
    assert step.tolist() == list(range(2000))
    assert rate == pytest.approx(29.97, abs=1e-3)


def test_bodies_without_times_are_no_motion(arrays: dict[str, NDArray[Any]]) -> None:
    with pytest.raises(InvalidInput, match="no times"):
        tracks_of(arrays | {"time_s": np.full(6, np.nan)}, "fits.npz")
