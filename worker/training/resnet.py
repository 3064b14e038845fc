"""A ResNet whose width can be chosen; at width 64 it takes torchvision's weights.

Source: He et al. 2016, "Deep Residual Learning for Image Recognition". The blocks are from
torchvision.
"""

from __future__ import annotations

from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck

LAYERS = {
    18: (BasicBlock, (2, 2, 2, 2)),
    34: (BasicBlock, (3, 4, 6, 3)),
    50: (Bottleneck, (3, 4, 6, 3)),
    101: (Bottleneck, (3, 4, 23, 3)),
    152: (Bottleneck, (3, 8, 36, 3)),
}


class ResNet(nn.Module):
    """Stem and four stages.

    Args:
        depth: A key of ``LAYERS``.
        width: Channels of the stem; each stage has twice as many as the one before.
    """

    def __init__(self, depth: int, width: int = 64) -> None:
        super().__init__()
        block, counts = LAYERS[depth]
        self.conv1 = nn.Conv2d(3, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        came = width
        for k, count in enumerate(counts):
            planes, stride = width << k, 1 if k == 0 else 2
            blocks: list[nn.Module] = []
            for i in range(count):
                step = stride if i == 0 else 1
                out = planes * block.expansion
                beside = None
                if step != 1 or came != out:
                    beside = nn.Sequential(
                        nn.Conv2d(came, out, 1, stride=step, bias=False), nn.BatchNorm2d(out)
                    )
                blocks.append(block(came, planes, step, beside))
                came = out
            setattr(self, f"layer{k + 1}", nn.Sequential(*blocks))
        self.channels = came
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def stages(self) -> list[nn.Module]:
        """Res1 to Res5 in the paper's counting: the stem, then the four stages."""
        stem = nn.ModuleList([self.conv1, self.bn1])
        return [stem, *(getattr(self, f"layer{k}") for k in range(1, 5))]

    def forward(self, images: Tensor) -> list[Tensor]:
        """(B, 3, H, W) to what each of the four stages gives, the last at 1/32."""
        x = self.maxpool(nn.functional.relu(self.bn1(self.conv1(images))))
        found = []
        for k in range(1, 5):
            x = getattr(self, f"layer{k}")(x)
            found.append(x)
        return found
