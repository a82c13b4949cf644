import hashlib
import secrets

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from doorstep.foundation import clock
from doorstep.foundation.files.images import read_photo
from doorstep.foundation.files.models import StoredFile


def keep_photo(*, data: bytes, audience: str, uploaded_by_id: int | None = None) -> StoredFile:
    """Keep a photo for an audience. Raises NotAPhoto or PhotoTooLarge; nothing is kept then.

    The bytes are written before the row: a row never points at nothing, and a file whose row was rolled back is swept up later.
    """
    photo = read_photo(data)
    token = secrets.token_urlsafe(18)
    folder = f"photos/{token[:2]}"
    path = default_storage.save(f"{folder}/{token}.jpg", ContentFile(photo.full))
    thumbnail_path = default_storage.save(f"{folder}/{token}-small.jpg", ContentFile(photo.thumbnail))
    return StoredFile.objects.create(
        token=token,
        audience=audience,
        media_type="image/jpeg",
        size=len(photo.full),
        width=photo.width,
        height=photo.height,
        sha256=hashlib.sha256(photo.full).hexdigest(),
        path=path,
        thumbnail_path=thumbnail_path,
        uploaded_by_id=uploaded_by_id,
        created_at=clock.now(),
    )


def give_to_audience(*, file: StoredFile, audience: str) -> None:
    """Let another audience open the file: a draft's photo becomes the matter's."""
    file.audience = audience
    file.save(update_fields=["audience"])


def drop(*, file: StoredFile) -> None:
    """Remove a file that nothing refers to."""
    default_storage.delete(file.path)
    default_storage.delete(file.thumbnail_path)
    file.delete()
