from django.db import models


class Entry(models.Model):
    """One domain write. Append-only: the database refuses UPDATE, DELETE and TRUNCATE (migration 0002).

    No personal text stands here: `detail` holds codes, ids and salted digests of texts that live (and can be erased) elsewhere,
    so that erasing a person never breaks the record. `digest` is SHA-256 of salt ‖ RFC 8785 form of the content (formats, section 3).
    """

    verb = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    place = models.CharField(max_length=60)
    lineage = models.CharField(max_length=300, help_text="codes from the city down, as they were at writing")
    audience = models.CharField(max_length=80, help_text="'public' or the audience key that may see it")
    actor_id = models.BigIntegerField(null=True)
    on_behalf_of_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=20)
    because = models.JSONField(default=list)
    detail = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    salt = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["kind", "subject", "id"], name="entry_subject"),
            models.Index(fields=["verb", "id"], name="entry_verb"),
            models.Index(fields=["place", "id"], name="entry_place"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.kind} {self.subject}"


class PlaceVersion(models.Model):
    """How often something changed at a place for an audience: the version of its pages (ETag). A page of a wider place adds them up,
    so that no write has to lock a row of the whole town."""

    place = models.CharField(max_length=60)
    lineage = models.CharField(max_length=300, db_index=True)
    audience = models.CharField(max_length=80)
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["place", "audience"], name="place_version_once")]

    def __str__(self) -> str:
        return f"{self.place}/{self.audience}@{self.version}"


class NumberSeries(models.Model):
    """The last number given of a kind in a year. A row to lock, so only for kinds without gaps, and on SQLite, where writers queue anyway."""

    prefix = models.CharField(max_length=20)
    year = models.IntegerField()
    last = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "number series"
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="number_series_once")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}: {self.last}"


class WriteOnce(models.Model):
    """An Idempotency-Key and the answer its first use got."""

    scope = models.CharField(max_length=120, help_text="actor or anonymous session, and route")
    key = models.CharField(max_length=120)
    body_digest = models.CharField(max_length=64)
    status = models.IntegerField(default=0)
    answer = models.TextField(default="")
    location = models.CharField(max_length=300, default="")
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "writes once"
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="write_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
