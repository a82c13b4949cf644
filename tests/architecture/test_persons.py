from django.db import models
from django.test.utils import isolate_apps

from doorstep.foundation.identity.models import Person
from tests.architecture.persons import (
    NOT_A_PERSON,
    PERSON_IN_TEXT,
    PLAIN_PERSON,
    our_models,
    person_columns,
    person_keys,
    plain_ids,
)


@isolate_apps("tests.architecture")
def test_the_walk_finds_keys_and_plain_ids_and_nothing_else() -> None:
    class Sample(models.Model):  # noqa: DJ008
        asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
        for_whom = models.OneToOneField(Person, null=True, on_delete=models.PROTECT, related_name="+")
        helper_id = models.BigIntegerField(null=True)
        idle = models.IntegerField(default=0)
        note_id = models.CharField(max_length=10)

        class Meta:
            app_label = "sample"

    assert person_keys([Sample]) == {"sample.Sample.asked_by_id", "sample.Sample.for_whom_id"}
    assert plain_ids([Sample]) == {"sample.Sample.helper_id"}


def test_every_plain_id_is_known_to_be_a_persons_or_not() -> None:
    assert plain_ids(our_models()) == PLAIN_PERSON | NOT_A_PERSON


def test_the_columns_that_point_at_a_person_are_counted() -> None:
    found = person_columns()
    assert found >= PLAIN_PERSON
    assert {"affairs.Matter.reporter_id", "affairs.Matter.entered_by_id", "foundation.Account.person_id"} <= found
    assert not found & NOT_A_PERSON


def test_the_texts_that_may_name_a_person_exist() -> None:
    columns = {f"{model._meta.label}.{field.attname}" for model in our_models() for field in model._meta.local_fields}
    assert columns >= PERSON_IN_TEXT
