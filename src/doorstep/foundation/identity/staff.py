"""Login and password of those who hold a post: set by themselves with the code of their phone, begun anew from the command line."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.identity.actions import CodeExpired, LoginTaken, WrongCode, note_wrong_code, use_code
from doorstep.foundation.identity.models import Account
from doorstep.foundation.identity.sessions import end_sessions
from doorstep.foundation.journal.actions import Actor, record, writing
from doorstep.foundation.places.models import Place


class NotInOffice(Exception):
    """Holds no post: a phone and its code are enough."""


class HasLogin(Exception):
    """The account has a login already."""


class NoSuchLogin(Exception):
    """No open account has this login."""


class LinkEnded(Exception):
    """The link was used, is too old, or another was made since."""


class _Links(PasswordResetTokenGenerator):
    """Links that are good for settings.PASSWORD_RESET_TIMEOUT and once: they are made of the password that they replace."""

    key_salt = "doorstep.foundation.identity.staff"

    def _now(self) -> datetime:
        return clock.now().replace(tzinfo=None)


def open_login(
    *, viewer: Viewer, account: Account, login: str, password: str, code: str, by: Actor, place: Place, address: str = ""
) -> None:
    """Give the account of somebody who holds a post a login and password, after their phone's code was right.
    Raises NotInOffice, HasLogin, LoginTaken, WrongCode, CodeExpired, LockedOut."""
    if not viewer.is_staff:
        raise NotInOffice(account.pk)
    try:
        with writing():
            held = Account.objects.select_for_update().get(pk=account.pk)
            if held.login is not None:
                raise HasLogin(held.login)
            if Account.objects.filter(login=login).exists():
                raise LoginTaken(login)
            use_code(phone=held.phone, code=code, address=address)
            held.login, held.password = login, make_password(password)
            _save(held, "login", "password")
            _note("login_opened", held, by, place)
    except (WrongCode, CodeExpired):
        note_wrong_code(phone=account.phone, address=address)
        raise
    account.refresh_from_db(fields=["login", "password"])


def _save(account: Account, *fields: str) -> None:
    try:
        with transaction.atomic():
            account.save(update_fields=fields)
    except IntegrityError as error:
        # Two chose the same name at the same moment.
        raise LoginTaken(account.login) from error


def reset_account(*, login: str, by: Actor, place: Place, authenticator: bool = False) -> str:
    """Begin an account's password anew: the old one, every session and token end at once; the path of a page where a new one is chosen, good once
    and for an hour. `authenticator`: it was lost too and is asked for no more. Raises NoSuchLogin."""
    with writing():
        account = _open_accounts().filter(login=login).first()
        if account is None:
            raise NoSuchLogin(login)
        account.password = make_password(None)
        if authenticator:
            account.totp_secret = ""
        account.save(update_fields=["password", "totp_secret"])
        end_sessions(account=account)
        _note("account_reset", account, by, place, {"authenticator": authenticator})
    return f"/login/new/{account.pk}-{_Links().make_token(account)}"


def account_of_link(token: str, *, lock: bool = False) -> Account:
    """Whose link this is. Raises LinkEnded."""
    account_id, _dash, proof = token.partition("-")
    known = account_id.isascii() and account_id.isdecimal() and len(account_id) < 18
    accounts = _open_accounts() if lock else Account.objects.all()
    account = accounts.filter(pk=int(account_id), is_active=True).first() if known else None
    if account is None or not _Links().check_token(account, proof):
        raise LinkEnded(token)
    return account


def choose_password(*, token: str, password: str, place: Place) -> Account:
    """Set the password of whoever holds the link, which is thereby used up. Raises LinkEnded."""
    with writing():
        account = account_of_link(token, lock=True)
        account.password = make_password(password)
        account.save(update_fields=["password"])
        end_sessions(account=account)
        _note("password_chosen", account, Actor(person_id=account.person_id), place)
    return account


def _open_accounts() -> QuerySet[Account]:
    return Account.objects.select_for_update().filter(is_active=True, person__erased_at=None)


def _note(verb: str, account: Account, by: Actor, place: Place, detail: dict[str, object] | None = None) -> None:
    record(
        verb=verb,
        kind="person",
        subject=str(account.person_id),
        place=place,
        by=by,
        audience=f"person:{account.person_id}",
        detail=detail or {},
    )
