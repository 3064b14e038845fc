"""``infantnet tools check-splits`` on made sets, as a person or a script would run it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.worker.tools.coco_sets import (
    annotation,
    check,
    image,
    picture,
    write_coco,
    write_video_set,
)
from worker.tools.__main__ import main

CLEAN = {"train": {"A": 4, "B": 3}, "val": {"C": 2}, "test": {"D": 3}}
INFANTS = {"A": "I1", "B": "I2", "C": "I3", "D": "I4"}


def results(report: dict[str, Any]) -> dict[str, str]:
    return {c["check"]: c["result"] for c in report["checks"]}


def test_a_clean_set_passes_all_checks(tmp_path: Path, run: Any) -> None:
    code, report = run(write_video_set(tmp_path, CLEAN, infants=INFANTS))
    assert code == 0
    assert set(results(report).values()) == {"clean"}
    assert report["conclusion"] == "No leak was found."
    assert [(s["name"], s["images"]) for s in report["splits"]] == [
        ("test", 3),
        ("train", 7),
        ("val", 2),
    ]
    assert check(report, "near_duplicate")["used"] == [
        "difference hashes up to 4 of 64 bits apart, also mirrored and upside down, not cropped or"
        " turned by a quarter (test: 3 of 3; train: 7 of 7; val: 2 of 2)"
    ]


def test_an_infant_with_two_videos_is_found(tmp_path: Path, run: Any) -> None:
    infants = {**INFANTS, "D": "I1"}
    code, report = run(write_video_set(tmp_path, CLEAN, infants=infants))
    assert code == 1
    (finding,) = check(report, "identity")["findings"]
    assert (finding["by"], finding["what"], finding["sure"]) == ("subject_id", "I1", True)
    assert finding["splits"] == {"test": 3, "train": 4}
    assert finding["examples"]["test"].startswith("D_")
    assert results(report)["video"] == "clean"


def test_frames_of_one_video_in_two_splits_are_found_by_their_names(
    tmp_path: Path, run: Any
) -> None:
    videos = {"train": {"A": 4, "B": 3}, "test": {"B": 2, "C": 3}}
    code, report = run(write_video_set(tmp_path, videos, pictures=False), "--without-images")
    assert code == 1
    found = check(report, "video")
    assert [(f["by"], f["what"], f["splits"]) for f in found["findings"]] == [
        ("file_name", "b", {"test": 2, "train": 3})
    ]
    assert "file names, all before the frame's number" in found["used"][0]


def test_names_that_are_in_every_split_are_suspected_only(tmp_path: Path, run: Any) -> None:
    videos = {"train": {"A": 4, "B": 3}, "test": {"A": 2, "B": 3}}
    folder = write_video_set(tmp_path, videos, infants={"A": "I1", "B": "I2"}, pictures=False)
    code, report = run(folder, "--ignore", "subject_id")
    assert code == 1
    assert report["result"] == "suspected"
    assert not any(f["sure"] for f in check(report, "video")["findings"])
    code, report = run(folder, "--ignore", "subject_id", "--ignore", "file_name")
    assert code == 0
    assert results(report)["video"] == "not_checked"


def test_a_set_without_identities_says_so(tmp_path: Path, run: Any) -> None:
    code, report = run(write_video_set(tmp_path, CLEAN))
    assert code == 0
    identity = check(report, "identity")
    assert identity["result"] == "not_checked"
    assert "No member of the files names infants" in identity["not_checked"][0]
    assert report["conclusion"] == (
        "No leak was found in what could be checked. Not checked: infants."
    )


def test_an_image_encoded_anew_is_a_near_duplicate(tmp_path: Path, run: Any) -> None:
    folder = write_video_set(tmp_path, CLEAN, infants=INFANTS)
    for entry in sorted((folder / "images").glob("D_*"))[:1]:
        picture(entry, scene=2, quality=60, size=(200, 150))
    code, report = run(folder)
    assert code == 1
    assert results(report)["content"] == "clean"
    (finding,) = check(report, "near_duplicate")["findings"]
    assert finding["examples"] == {"test": "D_000010.jpg", "train": "A_000002.jpg"}
    assert finding["what"].endswith("of 64 bits apart")


def test_the_same_file_under_another_name_is_found_by_its_content(tmp_path: Path, run: Any) -> None:
    folder = write_video_set(tmp_path, CLEAN, infants=INFANTS)
    copied = (folder / "images" / "A_000001.jpg").read_bytes()
    (folder / "images" / "D_000010.jpg").write_bytes(copied)
    code, report = run(folder)
    assert code == 1
    (finding,) = check(report, "content")["findings"]
    assert finding["examples"] == {"test": "D_000010.jpg", "train": "A_000001.jpg"}


def test_flat_images_are_not_called_alike(tmp_path: Path, run: Any) -> None:
    folder = write_video_set(tmp_path, CLEAN, infants=INFANTS)
    Image.new("RGB", (320, 240), (9, 9, 9)).save(folder / "images" / "A_000001.jpg")
    Image.new("RGB", (320, 240), (200, 200, 200)).save(folder / "images" / "D_000010.jpg")
    code, report = run(folder)
    assert code == 0
    assert "2 images are too flat to compare" in check(report, "near_duplicate")["not_checked"][0]


def test_missing_and_damaged_images_are_counted(tmp_path: Path, run: Any) -> None:
    folder = write_video_set(tmp_path, CLEAN, infants=INFANTS)
    (folder / "images" / "A_000001.jpg").unlink()
    (folder / "images" / "C_000008.jpg").write_bytes(b"no image")
    code, report = run(folder)
    assert code == 0
    told = check(report, "content")["not_checked"]
    assert "train: 1 of 7 image files were not found, first A_000001.jpg." in told
    assert any("val: 1 image files cannot be read, first C_000008.jpg" in note for note in told)
    assert "2 images without a readable file" in check(report, "near_duplicate")["not_checked"][0]


def test_without_any_image_file_contents_are_not_checked(tmp_path: Path, run: Any) -> None:
    code, report = run(write_video_set(tmp_path, CLEAN, infants=INFANTS, pictures=False))
    assert code == 0
    assert results(report)["content"] == results(report)["near_duplicate"] == "not_checked"


def test_images_are_found_in_folders_of_their_split(tmp_path: Path, run: Any) -> None:
    for split, scene in (("train2017", 1), ("val2017", 2)):
        picture(tmp_path / "images" / split / "000001.jpg", scene)
        write_coco(
            tmp_path / "annotations" / f"person_keypoints_{split}.json", [image(1, "000001.jpg")]
        )
    code, report = run(tmp_path)
    assert code == 0
    assert results(report)["content"] == "clean"
    assert report["notes"] == ["1 file names are in two splits for images that differ."]


def test_numbers_that_begin_anew_prove_nothing_without_images(tmp_path: Path, run: Any) -> None:
    for split in ("train", "val"):
        write_coco(tmp_path / f"{split}.json", [image(i, f"{i:04d}.jpg") for i in range(1, 5)])
    code, report = run(tmp_path)
    assert code == 2
    assert set(results(report).values()) == {"not_checked"}
    assert report["conclusion"].startswith("Nothing could be checked")


def test_several_copies_of_one_image_are_found_by_its_name(tmp_path: Path, run: Any) -> None:
    for split, tail, scene in (("train", "00aabbccdd11", 1), ("valid", "ffeeddccbb22", 2)):
        name = f"holiday_jpg.rf.{tail}.jpg"
        picture(tmp_path / split / name, scene)
        write_coco(tmp_path / split / "_annotations.coco.json", [image(0, name)])
    code, report = run(tmp_path)
    assert code == 1
    assert check(report, "name")["findings"][0]["what"] == "holiday"


def test_files_of_the_product_are_compared_by_infant_and_recording(
    tmp_path: Path, run: Any
) -> None:
    def own(number: int, infant: str, recording: int, sha: str) -> dict[str, Any]:
        facts = {"infant": infant, "recording": f"visit {recording}", "recording_id": recording}
        told = {**facts, "sha256": sha * 64}
        return image(number, f"visit-{recording}/cam/{number:06d}.jpg", infantnet=told)

    write_coco(tmp_path / "train.json", [own(11, "I1", 1, "a"), own(12, "I2", 2, "b")])
    write_coco(tmp_path / "test.json", [own(13, "I1", 3, "c"), own(14, "I3", 2, "b")])
    code, report = run(tmp_path / "train.json", tmp_path / "test.json")
    assert code == 1
    found = {c["check"]: [f["what"] for f in c["findings"]] for c in report["checks"]}
    assert found["identity"] == ["I1"]
    assert found["video"] == ["visit 2 (no. 2)"]
    assert found["content"] == ["b" * 64]


def test_people_numbered_within_an_image_are_no_identities(tmp_path: Path, run: Any) -> None:
    for first, split in enumerate(("train", "test")):
        images = [image(i, f"V{first}_{i:04d}.jpg") for i in range(100 * first, 100 * first + 5)]
        people = [
            annotation(i, entry["id"], person_id=person, track_id=person)
            for i, (entry, person) in enumerate((e, p) for e in images for p in (0, 1))
        ]
        write_coco(tmp_path / f"{split}.json", images, people)
    code, report = run(tmp_path)
    assert code == 0
    notes = " ".join(check(report, "identity")["not_checked"])
    assert "annotations.person_id was not used" in notes
    assert "annotations.track_id was not used" in notes
    code, report = run(tmp_path, "--identity", "person_id")
    assert code == 1
    (first_one, second) = check(report, "identity")["findings"]
    assert first_one["sure"]
    assert second["examples"] == {"test": "V1_0100.jpg", "train": "V0_0000.jpg"}


def test_names_of_people_are_identities(tmp_path: Path, run: Any) -> None:
    for start, split in ((1, "train"), (50, "test")):
        write_coco(
            tmp_path / f"{split}.json",
            [image(start, f"x{split}.jpg")],
            [annotation(start, start, attributes={"person_id": "Ada"})],
        )
    code, report = run(tmp_path)
    assert code == 1
    assert check(report, "identity")["findings"][0]["by"] == "annotations.attributes.person_id"


def test_numbers_of_videos_are_compared_by_the_names_listed_for_them(
    tmp_path: Path, run: Any
) -> None:
    for split, names in (("train", ["a.mp4", "b.mp4"]), ("test", ["c.mp4", "b.mp4"])):
        videos = [{"id": i, "name": name} for i, name in enumerate(names, start=1)]
        images = [image(i, f"{split}{i}.jpg", video_id=i) for i in (1, 2)]
        write_coco(tmp_path / f"{split}.json", images, videos=videos)
    code, report = run(tmp_path)
    assert code == 1
    found = check(report, "video")["findings"]
    assert [(f["by"], f["what"]) for f in found] == [("videos.name", "b.mp4")]


def test_numbers_of_videos_that_begin_anew_are_suspected_only(tmp_path: Path, run: Any) -> None:
    for split in ("train", "test"):
        images = [image(i, f"{split}{i}.jpg", video_id=i) for i in (1, 2)]
        write_coco(tmp_path / f"{split}.json", images)
    code, report = run(tmp_path)
    assert (code, report["result"]) == (1, "suspected")
    assert run(tmp_path, "--video", "video_id")[1]["result"] == "leak"
    assert run(tmp_path, "--ignore", "video_id")[0] == 0


def test_splits_may_be_named_and_packed(tmp_path: Path, run: Any) -> None:
    plain = write_coco(tmp_path / "a.json", [image(7, "x.jpg")])
    packed = tmp_path / "b.json.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    code, report = run("--split", f"mine={plain}", "--split", f"theirs={packed}")
    assert code == 1
    assert [s["name"] for s in report["splits"]] == ["mine", "theirs"]


def test_files_of_one_split_are_taken_together(tmp_path: Path, run: Any) -> None:
    for kind in ("instances", "person_keypoints"):
        for split in ("train", "val"):
            write_coco(tmp_path / f"{kind}_{split}.json", [image(len(split), f"{split}.jpg")])
    (tmp_path / "cameras.json").write_text('{"cameras": []}')
    code, report = run(tmp_path)
    assert code == 0
    assert [(s["name"], s["images"], len(s["files"])) for s in report["splits"]] == [
        ("train", 1, 2),
        ("val", 1, 2),
    ]
    assert report["notes"] == ["Passed over cameras.json: it lists no images."]


def test_a_releases_own_papers_are_no_news(tmp_path: Path, run: Any) -> None:
    for split in ("train", "val"):
        write_coco(tmp_path / "annotations" / f"{split}.json", [image(len(split), f"{split}.jpg")])
    for name in ("masking.json", "statistics.json", "cameras.json", "SHA256SUMS"):
        (tmp_path / name).write_text("{}")

    code, report = run(tmp_path)

    assert code == 0
    assert report["notes"] == ["Passed over cameras.json: it lists no images."]


def test_names_never_lead_out_of_the_folders(tmp_path: Path, run: Any) -> None:
    picture(tmp_path / "secret.jpg", 1)
    inside = tmp_path / "set"
    for split in ("train", "test"):
        write_coco(inside / f"{split}.json", [image(7, "../secret.jpg")])
    _, report = run(inside)
    assert results(report)["content"] == "not_checked"


def test_strange_names_are_read_and_printed(tmp_path: Path, run: Any) -> None:
    names = ["\ud800", "x" * 4000 + ".jpg", "a\0b.jpg", "..", "/", "C:\\", "\n", "赤.jpg"]
    for start, split in ((1, "train"), (80, "test")):
        images = [image(start + i, name, subject_id="\udfff") for i, name in enumerate(names)]
        write_coco(tmp_path / f"{split}.json", [*images, image(3, ""), {"id": 3, "file_name": 7}])
    code, report = run(tmp_path)
    assert code == 1
    assert "train: 3 images have no file name and were left out." in report["notes"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"{", "too early"),
        (b"no json", "no"),
        (b"PK\x03\x04....", "zip archive"),
        (b'{"a": 1}', "it lists no images"),
        (b"[1, 2]", "this is a list"),
        (b'{"images": [], "annotations": []}', "it lists no images"),
        (b'{"images": [{"id": 1}, 5]}', "none of its images has a file name"),
        (b'{"images": [' + b"[" * 100_000, "nested too deeply"),
        (gzip.compress(b'{"images": [')[:-4], "gzip"),
    ],
)
def test_junk_is_named(tmp_path: Path, run: Any, content: bytes, words: str) -> None:
    good = write_coco(tmp_path / "train.json", [image(1, "a.jpg")])
    bad = tmp_path / "test.json"
    bad.write_bytes(content)
    code, report = run(good, bad)
    assert code == 2
    assert "test.json" in report["error"]
    assert words in report["error"]


def test_what_cannot_be_compared_is_wrong_usage(tmp_path: Path, run: Any) -> None:
    one = write_coco(tmp_path / "train.json", [image(1, "a.jpg")])
    assert run()[0] == 2
    assert "only one split is there (train" in run(one)[1]["error"]
    assert "there is no such file or folder" in run(tmp_path / "none")[1]["error"]
    assert "write it as NAME=PATH" in run("--split", "train")[1]["error"]
    assert "no such folder" in run(tmp_path, "--images", tmp_path / "none")[1]["error"]
    write_coco(tmp_path / "fold_1_test.json", [image(1, "b.jpg")])
    code, report = run(tmp_path)
    assert (code, "one fold of several" in report["error"]) == (2, True)


def test_the_report_for_people_names_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_video_set(tmp_path, {**CLEAN, "test": {"D": 2, "A": 1}})
    assert main(["check-splits", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "videos and sessions\tLEAK\t1" in said
    assert "infants\tnot checked" in said
    assert "file_name a: test 1 (A_000012.jpg), train 4 (A_000001.jpg)" in said
    assert said.rstrip().endswith("The splits leak. Not checked: infants.")
