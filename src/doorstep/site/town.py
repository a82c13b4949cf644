"""Beginning a town: what `doorstep init` and the demo share."""

from collections.abc import Sequence
from pathlib import Path

from doorstep.affairs.setup import load_categories
from doorstep.foundation.identity.actions import create_account, create_person
from doorstep.foundation.identity.models import Account
from doorstep.foundation.journal.actions import Actor, writing
from doorstep.foundation.places.actions import create_place
from doorstep.foundation.places.models import Place
from doorstep.foundation.places.queries import town
from doorstep.foundation.regulations.actions import load_regulations, load_workdays


class TownExists(Exception):
    """This database has a town: it is begun once."""


def begin_town(
    *, code: str, name: str, login: str, password: str, prefix: str, city: tuple[str, str] | None = None, regulations: Sequence[Path] = ()
) -> tuple[Place, Account]:
    """The town, its administrator, the regulations in force, the workdays and the categories. `city` is (code, name) of what it lies in."""
    if town() is not None:
        raise TownExists(code)
    with writing():
        load_regulations(extra=regulations)
        load_workdays()
        load_categories()
        account = create_account(person=create_person(name=login), login=login, password=password, is_administrator=True)
        by = Actor(person_id=account.person_id, channel="system")
        parent = create_place(code=city[0], kind=Place.Kind.CITY, name=city[1], parent=None, by=by) if city else None
        place = create_place(code=code, kind=Place.Kind.TOWN, name=name, parent=parent, by=by, number_prefix=prefix)
    return place, account
