"""Camera files in the layouts that other programs write, against the cameras that they describe."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.domain.cameras import Camera, Lens
from backend.domain.errors import InvalidInput
from worker.calibration.files import CameraFile, read_cameras
from worker.calibration.reduced import to_eight

SIZE = (1280, 720)
POINTS = np.array([[0.1, -0.2, 0.3], [0.5, 0.4, -0.1], [-0.4, 0.2, 0.2], [0.0, 0.0, 0.0]])
K = np.array([[1010.0, 0, 645.5], [0, 1012.0, 350.25], [0, 0, 1]])
BENT = np.array([-0.21, 0.08, 0.0007, -0.0004, 0.01])


def pose(turn: tuple[float, float, float], place: tuple[float, float, float]) -> np.ndarray:
    T = np.eye(4)
    T[:3, :3] = cv2.Rodrigues(np.array(turn))[0]
    T[:3, 3] = place
    return T


FIRST, SECOND = pose((0.1, -0.2, 0.05), (0.2, -0.1, 3.0)), pose((-0.15, 0.5, 0.0), (-0.4, 0.3, 2.8))


def opencv_pixels(T: np.ndarray, bent: np.ndarray = BENT, fisheye: bool = False) -> np.ndarray:
    """Where OpenCV itself sees the points, 0 at the first pixel's centre."""
    r, t = cv2.Rodrigues(T[:3, :3])[0], T[:3, 3].copy()
    if fisheye:
        return cv2.fisheye.projectPoints(POINTS[:, None], r, t.reshape(3, 1), K, bent)[0][:, 0]
    return cv2.projectPoints(POINTS, r, t, K, bent)[0][:, 0]


def agrees(camera: Camera, pixels: np.ndarray, off: float = 1e-4) -> bool:
    """Whether a camera of ours, whose pixels count from the outer corner, sees the same."""
    return bool(np.abs(camera.project(POINTS) - 0.5 - pixels).max() < off)


def written(folder: Path, files: dict[str, str | bytes], **options: object) -> CameraFile:
    paths = []
    for name, text in files.items():
        path = folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        paths.append(path)
    return read_cameras(paths, **options)  # type: ignore[arg-type]


def matrix(name: str, value: np.ndarray) -> str:
    value = np.atleast_2d(value)
    data = ", ".join(repr(float(v)) for v in value.reshape(-1))
    return (
        f"{name}: !!opencv-matrix\n   rows: {value.shape[0]}\n   cols: {value.shape[1]}\n"
        f"   dt: d\n   data: [ {data} ]\n"
    )


def storage(*entries: str) -> str:
    return "%YAML:1.0\n---\n" + "".join(entries)


@pytest.mark.parametrize("count", [4, 5, 8, 12, 14])
def test_opencvs_lens_calibration_is_read_with_any_number_of_terms(
    tmp_path: Path, count: int
) -> None:
    bent = np.array([-0.2, 0.07, 0.0006, -0.0003, 0.01, 0.02, -0.01, 0.003,
                     0.0006, -0.0003, 0.0004, 0.0002, 0.004, -0.003])[:count]  # fmt: skip
    text = storage(
        "image_width: 1280\nimage_height: 720\n",
        matrix("camera_matrix", K),
        matrix("distortion_coefficients", bent),
    )
    read = written(tmp_path, {"lens.yml": text})
    camera = read.cameras[0].moved(FIRST)
    assert agrees(camera, opencv_pixels(FIRST, bent), 0.2 if count > 8 else 1e-4)
    assert bool(read.notes) == (count > 8)
    if count > 8:
        assert f"{count} distortion coefficients" in read.notes[0]


def test_terms_that_cannot_be_converted_are_refused(tmp_path: Path) -> None:
    bent = np.zeros(14)
    bent[12:] = 0.4, -0.4
    text = storage(
        "image_width: 1280\nimage_height: 720\n", matrix("camera_matrix", K),
        matrix("distortion_coefficients", bent),
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="would be lost"):
        written(tmp_path, {"lens.yml": text})


def test_the_nearest_lens_says_how_near_it_is() -> None:
    bent = np.zeros(12)
    bent[:5], bent[8:] = BENT, (0.001, -0.0005, 0.0008, 0.0004)
    L, eight, apart = to_eight(K, bent, SIZE)
    corner = np.array([[0.6, 0.34, 1.0]])
    there = [cv2.projectPoints(corner, np.zeros(3), np.zeros(3), M, d)[0]
             for M, d in ((K, bent), (L, eight))]  # fmt: skip
    assert np.linalg.norm(there[0] - there[1]) <= apart + 0.02
    assert apart < 0.5


def test_opencvs_fisheye_calibration_is_read(tmp_path: Path) -> None:
    bent = np.array([0.03, -0.01, 0.004, -0.001])
    text = storage(
        "image_Width: 1280\nimage_Height: 720\nfisheye_model: 1\n", matrix("camera_matrix", K),
        matrix("distortion_coefficients", bent),
    )  # fmt: skip
    camera = written(tmp_path, {"lens.yml": text}).cameras[0]
    assert camera.lens is Lens.FISHEYE
    assert agrees(camera.moved(FIRST), opencv_pixels(FIRST, bent, fisheye=True))


def test_the_two_files_of_opencvs_stereo_sample_belong_together(tmp_path: Path) -> None:
    """It writes lenses and places apart, without an image size, 14 terms of which 8 are used."""
    relative = SECOND @ np.linalg.inv(FIRST)
    bent = np.concatenate((BENT, np.zeros(9)))
    files = {
        "extrinsics.yml": storage(
            matrix("R", relative[:3, :3]), matrix("T", relative[:3, 3:]), matrix("Q", np.eye(4))
        ),
        "intrinsics.yml": storage(
            matrix("M1", K), matrix("D1", bent), matrix("M2", K), matrix("D2", bent)
        ),
    }
    read = written(tmp_path, files, size=SIZE, units="m")
    assert [camera.name for camera in read.cameras] == ["cam1", "cam2"]
    assert any("1280×720 pixels were taken" in note for note in read.notes)
    for camera, truth in zip(read.cameras, (FIRST, SECOND), strict=True):
        assert agrees(camera.moved(camera.pose @ FIRST), opencv_pixels(truth))
    with pytest.raises(InvalidInput, match="image size is not given"):
        written(tmp_path, files, units="m")


def test_stereo_as_json_and_as_xml(tmp_path: Path) -> None:
    relative = SECOND @ np.linalg.inv(FIRST)
    entries = {
        "cameraMatrix1": K, "distCoeffs1": BENT, "cameraMatrix2": K, "distCoeffs2": BENT,
        "R": relative[:3, :3], "T": relative[:3, 3] * 1000,
    }  # fmt: skip
    plain = {key: value.tolist() for key, value in entries.items()}
    as_json = json.dumps({"image_size": SIZE, **plain})
    store = cv2.FileStorage("a.xml", cv2.FILE_STORAGE_WRITE | cv2.FILE_STORAGE_MEMORY)
    for key, value in entries.items():
        store.write(key, value)
    as_xml = store.releaseAndGetString()
    for name, text in (("a.json", as_json), ("a.xml", as_xml)):
        read = written(tmp_path, {name: text}, size=SIZE)
        assert read.units == "mm"
        second = read.cameras[1]
        assert agrees(second.moved(second.pose @ FIRST), opencv_pixels(SECOND))


def kalibr(model: str, second: np.ndarray | None) -> str:
    link = "" if second is None else f"  T_cn_cnm1: {second.tolist()}\n"
    lens = (
        f"  camera_model: pinhole\n  distortion_coeffs: {BENT[:4].tolist()}\n"
        f"  distortion_model: {model}\n  intrinsics: [1010.0, 1012.0, 645.5, 350.25]\n"
        "  resolution: [1280, 720]\n"
    )
    return f"cam0:\n{lens}  rostopic: /a\ncam1:\n{link}{lens}cam10:\n{link}{lens}"


def test_a_kalibr_chain_is_followed_from_camera_to_camera(tmp_path: Path) -> None:
    step = SECOND @ np.linalg.inv(FIRST)
    read = written(tmp_path, {"camchain.yaml": kalibr("radtan", step)})
    assert (read.format, read.units) == ("kalibr", "m")
    assert [camera.name for camera in read.cameras] == ["cam0", "cam1", "cam10"]
    for camera, T in zip(read.cameras, (FIRST, step @ FIRST, step @ step @ FIRST), strict=True):
        assert agrees(camera.moved(camera.pose @ FIRST), opencv_pixels(T, BENT[:4]))


def test_kalibrs_equidistant_lens_is_fisheye_and_an_unlinked_camera_has_no_place(
    tmp_path: Path,
) -> None:
    read = written(tmp_path, {"camchain.yaml": kalibr("equidistant", None)})
    assert {camera.lens for camera in read.cameras} == {Lens.FISHEYE}
    assert [camera.placed for camera in read.cameras] == [True, False, False]
    text = kalibr("radtan", None).replace("camera_model: pinhole", "camera_model: omni", 1)
    with pytest.raises(InvalidInput, match="“omni” is not known"):
        written(tmp_path, {"camchain.yaml": text})


def quaternion(T: np.ndarray) -> list[float]:
    r = cv2.Rodrigues(T[:3, :3])[0].reshape(3)
    angle = float(np.linalg.norm(r))
    return [float(np.cos(angle / 2)), *(np.sin(angle / 2) * r / angle)]


def colmap(binary: bool) -> dict[str, str | bytes]:
    """COLMAP counts pixels from the outer corner: its centre is half a pixel more than OpenCV's."""
    values = [1010.0, 1012.0, 646.0, 350.75, *BENT[:4]]
    poses = {"left/000.png": FIRST, "right/000.png": SECOND}
    if binary:
        lens = struct.pack("<QiiQQ8d", 1, 7, 4, *SIZE, *values)
        images = struct.pack("<Q", len(poses))
        for i, (name, T) in enumerate(poses.items()):
            images += struct.pack("<i7di", i + 1, *quaternion(T), *T[:3, 3], 7)
            images += name.encode() + b"\0" + struct.pack("<Qddq", 1, 5.0, 6.0, -1)
        return {"images.bin": images, "cameras.bin": lens}
    lens = "# Camera list\n7 OPENCV 1280 720 " + " ".join(map(repr, map(float, values))) + "\n"
    lines = "# IMAGE_ID, QW, QX, QY, QZ, TX, TY, TZ, CAMERA_ID, NAME\n"
    for i, (name, T) in enumerate(poses.items()):
        numbers = " ".join(repr(float(v)) for v in (*quaternion(T), *T[:3, 3]))
        lines += f"{i + 1} {numbers} 7 {name}\n5.0 6.0 -1\n"
    return {"cameras.txt": lens, "images.txt": lines}


@pytest.mark.parametrize("binary", [False, True])
def test_a_colmap_model_is_read_and_said_to_have_no_scale(tmp_path: Path, binary: bool) -> None:
    read = written(tmp_path, colmap(binary))
    assert [camera.name for camera in read.cameras] == ["left", "right"]
    for camera, T in zip(read.cameras, (FIRST, SECOND), strict=True):
        assert agrees(camera, opencv_pixels(T, BENT[:4]))
    assert any("no scale of its own" in note for note in read.notes)


def test_a_cut_colmap_model_is_refused(tmp_path: Path) -> None:
    files = colmap(binary=True)
    files["images.bin"] = files["images.bin"][:-30]
    with pytest.raises(InvalidInput, match=r"images\.bin: .*damaged"):
        written(tmp_path, files)
    with pytest.raises(InvalidInput, match="cameras file is missing"):
        written(tmp_path / "..", {"images.txt": colmap(binary=False)["images.txt"]})


def test_easymocaps_two_files_are_read(tmp_path: Path) -> None:
    names = 'names:\n   - "01"\n   - "02"\n'
    lenses = "".join(matrix(f"K_{n}", K) + matrix(f"dist_{n}", BENT) for n in ("01", "02"))
    places = "".join(
        matrix(f"R_{n}", cv2.Rodrigues(T[:3, :3])[0]) + matrix(f"Rot_{n}", T[:3, :3])
        + matrix(f"T_{n}", T[:3, 3:])
        for n, T in (("01", FIRST), ("02", SECOND))
    )  # fmt: skip
    files = {"intri.yml": storage(names, lenses), "extri.yml": storage(names, places)}
    read = written(tmp_path, files, size=SIZE)
    assert [camera.name for camera in read.cameras] == ["01", "02"]
    for camera, T in zip(read.cameras, (FIRST, SECOND), strict=True):
        assert agrees(camera, opencv_pixels(T))


def test_jarviss_transposed_matrices_in_millimetres_are_read(tmp_path: Path) -> None:
    """It multiplies row vectors from the left, so that its matrices stand transposed."""
    files = {
        f"Camera_{label}.yaml": storage(
            matrix("intrinsicMatrix", K.T), matrix("distortionCoefficients", BENT),
            matrix("R", T[:3, :3].T), matrix("T", T[:3, 3] * 1000),
        )
        for label, T in (("A", FIRST), ("B", SECOND))
    }  # fmt: skip
    read = written(tmp_path, files, size=SIZE)
    assert read.units == "mm"
    for camera, T in zip(read.cameras, (FIRST, SECOND), strict=True):
        assert agrees(camera, opencv_pixels(T))


def test_pose2sims_toml_is_read(tmp_path: Path) -> None:
    tables = "".join(
        f'[{name}]\nname = "{name}"\nsize = [ 1280.0, 720.0]\nmatrix = {K.tolist()}\n'
        f"distortions = {BENT[:4].tolist()}\n"
        f"rotation = {cv2.Rodrigues(T[:3, :3])[0].reshape(3).tolist()}\n"
        f"translation = {T[:3, 3].tolist()}\nfisheye = false\n\n"
        for name, T in (("cam_01", FIRST), ("cam_02", SECOND))
    )
    read = written(tmp_path, {"Calib.toml": tables + "[metadata]\nadjusted = false\nerror = 0.0\n"})
    for camera, T in zip(read.cameras, (FIRST, SECOND), strict=True):
        assert agrees(camera, opencv_pixels(T, BENT[:4]))


def test_a_qualisys_file_as_theia_takes_it_is_read(tmp_path: Path) -> None:
    """Sub-pixels of 1/64, millimetres, and camera axes with y up and z backwards."""
    cameras = ""
    for name, T in (("a", FIRST), ("b", SECOND)):
        R = np.diag([1.0, -1, -1]) @ T[:3, :3]
        place = -T[:3, :3].T @ T[:3, 3] * 1000
        turns = " ".join(f'r{i + 1}{j + 1}="{R[i, j]!r}"' for i in range(3) for j in range(3))
        turns = turns.replace("np.float64(", "").replace(")", "")
        cameras += (
            f'<camera active="1" serial="{name}" viewrotation="0">'
            '<fov_video left="0" top="0" right="1279" bottom="719"/>'
            f'<transform x="{place[0]}" y="{place[1]}" z="{place[2]}" {turns}/>'
            f'<intrinsic focalLengthU="{K[0, 0] * 64}" focalLengthV="{K[1, 1] * 64}"'
            f' centerPointU="{K[0, 2] * 64}" centerPointV="{K[1, 2] * 64}" skew="0"'
            f' radialDistortion1="{BENT[0]}" radialDistortion2="{BENT[1]}"'
            f' radialDistortion3="{BENT[4]}" tangentalDistortion1="{BENT[2]}"'
            f' tangentalDistortion2="{BENT[3]}"/></camera>'
        )
    text = f"<calibration source='x'><cameras>{cameras}</cameras></calibration>"
    read = written(tmp_path, {"session.qca.txt": text})
    for camera, T in zip(read.cameras, (FIRST, SECOND), strict=True):
        assert agrees(camera, opencv_pixels(T))


def test_cameras_that_all_stand_at_the_origin_have_no_common_frame(tmp_path: Path) -> None:
    entry = {"camera_matrix": K.tolist(), "image_size": SIZE, "R": np.eye(3).tolist(),
             "t": [0, 0, 0]}  # fmt: skip
    text = json.dumps({"cameras": [{"name": "a", **entry}, {"name": "b", **entry}]})
    with pytest.raises(InvalidInput, match="no common frame"):
        written(tmp_path, {"cameras.json": text})
