"""What mmpose comes with, and what it cannot do here."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import yaml

from backend.domain.errors import Conflict, InvalidInput
from backend.models.checkpoints.designs import HeatmapConfig
from backend.models.checkpoints.top_down import TOP_DOWN, TopDown
from worker.adapters.heatmap_network import HeatmapNetwork, described_codec
from worker.adapters.openmmlab import configuration, registry
from worker.adapters.weights import load_checkpoint

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("models")]


@pytest.fixture(scope="module")
def zoo() -> dict[str, dict]:
    """mmpose's model index by the name of the configuration."""
    import mmpose

    folder = Path(mmpose.__file__).parent / ".mim/configs"
    found = {}
    for file in (folder / "body_2d_keypoint/topdown_heatmap/coco").glob("*_coco.yml"):
        for model in yaml.safe_load(file.read_text())["Models"]:
            found[model["Config"].removeprefix("configs/")] = model
    return found


@pytest.mark.parametrize("row", TOP_DOWN, ids=lambda row: row.name)
def test_a_row_is_what_mmposes_index_and_configuration_say(
    row: TopDown, zoo: dict[str, dict]
) -> None:
    model = zoo[row.config_file]
    if row.name != "resnet-101-384":  # whose entry names the file of the smaller input
        assert row.weights().url == model["Weights"]
    assert row.ap == model["Results"][0]["Metrics"]["AP"]
    codec = dict(configuration(row.config_file).codec)
    assert described_codec(row.used) == codec


def test_a_model_that_needs_a_compiled_operator_says_so() -> None:
    registry()
    from mmcv.ops import DeformConv2dPack

    layer = DeformConv2dPack(3, 3, 3, padding=1)
    with pytest.raises(Conflict, match="compiled operator “deform_conv_forward”"):
        layer(torch.zeros(1, 3, 8, 8))


def test_a_file_from_before_mmpose_1_is_read(tmp_path: Path) -> None:
    network = HeatmapNetwork("resnet-50")
    old = {
        name.replace("head.", "keypoint_head.", 1): tensor
        for name, tensor in network.state_dict().items()
    }
    torch.save({"state_dict": old, "meta": {}}, tmp_path / "old.pth")
    other = HeatmapNetwork("resnet-50")
    load_checkpoint(other, tmp_path / "old.pth", "resnet-50")
    for name, tensor in other.state_dict().items():
        assert torch.equal(tensor, network.state_dict()[name])


def test_a_checkpoint_of_another_depth_is_refused_with_words(tmp_path: Path) -> None:
    torch.save({"state_dict": HeatmapNetwork("resnet-50").state_dict()}, tmp_path / "fifty.pth")
    with pytest.raises(InvalidInput, match="is not a checkpoint of resnet-101: 306 of"):
        load_checkpoint(HeatmapNetwork("resnet-101"), tmp_path / "fifty.pth", "resnet-101")


def test_an_hourglass_answers_with_heatmaps_a_quarter_as_large() -> None:
    config = HeatmapConfig(width=128, height=128)
    network = HeatmapNetwork("hourglass").eval()
    with torch.inference_mode():
        heatmaps = network(torch.zeros(1, 3, config.height, config.width))
    assert heatmaps.shape == (1, 17, *config.heatmap)
