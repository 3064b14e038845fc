"""What the headers of a compressed picture tell of it, without decoding it.

Sources: ITU-T H.264 (7.3.2.1.1, 7.3.3, 7.4.1: ``nal_ref_idc``, ``nal_unit_type``, slice header),
ITU-T H.265 (7.4.2.2: IDR, CRA, RASL, sub-layer non-reference pictures), ITU-T H.262 (6.2.3 and
6.3.10), RFC 6386 (9.1, VP8), VP9 bitstream specification (6.2, Annex B), AV1 bitstream
specification (7.5: a temporal unit shows one picture). Byte streams and stored units: H.264 Annex
B, ISO/IEC 14496-15.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from av.video.codeccontext import VideoCodecContext

REORDERING: Final = frozenset(("h264", "hevc", "mpeg1video", "mpeg2video"))
"""Codecs with readable headers that may store pictures in another order than they are shown."""
_START_CODE: Final = b"\0\0\1"
_H264_SLICES: Final = frozenset(range(1, 6))
_H264_IDR: Final = 5
_H264_SPS: Final = 7
_H264_INTRA_SLICES: Final = frozenset((2, 4, 7, 9))
_H264_HIGH_PROFILES: Final = frozenset((100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134))
_HEVC_IDR: Final = frozenset((19, 20))
_HEVC_RASL: Final = frozenset((8, 9))
_HEVC_FIRST_IRAP: Final = 16
_HEVC_LAST_IRAP: Final = 23
_HEVC_FIRST_NON_PICTURE: Final = 32
_HEADER_BYTES: Final = 64
_PARAMETER_BYTES: Final = 256


@dataclass(frozen=True, slots=True)
class Kind:
    """What the headers of one packet tell.

    Attributes:
        shown: How many pictures of it come out of a decoder: 0 for hidden ones, usually 1.
        restart: Decoding can begin here, and nothing after refers to anything before.
        entry: Decoding can begin here for what is shown after it; pictures that are stored after
            and shown before it may refer to earlier ones.
        droppable: No other picture refers to this one.
        skipped: Cannot be decoded where decoding begins at the entry before it.
        layer: Temporal layer; a picture droppable in its own layer may serve a higher one.
        field: Only every other line of a picture; the rest is in another packet.
        holed: There is something in it that no encoder writes.
    """

    shown: int = 1
    restart: bool = False
    entry: bool = False
    droppable: bool = False
    skipped: bool = False
    layer: int = 0
    field: bool = False
    holed: bool = False


Classify = Callable[[bytes, bool], Kind]
"""From a packet's bytes and the container's word on whether it is a key picture."""


def classifier(context: VideoCodecContext) -> Classify | None:
    """How to read the headers of a codec; None where only decoding tells what they hold."""
    name, extradata = context.name, context.extradata or b""
    if name == "h264":
        return _H264(_length_size(extradata, 4, 7), extradata)
    if name == "hevc":
        return _Hevc(_length_size(extradata, 21, 23))
    if name in ("mpeg1video", "mpeg2video"):
        return _mpeg2
    if name == "vp8":
        return _vp8
    if name == "vp9":
        return _vp9
    if name in ("av1", "libdav1d", "libaom-av1"):
        return _by_container
    if context.codec.intra_only:
        return _intra
    return None


def _length_size(extradata: bytes, at: int, least: int) -> int:
    """Bytes of the length before each NAL unit, 0 where they are separated by start codes.

    MP4 and Matroska keep the number in the decoder configuration (ISO/IEC 14496-15, 5.3.3 and
    8.3.3), which begins with version 1; streams with start codes begin with a zero.
    """
    return (extradata[at] & 3) + 1 if len(extradata) >= least and extradata[0] == 1 else 0


def _units(data: bytes, length_size: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each NAL unit in a packet.

    Raises:
        ValueError: the lengths do not fit the packet, or what they point at is no unit.
    """
    if length_size:
        position, end = 0, len(data)
        while position < end:
            begin = position + length_size
            position = begin + int.from_bytes(data[position:begin], "big")
            if position > end or (begin < end and data[begin] & 0x80):
                raise ValueError("the packet is damaged")
            yield begin, position
        return
    begin = data.find(_START_CODE)
    while begin >= 0:
        begin += 3
        after = data.find(_START_CODE, begin)
        end = len(data) if after < 0 else after
        while end > begin and data[end - 1] == 0:  # zeros before a start code belong to it
            end -= 1
        yield begin, end
        begin = after


def _has_hole(data: bytes, begin: int, end: int) -> bool:
    """Whether a NAL unit holds three zero bytes in a row, which encoders never write.

    H.264 and H.265, 7.4.1: such bytes are broken up by an emulation prevention byte. Disks and
    downloads that failed leave zeros.
    """
    at = data.find(b"\0\0\0", begin, end)
    return at >= 0 and bool(data[at:end].strip(b"\0"))


class _Bits:
    """Bits of a header, where asked for with emulation prevention bytes taken out."""

    def __init__(self, data: bytes, *, escaped: bool = True) -> None:
        if escaped:
            data = data.replace(b"\0\0\3", b"\0\0")
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._left:
            raise ValueError("a header is cut off")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def golomb(self) -> int:
        """An unsigned Exp-Golomb number (H.264, 9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed_golomb(self) -> int:
        value = self.golomb()
        return (value + 1) // 2 if value & 1 else -(value // 2)


@dataclass(frozen=True, slots=True)
class _FieldCoding:
    """What one must know to see in a slice header whether it is of a field."""

    separate_planes: bool
    frame_number_bits: int


def _field_coding(unit: bytes) -> _FieldCoding | None:
    """From a sequence parameter set; None where all pictures are frames."""
    bits = _Bits(unit[1:])
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()
    separate = False
    if profile in _H264_HIGH_PROFILES:
        chroma = bits.golomb()
        separate = chroma == 3 and bool(bits.take(1))
        bits.golomb()
        bits.golomb()
        bits.take(1)
        if bits.take(1):
            for number in range(12 if chroma == 3 else 8):
                if bits.take(1):
                    _skip_scaling_list(bits, 16 if number < 6 else 64)
    frame_number_bits = bits.golomb() + 4
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order == 1:
        bits.take(1)
        bits.golomb()
        bits.golomb()
        for _ in range(bits.golomb()):
            bits.golomb()
    bits.golomb()
    bits.take(1)
    bits.golomb()
    bits.golomb()
    return None if bits.take(1) else _FieldCoding(separate, frame_number_bits)


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed_golomb()) % 256
        last = following or last


@dataclass(slots=True)
class _H264:
    length_size: int
    extradata: bytes
    fields: _FieldCoding | None = None
    _known: bytes = field(default=b"", init=False)

    def __post_init__(self) -> None:
        data = self.extradata
        if self.length_size:
            length = int.from_bytes(data[6:8], "big")
            self._read_sps(data[8 : 8 + length])
        else:
            for begin, end in _units(data, 0):
                if data[begin : begin + 1] and data[begin] & 31 == _H264_SPS:
                    self._read_sps(data[begin:end])

    def _read_sps(self, unit: bytes) -> None:
        if unit == self._known:
            return
        self._known = unit
        with suppress(ValueError):  # a damaged one: the one before holds
            self.fields = _field_coding(unit)

    def __call__(self, data: bytes, key: bool) -> Kind:
        try:
            return self._kind(data, key)
        except ValueError:
            return _destroyed(key)

    def _kind(self, data: bytes, key: bool) -> Kind:
        slices: list[int] = []
        intra, is_field, holed = True, False, False
        for begin, end in _units(data, self.length_size):
            if end - begin < 2:
                continue
            kind = data[begin] & 31
            if kind == _H264_SPS and not self.length_size:
                self._read_sps(data[begin:end])
            elif kind in _H264_SLICES:
                slices.append(data[begin])
                holed = holed or _has_hole(data, begin, end)
                if key or self.fields:
                    slice_intra, slice_field = self._slice(data[begin + 1 : begin + _HEADER_BYTES])
                    intra, is_field = intra and slice_intra, is_field or slice_field
        if not slices:
            return _without_picture(data, key)
        restart = any(first & 31 == _H264_IDR for first in slices)
        return Kind(
            restart=restart,
            entry=restart or (key and intra),
            droppable=all(first >> 5 & 3 == 0 for first in slices),
            field=is_field,
            holed=holed,
        )

    def _slice(self, header: bytes) -> tuple[bool, bool]:
        """Whether a slice refers to no other picture, and whether it is of a field."""
        try:
            bits = _Bits(header)
            bits.golomb()
            intra = bits.golomb() in _H264_INTRA_SLICES
            bits.golomb()
            if self.fields is None:
                return intra, False
            if self.fields.separate_planes:
                bits.take(2)
            bits.take(self.fields.frame_number_bits)
            return intra, bool(bits.take(1))
        except ValueError:
            return False, False


@dataclass(frozen=True, slots=True)
class _Hevc:
    length_size: int

    def __call__(self, data: bytes, key: bool) -> Kind:
        try:
            return self._kind(data, key)
        except ValueError:
            return _destroyed(key)

    def _kind(self, data: bytes, key: bool) -> Kind:
        kinds: list[int] = []
        layer, holed = 0, False
        for begin, end in _units(data, self.length_size):
            if end - begin < 2 or data[begin] & 1 or data[begin + 1] >> 3:
                continue  # of another layer: a second view, an enhancement
            kind = data[begin] >> 1 & 63
            if kind < _HEVC_FIRST_NON_PICTURE:
                kinds.append(kind)
                layer = max(layer, (data[begin + 1] & 7) - 1)
                holed = holed or _has_hole(data, begin, end)
        if not kinds:
            return _without_picture(data, key)
        return Kind(
            restart=any(kind in _HEVC_IDR for kind in kinds),
            entry=any(_HEVC_FIRST_IRAP <= kind <= _HEVC_LAST_IRAP for kind in kinds),
            droppable=all(kind < _HEVC_FIRST_IRAP and kind % 2 == 0 for kind in kinds),
            skipped=any(kind in _HEVC_RASL for kind in kinds),
            layer=layer,
            holed=holed,
        )


def _without_picture(data: bytes, key: bool) -> Kind:
    """A packet in which no picture was found: a few parameters, or a picture that was destroyed."""
    if len(data) <= _PARAMETER_BYTES:
        return Kind(shown=0)
    return _destroyed(key)


def _destroyed(key: bool) -> Kind:
    """A picture of which the container alone tells what it was."""
    return Kind(restart=key, entry=key, holed=True)


def _mpeg2(data: bytes, key: bool) -> Kind:
    pictures, coding, structure, closed = 0, 0, 3, False
    at = data.find(_START_CODE)
    while 0 <= at <= len(data) - 8:
        code = data[at + 3]
        if code == 0x00:
            pictures, coding = pictures + 1, data[at + 5] >> 3 & 7
        elif code == 0xB8:
            closed = bool(data[at + 7] >> 6 & 1)
        elif code == 0xB5 and data[at + 4] >> 4 == 8:
            structure = data[at + 6] & 3
        elif 0x01 <= code <= 0xAF:  # slices: all headers are before them
            break
        at = data.find(_START_CODE, at + 3)
    intra = pictures > 0 and coding == 1
    return Kind(
        shown=pictures,
        restart=intra and closed,
        entry=intra,
        droppable=pictures > 0 and coding == 3,
        field=structure != 3,
    )


def _vp8(data: bytes, key: bool) -> Kind:
    if not data:
        return Kind(shown=0)
    whole = not data[0] & 1
    return Kind(shown=data[0] >> 4 & 1, restart=whole, entry=whole)


def _vp9(data: bytes, key: bool) -> Kind:
    shown, whole = 0, False
    for frame in _vp9_frames(data):
        try:
            bits = _Bits(frame[:4], escaped=False)
            bits.take(2)
            profile = bits.take(1) | bits.take(1) << 1
            if profile == 3:
                bits.take(1)
            if bits.take(1):
                shown += 1
                continue
            whole = whole or not bits.take(1)
            shown += bits.take(1)
        except ValueError:
            continue
    return Kind(shown=shown, restart=whole, entry=whole)


def _vp9_frames(data: bytes) -> Iterator[bytes]:
    """The frames of a superframe, or the one frame."""
    marker = data[-1] if data else 0
    count, width = (marker & 7) + 1, (marker >> 3 & 3) + 1
    size = 2 + count * width
    if marker >> 5 != 6 or len(data) < size or data[-size] != marker:
        yield data
        return
    position = 0
    for number in range(count):
        at = len(data) - size + 1 + number * width
        length = int.from_bytes(data[at : at + width], "little")
        if length:
            yield data[position : position + length]
        position += length


def _by_container(data: bytes, key: bool) -> Kind:
    return Kind(restart=key, entry=key)


def _intra(data: bytes, key: bool) -> Kind:
    return Kind(restart=True, entry=True, droppable=True)
