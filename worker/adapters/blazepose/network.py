"""A TensorFlow Lite network as a torch module: the same arithmetic, trainable, on any device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from worker.adapters.blazepose.graph import Array, Graph, Operation

_CONSTANT: Final = ("dequantize", "densify")
"""Steps that only unpack constants; done once, when the network is made."""

_Values = dict[int, Tensor]


class GraphNetwork(nn.Module):
    """Runs a graph step by step, in float32, whatever width its constants were stored in.

    Images go in and come out as torch has them, (batch, channels, rows, columns); what the graph
    reshapes to lists comes out in TensorFlow's order, (batch, place, number).

    Args:
        graph: As :func:`~worker.adapters.blazepose.graph.read_graph` tells it.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self._graph = graph
        plain = _unpacked(graph)
        self._steps = [step for step in graph.operations if step.kind not in _CONSTANT]
        self._last = _last_uses(self._steps, graph.outputs)
        self._sizes = {n: a for n, a in plain.items() if a.dtype.kind == "i"}
        self.weights = nn.ParameterDict()
        for step in self._steps:
            for place, number in enumerate(step.inputs):
                if number in plain and plain[number].dtype.kind == "f":
                    value = torch.from_numpy(_laid_out(step, place, plain[number]))
                    self.weights[str(number)] = nn.Parameter(value.contiguous())

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """The graph's outputs in its order.

        Args:
            images: (batch, 3, rows, columns) of the size that the graph wants.
        """
        values: _Values = {self._graph.inputs[0]: images}
        for at, step in enumerate(self._steps):
            values[step.output] = _DO[step.kind](self, step, values)
            for number in self._last[at]:
                values.pop(number, None)
        return tuple(values[number] for number in self._graph.outputs)

    def value(self, number: int, values: _Values) -> Tensor:
        """A tensor of the graph: made by an earlier step, or a weight."""
        return values[number] if number in values else self.weights[str(number)]

    def size(self, number: int) -> list[int]:
        """A constant of whole numbers, such as a wanted size."""
        return [int(n) for n in self._sizes[number].ravel()]

    def pads(self, number: int) -> list[int]:
        """How much is put around a tensor, in the order of :func:`torch.nn.functional.pad`."""
        batch, rows, columns, channels = self._sizes[number].tolist()
        return [*columns, *rows, *channels, *batch]


def _unpacked(graph: Graph) -> dict[int, Array]:
    """All constants by tensor's number, floats in 32 bits."""
    plain = {
        n: a.astype(np.float32) if a.dtype.kind == "f" else a for n, a in graph.constants.items()
    }
    for step in graph.operations:
        if step.kind in _CONSTANT:
            plain[step.output] = plain[step.inputs[0]]
    return plain


def _laid_out(step: Operation, place: int, weight: Array) -> Array:
    """A weight in torch's order: TensorFlow has (out, rows, columns, in) and (1, r, c, out)."""
    if weight.ndim != 4:
        return weight
    if step.kind == "depthwise" and place == 1:
        return weight.transpose(3, 0, 1, 2)
    return weight.transpose(0, 3, 1, 2)


def _last_uses(steps: list[Operation], outputs: tuple[int, ...]) -> list[list[int]]:
    """By step, the tensors that no later one asks for, so that memory is given back."""
    last: dict[int, int] = {}
    for at, step in enumerate(steps):
        last.update(dict.fromkeys(step.inputs, at))
    freed: list[list[int]] = [[] for _ in steps]
    for number, at in last.items():
        if number not in outputs:
            freed[at].append(number)
    return freed


def _activated(step: Operation, x: Tensor) -> Tensor:
    if step.activation == 1:
        return functional.relu(x)
    return functional.relu6(x) if step.activation == 3 else x


def _padded(step: Operation, x: Tensor, window: tuple[int, int], fill: float = 0.0) -> Tensor:
    """Borders such that size follows stride alone, the odd one at the end, as TensorFlow does."""
    if not step.same:
        return x
    pads: list[int] = []
    for axis in (1, 0):
        size, stride = x.shape[2 + axis], step.stride[axis]
        missing = max((-(-size // stride) - 1) * stride + window[axis] - size, 0)
        pads += [missing // 2, missing - missing // 2]
    return functional.pad(x, pads, value=fill) if any(pads) else x


def _convolution(net: GraphNetwork, step: Operation, values: _Values) -> Tensor:
    x, weight = values[step.inputs[0]], net.value(step.inputs[1], values)
    bias = net.value(step.inputs[2], values) if len(step.inputs) > 2 else None
    groups = x.shape[1] if step.kind == "depthwise" else 1
    window = (weight.shape[2], weight.shape[3])
    around = 0, 0
    if step.same and step.stride == (1, 1) and all(size % 2 for size in window):
        around = window[0] // 2, window[1] // 2
    else:
        x = _padded(step, x, window)
    return _activated(step, functional.conv2d(x, weight, bias, step.stride, around, groups=groups))


def _max_pool(net: GraphNetwork, step: Operation, values: _Values) -> Tensor:
    x = _padded(step, values[step.inputs[0]], step.window, -torch.inf)
    return _activated(step, functional.max_pool2d(x, step.window, step.stride))


def _add(net: GraphNetwork, step: Operation, values: _Values) -> Tensor:
    a, b = (net.value(number, values) for number in step.inputs)
    return _activated(step, a + b)


def _pad(net: GraphNetwork, step: Operation, values: _Values) -> Tensor:
    return functional.pad(values[step.inputs[0]], net.pads(step.inputs[1]))


def _resize(net: GraphNetwork, step: Operation, values: _Values) -> Tensor:
    return functional.interpolate(
        values[step.inputs[0]],
        net.size(step.inputs[1]),
        mode="bilinear",
        align_corners=False,
    )


def _reshape(net: GraphNetwork, step: Operation, values: _Values) -> Tensor:
    x = values[step.inputs[0]]
    if x.ndim == 4:
        x = x.permute(0, 2, 3, 1)
    return x.reshape(x.shape[0], *net._graph.shapes[step.output][1:])


def _concatenation(net: GraphNetwork, step: Operation, values: _Values) -> Tensor:
    parts = [net.value(number, values) for number in step.inputs]
    axis = step.axis % parts[0].ndim
    if parts[0].ndim == 4:
        axis = (0, 2, 3, 1)[axis]
    return _activated(step, torch.cat(parts, axis))


def _depth_to_space(net: GraphNetwork, step: Operation, values: _Values) -> Tensor:
    x, r = values[step.inputs[0]], step.block
    batch, channels, rows, columns = x.shape
    x = x.reshape(batch, r, r, channels // (r * r), rows, columns)
    return x.permute(0, 3, 4, 1, 5, 2).reshape(batch, -1, rows * r, columns * r)


def _logistic(net: GraphNetwork, step: Operation, values: _Values) -> Tensor:
    return torch.sigmoid(values[step.inputs[0]])


_DO: Final[dict[str, Callable[[GraphNetwork, Operation, Any], Tensor]]] = {
    "convolution": _convolution,
    "depthwise": _convolution,
    "max_pool": _max_pool,
    "add": _add,
    "pad": _pad,
    "resize_bilinear": _resize,
    "reshape": _reshape,
    "concatenation": _concatenation,
    "depth_to_space": _depth_to_space,
    "logistic": _logistic,
}
