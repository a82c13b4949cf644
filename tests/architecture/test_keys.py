"""References always point down, and nothing that is referred to can vanish under what refers to it."""

import pytest
from django.apps import apps
from django.db import models

from tests.architecture.source import MODULES, ROOMS

OURS = [model for model in apps.get_models() if model.__module__.startswith("doorstep.")]


def foreign_keys(model: type[models.Model]) -> list[models.ForeignKey]:
    return [field for field in model._meta.get_fields() if isinstance(field, models.ForeignKey) and field.model is model]


def room(model: type[models.Model]) -> str:
    """doorstep.foundation.identity.models → identity"""
    return model.__module__.split(".")[2]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_downward(model: type[models.Model]) -> None:
    for field in foreign_keys(model):
        target = field.related_model
        here, there = model._meta.app_label, target._meta.app_label
        assert there in MODULES, f"{field}: no key to a table of another package"
        assert MODULES.index(there) <= MODULES.index(here), f"{field} points up"
        if here == there == "foundation":
            assert ROOMS.index(room(target)) <= ROOMS.index(room(model)), f"{field} points up inside the foundation"


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_key_to_another_mechanism_leaves_no_name_there_and_protects(model: type[models.Model]) -> None:
    for field in foreign_keys(model):
        if field.related_model._meta.app_label != model._meta.app_label:
            assert field.remote_field.related_name == "+", field
            assert field.remote_field.on_delete is models.PROTECT, field


def test_no_table_of_links_is_made_behind_our_back() -> None:
    """A many-to-many field makes a table that no action writes and no test walks."""
    assert [field for model in OURS for field in model._meta.get_fields() if isinstance(field, models.ManyToManyField)] == []


def test_every_model_of_the_foundation_stands_in_a_room() -> None:
    assert {room(model) for model in OURS if model._meta.app_label == "foundation"} <= set(ROOMS)
