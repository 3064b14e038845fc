"""Camera files of other programs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backend.domain.cameras import Camera, Lens
from backend.domain.errors import InvalidInput
from tests.worker.calibration.rigs import rig
from tests.worker.calibration.shared import shared_folder
from worker.calibration.files import read_cameras, write_cameras


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["rig.toml", "rig.qca.txt", "rig.yml", "rig.json"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    write_cameras(tmp_path / name, rig())
    found = read_cameras([tmp_path / name]).cameras
    for camera, true in zip(found, rig(), strict=True):
        assert camera.name == true.name
        assert (camera.width, camera.height) == (true.width, true.height)
        assert np.allclose(camera.K, true.K)
        assert np.allclose(camera.pose, true.pose)
        assert np.allclose(camera.distortion, true.distortion)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_a_fisheye_lens_survives_toml(tmp_path: Path) -> None:
    wide = Camera("w", 480, 360, rig()[0].K, np.array([0.1, 0, 0, 0.01]), Lens.FISHEYE)
    write_cameras(tmp_path / "w.toml", [wide])
    found = read_cameras([tmp_path / "w.toml"]).cameras[0]
    assert found.lens is Lens.FISHEYE
    assert np.allclose(found.distortion, wide.distortion)


def test_the_qualisys_file_of_a_real_recording_puts_its_floor_points_into_the_pictures() -> None:
    path = shared_folder("multiview_4cam") / "reference_calibration.qca.txt"
    read = read_cameras([path])
    assert read.units == "mm"
    for camera in read.cameras:
        pixels = camera.project([[-2, 0.3, 0], [-2, -0.3, 0], [0, 0.3, 0], [0, -0.3, 0]])
        assert ((pixels > 0) & (pixels < (camera.width, camera.height))).all()
        # Up in the world is up in the picture.
        assert camera.project([0, 0, 0.05])[1] < camera.project([0, 0, 0])[1]


def test_millimetres_are_recognised_by_how_far_cameras_stand_apart(tmp_path: Path) -> None:
    text = "".join(
        f'[cam_{i}]\nname = "{n}"\nsize = [480, 360]\nmatrix = [[500.0, 0, 240], [0, 500.0, 180],'
        f" [0, 0, 1]]\ndistortions = [0.0, 0, 0, 0, 0]\nrotation = [0.0, 0, 0]\n"
        f"translation = [{2100.0 * i}, 0, 0]\n"
        for i, n in enumerate("ab")
    )
    read = read_cameras([written(tmp_path, "a.toml", text)])
    assert read.units == "mm"
    assert np.linalg.norm(read.cameras[1].centre) == pytest.approx(2.1)


@pytest.mark.parametrize(("apart", "units"), [(120.0, "auto"), (0.002, "m"), (900_000.0, "auto")])
def test_implausible_lengths_are_refused(tmp_path: Path, apart: float, units: str) -> None:
    cameras = [{"name": n, "K": rig()[0].K.tolist(), "size": [480, 360], "R": np.eye(3).tolist(),
                "t": [apart * i, 0, 0]} for i, n in enumerate("ab")]  # fmt: skip
    path = written(tmp_path, "a.json", json.dumps(cameras))
    with pytest.raises(InvalidInput, match=r"a\.json: its cameras stand"):
        read_cameras([path], units=units)  # type: ignore[arg-type]


def test_opencvs_own_sample_file_is_a_lens(tmp_path: Path) -> None:
    text = """%YAML:1.0
---
image_width: 640
image_height: 480
camera_matrix: !!opencv-matrix
   rows: 3
   cols: 3
   dt: d
   data: [ 600., 0., 320., 0., 601., 240., 0., 0., 1. ]
distortion_coefficients: !!opencv-matrix
   rows: 5
   cols: 1
   dt: d
   data: [ 0.1, -0.2, 0., 0., 0.05 ]
"""
    camera = read_cameras([written(tmp_path, "left.yml", text)]).cameras[0]
    assert camera.name == "left"
    assert camera.K[0, 2] == 320.5  # our images begin at the outer corner
    assert not camera.placed


def test_a_stereo_file_holds_two_cameras(tmp_path: Path) -> None:
    K = rig()[0].K.tolist()
    text = json.dumps({"M1": K, "D1": [0.0] * 5, "M2": K, "D2": [0.0] * 5, "imageSize": [480, 360],
                       "R": np.eye(3).tolist(), "T": [[-0.12], [0], [0]]})  # fmt: skip
    one, two = read_cameras([written(tmp_path, "stereo.json", text)]).cameras
    assert np.allclose(one.centre, 0)
    assert np.allclose(two.centre, (0.12, 0, 0))


def test_caliscopes_nested_tables_are_read(tmp_path: Path) -> None:
    text = """[cameras.1]
cam_id = 1
size = [480, 360]
rotation_count = 0
matrix = [[500.0, 0.0, 240.0], [0.0, 500.0, 180.0], [0.0, 0.0, 1.0]]
distortions = [0.0, 0.0, 0.0, 0.0, 0.0]
translation = [0.0, 0.0, 2.0]
rotation = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
[cameras.2]
cam_id = 2
size = [480, 360]
"""
    read = read_cameras([written(tmp_path, "camera_array.toml", text)])
    assert [c.name for c in read.cameras] == ["1"]
    assert "2 has no lens" in read.notes[0]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.toml", "[x]\nsize = [1", "not TOML"),
        ("a.toml", "a = 1\n", "no camera in it"),
        ("a.json", "{]", "not JSON"),
        ("a.json", '{"hello": 1}', "no camera matrix"),
        ("a.json", '{"K": [[1, 2]], "size": [4, 4]}', "3×3 numbers"),
        ("a.json", '{"K": [[-5, 0, 0], [0, 5, 0], [0, 0, 1]], "size": [4, 4]}', "focal length"),
        ("a.json", '{"K": [[5, 0, 0], [0, 5, 0], [0, 0, 1]]}', "image size"),
        ("a.xml", "<html></html>", "neither"),
        ("a.qca.txt", "<calibration><cameras/></calibration>", "no camera"),
        ("a.qca.txt", "<!DOCTYPE x [<!ENTITY e 'e'>]><calibration/>", "declarations"),
        ("a.txt", "hello there", "not one of the camera files"),
        ("a.txt", "", "empty"),
    ],
)
def test_faulty_files_are_refused_by_name(tmp_path: Path, name: str, text: str, fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault) as refusal:
        read_cameras([written(tmp_path, name, text)])
    assert refusal.value.message.startswith(name)


def test_two_cameras_of_one_name_are_refused(tmp_path: Path) -> None:
    write_cameras(tmp_path / "a.toml", rig()[:1])
    write_cameras(tmp_path / "b.toml", rig()[:1])
    with pytest.raises(InvalidInput, match="second camera"):
        read_cameras([tmp_path / "a.toml", tmp_path / "b.toml"])


def test_nothing_is_written_for_a_format_without_room_for_the_lens(tmp_path: Path) -> None:
    wide = replace(rig()[0], distortion=np.zeros(4), lens=Lens.FISHEYE)
    with pytest.raises(InvalidInput, match="fisheye"):
        write_cameras(tmp_path / "a.qca.txt", [wide])
    assert list(tmp_path.iterdir()) == []


_DEEP = 20_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep.json", '[{"a": ' + "[" * _DEEP + "]" * _DEEP + "}]"),
        ("deep.json", '{"a":' * _DEEP + "1" + "}" * _DEEP),
        ("deep.toml", "a = " + "[" * _DEEP + "]" * _DEEP),
        ("deep.yml", "%YAML:1.0\n---\na: " + "[" * _DEEP + "]" * _DEEP),
        ("deep.yml", "%YAML:1.0\n---\na:\n  " + "- " * _DEEP + "1\n"),
        ("deep.xml", "<?xml version='1.0'?>\n<opencv_storage>" + "<a>" * _DEEP),
    ],
    ids=["JSON lists", "JSON objects", "TOML", "YAML flow", "YAML blocks", "XML"],
)
def test_nesting_without_end_gets_words(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(InvalidInput, match=rf"^{name}: .*nested"):
        read_cameras([written(tmp_path, name, text)])


@pytest.mark.parametrize("number", ["1e400", "-1e400", "nan", "inf", "1e300", "9" * 5000])
@pytest.mark.parametrize("place", ["size", "matrix", "translation"])
def test_absurd_numbers_in_toml_get_words(tmp_path: Path, number: str, place: str) -> None:
    values = {
        "size": "[640, 480]",
        "matrix": "[[600, 0, 320], [0, 600, 240], [0, 0, 1]]",
        "rotation": "[0, 0, 0]",
        "translation": "[0, 0, 1]",
    }
    values[place] = values[place].replace("0", number, 1)
    text = "[cam]\n" + "\n".join(f"{key} = {value}" for key, value in values.items())
    with pytest.raises(InvalidInput, match=r"^c\.toml: "):
        read_cameras([written(tmp_path, "c.toml", text)])


@pytest.mark.parametrize("number", ["1e400", "NaN", "1e300", "Infinity"])
def test_absurd_numbers_in_json_get_words(tmp_path: Path, number: str) -> None:
    text = (
        '{"image_size": [640, 480], "camera_matrix": [[' + number + ", 0, 320], [0, 600, 240],"
        ' [0, 0, 1]], "dist_coeffs": [0, 0, 0, 0]}'
    )
    with pytest.raises(InvalidInput, match=r"^c\.json: "):
        read_cameras([written(tmp_path, "c.json", text)])


@pytest.mark.parametrize("number", ["1e400", "nan", "1e300"])
def test_absurd_numbers_in_qualisys_files_get_words(tmp_path: Path, number: str) -> None:
    write_cameras(tmp_path / "rig.qca.txt", rig())
    text = (tmp_path / "rig.qca.txt").read_text()
    head, _, tail = text.partition('focalLengthU="')
    broken = head + f'focalLengthU="{number}"' + tail.partition('"')[2]
    assert broken != text
    with pytest.raises(InvalidInput, match=r"^b\.qca\.txt: "):
        read_cameras([written(tmp_path, "b.qca.txt", broken)])


@pytest.mark.parametrize("kind", ["calibration", "opencv_storage"])
def test_entities_are_never_expanded(tmp_path: Path, kind: str) -> None:
    entities = '<!ENTITY a0 "x">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
    )
    text = f'<?xml version="1.0"?><!DOCTYPE c [{entities}]><{kind}><x>&a9;</x></{kind}>'
    with pytest.raises(InvalidInput, match=r"^e\.xml: "):
        read_cameras([written(tmp_path, "e.xml", text)])
