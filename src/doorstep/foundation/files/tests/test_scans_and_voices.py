"""Scans and voice messages: what is kept of them, what is refused, who may open them, and what is swept up."""

import contextlib
import io
import os
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from doorstep.foundation import clock
from doorstep.foundation.files.actions import NOT_KEPT, drop, keep_scan, keep_upload, keep_voice, sweep
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.files.scans import MAX_PAGES, NotAScan, ScanActs, ScanTooLarge, read_scan
from doorstep.foundation.files.testing import box, element, mp4, pdf, webm
from doorstep.foundation.files.voices import NotAVoice, VoiceTooLong, read_voice


def test_a_scan_is_written_anew_without_who_made_it() -> None:
    scan = read_scan(pdf(3, author="刘玉梅"))
    assert scan.pages == len(PdfReader(io.BytesIO(scan.data)).pages) == 3
    assert not PdfReader(io.BytesIO(scan.data)).metadata
    assert b"Author" not in scan.data


@pytest.mark.parametrize(
    ("data", "refused"),
    [
        (pdf(script=True), ScanActs),
        (pdf(attached=True), ScanActs),
        (pdf(launch=True), ScanActs),
        (pdf(locked=True), NotAScan),
        (pdf(MAX_PAGES + 1), ScanTooLarge),
        (pdf()[:200], NotAScan),
        (b"%PDF-1.7\n", NotAScan),
        (b"<html><script>alert(1)</script>", NotAScan),
        (b"", NotAScan),
    ],
)
def test_what_acts_is_locked_too_long_or_no_pdf_is_refused(data: bytes, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        read_scan(data)


@pytest.mark.parametrize("seconds", [1, 9, 10, 59, 60])
@pytest.mark.parametrize("make", [webm, mp4, lambda n: webm(n, unknown=False), lambda n: mp4(n, fragments=True)])
def test_a_recording_of_a_minute_is_kept_with_its_length(make: Any, seconds: int) -> None:
    assert seconds <= read_voice(make(seconds)).seconds <= seconds + 1


@pytest.mark.parametrize("make", [webm, mp4, lambda n: mp4(n, fragments=True)])
@pytest.mark.parametrize("seconds", [63, 90, 4000])
def test_a_longer_one_is_refused(make: Any, seconds: int) -> None:
    with pytest.raises(VoiceTooLong):
        read_voice(make(seconds))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"RIFF....WAVE", webm(0)[:20], webm(5, track_type=1), mp4(5, handler=b"vide"), mp4(0), box(b"ftyp", b"M4A "),
        b"\x1a\x45\xdf\xa3", b"\x1a\x45\xdf\xa3" + b"\x00" * 50, box(b"ftyp", b"M4A ") + b"\x00\x00\x00\x01moov" + b"\xff" * 8,
    ],
)  # fmt: skip
def test_what_is_no_sound_is_refused(data: bytes) -> None:
    with pytest.raises(NotAVoice):
        read_voice(data)


def test_what_a_recording_tells_of_its_maker_is_left_behind() -> None:
    name = "刘玉梅".encode()
    kept = read_voice(webm(5, tags=element(0x7373, name)))
    assert (name in kept.data, "手机".encode() in kept.data, b"opus" in kept.data) == (False, False, True)
    assert read_voice(kept.data).seconds == kept.seconds
    kept = read_voice(mp4(5, personal=name))
    assert (name in kept.data, len(kept.data)) == (False, len(mp4(5, personal=name)))
    assert read_voice(kept.data).seconds == 5


@given(st.binary(max_size=200), st.sampled_from([b"\x1a\x45\xdf\xa3", b"\x00\x00\x00\x10ftypM4A isom", b"%PDF-1.7\n"]))
def test_whatever_comes_is_kept_or_refused_in_words(rest: bytes, start: bytes) -> None:
    for read in (read_voice, read_scan):
        with contextlib.suppress(*NOT_KEPT):
            read(start + rest)


# Kept and served


@pytest.mark.django_db
def test_an_upload_is_what_it_is_not_what_it_is_called() -> None:
    scan, voice = keep_upload(data=pdf(2), audience="public"), keep_upload(data=webm(4), audience="public")
    assert (scan.media_type, scan.pages, voice.media_type, voice.seconds) == ("application/pdf", 2, "audio/webm", 5)


def test_they_are_served_by_their_own_addresses_to_their_audience(town: Any, client: Any, sign_in: Any) -> None:
    scan = keep_scan(data=pdf(), audience=f"person:{town.liu.pk}")
    voice = keep_voice(data=mp4(4), audience="public")
    assert client.get(f"/files/{scan.token}/scan.pdf").status_code == 404
    answer = sign_in("liu").get(f"/files/{scan.token}/scan.pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="scan.pdf"'
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    assert b"".join(answer).startswith(b"%PDF")
    played = client.get(f"/files/{voice.token}/voice")
    assert played["Content-Type"] == "audio/mp4"
    assert b"".join(played)
    for wrong in (f"/files/{voice.token}/scan.pdf", f"/files/{voice.token}/full.jpg", f"/files/{scan.token}/voice"):
        assert sign_in("liu").get(wrong).status_code == 404


def test_a_voice_and_a_scan_stand_in_the_thread(town: Any, sign_in: Any) -> None:
    matter = town.raise_matter()
    files = [SimpleUploadedFile("a.pdf", pdf(2)), SimpleUploadedFile("b.webm", webm(7))]
    assert sign_in("liu").post(f"/m/{matter.number}/add", {"text": "补一份", "photos": files}).status_code == 303
    page = sign_in("liu").get(f"/m/{matter.number}").content.decode()
    assert "扫描件，2 页" in page
    assert "<audio" in page
    refused = sign_in("liu").post(f"/m/{matter.number}/add", {"text": "再一份", "photos": [SimpleUploadedFile("a.pdf", pdf(script=True))]})
    assert refused.status_code == 422
    assert "会运行的东西" in refused.content.decode()


@pytest.mark.django_db
def test_files_without_a_row_are_swept_up_after_a_day_and_no_others() -> None:
    kept = [keep_scan(data=pdf(), audience="public"), keep_voice(data=webm(3), audience="public")]
    lost, young = (default_storage.save(f"scans/zz/{name}.pdf", ContentFile(b"x")) for name in ("lost", "young"))
    old = time.time() - 2 * 86400
    for path in (lost, *(file.path for file in kept)):
        os.utime(default_storage.path(path), (old, old))
    with clock.frozen(clock.now() + timedelta(seconds=1)):
        assert sweep() >= 1
    assert not default_storage.exists(lost)
    assert default_storage.exists(young)
    assert all(default_storage.exists(file.path) for file in kept)
    default_storage.delete(young)
    for file in kept:
        drop(file=file)
    assert not StoredFile.objects.exists()
