from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from backend.domain.errors import InvalidInput
from tests.worker.media.metadata import SECRET, decoded, jpeg, png, profile, textured
from worker.media import icc
from worker.media.stripping import plain_orientation, stripped

PIXELS = textured()


def segments(data: bytes) -> list[int]:
    """Markers of a JPEG up to its first scan."""
    found, place = [], 2
    while True:
        marker = data[place + 1]
        found.append(marker)
        if marker == 0xDA:
            return found
        (length,) = struct.unpack_from(">H", data, place + 2)
        place += 2 + length


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_loses_its_metadata_and_not_one_pixel(progressive):
    data = jpeg(
        PIXELS, orientation=1, icc=profile(), comment=SECRET, xmp=b"<x>" + SECRET + b"</x>",
        progressive=progressive,
    )  # fmt: skip
    found = stripped(data, "a")
    assert np.array_equal(decoded(found.data), decoded(data))
    assert SECRET not in found.data
    assert not {0xE1, 0xED, 0xFE} & set(segments(found.data))
    assert (found.width, found.height, found.media_type) == (160, 120, "image/jpeg")


def test_a_file_without_metadata_comes_out_as_it_went_in():
    data = jpeg(PIXELS)
    assert stripped(data, "a").data == data
    assert stripped(stripped(png(PIXELS), "a").data, "a").data == stripped(png(PIXELS), "a").data


@pytest.mark.parametrize("progressive", [False, True])
def test_a_file_known_to_be_bare_comes_out_alike_and_its_header_is_looked_through(progressive):
    stored = stripped(jpeg(PIXELS, icc=profile(), progressive=progressive), "a")
    assert stripped(stored.data, "a", bare=True).data == stored.data
    marked = jpeg(PIXELS, orientation=6, comment=SECRET, progressive=progressive)
    known = stripped(marked, "a", bare=True)
    assert SECRET not in known.data
    assert known.orientation == 6


def test_further_pictures_behind_the_first_are_cut_off():
    data = jpeg(PIXELS)
    assert stripped(data + jpeg(textured(seed=1)) + SECRET, "a").data == data
    picture = stripped(png(PIXELS), "a").data
    assert stripped(picture + SECRET, "a").data == picture


def test_metadata_between_the_scans_of_a_jpeg_goes_too():
    data = jpeg(PIXELS, progressive=True)
    second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    comment = b"\xff\xfe" + struct.pack(">H", len(SECRET) + 2) + SECRET
    assert stripped(data[:second] + comment + data[second:], "a").data == data


def test_the_thumbnail_of_jfif_goes():
    data = jpeg(PIXELS)
    thumbnail = SECRET[:12]
    header = b"\xff\xe0" + struct.pack(">H", 16 + 12) + data[6:18] + b"\x02\x02" + thumbnail
    found = stripped(data[:2] + header + data[20:], "a").data
    assert thumbnail not in found
    assert found == data


def test_the_colour_transform_of_adobe_stays():
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, "JPEG", keep_rgb=True)
    data = out.getvalue()
    assert np.array_equal(decoded(stripped(data, "a").data), decoded(data))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_a_png_loses_its_metadata_and_not_one_pixel(mode):
    image = Image.fromarray(PIXELS).convert(mode)
    out = io.BytesIO()
    image.save(out, "PNG", exif=b"Exif\0\0" + SECRET, transparency=3 if mode == "P" else None)
    found = stripped(out.getvalue(), "a")
    assert SECRET not in found.data
    with Image.open(io.BytesIO(found.data)) as again:
        assert again.mode == mode
        assert np.array_equal(
            np.asarray(again.convert("RGBA")),
            np.asarray(Image.open(io.BytesIO(out.getvalue())).convert("RGBA")),
        )


def test_texts_of_a_png_go():
    found = stripped(png(PIXELS, orientation=1), "a")
    assert SECRET not in found.data
    assert b"tEXt" not in found.data
    assert np.array_equal(decoded(found.data), PIXELS)


@pytest.mark.parametrize("write", [jpeg, png])
def test_a_colour_profile_stays_without_its_texts(write):
    found = stripped(write(PIXELS, icc=profile()), "a").data
    with Image.open(io.BytesIO(found)) as image:
        kept = image.info["icc_profile"]
    assert kept == icc.cleaned(profile())
    assert b"anna" not in kept
    assert kept[24:36] == struct.pack(">6H", 2000, 1, 1, 0, 0, 0)


def test_a_cleaned_profile_makes_the_same_colours():
    srgb = ImageCms.createProfile("sRGB")
    lab = ImageCms.createProfile("LAB")

    def in_lab(data: bytes) -> np.ndarray:
        kept = ImageCms.ImageCmsProfile(io.BytesIO(data))
        change = ImageCms.buildTransform(kept, lab, "RGB", "LAB")
        return np.asarray(ImageCms.applyTransform(Image.fromarray(PIXELS), change))

    cleaned = icc.cleaned(ImageCms.ImageCmsProfile(srgb).tobytes())
    assert cleaned is not None
    assert np.array_equal(in_lab(cleaned), in_lab(ImageCms.ImageCmsProfile(srgb).tobytes()))


@pytest.mark.parametrize(
    "data", [b"", b"x" * 500, profile()[:200], bytes(36) + b"acsp" + b"\xff" * 200]
)
def test_what_is_no_profile_is_left_out(data):
    assert icc.cleaned(data) is None


@pytest.mark.parametrize("keep", [0, 2, 30, 200, 0.5, -2])
@pytest.mark.parametrize("write", [jpeg, png])
def test_a_file_that_is_cut_off_is_refused_with_its_name(write, keep):
    data = write(PIXELS)
    cut = data[: int(len(data) * keep)] if isinstance(keep, float) else data[:keep]
    with pytest.raises(InvalidInput) as caught:
        stripped(cut, "frame 12")
    assert caught.value.file == "frame 12"


@pytest.mark.parametrize("data", [b"GIF89a", b"RIFF....WEBP", b"hello"])
def test_other_formats_are_refused(data):
    with pytest.raises(InvalidInput, match="JPEG or PNG"):
        stripped(data, "a")


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_plain_orientation_is_read_as_pillow_reads_it(orientation):
    data = jpeg(PIXELS, orientation=orientation)
    with Image.open(io.BytesIO(data)) as image:
        told = image.getexif()[ExifTags.Base.Orientation]
    assert stripped(data, "a").orientation == told == orientation


def tiff(order: str, *entries: bytes) -> bytes:
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8)
    return b"Exif\0\0" + head + struct.pack(order + "H", len(entries)) + b"".join(entries)


def entry(order: str, tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack(order + "HHIHH", tag, kind, count, value, 0)


def test_either_order_of_bytes_is_read():
    for order in "<>":
        block = tiff(order, entry(order, 0x010F, 3, 1, 9), entry(order, 0x0112, 3, 1, 6))
        assert plain_orientation(block) == 6


def test_exif_without_an_orientation_turns_nothing():
    assert plain_orientation(tiff("<", entry("<", 0x010F, 3, 1, 9))) == 1


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"Exif\0\0",
        b"http://ns.adobe.com/xap/1.0/\0<x/>",
        tiff("<", entry("<", 0x0112, 3, 1, 9)),
        tiff("<", entry("<", 0x0112, 4, 1, 6)),
        tiff("<", entry("<", 0x0112, 3, 2, 6)),
        tiff("<", entry("<", 0x0112, 3, 1, 6), entry("<", 0x0112, 3, 1, 3)),
        tiff("<", entry("<", 0x0112, 3, 1, 6))[:-6],
    ],
)
def test_what_is_odd_is_left_to_whoever_reads_all_of_it(block):
    assert plain_orientation(block) is None


def test_with_further_metadata_nothing_is_plain():
    data = jpeg(PIXELS, orientation=6, xmp=b"<x/>")
    assert (stripped(data, "a").orientation, stripped(data, "a").may_turn) == (None, True)
