"""Point clouds and depth images are read as they are, and broken ones refused by name."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from backend.domain.errors import InvalidInput, TooLarge
from backend.multiview.scans import scan_files
from backend.multiview.scans.scan_files import read_cloud, read_depth

POINTS = np.round(np.random.default_rng(1).normal(0, 0.2, (60, 3)), 4)


def ply(kind: str, points: np.ndarray[Any, Any] = POINTS) -> bytes:
    """A PLY as scanners write it: colours between the coordinates' file and the faces."""
    head = (
        f"ply\r\nformat {kind} 1.0\ncomment made up\nelement origin 1\nproperty double t\n"
        f"element vertex {len(points)}\nproperty uchar red\nproperty float x\nproperty float y\n"
        "property double z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n"
    ).encode()
    if kind == "ascii":
        rows = "".join(f"7 {x} {y} {z}\n" for x, y, z in points)
        return head + f"0.5\n{rows}3 0 1 2\n".encode()
    order = "<" if "little" in kind else ">"
    row = np.dtype([("r", "u1"), ("x", order + "f4"), ("y", order + "f4"), ("z", order + "f8")])
    rows_ = np.zeros(len(points), row)
    rows_["x"], rows_["y"], rows_["z"] = points.T
    return head + np.array(0.5, order + "f8").tobytes() + rows_.tobytes() + b"\x03" + bytes(12)


def saved(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def png(pixels: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["ascii", "binary_little_endian", "binary_big_endian"])
def test_every_kind_of_ply_gives_its_points(kind: str) -> None:
    assert np.allclose(read_cloud(ply(kind), "a_1.ply"), POINTS, atol=1e-6)


def test_numpy_files_give_their_points_and_holes_are_left_out() -> None:
    buffer = io.BytesIO()
    np.save(buffer, POINTS.astype(np.float32))
    assert np.allclose(read_cloud(buffer.getvalue(), "a_1.npy"), POINTS, atol=1e-6)
    holes = POINTS.copy()
    holes[3, 1] = np.nan
    assert len(read_cloud(saved(points=holes), "a_1.npz")) == len(POINTS) - 1


@pytest.mark.parametrize(
    ("name", "data", "fault"),
    [
        ("a_1.ply", b"not a cloud", "not a PLY file"),
        ("a_1.ply", ply("binary_little_endian")[:-300], "cut off after"),
        ("a_1.ply", ply("ascii")[:-300], "cut off after"),
        ("a_1.ply", ply("ascii").replace(b"7 ", b"7 x", 1), "not three numbers"),
        ("a_1.ply", ply("ascii").replace(b"float x", b"float u"), "no x, y and z"),
        ("a_1.ply", ply("ascii").replace(b"uchar red", b"colour red"), "header is invalid"),
        ("a_1.ply", ply("ascii").replace(b"vertex 60", b"vertex -1"), "header is invalid"),
        ("a_1.npz", b"PK\x03\x04 and no more", "cut off"),
        ("a_1.npz", saved(cloud=POINTS), "no array “points”"),
        ("a_1.npz", saved(points=POINTS[:, :2]), "60 × 2, not points × 3"),
        ("a_1.npz", saved(points=POINTS, moment=np.arange(60)), "several moments"),
        ("a_1.npy", b"\x93NUMPY\x01\x00", "damaged"),
    ],
)  # fmt: skip
def test_a_broken_cloud_is_refused_by_name_and_fault(name: str, data: bytes, fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault) as caught:
        read_cloud(data, name)
    assert caught.value.file == name


def test_what_would_not_fit_into_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_files, "MAX_BYTES", 1000)
    with pytest.raises(TooLarge, match=r"a_1\.npz"):
        read_cloud(saved(points=np.zeros((5000, 3))), "a_1.npz")


def test_sixteen_bits_of_depth_are_read_whole() -> None:
    depth = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) * 20
    assert np.array_equal(read_depth(png(depth), "d_1.png", (64, 48)), depth)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (png(np.zeros((24, 32), np.uint16)), "32×24 pixels, but its camera's images 64×48"),
        (png(np.zeros((48, 64), np.uint8)), "16 bits of one grey channel"),
        (png(np.zeros((48, 64, 3), np.uint8)), "16 bits of one grey channel"),
        (png(np.ones((48, 64), np.uint16))[:-30], "damaged"),
        (b"\x89PNG", "damaged"),
    ],
)
def test_a_broken_depth_image_is_refused_by_name_and_fault(data: bytes, fault: str) -> None:
    with pytest.raises(InvalidInput, match=fault):
        read_depth(data, "d_1.png", (64, 48))
