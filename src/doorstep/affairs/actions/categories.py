"""What matters can be about in this town: kinds switched on and off, and kinds of the town's own. Set on a screen by its administrator."""

from doorstep.affairs.actions.steps import NotAllowed
from doorstep.affairs.models import Category
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.clock.kept import forget_kept
from doorstep.foundation.journal.actions import actor_of, record, writing
from doorstep.foundation.places.models import Place

# Codes of a town's own begin with this; those of the data file never do, so that a newer file leaves them alone.
OWN = "own-"
OWN_ICON = "message-square-plus"


class NothingLeft(Exception):
    """Something has to be left that one can raise."""


class NameTaken(Exception):
    """A kind of this name is there already."""


def switch_category(*, viewer: Viewer, town: Place, category: Category, on: bool) -> Category:
    """Offer a kind to those who raise something, or no longer. What was raised as that stays it; below a kind that is off nothing is offered.
    Raises NothingLeft."""
    if not viewer.is_town_admin:
        raise NotAllowed
    with writing():
        _lock(town)
        category = Category.objects.get(pk=category.pk)
        if category.is_active == on:
            return category
        if (
            not on
            and category.parent_id is None
            and not Category.objects.filter(parent=None, is_active=True).exclude(pk=category.pk).exists()
        ):
            raise NothingLeft(category.code)
        category.is_active = on
        category.save(update_fields=["is_active"])
        _note(viewer, town, "category_on" if on else "category_off", category)
        forget_kept()
    return category


def add_category(*, viewer: Viewer, town: Place, zh: str, en: str, parent: Category | None = None) -> Category:
    """A kind of the town's own, at the top or below one that is there; below one for the parties alone it is so too. Raises NameTaken."""
    if not viewer.is_town_admin:
        raise NotAllowed
    with writing():
        _lock(town)
        zh, en = zh.strip(), en.strip()
        if Category.objects.filter(zh=zh, parent=parent).exists():
            raise NameTaken(zh)
        beside = Category.objects.filter(parent=parent).order_by("-position", "-id").first()
        after = beside.position if beside is not None else parent.position if parent is not None else 0
        category = Category.objects.create(
            code=_free_code(),
            parent=parent,
            zh=zh,
            en=en,
            icon="" if parent is not None else OWN_ICON,
            position=after + (1 if parent is not None else 10),
            is_restricted=parent is not None and parent.is_restricted,
            is_neighbourly=parent is not None and parent.is_neighbourly,
        )
        _note(viewer, town, "category_added", category)
        forget_kept()
    return category


def _lock(town: Place) -> None:
    """One at a time: who switches the last but one off is followed by nobody who switches off the last."""
    Place.objects.select_for_update().get(pk=town.pk)


def _free_code() -> str:
    taken = set(Category.objects.filter(code__startswith=OWN).values_list("code", flat=True))
    return next(code for n in range(1, len(taken) + 2) if (code := f"{OWN}{n}") not in taken)


def _note(viewer: Viewer, town: Place, verb: str, category: Category) -> None:
    parent = Category.objects.values_list("code", flat=True).get(pk=category.parent_id) if category.parent_id is not None else None
    record(verb=verb, kind="category", subject=category.code, place=town, by=actor_of(viewer), detail={"parent": parent})
