"""Files that are no labels, or dangerous: refused with words, and nothing of them is left."""

from __future__ import annotations

import io
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest

from backend.core.database.tables import Candidate, Recording
from tests.worker.bench import archive, png
from tests.worker.label_senders import HEIGHT, WIDTH, Import, frames, sent, written


def tar_with(member: tarfile.TarInfo, data: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def link() -> tarfile.TarInfo:
    member = tarfile.TarInfo("a.json")
    member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return member


def entities() -> bytes:
    return b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><annotations>&b;</annotations>"


BAD: dict[str, tuple[list[tuple[str, bytes]], str]] = {
    "junk": ([("people.json", b"\x00\x01junk" * 99)], "people.json.*recognised"),
    "nothing but images": ([], "No labels"),
    "a zip cut off": ([("all.zip", archive({"a.xml": b"<annotations/>" * 99})[:60])], "zip"),
    "a tar cut off": (
        [("all.tar.gz", tar_with(tarfile.TarInfo("a.json"), bytes(range(256)) * 400)[:200])],
        "damaged|cut off",
    ),
    "a tar that climbs out": ([("a.tar.gz", tar_with(tarfile.TarInfo("../a.json")))], "outside"),
    "a tar with a link": ([("a.tar.gz", tar_with(link()))], "link"),
    "a bomb": (
        [("a.tar.gz", tar_with(tarfile.TarInfo("a.json"), bytes(64 << 20)))],
        "grows more than",
    ),
    "entities": ([("a.xml", entities())], "entities"),
    "two formats": (
        [
            ("a.json", b'{"shapes": [], "imagePath": "a.png"}'),
            ("b.xml", b"<annotations></annotations>"),
        ],
        "several formats",
    ),
    "too few joints": (
        [("a.zip", archive({
            "data.yaml": b"train: images\nkpt_shape: [17, 3]\nnames: {0: infant}\n",
            "images/a.png": png(WIDTH, HEIGHT),
            "labels/a.txt": b"0 .5 .5 .2 .2 .1 .1 2\n",
        }))],
        "nobody's joints|no image",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_labels_are_refused_with_words_and_leave_nothing(labels: Import, case: str) -> None:
    files, words = BAD[case]
    bench = labels.bench
    before = (len(bench.all(Recording)), len(bench.all(Candidate)), bench.files())

    job = labels.run(f"bad {case}", files, [("z.png", png(WIDTH, HEIGHT))])

    assert job.state == "failed"
    assert re.search(words, job.error or ""), job.error
    assert (len(bench.all(Recording)), len(bench.all(Candidate)), bench.files()) == before
    assert list(bench.settings.scratch_dir.iterdir()) == []


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"people": {"doll": "skip"}}, "no label 'doll'.*the file has adult, infant"),
        ({"skeletons": {"doll": "coco"}}, "no label 'doll'.*the file has adult, infant"),
        ({"joints": {"doll": {"nose": ""}}}, "no label 'doll'.*the file has adult, infant"),
        ({"joints": {"*": {"snout": "nose"}}}, "no joint 'snout'.*nose"),
    ],
)
def test_a_choice_that_fits_nothing_in_the_labels_is_refused(
    labels: Import, tmp_path: Path, choices: dict[str, Any], words: str
) -> None:
    files = sent("cvat", written("cvat", tmp_path, frames()))

    job = labels.run(f"choices {words}", *files, **choices)

    assert job.state == "failed"
    assert re.search(words, job.error or ""), job.error


def test_a_joint_that_no_image_has_is_refused_where_points_are_labelled_one_by_one(
    labels: Import, tmp_path: Path
) -> None:
    files = sent("labelme", written("labelme", tmp_path, frames()))

    job = labels.run("points", *files, joints={"*": {"snout": "nose"}})

    assert job.state == "failed"
    assert "no joint 'snout' to be mapped; there are" in (job.error or "")
