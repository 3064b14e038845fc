from __future__ import annotations

import hashlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from backend.domain.errors import Cancelled, InvalidInput, TooLarge
from tests.worker.media.conftest import decode, is_red, number_of
from tests.worker.media.metadata import SECRET, decoded, jpeg, png, profile, textured
from worker.media.images import decode_image, extract_images, list_images
from worker.media.sources import open_source
from worker.media.stripping import stripped


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces a size and holds no pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(("format", "kind"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_upright_jpegs_and_pngs_without_metadata_are_kept_byte_for_byte(image_bytes, format, kind):
    data = image_bytes(5, format)
    found = decode_image(data, "a")
    assert found.data == data
    assert found.media_type == kind
    assert is_red(found.pixels[3, 3])


@pytest.mark.parametrize("format", ["WEBP", "BMP", "TIFF"])
def test_other_formats_become_jpegs(image_bytes, format):
    found = decode_image(image_bytes(5, format), "a")
    assert found.media_type == "image/jpeg"
    assert number_of(found.data) == 5


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [
        (2, (0, -1)),
        (3, (-1, -1)),
        (4, (-1, 0)),
        (5, (0, 0)),
        (6, (0, -1)),
        (7, (-1, -1)),
        (8, (-1, 0)),
    ],
)
def test_exif_orientation_is_applied_and_then_forgotten(image_bytes, orientation, corner):
    data = image_bytes(5, exif_orientation=orientation)
    found = decode_image(data, "a")
    with Image.open(io.BytesIO(found.data)) as again:
        assert 0x0112 not in again.getexif()
        assert again.size == ((96, 160) if orientation >= 5 else (160, 96))
    image = decode(found.data)
    rows, columns = corner
    assert is_red(
        image[rows * 6 + (3 if rows == 0 else 0), columns * 6 + (3 if columns == 0 else 0)]
    )


@pytest.mark.parametrize(
    "photograph",
    [
        jpeg(textured(), orientation=1, icc=profile(), comment=SECRET, xmp=SECRET),
        png(textured(), orientation=1, icc=profile()),
    ],
    ids=["JPEG", "PNG"],
)
def test_a_photograph_loses_its_metadata_and_not_one_pixel(photograph):
    kept = decode_image(photograph, "a").data
    assert SECRET in photograph
    assert SECRET not in kept
    assert np.array_equal(decoded(kept), decoded(photograph))
    assert stripped(kept, "a").data == kept, "a release has nothing to take out"


def test_a_picture_whose_file_has_no_end_is_coded_anew(image_bytes):
    data = image_bytes(5)
    kept = decode_image(data.removesuffix(b"\xff\xd9") + bytes(64), "a").data
    assert kept.endswith(b"\xff\xd9")
    assert number_of(kept) == 5


def test_an_image_keeps_the_hash_of_its_file_as_it_came(tmp_path):
    photograph = jpeg(textured(), orientation=1)
    (tmp_path / "a.jpg").write_bytes(photograph)
    with open_source(tmp_path) as source:
        (frame,) = extract_images(source)
    assert frame.received_sha256 == hashlib.sha256(photograph).hexdigest()
    assert frame.sha256 == hashlib.sha256(frame.data).hexdigest() != frame.received_sha256


def test_print_colours_become_screen_colours(image_bytes):
    found = decode_image(image_bytes(5, mode="CMYK"), "a")
    assert decode(found.data)[3, 3, 2] > 180
    assert found.data != image_bytes(5, mode="CMYK")


def test_sixteen_bit_greys_are_scaled_not_clipped():
    buffer = io.BytesIO()
    Image.fromarray(np.full((20, 30), 0x8000, np.uint16)).save(buffer, "PNG")
    assert abs(int(decode_image(buffer.getvalue(), "a").pixels[0, 0, 0]) - 128) <= 1


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_200_megapixel_image_is_refused_by_its_header_alone():
    with pytest.raises(
        TooLarge, match=r"huge\.png: the image has 200 megapixels, the limit is 100"
    ):
        decode_image(png_header(20_000, 10_000), "huge.png")


def test_an_image_beyond_pillows_own_guard_is_refused_in_the_same_words():
    with pytest.raises(TooLarge, match=r"the image has 900 megapixels, the limit is 100"):
        decode_image(png_header(30_000, 30_000), "huge.png")


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "BMP"])
def test_a_truncated_image_is_refused(image_bytes, format):
    data = image_bytes(5, format)
    with pytest.raises(InvalidInput, match=r"cut: .*(truncated|not an image)"):
        decode_image(data[: len(data) * 2 // 3], "cut")


def test_text_with_an_image_suffix_is_refused():
    with pytest.raises(InvalidInput, match=r"a\.jpg: this is not an image"):
        decode_image(b"hello", "a.jpg")


def test_an_empty_image_is_refused():
    with pytest.raises(InvalidInput, match=r"a\.jpg: the file is empty"):
        decode_image(b"", "a.jpg")


def test_an_animation_is_refused(image_bytes):
    frames = [Image.fromarray(np.full((8, 8, 3), v, np.uint8)) for v in (0, 255)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:])
    with pytest.raises(InvalidInput, match="animated"):
        decode_image(buffer.getvalue(), "a.webp")


def test_of_a_phones_jpeg_the_first_picture_is_kept(image_bytes):
    frames = [Image.open(io.BytesIO(image_bytes(number))) for number in (5, 6)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "MPO", save_all=True, append_images=frames[1:])
    found = decode_image(buffer.getvalue(), "a.jpg")
    assert found.media_type == "image/jpeg"
    assert len(found.data) < len(buffer.getvalue()) / 2 + 1000, "without the picture behind it"
    assert np.array_equal(decoded(found.data), decoded(buffer.getvalue()))
    assert number_of(found.data) == 5


def test_images_of_a_folder_come_in_natural_order(tmp_path, image_bytes):
    for number in (10, 9, 1, 2):
        (tmp_path / f"frame{number}.jpg").write_bytes(image_bytes(number))
    with open_source(tmp_path) as source:
        frames = list(extract_images(source))
    assert [number_of(f.data) for f in frames] == [1, 2, 9, 10]
    assert [f.source_frame_number for f in frames] == [0, 1, 2, 3]
    assert frames[0].pts_s is None
    assert frames[0].name == "frame1.jpg"
    assert frames[0].sha256 == hashlib.sha256(frames[0].data).hexdigest()
    assert (frames[0].width, frames[0].height) == (160, 96)


def test_other_files_are_listed_as_skipped_and_system_files_are_ignored(tmp_path, image_bytes):
    (tmp_path / "a.jpg").write_bytes(image_bytes())
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "README").write_text("notes")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "._a.jpg").write_bytes(b"x")
    with open_source(tmp_path) as source:
        listing = list_images(source)
    assert listing.images == ["a.jpg"]
    assert [(s.path, s.reason) for s in listing.skipped] == [
        ("notes.txt", ".txt is not an image format that can be read here"),
        ("README", "file without suffix is not an image format that can be read here"),
    ]


def test_a_folder_without_images_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("notes")
    with (
        open_source(tmp_path, name="visit") as source,
        pytest.raises(InvalidInput, match="visit: there is no image in it"),
    ):
        list_images(source)


def test_a_broken_image_in_a_folder_is_named(tmp_path, image_bytes):
    (tmp_path / "1.jpg").write_bytes(image_bytes())
    (tmp_path / "2.jpg").write_bytes(image_bytes()[:-200])
    with (
        open_source(tmp_path, name="visit") as source,
        pytest.raises(InvalidInput, match=r"visit/2\.jpg: the image is truncated"),
    ):
        list(extract_images(source))


def test_an_import_of_images_reports_progress_and_can_be_cancelled(tmp_path, image_bytes):
    for number in range(6):
        (tmp_path / f"{number}.jpg").write_bytes(image_bytes(number))
    told: list[tuple[int, int | None]] = []
    with open_source(tmp_path) as source, pytest.raises(Cancelled):
        list(
            extract_images(
                source, progress=lambda *a: told.append(a), cancelled=lambda: len(told) == 2
            )
        )
    assert told == [(1, 6), (2, 6)]


def test_real_photos_keep_their_pixels(shared_data):
    folder = shared_data / "coco_people"
    with open_source(folder) as source:
        frames = list(extract_images(source))
        skipped = list_images(source).skipped
    for frame, path in zip(frames, sorted(folder.glob("*.jpg")), strict=True):
        assert np.array_equal(decoded(frame.data), decoded(path.read_bytes()))
    assert [s.path for s in skipped] == ["test_coco.json"]
