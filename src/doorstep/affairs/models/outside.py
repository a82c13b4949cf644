"""Who may write from outside: keys of the Open311 interface."""

from django.db import models


class ApiKey(models.Model):
    """A key of another system. It acts as the account of a person; only its digest is kept."""

    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=80, help_text="which system holds it")
    person = models.ForeignKey("foundation.Person", on_delete=models.PROTECT, related_name="+", help_text="whose matters it raises")
    body = models.ForeignKey(
        "organisations.Body", null=True, on_delete=models.PROTECT, related_name="+", help_text="the body it writes for"
    )
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.label


class Open311Request(models.Model):
    """What a request that came in by the standard brought beside the matter: which key sent it, its coordinates and its picture's address."""

    matter = models.OneToOneField("affairs.Matter", on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="+")
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    media_url = models.URLField(blank=True, max_length=500)

    def __str__(self) -> str:
        return f"request {self.matter_id}"
