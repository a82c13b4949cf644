"""The kinds a matter can be of: those offered now, and for who sets them all there are."""

from django.db.models import Q, QuerySet

from doorstep.affairs.models import Category


def offered() -> QuerySet[Category]:
    """Kinds that are on; below a kind that is off none is."""
    return Category.objects.filter(Q(parent=None) | Q(parent__is_active=True), is_active=True)


def every_category() -> list[tuple[Category, list[Category]]]:
    """The tree with what is off, in order. One query."""
    rows = list(Category.objects.all())
    return [(top, [row for row in rows if row.parent_id == top.pk]) for top in rows if top.parent_id is None]
