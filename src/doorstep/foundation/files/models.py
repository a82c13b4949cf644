from django.db import models


class StoredFile(models.Model):
    """A file somebody uploaded, as it was kept: re-encoded, without metadata. `audience` says who may open it."""

    token = models.CharField(max_length=32, unique=True)
    audience = models.CharField(max_length=80)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(default=0, help_text="of a photo")
    height = models.PositiveIntegerField(default=0, help_text="of a photo")
    pages = models.PositiveIntegerField(default=0, help_text="of a scan")
    seconds = models.PositiveIntegerField(default=0, help_text="of a voice message")
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=120)
    thumbnail_path = models.CharField(max_length=120, blank=True)
    uploaded_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.token
