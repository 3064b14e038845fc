"""Archives are held to what they say before memory is taken for them."""

from __future__ import annotations

import contextlib
import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.core.archives import (
    ArchiveFault,
    ArchiveLimits,
    Oversized,
    check_members,
    open_zip,
    read_npy,
    read_npz,
)

_ROOM = 1 << 20


def _npz(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)
    return out.getvalue()


def _npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def _zip_of(member: bytes, name: str = "a.npy") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, member)
    return out.getvalue()


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.array("infant"),
        np.array(["a", "bc"]),
        np.zeros((0, 3)),
        np.array([True, False]),
        np.array(2, ">i4"),
    ],
    ids=["floats", "Fortran order", "one text", "texts", "none", "truth values", "big-endian"],
)
def test_arrays_come_back_as_they_were_written(array: np.ndarray) -> None:
    found = read_npz(_npz(a=array), _ROOM)["a"]
    assert found.shape == array.shape
    np.testing.assert_array_equal(found, array)


def test_arrays_that_were_not_asked_for_are_not_read() -> None:
    assert read_npz(_npz(a=np.ones(3), b=np.ones(3)), _ROOM, ("b", "c")).keys() == {"b"}


def test_a_bomb_is_refused_before_it_unpacks() -> None:
    with pytest.raises(Oversized, match="unpacks to"):
        read_npz(_npz(a=np.zeros(_ROOM)), _ROOM)


def test_a_header_that_tells_of_more_than_its_member_has_is_refused() -> None:
    member = _npy("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,)}", b"12345678")
    with pytest.raises(ArchiveFault, match="should have 799,999,999,992 bytes"):
        read_npz(_zip_of(member), _ROOM)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "neither numbers nor text"),
        ("{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (1,)}", "a table"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", "shape"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (True, 1)}", "shape"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': " + str((1,) * 40) + "}", "shape"),
        ("{'descr': '<U0', 'fortran_order': False, 'shape': (10**3,)}", "cannot be read"),
        ("{'descr': '<U0', 'fortran_order': False, 'shape': (1000000,)}", "should have"),
        ("{'descr': 'nonsense', 'fortran_order': False, 'shape': (1,)}", "cannot be read"),
        ("[" * 4000 + "]" * 4000, "cannot be read"),
        ("{'descr': '<f8'}", "is invalid"),
        ("", "cannot be read"),
    ],
)
def test_a_header_that_makes_no_sense_is_refused_with_words(header: str, words: str) -> None:
    with pytest.raises(ArchiveFault, match=words):
        read_npz(_zip_of(_npy(header)), _ROOM)


def test_a_pickle_is_never_read(tmp_path: Path) -> None:
    target = tmp_path / "ran"

    class Runs:
        def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
            return Path.touch, (target,)

    objects = np.array([Runs()], object)
    with pytest.raises(ArchiveFault):
        read_npz(_npz(a=objects), _ROOM)
    with pytest.raises(ArchiveFault):
        read_npy(pickle.dumps(objects), _ROOM)
    assert not target.exists()


def test_a_damaged_member_is_refused() -> None:
    out = io.BytesIO()
    np.savez(out, a=np.arange(100.0))
    data = bytearray(out.getvalue())
    data[300] ^= 0xFF
    with pytest.raises(ArchiveFault, match="“a” cannot be read"):
        read_npz(bytes(data), _ROOM)


@pytest.mark.parametrize("cut", [0, 10, 100, -1, -30])
def test_an_archive_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(ArchiveFault):
        read_npz(_npz(a=np.arange(100.0))[:cut], _ROOM)


def test_every_broken_byte_of_a_directory_is_met_with_a_refusal_at_most() -> None:
    data = _npz(a=np.arange(5.0), b=np.array("text"))
    start = data.index(b"PK\x01\x02")
    for at in range(start, len(data)):
        for value in (0x00, 0xFF):
            broken = data[:at] + bytes([value]) + data[at + 1 :]
            # Whatever it is, it is either still an archive or refused as one, never a surprise.
            with contextlib.suppress(ArchiveFault):
                read_npz(broken, _ROOM)


def test_members_made_of_the_same_bytes_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"0" * 1000)
        archive.writestr("b", b"0" * 1000)
        first, second = archive.infolist()
        second.header_offset = first.header_offset
    with (
        open_zip(io.BytesIO(out.getvalue())) as archive,
        pytest.raises(ArchiveFault, match="overlaps another"),
    ):
        check_members(archive.infolist(), ArchiveLimits(_ROOM))


def test_too_many_members_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(5):
            archive.writestr(str(number), b"")
    with (
        open_zip(io.BytesIO(out.getvalue())) as archive,
        pytest.raises(Oversized, match="5 members"),
    ):
        check_members(archive.infolist(), ArchiveLimits(_ROOM, members=4))


def test_a_missing_file_is_told_from_a_broken_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_npz(tmp_path / "none.npz", _ROOM)
