"""The networks of Table 4, written from their papers: HMR, PARE, HMR2, and one of joints alone."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.resnet import BasicBlock, Bottleneck

from worker.training.bodies.parts import PART_OF_JOINT, PARTS
from worker.training.bodies.regression import (
    DirectHead,
    Estimate,
    IterativeHead,
    Mean,
    MeanHead,
    estimate_of,
)
from worker.training.resnet import ResNet


class Maps(nn.Module):
    """A residual network (He et al. 2016) up to its last maps, from random numbers.

    Args:
        layers: 18, 34 or 50.
        stem: Channels of its first stage; 64 in the paper.
    """

    def __init__(self, layers: int, stem: int = 64) -> None:
        super().__init__()
        whole = ResNet(layers, stem)
        self.channels: int = whole.channels
        stages = whole.stages()[1:]
        self.body = nn.Sequential(
            whole.conv1, whole.bn1, nn.ReLU(inplace=True), whole.maxpool, *stages
        )
        for block in self.modules():
            # Each block begins as nothing beside its shortcut.
            if isinstance(block, BasicBlock | Bottleneck):
                last = block.bn2 if isinstance(block, BasicBlock) else block.bn3
                nn.init.zeros_(last.weight)

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, S, S) to (N, C, S/32, S/32)."""
        return cast(Tensor, self.body(images))


class Hmr(nn.Module):
    """Kanazawa et al. 2018: pooled features of a residual network, then iterative regression."""

    def __init__(self, layers: int, mean: Mean, width: int = 1024, stem: int = 64) -> None:
        super().__init__()
        self.maps = Maps(layers, stem)
        self.head = IterativeHead(self.maps.channels, mean, width)

    def forward(self, images: Tensor, given: Tensor) -> Estimate:
        """images: (N, 3, S, S). given: (N, 17, 3), not looked at."""
        return cast(Estimate, self.head(self.maps(images).mean(dim=(2, 3)).float()))


def _rising(channels: int, width: int, times: int) -> nn.Sequential:
    """Maps made twice as fine a few times."""
    steps: list[nn.Module] = []
    for _ in range(times):
        steps += [
            nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False),
            nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU(),
        ]  # fmt: skip
        channels = width
    return nn.Sequential(*steps)


class PartHead(MeanHead):
    """From features of seven parts (N, 7, C): each joint's rotation from its own part, all else
    from all parts together."""

    def __init__(self, channels: int, mean: Mean) -> None:
        super().__init__(mean)
        joints = len(PART_OF_JOINT)
        self.part = nn.Parameter(torch.randn(joints, channels, 6) * 0.01 / channels**0.5)
        self.turn = nn.Parameter(torch.zeros(joints, 6))
        self.rest = nn.Linear(len(PARTS) * channels, self.numbers - 6 * joints)
        nn.init.xavier_uniform_(self.rest.weight, gain=0.01)
        nn.init.zeros_(self.rest.bias)

    def forward(self, features: Tensor, parts: Tensor) -> Estimate:
        """features: (N, 7, C). parts: logits that go along."""
        own = features[:, list(PART_OF_JOINT)]
        six = torch.einsum("njc,jcd->njd", own, self.part) + self.turn
        change = torch.cat([six.flatten(1), self.rest(features.flatten(1))], dim=1)
        return estimate_of(self.mean + change, self.betas, parts)


class Pare(nn.Module):
    """Kocabas et al. 2021: a branch that says where each part is, one that holds features of the
    body, and attention: features are pooled where the part is seen.

    Args:
        layers: Of the residual network.
        mean: Where regression begins.
        width: Channels of both branches.
        finer: How often its maps are made twice as fine.
        stem: Channels of the residual network's first stage.
    """

    def __init__(
        self, layers: int, mean: Mean, width: int = 256, finer: int = 3, stem: int = 64
    ) -> None:
        super().__init__()
        self.maps = Maps(layers, stem)
        self.where = _rising(self.maps.channels, width, finer)
        self.what = _rising(self.maps.channels, width, finer)
        self.parts = nn.Conv2d(width, 1 + len(PARTS), 1)
        self.head = PartHead(width, mean)

    def forward(self, images: Tensor, given: Tensor) -> Estimate:
        """images: (N, 3, S, S). given: (N, 17, 3), not looked at."""
        maps = self.maps(images)
        parts = self.parts(self.where(maps)).float()
        attention = parts[:, 1:].flatten(2).softmax(dim=2)
        features = attention @ self.what(maps).float().flatten(2).transpose(1, 2)
        return cast(Estimate, self.head(features, parts))


class Patches(nn.Module):
    """A vision transformer (Dosovitskiy et al. 2021) without class token; normalised before.

    Args:
        side: Of the picture in pixels.
        patch: Side of a patch in pixels.
        width: Of a token. depth: Layers. heads: Of attention.
        drop: Of residual branches in training.
    """

    def __init__(self, side: int, patch: int, width: int, depth: int, heads: int) -> None:
        super().__init__()
        self.cut = nn.Conv2d(3, width, patch, patch)
        self.place = nn.Parameter(torch.randn(1, (side // patch) ** 2, width) * 0.02)
        layer = nn.TransformerEncoderLayer(
            width, heads, 4 * width, 0.0, functional.gelu, batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(
            layer, depth, nn.LayerNorm(width), enable_nested_tensor=False
        )

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, S, S) to (N, T, C)."""
        tokens = self.cut(images).flatten(2).transpose(1, 2) + self.place
        return cast(Tensor, self.layers(tokens))


class Hmr2(nn.Module):
    """Goel et al. 2023: a vision transformer, and a decoder whose single query asks its tokens.

    Args:
        patches: The encoder and its width.
        mean: Where regression begins.
        width: Of the decoder. depth: Its layers. heads: Of attention.
    """

    def __init__(
        self, patches: Patches, tokens: int, mean: Mean, width: int = 1024, depth: int = 6,
        heads: int = 8,
    ) -> None:  # fmt: skip
        super().__init__()
        self.patches = patches
        self.taken = nn.Linear(tokens, width)
        self.query = nn.Parameter(torch.zeros(1, 1, width))
        layer = nn.TransformerDecoderLayer(
            width, heads, 2 * width, 0.0, functional.gelu, batch_first=True, norm_first=True
        )
        self.decoder = nn.TransformerDecoder(layer, depth, nn.LayerNorm(width))
        self.head = DirectHead(width, mean)

    def forward(self, images: Tensor, given: Tensor) -> Estimate:
        """images: (N, 3, S, S). given: (N, 17, 3), not looked at."""
        tokens = self.taken(self.patches(images))
        asked = self.decoder(self.query.expand(len(tokens), -1, -1), tokens)
        return cast(Estimate, self.head(asked[:, 0].float()))


class FromJoints(nn.Module):
    """2D joints to a body, without any picture: residual blocks, then iterative regression.

    The blocks are those that lift joints to 3D (Martinez et al. 2017).
    """

    def __init__(self, mean: Mean, width: int = 512, blocks: int = 2, drop: float = 0.1) -> None:
        super().__init__()

        def layer(before: int) -> nn.Sequential:
            return nn.Sequential(
                nn.Linear(before, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(drop)
            )

        self.first = layer(17 * 3)
        self.blocks = nn.ModuleList(
            nn.Sequential(layer(width), layer(width)) for _ in range(blocks)
        )
        self.head = IterativeHead(width, mean, width, drop=drop)

    def forward(self, images: Tensor, given: Tensor) -> Estimate:
        """images: not looked at. given: (N, 17, 3) x, y in half widths and whether it is known."""
        features = self.first(given.flatten(1))
        for block in self.blocks:
            features = features + block(features)
        return cast(Estimate, self.head(features))
