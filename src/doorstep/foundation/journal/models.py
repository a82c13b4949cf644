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
        # A town's public version is added up without looking at the rows that are meant for few.
        indexes = [models.Index(fields=["audience", "lineage"], name="place_version_audience")]

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


# What is sealed (docs/algorithms/journal.md). All of it append-only like the entries themselves (migration 0003), but for the queue.


class UnsealedEntry(models.Model):
    """An entry that has no place in the tree yet. A trigger puts it here with the entry, and sealing takes it out.

    `written_in` is PostgreSQL's id of the transaction that wrote the entry (0 elsewhere), by which the sealer knows that no open
    transaction can still bring an earlier one. A queue, not a cursor: nothing in it can be passed over, not even after a restore
    into a server that counts its transactions anew.
    """

    # The row comes from the entry's own insert: checking the key again would cost every write of the house.
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="+", db_constraint=False)
    written_in = models.BigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "unsealed entries"
        indexes = [models.Index(fields=["written_in", "entry"], name="unsealed_order")]

    def __str__(self) -> str:
        return f"{self.entry_id} of {self.written_in}"


class SealedLeaf(models.Model):
    """The place of an entry in the tree: its leaf index, from 0. Its hash is the node of level 0 there."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "sealed leaves"

    def __str__(self) -> str:
        return f"{self.index}: {self.entry_id}"


class SealedNode(models.Model):
    """The hash of a complete subtree, by its number (`merkle.number`)."""

    number = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField(max_length=32)

    def __str__(self) -> str:
        return str(self.number)


class SigningKey(models.Model):
    """A public key that heads are signed with. The private one is a file of the town's home; the last made is the one in use."""

    key_id = models.CharField(max_length=16, unique=True)
    public_key = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key_id


class SealedHead(models.Model):
    """A signed tree head: the first `size` leaves have this root."""

    size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    at = models.DateTimeField()
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="+")
    signature = models.BinaryField(max_length=64)

    def __str__(self) -> str:
        return f"{self.size} {self.root}"
