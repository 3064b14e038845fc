"""SAM 2.1 behind the :class:`~worker.adapters.protocols.PromptableSegmenter` protocol.

Model: Ravi et al., SAM 2: Segment Anything in Images and Videos (2024). Prompts go in and masks
come out in image pixels; the model's own clean-up of specks is left off, because its compiled
operator is not there on most machines and ``backend.domain.masks`` does the same everywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from backend.domain.errors import InvalidInput
from backend.domain.estimates import BoxXYWH, MaskProposal, PointPrompts, RgbImage
from backend.domain.pixels import SAM2_POINTS, to_outside
from backend.domain.prompts import PromptJoints, climb
from worker.adapters.protocols import PromptableSegmenter
from worker.adapters.weights import load_checkpoint

Sam2Variant = Literal["tiny", "small", "base_plus", "large"]

_CONFIGURATIONS: Final[dict[Sam2Variant, str]] = {
    "tiny": "configs/sam2.1/sam2.1_hiera_t.yaml",
    "small": "configs/sam2.1/sam2.1_hiera_s.yaml",
    "base_plus": "configs/sam2.1/sam2.1_hiera_b+.yaml",
    "large": "configs/sam2.1/sam2.1_hiera_l.yaml",
}


def build_network(variant: Sam2Variant) -> nn.Module:
    """The real architecture on the CPU with random numbers in it."""
    from sam2.build_sam import build_sam2

    network: nn.Module = build_sam2(_CONFIGURATIONS[variant], ckpt_path=None, device="cpu")
    return network


class Sam2Segmenter:
    """Masks by points and boxes.

    One object belongs to one thread: it keeps the embedding of the last image.

    Args:
        variant: tiny, small, base_plus or large.
        checkpoint: A file in SAM 2.1's layout.
        device: Where it runs.

    Raises:
        WeightsMissing: there is no such file.
        InvalidInput: the file is not a checkpoint of this architecture.
    """

    def __init__(
        self, variant: Sam2Variant, checkpoint: Path, device: torch.device | str = "cpu"
    ) -> None:
        from sam2.sam2_image_predictor import SAM2ImagePredictor

        # It announces every image on the root logger.
        logging.getLogger("root").addFilter(_not_of_sam2)
        self.variant = variant
        self.device = torch.device(device)
        network = build_network(variant)
        load_checkpoint(network, checkpoint, f"SAM 2.1 {variant}")
        self._predictor: Any = SAM2ImagePredictor(network.to(self.device))
        self._embedded: RgbImage | None = None

    def segment(self, image: RgbImage, prompts: Sequence[PointPrompts]) -> list[MaskProposal]:
        """One mask for each prompt, in order; see the protocol.

        Raises:
            InvalidInput: not an RGB image of bytes, or a prompt without a point and a box.
        """
        return [self._predict(image, prompt, several=False)[0] for prompt in prompts]

    def segment_several(
        self, image: RgbImage, prompts: Sequence[PointPrompts]
    ) -> list[list[MaskProposal]]:
        """Three masks for each prompt, the model's favourite first.

        Raises:
            InvalidInput: not an RGB image of bytes, or a prompt without a point and a box.
        """
        return [self._predict(image, prompt, several=True) for prompt in prompts]

    def _predict(self, image: RgbImage, prompt: PointPrompts, several: bool) -> list[MaskProposal]:
        if len(prompt.points) == 0 and prompt.box is None:
            raise InvalidInput("A segmentation prompt needs a point or a box.", fault="no prompt")
        has_points = len(prompt.points) > 0
        with torch.inference_mode(), self._precision():
            self._embed(image)
            masks, scores, _ = self._predictor.predict(
                point_coords=self._places(prompt, image) if has_points else None,
                point_labels=prompt.labels if has_points else None,
                box=None if prompt.box is None else _corners(prompt.box),
                multimask_output=several,
            )
        order = np.argsort(-scores, kind="stable")
        return [MaskProposal(masks[i].astype(bool), float(scores[i])) for i in order]

    def _embed(self, image: RgbImage) -> None:
        """Run the image encoder unless the last call was about this very array."""
        if image is self._embedded:
            return
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
            raise InvalidInput(
                f"Expected an RGB image of bytes, got {image.dtype} of shape {image.shape}.",
                fault="not an RGB image",
            )
        self._embedded = None
        self._predictor.set_image(image)
        self._embedded = image

    def _places(self, prompt: PointPrompts, image: RgbImage) -> NDArray[np.float64]:
        """Points (N, 2) as the predictor takes them.

        It scales them to its input and adds half a pixel there: it wants indices of the input's
        pixels. Corners of boxes are edges, which that half pixel moves by less than their margin.
        """
        height, width = image.shape[:2]
        side = float(self._predictor.model.image_size)
        scale = np.array([side / width, side / height])
        places: NDArray[np.float64] = to_outside(prompt.points * scale, SAM2_POINTS) / scale
        return places

    def _precision(self) -> AbstractContextManager[object]:
        """Half precision where the hardware is made for it, as SAM 2's authors run it."""
        if self.device.type != "cuda":
            return nullcontext()
        kind = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
        return torch.autocast("cuda", dtype=kind)


class ProposedMask(NamedTuple):
    """A mask for the inspector.

    Attributes:
        mask: (height, width) bool, specks and holes removed; empty where no joint could prompt.
        consistency: Mask–pose consistency in [0, 1].
        attempts: Names of the rungs tried, in order.
        flagged: Whether the inspector should look at it first.
        score: The model's own estimate of the mask's quality.
    """

    mask: NDArray[np.bool_]
    consistency: float
    attempts: tuple[str, ...]
    flagged: bool
    score: float


def propose_mask(
    segmenter: PromptableSegmenter,
    image: RgbImage,
    keypoints: NDArray[np.float64],
    visibilities: NDArray[np.int64],
    others: Sequence[PromptJoints] = (),
) -> ProposedMask:
    """The infant's mask from its joints, by the ladder of ``backend.domain.prompts.climb``.

    Args:
        segmenter: The model.
        image: uint8 (height, width, 3) RGB.
        keypoints: (17, 2) image pixels.
        visibilities: (17,) COCO's flag; only visible joints prompt.
        others: Joints of other people in the frame.
    """

    def ask(prompt: PointPrompts, several: bool) -> Sequence[MaskProposal]:
        if several:
            return segmenter.segment_several(image, [prompt])[0]
        return segmenter.segment(image, [prompt])

    height, width = image.shape[:2]
    infant = PromptJoints(np.asarray(keypoints, dtype=float), np.asarray(visibilities))
    result = climb(ask, infant, others, width, height)
    return ProposedMask(
        result.mask,
        result.consistency,
        tuple(attempt.value for attempt in result.attempts),
        result.flagged,
        result.score,
    )


def _corners(box: BoxXYWH) -> NDArray[np.float64]:
    x, y, width, height = box
    return np.array([x, y, x + width, y + height])


def _not_of_sam2(record: logging.LogRecord) -> bool:
    return record.levelno > logging.INFO or "sam2_image_predictor" not in record.pathname
