"""COCO imports through the whole pipeline: names, sizes, choices, and who is offered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.core.database.tables import Annotation, Candidate, Frame, Job, JobLog, Recording
from backend.domain.infants import Apart
from backend.domain.skeleton import JOINTS
from backend.recordings.first_pass import FirstPass
from tests.worker.bench import Bench, archive, png
from tests.worker.pipelines.test_import import coco

KEYPOINTS = [v for i in range(17) for v in (5.0 + i, 6.0 + i, 2)]


def document(*names: str, **changes: Any) -> dict[str, Any]:
    """One person in each of these images."""
    return coco(
        images=[
            {"id": i, "file_name": name, "width": 64, "height": 48}
            for i, name in enumerate(names, 1)
        ],
        annotations=[
            {"id": i, "image_id": i, "category_id": 1, "keypoints": list(KEYPOINTS), "iscrowd": 0,
             "bbox": [5, 6, 20, 20]}
            for i, _ in enumerate(names, 1)
        ],
    ) | changes  # fmt: skip


def zipped(**files: bytes) -> tuple[str, bytes]:
    return "images.zip", archive({name.replace("__", "/"): data for name, data in files.items()})


def in_zip(*names: str) -> tuple[str, bytes]:
    return "images.zip", archive({name: png(shade=i) for i, name in enumerate(names)})


def names_of(bench: Bench) -> list[str]:
    return [frame.source_name for frame in bench.all(Frame)]


def warnings(job: Job) -> str:
    assert job.error is None
    assert job.result is not None
    return "\n".join(job.result["warnings"])


def report(job: Job) -> FirstPass:
    assert job.error is None
    return FirstPass.model_validate(job.result)


def kinds(found: FirstPass) -> dict[str, int]:
    return {odd.kind.value: odd.count for odd in found.odd}


def test_names_are_matched_through_folders_case_and_character_sets(bench: Bench) -> None:
    in_archive = ["LEFT/0001.PNG", "left/乳児.png".encode("cp932").decode("cp437")]
    data = archive({name: png(shade=i) for i, name in enumerate(in_archive)})
    # Python writes such names with the UTF-8 flag; other systems write the bytes without it.
    job = bench.images(
        ("images.zip", data), coco=document("C:\\data\\left\\0001.png", "left/乳児.png")
    )
    assert "Names that differ" in warnings(job)
    assert names_of(bench) == ["C:\\data\\left\\0001.png", "left/乳児.png"]
    assert len(bench.all(Candidate)) == 2


def test_one_name_in_two_folders_is_left_out_and_said(bench: Bench) -> None:
    job = bench.images(
        in_zip("left/1.png", "right/1.png", "left/2.png"), coco=document("1.png", "2.png")
    )
    assert "fits left/1.png, right/1.png" in warnings(job)
    assert names_of(bench) == ["2.png"]


def test_another_folder_is_taken_only_where_that_was_chosen(bench: Bench) -> None:
    files = in_zip("right/1.png", "right/2.png")
    refused = bench.images(files, coco=document("left/1.png", "left/2.png"))
    assert refused.state == "failed"
    assert "in another folder" in str(refused.error)
    bench.assert_nothing_is_left()
    job = bench.images(
        files,
        coco=document("left/1.png", "left/2.png"),
        name="again",
        choices={"odd": {"image_other_folder": "map"}},
    )
    assert "found as right/1.png" in warnings(job)
    assert len(bench.all(Frame)) == 2


def test_images_that_are_missing_or_broken_cost_themselves_alone(bench: Bench) -> None:
    job = bench.images(
        zipped(**{"1.png": png(), "2.png": b"", "3.png": png(200, 150)[:-40], "4.png": b"text",
                  "6.png": png(shade=9)}),
        coco=document("1.png", "2.png", "3.png", "4.png", "5.png")
        | {"images": [
            {"id": i, "file_name": f"{i}.png", "width": 200 if i == 3 else 64,
             "height": 150 if i == 3 else 48} for i in range(1, 6)]},
    )  # fmt: skip
    said = warnings(job)
    assert "Images whose file was not sent (1 image)" in said
    assert "Image files that cannot be read (3 images)" in said
    assert "6.png" in said
    assert names_of(bench) == ["1.png"]
    assert [frame.position for frame in bench.all(Frame)] == [0]


def test_frames_are_numbered_without_gaps_where_images_are_left_out(bench: Bench) -> None:
    job = bench.images(
        zipped(**{"a.png": png(shade=1), "b.png": png(90, 70)[:-30], "c.png": png(shade=3)})
    )
    assert "b.png" in warnings(job)
    assert [(f.position, f.source_frame, f.time_s) for f in bench.all(Frame)] == [
        (0, 0, 0.0), (1, 1, 1.0),
    ]  # fmt: skip


def test_an_image_of_another_size_is_left_out_or_scaled(bench: Bench) -> None:
    files = zipped(**{"1.png": png(128, 96), "2.png": png()})
    job = bench.images(files, coco=document("1.png", "2.png"))
    assert "stated as 64 x 48 pixels, has 128 x 96" in warnings(job)
    assert names_of(bench) == ["2.png"]
    bench.images(files, coco=document("1.png", "2.png"), name="scaled",
                 choices={"odd": {"image_size_differs": "map"}})  # fmt: skip
    scaled = bench.all(Candidate)[1]
    assert scaled.skeleton[:3] == [11.0, 13.0, 2.0]
    assert scaled.box == [10.0, 12.0, 40.0, 40.0]


def test_images_that_the_file_does_not_name_become_frames_where_that_was_chosen(
    bench: Bench,
) -> None:
    bench.images(in_zip("1.png", "2.png"), coco=document("1.png"),
                 choices={"odd": {"image_unlisted": "map"}})  # fmt: skip
    assert names_of(bench) == ["1.png", "2.png"]
    assert [a.candidate_id is None for a in bench.all(Annotation)] == [False, True]


def test_crowds_and_people_without_joints_are_kept_and_never_offered(bench: Bench) -> None:
    data = document("1.png")
    person = data["annotations"][0]
    data["annotations"] += [
        {**person, "id": 2, "iscrowd": 1, "keypoints": [0] * 51, "bbox": [1, 1, 60, 40]},
        {**person, "id": 3, "keypoints": [], "bbox": [2, 2, 9, 9]},
    ]
    job = bench.images(in_zip("1.png"), coco=data)
    assert "kept apart" in warnings(job)
    people = bench.all(Candidate)
    assert [p.apart for p in people] == [None, Apart.CROWD, Apart.NO_JOINTS]
    assert people[1].box == [1, 1, 60, 40]
    assert bench.all(Annotation)[0].candidate_id == people[0].id


def test_the_infant_is_proposed_by_its_category_and_a_caregiver_never(bench: Bench) -> None:
    data = document("1.png", "2.png")
    kinds_of_people = [
        {**data["categories"][0], "id": i, "name": name}
        for i, name in ((4, "caregiver"), (6, "newborn"))
    ]
    data["categories"] = kinds_of_people
    first, second = data["annotations"]
    first["category_id"], second["category_id"] = 6, 4
    data["annotations"].insert(0, {**first, "id": 9, "category_id": 4})
    bench.images(in_zip("1.png", "2.png"), coco=data)
    of_first, of_second = bench.all(Annotation)
    assert of_first.candidate_id == bench.all(Candidate)[1].id
    assert of_second.candidate_id is None
    assert len(bench.all(Candidate)) == 3


def test_results_without_names_find_their_images_by_number(bench: Bench) -> None:
    results = [
        {"image_id": i, "category_id": 1, "score": 0.5,
         "keypoints": [5.0, 6.0, 0.9, 7.0, 8.0, 0.1, *KEYPOINTS[6:]]}
        for i in (139, 7)
    ]  # fmt: skip
    job = bench.images(in_zip("000000000139.png", "frame_07.png"), coco=results)
    assert "Only a number at the end" in warnings(job)
    assert names_of(bench) == ["000000000139.png"]
    candidate = bench.all(Candidate)[0]
    assert (candidate.score, candidate.keypoints[2]) == (0.5, pytest.approx(0.9))
    assert candidate.skeleton[:6] == [5.5, 6.5, 2, 7.5, 8.5, 1]


def test_what_was_done_is_in_the_jobs_log(bench: Bench) -> None:
    data = document("1.png")
    data["annotations"][0]["image_id"] = "1"
    bench.images(in_zip("1.png", "2.png"), coco=data)
    lines = {(line.level, line.message.partition(" (")[0]) for line in bench.all(JobLog)}
    assert ("info", "Ids written as text or with a decimal point") in lines
    assert ("warning", "Image files that the labels do not name") in lines


def test_a_kind_that_is_to_cancel_refuses_the_import(bench: Bench) -> None:
    job = bench.images(in_zip("1.png"), coco=document("1.png", "2.png"),
                       choices={"odd": {"image_not_sent": "cancel"}})  # fmt: skip
    assert job.state == "failed"
    assert "2.png" in str(job.error)
    assert "you chose to refuse" in str(job.error)
    bench.assert_nothing_is_left()


def test_another_tools_file_is_named(bench: Bench) -> None:
    job = bench.images(in_zip("1.png"), coco=b"<annotations><image/></annotations>")
    assert "CVAT" in str(job.error)
    bench.assert_nothing_is_left()


def test_a_first_pass_says_what_an_import_would_do_and_does_nothing(bench: Bench) -> None:
    data = document("images/1.png", "2.png", "gone.png")
    data["annotations"][1]["keypoints"][4] = "6.5"
    data["annotations"].append({**data["annotations"][0], "id": 8, "keypoints": [0] * 51})
    job = bench.first_pass(in_zip("1.png", "2.png", "more.png"), coco=data)
    found = report(job)
    assert (found.images, found.people, found.apart, found.refused) == (2, 2, 1, None)
    assert kinds(found) == {
        "image_name_differs": 1, "image_not_sent": 1, "image_unlisted": 1,
        "person_without_joints": 1, "joint_as_text": 1,
    }  # fmt: skip
    assert {names.how.value: names.count for names in found.names} == {
        "exact": 1, "folder": 1, "missing": 1,
    }  # fmt: skip
    text = next(odd for odd in found.odd if odd.kind.value == "joint_as_text")
    assert (text.places[0].image, text.places[0].annotation, text.places[0].where) == (
        "2.png", "2", "annotations[1].keypoints[4]",
    )  # fmt: skip
    assert [answer.answer.value for answer in text.answers] == ["map", "skip", "cancel"]
    assert bench.all(Recording) == []
    assert bench.files() == []


def test_a_first_pass_shows_the_table_of_another_skeleton(bench: Bench) -> None:
    data = document("1.png")
    data["categories"][0].pop("keypoints")
    data["annotations"][0]["keypoints"] = [v for i in range(14) for v in (9.0 + i, 9.0, 2)]
    found = report(bench.first_pass(in_zip("1.png"), coco=data))
    (category,) = found.categories
    assert (category.told, category.taken) == ("count", False)
    assert [skeleton.name for skeleton in category.alternatives] == ["crowdpose", "lsp", "aic"]
    assert found.refused is not None
    assert "nobody's joints" in found.refused
    chosen = report(bench.first_pass(in_zip("1.png"), coco=data, skeletons={"*": "lsp"}))
    assert chosen.refused is None
    assert chosen.categories[0].table[0].model_dump() == {
        "joint": "right_ankle", "coco": "right_ankle",
    }  # fmt: skip
    assert chosen.categories[0].absent == list(JOINTS[:5])


def test_a_first_pass_goes_on_where_an_import_would_be_cancelled(bench: Bench) -> None:
    data = document("1.png", "gone.png")
    found = report(bench.first_pass(in_zip("1.png"), coco=data, odd={"image_not_sent": "cancel"}))
    assert kinds(found) == {"image_not_sent": 1}
    assert found.refused is not None
    assert "the import is refused" in found.refused


def test_the_first_pass_and_the_import_agree(bench: Bench) -> None:
    data = document("1.png", "x/2.png", "3.png")
    data["annotations"][0]["keypoints"] = [*KEYPOINTS[:-1], 7]
    data["annotations"][2]["bbox"] = "none"
    text = json.dumps(data).encode("utf-16")
    files = in_zip("1.png", "y/2.png", "3.png")
    found = report(bench.first_pass(files, coco=text, otherwise="map"))
    job = bench.images(files, coco=text, choices={"otherwise": "map"})
    assert job.result is not None
    said = job.result["warnings"]
    assert [odd.text for odd in found.odd] == [text for text in said if " First: " in text]
    assert found.pixels.text in said
    assert job.result["frames"] == found.images == 3
