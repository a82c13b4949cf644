"""What a voice message is before it is kept: at most a minute, in one of the two containers that browsers and phones record, without metadata.
Pure: bytes in, bytes out.

WebM (RFC 8794, RFC 9559) from Chromium and Firefox, ISO base media (ISO/IEC 14496-12: MP4, M4A, 3GP) from Safari and phones. A recording made
in one go has no length in its head: it is read from the times of its blocks or samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

MAX_BYTES = 4 * 1024 * 1024
MAX_SECONDS = 60
GRACE_SECONDS = 2  # a recorder stops a moment after it is told to
MAX_ELEMENTS = 100_000


class NotAVoice(Exception):
    """The bytes are no sound in a container we keep."""


class VoiceTooLong(Exception):
    """More than a minute, or more bytes than a minute has."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice message ready to be kept; `seconds` rounded up."""

    data: bytes
    media_type: str
    seconds: int


def looks_like_voice(data: bytes) -> bool:
    return data[:4] == b"\x1a\x45\xdf\xa3" or data[4:8] == b"ftyp"


def read_voice(data: bytes) -> Voice:
    """Sniff, bound and clean. Raises NotAVoice or VoiceTooLong."""
    if len(data) > MAX_BYTES:
        raise VoiceTooLong(len(data))
    try:
        if data[:4] == b"\x1a\x45\xdf\xa3":
            length, clean, media_type = *_webm(data), "audio/webm"
        elif data[4:8] == b"ftyp":
            length, clean, media_type = *_mp4(data), "audio/mp4"
        else:
            raise NotAVoice
    except (IndexError, ValueError, ZeroDivisionError) as error:
        raise NotAVoice from error
    if length <= 0:
        raise NotAVoice
    if length > MAX_SECONDS + GRACE_SECONDS:
        raise VoiceTooLong(float(length))
    return Voice(clean, media_type, -(-length.numerator // length.denominator))


# WebM: elements of (id, size, content); a size of all ones means "until something of the same level or above comes"

SEGMENT, INFO, TRACKS, CLUSTER, TAGS, ATTACHMENTS, CHAPTERS = (
    0x18538067,
    0x1549A966,
    0x1654AE6B,
    0x1F43B675,
    0x1254C367,
    0x1941A469,
    0x1043A770,
)
SEEK_HEAD, CUES, HEADER = 0x114D9B74, 0x1C53BB6B, 0x1A45DFA3
TOP = frozenset({INFO, TRACKS, CLUSTER, TAGS, ATTACHMENTS, CHAPTERS, SEEK_HEAD, CUES})
TIMESTAMP, SIMPLE_BLOCK, BLOCK_GROUP, BLOCK, SCALE, DURATION = 0xE7, 0xA3, 0xA0, 0xA1, 0x2AD7B1, 0x4489
TRACK_ENTRY, TRACK_TYPE, CODEC, AUDIO_TRACK = 0xAE, 0x83, 0x86, 2
VOID = 0xEC


@dataclass(frozen=True, slots=True)
class Element:
    id: int
    start: int
    body: int
    end: int


def _number(data: bytes, at: int, *, keep_marker: bool) -> tuple[int, int, bool]:
    """A variable-length number at a place: (value, place after it, all ones)."""
    first = data[at]
    width = 9 - first.bit_length()
    if not first or at + width > len(data):
        raise ValueError("not a number")
    raw = int.from_bytes(data[at : at + width])
    value = raw if keep_marker else raw & ((1 << (7 * width)) - 1)
    return value, at + width, not keep_marker and value == (1 << (7 * width)) - 1


def _elements(data: bytes, at: int, end: int, stop: frozenset[int] = frozenset()) -> Iterator[Element]:
    """The elements between two places. One of unknown size reaches to the next of its own level, or the end."""
    count = 0
    while at < end:
        count += 1
        if count > MAX_ELEMENTS:
            raise ValueError("too many elements")
        kind, after, _ = _number(data, at, keep_marker=True)
        size, body, unknown = _number(data, after, keep_marker=False)
        if kind in stop:
            return
        until = _unknown_end(data, kind, body, end) if unknown else body + size
        if until > end:
            # A recording cut off in its last block is still one.
            until = end
        yield Element(kind, at, body, until)
        at = until


def _unknown_end(data: bytes, kind: int, body: int, end: int) -> int:
    if kind == SEGMENT:
        return end
    at = body
    for inner in _elements(data, body, end, stop=TOP):
        at = inner.end
    return at


def _unsigned(data: bytes, element: Element) -> int:
    return int.from_bytes(data[element.body : element.end])


def _webm(data: bytes) -> tuple[Fraction, bytes]:
    """(seconds, the recording without tags, attachments and chapters)."""
    scale, last, sounds = 1_000_000, 0, 0
    out = bytearray()
    for outer in _elements(data, 0, len(data)):
        if outer.id == HEADER:
            out += data[outer.start : outer.end]
        if outer.id != SEGMENT:
            continue
        # Of unknown size, so that what is left out moves nothing else.
        out += SEGMENT.to_bytes(4) + b"\x01" + b"\xff" * 7
        for top in _elements(data, outer.body, outer.end):
            if top.id == INFO:
                scale = next((_unsigned(data, each) for each in _elements(data, top.body, top.end) if each.id == SCALE), scale)
                out += INFO.to_bytes(4) + _sized(SCALE.to_bytes(3) + _sized(scale.to_bytes(4)))
            elif top.id == TRACKS:
                sounds += _sound_tracks(data, top)
                out += TRACKS.to_bytes(4) + _sized(data[top.body : top.end])
            elif top.id == CLUSTER:
                last = max(last, _cluster_end(data, top))
                out += CLUSTER.to_bytes(4) + _sized(data[top.body : top.end])
    if sounds != 1:
        raise NotAVoice
    return Fraction(last * scale, 1_000_000_000), bytes(out)


def _sized(content: bytes) -> bytes:
    return (len(content) | 1 << 56).to_bytes(8) + content


def _sound_tracks(data: bytes, tracks: Element) -> int:
    """How many tracks of sound; anything else beside is refused."""
    count = 0
    for entry in _elements(data, tracks.body, tracks.end):
        if entry.id == TRACK_ENTRY:
            kinds = [_unsigned(data, each) for each in _elements(data, entry.body, entry.end) if each.id == TRACK_TYPE]
            if kinds != [AUDIO_TRACK]:
                raise NotAVoice
            count += 1
    return count


def _cluster_end(data: bytes, cluster: Element) -> int:
    """The time of a cluster's last block, in ticks of the scale."""
    began, last = 0, 0
    for each in _elements(data, cluster.body, cluster.end):
        if each.id == TIMESTAMP:
            began = _unsigned(data, each)
        blocks = [each] if each.id == SIMPLE_BLOCK else []
        if each.id == BLOCK_GROUP:
            blocks = [inner for inner in _elements(data, each.body, each.end) if inner.id == BLOCK]
        for block in blocks:
            _track, at, _ = _number(data, block.body, keep_marker=False)
            last = max(last, int.from_bytes(data[at : at + 2], signed=True) + 1)
    return began + last


# ISO base media: boxes of (size, name, content)

INSIDE = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf"})
PERSONAL = frozenset({b"udta", b"meta", b"uuid"})


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int, int]]:
    """(name, start, body, end) of every box, those inside others after them."""
    count = 0
    while at + 8 <= end:
        count += 1
        if count > MAX_ELEMENTS:
            raise ValueError("too many boxes")
        size, name, body = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], at + 8
        if size == 1:
            size, body = int.from_bytes(data[at + 8 : at + 16]), at + 16
        until = end if size == 0 else at + size
        if until > end or until < body:
            raise ValueError("a box beyond its parent")
        yield name, at, body, until
        if name in INSIDE:
            yield from _boxes(data, body, until)
        at = until


def _mp4(data: bytes) -> tuple[Fraction, bytes]:
    """(seconds, the recording with everything personal blanked in place: offsets into it stay right)."""
    clean = bytearray(data)
    handlers: list[bytes] = []
    scale, length, samples, fragment_default = 0, 0, 0, 0
    for name, start, body, end in _boxes(data, 0, len(data)):
        version = data[body] if body < end else 0
        if name in PERSONAL:
            clean[start + 4 : start + 8] = b"free"
            clean[body:end] = bytes(end - body)
        elif name == b"hdlr":
            handlers.append(data[body + 8 : body + 12])
        elif name == b"mdhd":
            wide = 8 if version == 1 else 4
            at = body + 4 + 2 * wide
            scale, length = int.from_bytes(data[at : at + 4]), int.from_bytes(data[at + 4 : at + 4 + wide])
        elif name == b"tfhd":
            flags = int.from_bytes(data[body + 1 : body + 4])
            at = body + 8 + (8 if flags & 0x01 else 0) + (4 if flags & 0x02 else 0)
            fragment_default = int.from_bytes(data[at : at + 4]) if flags & 0x08 else 0
        elif name == b"trun":
            samples += _run_length(data, body, end, fragment_default)
    if handlers != [b"soun"]:
        raise NotAVoice
    return Fraction(max(length, samples), scale), bytes(clean)


def _run_length(data: bytes, body: int, end: int, default: int) -> int:
    """How long the samples of a run take, in ticks of the track."""
    flags, count = int.from_bytes(data[body + 1 : body + 4]), int.from_bytes(data[body + 4 : body + 8])
    if not flags & 0x100:
        return count * default
    at = body + 8 + (4 if flags & 0x01 else 0) + (4 if flags & 0x04 else 0)
    width = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    if at + count * width > end:
        raise ValueError("a run beyond its box")
    return sum(int.from_bytes(data[at + n * width : at + n * width + 4]) for n in range(count))
