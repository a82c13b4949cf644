from django.db import models


class SearchDocument(models.Model):
    """What one thing is found by. `tokens` are those of its texts, separated by blanks; the index beside it is the database's own
    (migration 0005). `is_public`, or else the keys in SearchAudience, say who may find it."""

    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    is_public = models.BooleanField()
    tokens = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="search_document_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class SearchAudience(models.Model):
    """Who may find a document that is not public: audience keys."""

    document = models.ForeignKey(SearchDocument, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "key"], name="search_audience_once")]
        indexes = [models.Index(fields=["key", "document"], name="search_audience_key")]

    def __str__(self) -> str:
        return f"{self.document_id} {self.key}"
