"""The plain vision transformer of ViTPose, with the tensors' names of its published files.

Architecture: Dosovitskiy et al., An Image is Worth 16×16 Words (ICLR 2021), as Xu et al., ViTPose
(NeurIPS 2022), use it and mmpose 1.3.2 configures it: no class token, two pixels of padding around
the image, patches of 16 pixels, a last normalisation, and a map of features rather than tokens.
mmpose takes the class from another package, which would bring a dozen more; this is what inference
needs of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

PATCH: Final = 16
PADDING: Final = 2
_EPSILON: Final = 1e-6


@dataclass(frozen=True, slots=True)
class VitSize:
    """What differs between the sizes: width of a token, layers, attention heads."""

    width: int
    layers: int
    heads: int


class _Patches(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.projection = nn.Conv2d(3, width, PATCH, PATCH, padding=PADDING)


class _Attention(nn.Module):
    def __init__(self, size: VitSize) -> None:
        super().__init__()
        self.heads = size.heads
        self.qkv = nn.Linear(size.width, 3 * size.width)
        self.proj = nn.Linear(size.width, size.width)

    def forward(self, tokens: Tensor) -> Tensor:
        batch, count, width = tokens.shape
        parts = self.qkv(tokens).reshape(batch, count, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        result: Tensor = self.proj(mixed.transpose(1, 2).reshape(batch, count, width))
        return result


class _FeedForward(nn.Module):
    def __init__(self, size: VitSize) -> None:
        super().__init__()
        # Nested as in mmcv, for the tensors' names.
        inner = nn.Sequential(nn.Linear(size.width, 4 * size.width), nn.GELU())
        self.layers = nn.Sequential(inner, nn.Linear(4 * size.width, size.width))

    def forward(self, tokens: Tensor) -> Tensor:
        result: Tensor = self.layers(tokens)
        return result


class _Layer(nn.Module):
    def __init__(self, size: VitSize) -> None:
        super().__init__()
        self.ln1 = nn.LayerNorm(size.width, eps=_EPSILON)
        self.attn = _Attention(size)
        self.ln2 = nn.LayerNorm(size.width, eps=_EPSILON)
        self.ffn = _FeedForward(size)

    def forward(self, tokens: Tensor) -> Tensor:
        tokens = tokens + self.attn(self.ln1(tokens))
        result: Tensor = tokens + self.ffn(self.ln2(tokens))
        return result


class VisionTransformer(nn.Module):
    """The backbone.

    Args:
        size: Which one.
        height, width: Of the input in pixels.
    """

    def __init__(self, size: VitSize, height: int, width: int) -> None:
        super().__init__()
        self.rows, self.columns = height // PATCH, width // PATCH
        self.patch_embed = _Patches(size.width)
        self.pos_embed = nn.Parameter(torch.zeros(1, self.rows * self.columns, size.width))
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        self.layers = nn.ModuleList(_Layer(size) for _ in range(size.layers))
        self.ln1 = nn.LayerNorm(size.width, eps=_EPSILON)

    def forward(self, images: Tensor) -> tuple[Tensor]:
        """Features of a batch.

        Args:
            images: (batch, 3, height, width), normalised.

        Returns:
            One map, (batch, C, height / 16, width / 16).
        """
        tokens: Any = self.patch_embed.projection(images).flatten(2).transpose(1, 2)
        tokens = tokens + self.pos_embed
        for layer in self.layers:
            tokens = layer(tokens)
        tokens = self.ln1(tokens)
        return (tokens.transpose(1, 2).unflatten(2, (self.rows, self.columns)),)
