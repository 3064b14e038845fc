from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from backend.domain.errors import InvalidInput, TooLarge
from worker.media.images import extract_images
from worker.media.sources import SourceLimits, natural_key, open_source


@pytest.fixture
def make_zip(tmp_path: Path):
    def make(files: dict[str, bytes] | list[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
        path = tmp_path / "visit.zip"
        entries = files.items() if isinstance(files, dict) else files
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in entries:
                archive.writestr(name, data)
        return path

    return make


def refused(path: Path, match: str, error=InvalidInput, **limits) -> None:
    with pytest.raises(error, match=match), open_source(path, limits=SourceLimits(**limits)):
        pass


def test_an_archive_of_images_is_read_in_natural_order(make_zip, image_bytes):
    path = make_zip({f"cam1/frame{n}.jpg": image_bytes(n) for n in (10, 2, 1)})
    with open_source(path) as source:
        frames = list(extract_images(source))
    assert [f.name for f in frames] == [f"cam1/frame{n}.jpg" for n in (1, 2, 10)]
    assert frames[0].data == image_bytes(1)


@pytest.mark.parametrize(
    "name", ["../a.jpg", "ok/../../a.jpg", "/etc/a.jpg", "C:\\a.jpg", "..\\a.jpg", "\\a.jpg"]
)
def test_an_archive_that_climbs_out_of_its_folder_is_refused(make_zip, image_bytes, name):
    path = make_zip([("ok.jpg", image_bytes()), (name, image_bytes())])
    refused(path, r"visit\.zip: .* points outside the archive's folder")


def test_a_symbolic_link_in_an_archive_is_refused(make_zip):
    link = zipfile.ZipInfo("a.jpg")
    link.create_system = 3
    link.external_attr = 0o120777 << 16
    refused(make_zip([(link, b"/etc/passwd")]), "is a symbolic link")


def test_an_archive_bomb_is_refused_before_unpacking(make_zip):
    path = make_zip({"a.jpg": bytes(50 << 20)})
    refused(path, "grows more than 200 times", TooLarge)


def test_too_many_files_are_refused(make_zip):
    path = make_zip({f"{i}.jpg": b"x" for i in range(5)})
    refused(path, "more than 4 files", TooLarge, files=4)


def test_too_large_a_file_is_refused(make_zip):
    refused(make_zip({"a.jpg": bytes(2 << 20)}), "larger than 1 MiB", TooLarge, file_bytes=1 << 20)


def test_too_large_a_total_is_refused(make_zip):
    path = make_zip({f"{i}.jpg": bytes(1 << 20) for i in range(5)})
    refused(path, "the files are larger than 3 MiB", TooLarge, total_bytes=3 << 20)


def test_the_same_name_twice_is_refused(make_zip):
    with pytest.warns(UserWarning, match="Duplicate"):
        path = make_zip([("a.jpg", b"1"), ("a.jpg", b"2")])
    refused(path, "is in the archive twice")


def test_an_encrypted_entry_is_refused(make_zip):
    path = make_zip({"a.jpg": b"1"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    refused(path, "is encrypted")


def test_a_cut_off_archive_is_refused(make_zip, image_bytes):
    path = make_zip({"a.jpg": image_bytes()})
    path.write_bytes(path.read_bytes()[:-30])
    refused(path, r"visit\.zip: this is not a zip archive, or it is cut off")


def test_a_damaged_entry_is_named(make_zip, image_bytes):
    path = make_zip({"a.jpg": image_bytes()})
    data = bytearray(path.read_bytes())
    data[200:230] = bytes(30)
    path.write_bytes(data)
    with (
        open_source(path) as source,
        pytest.raises(InvalidInput, match=r"visit\.zip/a\.jpg: the archived file is damaged"),
    ):
        source.read("a.jpg")


def test_a_missing_folder_is_named(tmp_path):
    refused(tmp_path / "gone", "gone: there is no such folder or file")


def test_a_link_that_leads_out_of_a_folder_is_refused(tmp_path, image_bytes):
    (tmp_path / "outside.jpg").write_bytes(image_bytes())
    folder = tmp_path / "visit"
    folder.mkdir()
    (folder / "a.jpg").symlink_to(tmp_path / "outside.jpg")
    refused(folder, r"visit/a\.jpg: the symbolic link leads out of the folder")


def test_numbers_in_names_sort_by_value_folder_by_folder():
    names = ["b/1.jpg", "a/10.jpg", "a/9.jpg", "a/9b.jpg", "A/2.jpg", "a10/1.jpg", "a2/1.jpg"]
    assert sorted(names, key=natural_key) == [
        "A/2.jpg",
        "a/9.jpg",
        "a/9b.jpg",
        "a/10.jpg",
        "a2/1.jpg",
        "a10/1.jpg",
        "b/1.jpg",
    ]
