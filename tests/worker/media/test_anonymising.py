from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from backend.domain.errors import InvalidInput
from backend.domain.privacy.check import FrameCheck
from backend.domain.privacy.faces import Doubt, Ground, head_regions
from backend.domain.privacy.people import Person
from backend.domain.privacy.rule import MaskingMethod, MaskingRule
from tests.backend.domain.privacy.making import FRONT, face, rotation
from tests.worker.media.metadata import SECRET, decoded, jpeg, png, profile, textured
from worker.media import anonymising
from worker.media.anonymising import NotMasked, coders, release_file, released_image
from worker.media.masking import mask_pixels
from worker.media.stripping import stripped

SIZE = (320, 240)
PIXELS = textured(*SIZE)
METHODS = list(MaskingMethod)
INFANT = face(FRONT, 50, (100, 120))
CARER = replace(face(rotation(4), 70, (240, 100)), name="other person 1")


def covered_by(*people: Person, size: tuple[int, int] = SIZE) -> np.ndarray:
    covered = np.zeros((size[1], size[0]), dtype=bool)
    for found in head_regions(people, *size):
        window = found.region.window(*size)
        covered[window.slices] |= window.inside
    return covered


@pytest.mark.parametrize("method", METHODS)
def test_a_png_changes_inside_of_its_masks_and_nowhere_else(method):
    made = released_image(png(PIXELS), "a", [INFANT, CARER], MaskingRule(method), SIZE)
    covered, out = covered_by(INFANT, CARER), decoded(made.data)
    assert np.array_equal(out[~covered], PIXELS[~covered])
    assert (out[covered] != PIXELS[covered]).any(axis=1).mean() > 0.95
    assert made.check.passed
    assert made.coded_anew


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("subsampling", [0, 2])
def test_a_jpeg_stays_nearly_as_it_is_outside_of_its_masks(method, subsampling):
    smooth = np.asarray(
        Image.fromarray(PIXELS).resize((80, 60)).resize(SIZE, Image.Resampling.BICUBIC)
    )
    data = jpeg(smooth, subsampling=subsampling)
    made = released_image(data, "a", [INFANT, CARER], MaskingRule(method), SIZE)
    outside = ~covered_by(INFANT, CARER)
    change = np.abs(decoded(made.data).astype(int) - decoded(data))[outside]
    assert change.mean() < 1.0
    with Image.open(io.BytesIO(data)) as a, Image.open(io.BytesIO(made.data)) as b:
        assert a.quantization == b.quantization
        assert a.layer == b.layer


def test_the_same_image_gives_the_same_bytes():
    for write in (jpeg, png):
        data = write(PIXELS)
        first, second = (
            released_image(data, "a", [INFANT, CARER], MaskingRule(), SIZE).data for _ in range(2)
        )
        assert first == second


@pytest.mark.parametrize("write", [jpeg, png])
@pytest.mark.parametrize("people", [[], [INFANT]])
def test_metadata_goes_whether_somebody_is_masked_or_not(write, people):
    data = write(PIXELS, orientation=1, icc=profile())
    made = released_image(data, "a", people, MaskingRule(), SIZE)
    assert SECRET not in made.data
    with Image.open(io.BytesIO(made.data)) as image:
        assert not image.getexif()
        assert image.info["icc_profile"] == stripped(data, "a").profile


@pytest.mark.parametrize("write", [jpeg, png])
@pytest.mark.parametrize(("people", "rule"), [([], MaskingRule()), ([INFANT], None)])
def test_an_image_that_needs_no_mask_is_never_coded_again(write, people, rule):
    data = write(PIXELS, orientation=1)
    made = released_image(data, "a", people, rule, SIZE)
    assert not made.coded_anew
    assert made.data == stripped(data, "a").data
    assert np.array_equal(decoded(made.data), decoded(data))


def test_a_head_beyond_the_image_leaves_it_as_it_is():
    outside = face(FRONT, 30, (-200, -200))
    made = released_image(jpeg(PIXELS), "a", [outside], MaskingRule(), SIZE)
    assert not made.coded_anew
    assert made.regions[0].doubts == (Doubt.OUTSIDE,)
    assert made.check.uncertain


@pytest.mark.parametrize("write", [jpeg, png])
@pytest.mark.parametrize("people", [[], [INFANT]])
def test_an_image_that_is_stored_turned_comes_out_upright(write, people):
    stored = np.ascontiguousarray(np.rot90(PIXELS))
    made = released_image(write(stored, orientation=6), "a", people, MaskingRule(), SIZE)
    out = decoded(made.data)
    assert out.shape == PIXELS.shape
    outside = ~covered_by(*people)
    assert np.abs(out.astype(int) - PIXELS)[outside].mean() < 12
    assert made.coded_anew


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "I;16"])
def test_every_kind_of_png_is_masked(mode):
    if mode == "I;16":
        image = Image.fromarray(PIXELS[..., 0].astype(np.uint16) * 257)
    else:
        image = Image.fromarray(PIXELS).convert(mode)
    out = io.BytesIO()
    image.save(out, "PNG")
    made = released_image(out.getvalue(), "a", [INFANT], MaskingRule(), SIZE)
    covered = covered_by(INFANT)
    with Image.open(io.BytesIO(made.data)) as found, Image.open(out) as stored:
        kind = "I" if mode == "I;16" else "RGBA"
        new, old = np.asarray(found.convert(kind)), np.asarray(stored.convert(kind))
    assert np.array_equal(new[~covered], old[~covered])
    assert (new[covered] != old[covered]).mean() > 0.3


def test_a_grey_jpeg_is_masked():
    data = jpeg(PIXELS[..., 0])
    made = released_image(data, "a", [INFANT], MaskingRule(), SIZE)
    with Image.open(io.BytesIO(made.data)) as image:
        assert image.mode == "L"


def test_a_jpeg_coded_as_rgb_is_masked():
    out = io.BytesIO()
    Image.fromarray(PIXELS).save(out, "JPEG", keep_rgb=True)
    made = released_image(out.getvalue(), "a", [INFANT], MaskingRule(), SIZE)
    outside = ~covered_by(INFANT)
    assert np.abs(decoded(made.data).astype(int) - PIXELS)[outside].mean() < 25


def test_a_jpeg_of_printing_inks_is_refused_when_it_must_be_masked():
    out = io.BytesIO()
    Image.fromarray(PIXELS).convert("CMYK").save(out, "JPEG")
    with pytest.raises(InvalidInput, match="CMYK"):
        released_image(out.getvalue(), "a", [INFANT], MaskingRule(), SIZE)


def test_labels_of_another_size_are_refused():
    with pytest.raises(InvalidInput, match="320 × 240 pixels, its labels are of 240 × 320"):
        released_image(jpeg(PIXELS), "a", [INFANT], MaskingRule(), (240, 320))


@pytest.mark.parametrize("write", [jpeg, png])
def test_a_damaged_image_is_refused_when_it_must_be_masked(write):
    data = bytearray(write(PIXELS))
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    if write is png:
        with pytest.raises(InvalidInput, match="truncated or damaged"):
            released_image(bytes(data), "frame 3", [INFANT], MaskingRule(), SIZE)
    else:
        # libjpeg goes on behind damage; what it reads is masked.
        assert released_image(bytes(data), "frame 3", [INFANT], MaskingRule(), SIZE).check.passed


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"nonsense"])
def test_what_is_no_image_is_refused(data):
    with pytest.raises(InvalidInput):
        released_image(data, "frame 3", [], MaskingRule(), SIZE)


@pytest.mark.parametrize("length", [1, 4, 2000])
@pytest.mark.parametrize("method", METHODS)
def test_faces_of_any_size_are_masked(length, method):
    made = released_image(
        png(PIXELS), "a", [face(FRONT, length, (100, 120))], MaskingRule(method), SIZE
    )
    assert (decoded(made.data)[120, 100] != PIXELS[120, 100]).any()


def test_somebody_without_any_place_masks_the_whole_image():
    made = released_image(png(PIXELS), "a", [Person.labelled(None)], MaskingRule(), SIZE)
    assert made.check.weakest is Ground.WHOLE_IMAGE
    assert made.check.share == 1


def test_two_heads_that_overlap_are_both_masked():
    near = replace(face(rotation(2), 60, (120, 130)), name="other person 1")
    made = released_image(jpeg(PIXELS), "a", [INFANT, near], MaskingRule(), SIZE)
    assert made.check.passed


def test_a_written_image_that_still_shows_a_face_is_refused(monkeypatch):
    def forgets_the_left_half(image, inside, rule, head_px):
        half = inside.copy()
        half[:, : inside.shape[1] // 2] = False
        mask_pixels(image, half, rule, head_px)

    monkeypatch.setattr(anonymising, "mask_pixels", forgets_the_left_half)
    for write in (jpeg, png):
        with pytest.raises(NotMasked, match="infant can still be recognised"):
            released_image(write(PIXELS), "a", [INFANT], MaskingRule(), SIZE)


def test_a_written_png_that_changed_elsewhere_is_refused(monkeypatch):
    def spills(image, inside, rule, head_px):
        mask_pixels(image, np.ones_like(inside), rule, head_px)

    monkeypatch.setattr(anonymising, "mask_pixels", spills)
    with pytest.raises(NotMasked, match="changed outside"):
        released_image(png(PIXELS), "a", [INFANT], MaskingRule(), SIZE)


def test_a_forgotten_person_is_refused(monkeypatch):
    regions = head_regions([INFANT], *SIZE)
    monkeypatch.setattr(anonymising, "head_regions", lambda people, width, height: regions)
    with pytest.raises(NotMasked, match="other person 1 is not masked"):
        released_image(jpeg(PIXELS), "a", [INFANT, CARER], MaskingRule(), SIZE)


def test_files_are_written_and_nothing_after_an_error(tmp_path):
    (tmp_path / "in.jpg").write_bytes(jpeg(PIXELS))
    made = release_file(tmp_path / "in.jpg", tmp_path / "out.jpg", [INFANT], MaskingRule(), SIZE)
    assert (tmp_path / "out.jpg").read_bytes() == made.data
    assert isinstance(made.check, FrameCheck)
    with pytest.raises(InvalidInput):
        release_file(tmp_path / "in.jpg", tmp_path / "no.jpg", [INFANT], MaskingRule(), (1, 1))
    assert not (tmp_path / "no.jpg").exists()


@pytest.mark.parametrize("orientation", [None, 1])
def test_a_file_without_people_is_written_as_it_was_made(tmp_path, orientation):
    data = jpeg(PIXELS, orientation=orientation)
    (tmp_path / "in.jpg").write_bytes(data)
    (tmp_path / "out.jpg").write_bytes(b"older and longer" * 10_000)
    release_file(tmp_path / "in.jpg", tmp_path / "out.jpg", [], None, SIZE)
    assert (tmp_path / "out.jpg").read_bytes() == stripped(data, "a").data


def test_versions_that_bytes_depend_on_are_named():
    assert set(coders()) == {"pillow", "libjpeg", "zlib", "opencv"}
    assert all(coders().values())
