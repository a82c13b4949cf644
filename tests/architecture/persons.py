"""Every column that points at a person: what export, erasure and merging have to answer for.

Found by walking the models, so that nobody has to remember. A column is a foreign key to Person, or a plain id (the journal, the access
log and the files hold no key upward). A plain id that is no person's is named in NOT_A_PERSON; one named nowhere fails the test.
"""

from collections.abc import Iterable

from django.apps import apps
from django.db import models

from doorstep.foundation.identity.models import Person

PLAIN_PERSON = frozenset(
    {
        "foundation.AccessLog.about_person_id",
        "foundation.AccessLog.person_id",
        "foundation.Entry.actor_id",
        "foundation.Entry.on_behalf_of_id",
        "foundation.Regulation.set_by_id",
        "foundation.StoredFile.uploaded_by_id",
    }
)
NOT_A_PERSON = frozenset(
    {
        "affairs.Ballot.entry_id",
        "affairs.MatterText.entry_id",
        "foundation.AccessLog.post_id",
        "foundation.Entry.post_id",
    }
)
# Texts in which a person's id may stand: audience keys (`person:5`), the set of a unit's holders (on a frozen roll and in a vote's full file too), the scope of an idempotency key.
PERSON_IN_TEXT = frozenset(
    {
        "affairs.MatterAudience.key",
        "affairs.RollCorrection.after",
        "affairs.RollCorrection.before",
        "affairs.RollUnit.holders",
        "affairs.VoteRecord.full_file",
        "foundation.Entry.audience",
        "foundation.OutboxEvent.recipients",
        "foundation.PlaceVersion.audience",
        "foundation.StoredFile.audience",
        "foundation.WriteOnce.scope",
        "organisations.Unit.party_key",
    }
)


def label(field: models.Field) -> str:
    return f"{field.model._meta.label}.{field.attname}"


def our_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("doorstep.")]


def plain_ids(chosen: Iterable[type[models.Model]]) -> set[str]:
    """Integer columns named …_id that are no foreign key: each is either a person's or not."""
    return {
        label(field)
        for model in chosen
        for field in model._meta.local_fields
        if isinstance(field, models.IntegerField) and not field.is_relation and field.attname.endswith("_id")
    }


def person_keys(chosen: Iterable[type[models.Model]]) -> set[str]:
    return {
        label(field)
        for model in chosen
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey) and field.related_model is Person
    }


def person_columns() -> set[str]:
    """`app.Model.column` of everything that points at a person."""
    chosen = our_models()
    return person_keys(chosen) | (plain_ids(chosen) - NOT_A_PERSON)
