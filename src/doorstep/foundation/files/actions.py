import hashlib
import os
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from doorstep.foundation import clock
from doorstep.foundation.files.images import NotAPhoto, PhotoTooLarge, read_photo
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.files.scans import NotAScan, ScanActs, ScanTooLarge, looks_like_scan, read_scan
from doorstep.foundation.files.voices import NotAVoice, VoiceTooLong, looks_like_voice, read_voice

# Why an upload is not kept: what it is not, or too much of what it is.
NOT_KEPT = (NotAPhoto, PhotoTooLarge, NotAScan, ScanTooLarge, ScanActs, NotAVoice, VoiceTooLong)
FOLDERS = ("photos", "scans", "voices")
SWEPT_AFTER = timedelta(days=1)


def keep_upload(*, data: bytes, audience: str, uploaded_by_id: int | None = None) -> StoredFile:
    """Keep whatever was uploaded by what it is, not by what it is called: a scan, a voice message, or else a photo."""
    if looks_like_scan(data):
        return keep_scan(data=data, audience=audience, uploaded_by_id=uploaded_by_id)
    if looks_like_voice(data):
        return keep_voice(data=data, audience=audience, uploaded_by_id=uploaded_by_id)
    return keep_photo(data=data, audience=audience, uploaded_by_id=uploaded_by_id)


def keep_photo(*, data: bytes, audience: str, uploaded_by_id: int | None = None) -> StoredFile:
    """Keep a photo for an audience. Raises NotAPhoto or PhotoTooLarge; nothing is kept then."""
    photo = read_photo(data)
    token = secrets.token_urlsafe(18)
    thumbnail_path = _write("photos", f"{token}-small.jpg", photo.thumbnail)
    return _keep(
        token,
        _write("photos", f"{token}.jpg", photo.full),
        photo.full,
        media_type="image/jpeg",
        audience=audience,
        uploaded_by_id=uploaded_by_id,
        width=photo.width,
        height=photo.height,
        thumbnail_path=thumbnail_path,
    )


def keep_scan(*, data: bytes, audience: str, uploaded_by_id: int | None = None) -> StoredFile:
    """Keep a scanned paper (PDF). Raises NotAScan, ScanTooLarge or ScanActs; nothing is kept then."""
    scan = read_scan(data)
    token = secrets.token_urlsafe(18)
    path = _write("scans", f"{token}.pdf", scan.data)
    return _keep(token, path, scan.data, media_type="application/pdf", audience=audience, uploaded_by_id=uploaded_by_id, pages=scan.pages)


def keep_voice(*, data: bytes, audience: str, uploaded_by_id: int | None = None) -> StoredFile:
    """Keep a voice message of a minute at most. Raises NotAVoice or VoiceTooLong; nothing is kept then."""
    voice = read_voice(data)
    token = secrets.token_urlsafe(18)
    path = _write("voices", f"{token}.{voice.media_type.partition('/')[2]}", voice.data)
    return _keep(
        token, path, voice.data, media_type=voice.media_type, audience=audience, uploaded_by_id=uploaded_by_id, seconds=voice.seconds
    )


def _write(folder: str, name: str, data: bytes) -> str:
    return str(default_storage.save(f"{folder}/{name[:2]}/{name}", ContentFile(data)))


def _keep(token: str, path: str, data: bytes, **facts: Any) -> StoredFile:
    """The row of bytes that are already written: a row never points at nothing, and a file whose row was rolled back is swept up."""
    return StoredFile.objects.create(
        token=token, path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest(), created_at=clock.now(), **facts
    )


def give_to_audience(*, file: StoredFile, audience: str) -> None:
    """Let another audience open the file: a draft's photo becomes the matter's."""
    file.audience = audience
    file.save(update_fields=["audience"])


def give_in_turn(files: Iterable[StoredFile], *, before: str, after: str) -> None:
    """Let the audience `after` open those of these files that `before` could: what is hidden leaves the public, and comes back. One update."""
    StoredFile.objects.filter(pk__in=[file.pk for file in files], audience=before).update(audience=after)


def drop(*, file: StoredFile) -> None:
    """Remove a file that nothing refers to."""
    for path in (file.path, file.thumbnail_path):
        if path:
            default_storage.delete(path)
    file.delete()


def sweep(*, at_most: int = 500) -> int:
    """Remove files that are a day old and have no row: their transaction was rolled back, or the process died between file and row; how many."""
    before = clock.now() - SWEPT_AFTER
    swept = 0
    for folder in FOLDERS:
        if not default_storage.exists(folder):
            continue
        for shelf in sorted(default_storage.listdir(folder)[0]):
            paths = [os.path.join(folder, shelf, name) for name in default_storage.listdir(os.path.join(folder, shelf))[1]]
            known = set(StoredFile.objects.filter(path__in=paths).values_list("path", flat=True))
            known |= set(StoredFile.objects.filter(thumbnail_path__in=paths).values_list("thumbnail_path", flat=True))
            for path in paths:
                if swept < at_most and path not in known and default_storage.get_modified_time(path) < before:
                    default_storage.delete(path)
                    swept += 1
    return swept
