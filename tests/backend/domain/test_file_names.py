"""Which file a name means, whatever happened to the name on its way."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.file_names import (
    How,
    NameMatch,
    match_names,
    match_numbers,
    other_spellings,
    parts_of,
)


def NFC(text: str) -> str:  # noqa: N802
    return unicodedata.normalize("NFC", text)


def NFD(text: str) -> str:  # noqa: N802
    return unicodedata.normalize("NFD", text)


def one(wanted: str, *present: str) -> NameMatch:
    (match,) = match_names([wanted], present)
    return match


def in_cp437(name: str, written_in: str) -> str:
    """A name as Python reads it out of a zip without the UTF-8 flag."""
    return name.encode(written_in).decode("cp437")


FOUND = {
    "composed and decomposed": (NFC("Käte_Zoë.png"), NFD("Käte_Zoë.png"), How.SPELLING),
    "decomposed kana": (NFC("がぎぐ.jpg"), NFD("がぎぐ.jpg"), How.SPELLING),
    "letter case": ("Baby_07/frame.JPEG", "baby_07/FRAME.jpeg", How.SPELLING),
    "sharp s": ("STRASSE.jpg", "straße.jpg", How.SPELLING),
    "dot and slash": ("./left/1.jpg", "left/1.jpg", How.SPELLING),
    "dot in the archive": ("left/1.jpg", "./left/1.jpg", How.SPELLING),
    "doubled slashes": ("left//1.jpg", "left/1.jpg", How.SPELLING),
    "backslashes": ("left\\1.jpg", "left/1.jpg", How.SPELLING),
    "backslashes in the archive": ("left/1.jpg", "left\\1.jpg", How.SPELLING),
    "spaces around": (" left/1.jpg ", "left/1.jpg", How.SPELLING),
    "blanks as in an address": ("my%20baby.jpg", "my baby.jpg", How.SPELLING),
    "Shift-JIS": ("乳児.jpg", in_cp437("乳児.jpg", "cp932"), How.ENCODING),
    "Shift-JIS with a backslash inside": (
        "表/ソ.jpg",
        in_cp437("表/ソ.jpg", "cp932"),
        How.ENCODING,
    ),
    "DOS Western European": ("bébé.jpg", in_cp437("bébé.jpg", "cp850"), How.EXACT),
    "Windows Western European": ("bébé.jpg", in_cp437("bébé.jpg", "cp1252"), How.ENCODING),
    "Chinese": ("婴儿.jpg", in_cp437("婴儿.jpg", "gb18030"), How.ENCODING),
    "Korean": ("아기.jpg", in_cp437("아기.jpg", "cp949"), How.ENCODING),
    "Cyrillic of DOS": ("малыш.jpg", in_cp437("малыш.jpg", "cp866"), How.ENCODING),
    "UTF-8 taken for Windows": ("bébé.jpg", "bébé.jpg".encode().decode("cp1252"), How.ENCODING),
    "one folder more": ("images/left/1.jpg", "left/1.jpg", How.FOLDER),
    "a folder less": ("left/1.jpg", "visit/left/1.jpg", How.FOLDER),
    "a folder more in Shift-JIS": ("訪問/乳児.jpg", in_cp437("乳児.jpg", "cp932"), How.ENCODING),
    "absolute": ("/home/ana/visit/left/1.jpg", "left/1.jpg", How.FOLDER),
    "Windows": ("D:\\study\\left\\1.jpg", "left/1.jpg", How.FOLDER),
    "a Windows share": ("\\\\nas\\study\\left\\1.jpg", "left/1.jpg", How.FOLDER),
    "up and down": ("../images/left/1.jpg", "left/1.jpg", How.FOLDER),
    "a web address": ("https://h.example/u/left/1.jpg?size=2#x", "left/1.jpg", How.FOLDER),
    "Label Studio's own disk": ("/data/local-files/?d=left/1.jpg", "left/1.jpg", How.SPELLING),
    "folders that only say pictures": ("images/1.jpg", "frames/1.jpg", How.FOLDER),
    "another folder": ("left/1.jpg", "right/1.jpg", How.OTHER_FOLDER),
    "another extension": ("left/1.jpg", "left/1.png", How.OTHER_EXTENSION),
    "no extension": ("left/1", "left/1.png", How.OTHER_EXTENSION),
}


@pytest.mark.parametrize(("wanted", "present", "how"), FOUND.values(), ids=FOUND.keys())
def test_a_name_finds_its_file(wanted: str, present: str, how: How) -> None:
    match = one(wanted, present, "something/else.jpg")
    assert (match.files, match.how) == ((present,), how)


def test_odd_characters_are_taken_as_they_stand() -> None:
    for name in ("a #1 100%?.jpg", "x/赤ちゃん 👶.jpg", "a%zz.jpg", "C:x.jpg"):
        assert one(name, name, "other.jpg") == NameMatch(How.EXACT, (name,))


AMBIGUOUS = {
    "one name in two folders": (["1.jpg"], ["left/1.jpg", "right/1.jpg"]),
    "two spellings of one name": (["Img_1.jpg"], ["IMG_1.JPG", "img_1.jpg"]),
    "two names for one file": (["left/1.jpg", "right/1.jpg"], ["1.jpg"]),
    "two extensions": (["1.jpeg"], ["1.jpg", "1.png"]),
    "the same end twice": (["a/left/1.jpg"], ["b/left/1.jpg", "c/left/1.jpg"]),
}


@pytest.mark.parametrize(("wanted", "present"), AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
def test_what_fits_twice_is_said_and_not_guessed(wanted: list[str], present: list[str]) -> None:
    for match in match_names(wanted, present):
        assert match == NameMatch(How.AMBIGUOUS, tuple(sorted(present)))


def test_the_same_name_wins_over_a_similar_one() -> None:
    assert one("img_1.jpg", "IMG_1.JPG", "img_1.jpg") == NameMatch(How.EXACT, ("img_1.jpg",))


def test_the_longest_common_end_counts() -> None:
    match = one("x/visit/left/1.jpg", "left/1.jpg", "1.jpg", "right/1.jpg")
    assert match == NameMatch(How.FOLDER, ("left/1.jpg",))


def test_a_file_that_is_another_names_own_is_not_taken() -> None:
    matches = match_names(["left/1.jpg", "right/1.jpg"], ["right/1.jpg"])
    assert [m.how for m in matches] == [How.MISSING, How.EXACT]


def test_a_name_with_more_in_common_wins() -> None:
    matches = match_names(["1.jpg", "x/left/1.jpg"], ["left/1.jpg", "right/1.jpg"])
    assert [m.how for m in matches] == [How.AMBIGUOUS, How.FOLDER]


def test_a_name_without_a_file_is_missing() -> None:
    assert one("a.jpg", "b.jpg") == NameMatch(How.MISSING)
    assert one("a.jpg") == NameMatch(How.MISSING)
    assert match_names([], ["a.jpg"]) == []


def test_names_that_are_in_every_folder_take_no_time_per_pair() -> None:
    count = 30_000
    wanted = [f"g{i}/0001.jpg" for i in range(count)]
    present = [f"f{i}/0001.jpg" for i in range(count)]
    # With a walk over all pairs this would be 900 million steps.
    assert {match.how for match in match_names(wanted, present)} == {How.AMBIGUOUS}


def test_ids_find_files_that_are_named_after_them() -> None:
    present = ["val/000000000139.jpg", "frame_7.png", "7_8.png", "x9.jpg", "y9.jpg"]
    found = match_numbers([139, 7, 8, 9, 10], present)
    assert found[139] == NameMatch(How.NUMBER, ("val/000000000139.jpg",))
    assert found[7] == NameMatch(How.TRAILING_NUMBER, ("frame_7.png",))
    assert found[8] == NameMatch(How.TRAILING_NUMBER, ("7_8.png",))
    assert found[9] == NameMatch(How.AMBIGUOUS, ("x9.jpg", "y9.jpg"))
    assert found[10] == NameMatch(How.MISSING)


CHANGES = [
    NFC,
    NFD,
    str.upper,
    lambda name: f"./{name}",
    lambda name: name.replace("/", "\\"),
    lambda name: f"images/{name}",
    lambda name: f"/home/ana/{name}",
    lambda name: "C:\\data\\" + name.replace("/", "\\"),
    lambda name: name.rsplit("/", 1)[-1],
    quote,
]
"""What happens to names between two machines."""

words = st.text(st.sampled_from("aBéüがソ _-.1"), min_size=1, max_size=4)
folders = st.lists(words, max_size=3).map(lambda parts: [p for p in parts if p.strip(" .")])


@st.composite
def paths(draw: st.DrawFn) -> list[str]:
    """Paths whose file names differ from each other in every spelling."""
    count = draw(st.integers(1, 8))
    return ["/".join([*draw(folders), f"{draw(words)}z{i}.jpg".strip()]) for i in range(count)]


@given(paths(), st.data())
def test_names_find_their_own_files_through_any_mix_of_changes(
    present: list[str], data: st.DataObject
) -> None:
    wanted = [data.draw(st.sampled_from(CHANGES))(path) for path in present]
    matches = match_names(wanted, present)
    assert [match.files for match in matches] == [(path,) for path in present]
    assert How.OTHER_FOLDER not in {match.how for match in matches}


names = st.lists(
    st.builds("/".join, st.lists(st.sampled_from(["a", "A", "b", "é", NFD("é"), "images"]),
                                 min_size=1, max_size=3)),
    unique=True, max_size=8,
)  # fmt: skip


@given(names, names)
def test_no_file_is_given_to_two_names_and_each_keeps_its_file_name(
    wanted: list[str], present: list[str]
) -> None:
    matches = match_names(wanted, present)
    given_away = [m.files[0] for m in matches if m.how not in (How.AMBIGUOUS, How.MISSING)]
    assert len(given_away) == len(set(given_away))
    for name, match in zip(wanted, matches, strict=True):
        assert set(match.files) <= set(present)
        if name in present:
            assert match == NameMatch(How.EXACT, (name,))
        elif match.files:
            assert parts_of(match.files[0])[-1] == parts_of(name)[-1]


def test_plain_names_have_no_other_spellings() -> None:
    assert other_spellings("frame_0001.jpg") == []
