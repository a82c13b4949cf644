"""Scans and recordings for tests, made by hand as scanners and recorders write them."""

import io
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from doorstep.foundation.files.voices import CLUSTER, HEADER, INFO, SEGMENT, TAGS, TRACKS


def pdf(pages: int = 1, **more: Any) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if more.get("author"):
        writer.add_metadata({"/Author": more["author"], "/Title": "刘玉梅的病历"})
    if more.get("script"):
        action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert(1)")}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    if more.get("attached"):
        writer.add_attachment("a.exe", b"MZ")
    if more.get("launch"):
        action = DictionaryObject({NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("a.exe")})
        note = DictionaryObject({NameObject("/Subtype"): NameObject("/Link"), NameObject("/A"): action})
        writer.pages[0][NameObject("/Annots")] = ArrayObject([note])
    if more.get("locked"):
        writer.encrypt("x")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def element(kind: int, content: bytes, *, unknown: bool = False) -> bytes:
    width = (kind.bit_length() + 7) // 8
    size = b"\x01" + b"\xff" * 7 if unknown else (len(content) | 1 << 56).to_bytes(8)
    return kind.to_bytes(width) + size + content


def webm(seconds: int, *, track_type: int = 2, tags: bytes = b"", unknown: bool = True) -> bytes:
    """One second a block, a cluster every ten seconds; sizes unknown, as MediaRecorder leaves them."""
    track = element(0xAE, element(0xD7, b"\x01") + element(0x83, bytes([track_type])) + element(0x86, b"A_OPUS"))
    clusters = b""
    for first in range(0, seconds + 1, 10):
        blocks = b"".join(
            element(0xA3, b"\x81" + ((at - first) * 1000).to_bytes(2) + b"\x80opus") for at in range(first, min(first + 10, seconds + 1))
        )
        clusters += element(CLUSTER, element(0xE7, (first * 1000).to_bytes(4)) + blocks, unknown=unknown)
    info = element(INFO, element(0x2AD7B1, (1_000_000).to_bytes(3)) + element(0x4D80, "刘玉梅的手机".encode()))
    more = element(TAGS, tags) if tags else b""
    return element(HEADER, b"") + element(SEGMENT, info + element(TRACKS, track) + more + clusters, unknown=unknown)


def box(name: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4) + name + content


def mp4(seconds: int, *, handler: bytes = b"soun", fragments: bool = False, personal: bytes = b"") -> bytes:
    duration = 0 if fragments else seconds * 8000
    mdhd = box(b"mdhd", bytes(12) + (8000).to_bytes(4) + duration.to_bytes(4) + bytes(4))
    hdlr = box(b"hdlr", bytes(8) + handler + bytes(12))
    moov = box(b"moov", box(b"trak", box(b"mdia", mdhd + hdlr)) + (box(b"udta", personal) if personal else b""))
    more = b""
    if fragments:
        tfhd = box(b"tfhd", (0x08).to_bytes(4) + (1).to_bytes(4) + (8000).to_bytes(4))
        trun = box(b"trun", bytes(4) + seconds.to_bytes(4))
        more = box(b"moof", box(b"traf", tfhd + trun))
    return box(b"ftyp", b"M4A isom") + moov + more + box(b"mdat", b"sound")
