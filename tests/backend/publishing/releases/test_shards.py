"""Shards for training, read as WebDataset reads them: members grouped by the name before a dot."""

from __future__ import annotations

import hashlib
import json
import tarfile
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from backend.domain.errors import InvalidInput
from backend.publishing.releases.shards import write_shards


def a_release(folder: Path, images: int = 7, *, masks: bool = False) -> Path:
    """The folder of a release with one split."""
    entries, annotations = [], []
    for i in range(1, images + 1):
        name = f"images/INF-1/r00001/c01/{i:06d}.jpg"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"picture %d" % i * 100)
        entries.append({"id": i, "file_name": name, "width": 4, "height": 3})
        annotations.append({"id": i, "image_id": i, "keypoints": [0] * 51})
        if masks:
            mask = (folder / name.replace("images/", "masks/")).with_suffix(".png")
            mask.parent.mkdir(parents=True, exist_ok=True)
            mask.write_bytes(b"mask %d" % i)
    document = {
        "info": {"version": "1.0.0"},
        "images": entries,
        "annotations": annotations,
        "categories": [{"id": 1}],
    }
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    (folder / "annotations/train.json").write_text(json.dumps(document))
    return folder


def samples(shards: Path) -> dict[str, dict[str, bytes]]:
    """Samples by key, members by ending, over all shards in order."""
    found: dict[str, dict[str, bytes]] = {}
    for path in sorted(shards.glob("*.tar")):
        with tarfile.open(path) as file:
            members = [(m.name, file.extractfile(m)) for m in file.getmembers()]
            for key, group in groupby(members, key=lambda member: member[0].split(".")[0]):
                assert key not in found, "a sample is in two places"
                found[key] = {n.partition(".")[2]: data.read() for n, data in group if data}
    return found


def test_each_image_is_a_sample_with_its_labels_and_mask(tmp_path: Path) -> None:
    folder = a_release(tmp_path / "crawlers-1.0.0", masks=True)
    written = write_shards(folder, tmp_path / "out")
    assert [shard.samples for shard in written["train"]] == [7]
    found = samples(tmp_path / "out")
    assert list(found) == [f"{i:012d}" for i in range(1, 8)]
    third = found["000000000003"]
    assert list(third) == ["jpg", "json", "mask.png"]
    assert third["jpg"] == b"picture 3" * 100
    labels: dict[str, Any] = json.loads(third["json"])
    assert labels["image"]["id"] == 3
    assert [a["image_id"] for a in labels["annotations"]] == [3]


def test_no_shard_is_larger_than_asked_and_all_are_listed(tmp_path: Path) -> None:
    folder = a_release(tmp_path / "crawlers-1.0.0", images=50)
    write_shards(folder, tmp_path / "out", max_bytes=25_000)
    told = json.loads((tmp_path / "out/train.json").read_text())
    assert told["categories"] == [{"id": 1}]
    assert sum(shard["samples"] for shard in told["shards"]) == 50
    assert len(told["shards"]) > 5
    for shard in told["shards"]:
        data = (tmp_path / "out" / shard["file"]).read_bytes()
        assert len(data) == shard["bytes"] <= 25_000
        assert hashlib.sha256(data).hexdigest() == shard["sha256"]
    assert len(samples(tmp_path / "out")) == 50


def test_the_same_folder_gives_the_same_shards(tmp_path: Path) -> None:
    first = write_shards(a_release(tmp_path / "one"), tmp_path / "a", max_bytes=8192)
    second = write_shards(a_release(tmp_path / "two"), tmp_path / "b", max_bytes=8192)
    assert first == second


def test_an_image_without_labels_is_a_sample_too(tmp_path: Path) -> None:
    folder = a_release(tmp_path / "crawlers-1.0.0", images=3)
    path = folder / "annotations/train.json"
    document = json.loads(path.read_text())
    del document["annotations"][1]
    path.write_text(json.dumps(document))
    write_shards(folder, tmp_path / "out")
    labels = [json.loads(sample["json"]) for sample in samples(tmp_path / "out").values()]
    assert [len(label["annotations"]) for label in labels] == [1, 0, 1]


def missing_image(folder: Path) -> None:
    next((folder / "images").rglob("000004.jpg")).unlink()


def annotations_out_of_order(folder: Path) -> None:
    path = folder / "annotations/train.json"
    document = json.loads(path.read_text())
    document["annotations"].reverse()
    path.write_text(json.dumps(document))


def half_a_file(folder: Path) -> None:
    path = folder / "annotations/train.json"
    path.write_bytes(path.read_bytes()[:-200])


def a_name_that_leads_out(folder: Path) -> None:
    path = folder / "annotations/train.json"
    path.write_text(path.read_text().replace("images/INF-1", "../../INF-1"))


def no_annotations(folder: Path) -> None:
    (folder / "annotations/train.json").unlink()


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (missing_image, "000004.jpg: the file is missing"),
        (annotations_out_of_order, "do not stand in the order"),
        (half_a_file, "train.json"),
        (a_name_that_leads_out, "leads out of"),
        (no_annotations, "not the folder of a release"),
    ],
)
def test_a_damaged_release_leaves_no_shards(tmp_path: Path, damage: Any, fault: str) -> None:
    folder = a_release(tmp_path / "crawlers-1.0.0")
    damage(folder)
    with pytest.raises(InvalidInput, match=fault):
        write_shards(folder, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["crawlers-1.0.0"]


def test_shards_that_are_there_are_not_written_over(tmp_path: Path) -> None:
    folder = a_release(tmp_path / "crawlers-1.0.0")
    write_shards(folder, tmp_path / "out")
    with pytest.raises(InvalidInput, match="there already"):
        write_shards(folder, tmp_path / "out")
