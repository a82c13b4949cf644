"""Sessions in a table of the house's own, so that it is known whose they are (settings.SESSION_ENGINE)."""

from datetime import datetime
from typing import cast

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest

from doorstep.foundation import clock
from doorstep.foundation.identity.models import Account, Session, Token
from doorstep.foundation.identity.rules.device import device_name

# How it began: by password or by a phone's code; on what, since when.
BY_PASSWORD, DEVICE, BEGAN = "by_password", "device", "began"
# Until when somebody held to idle minutes may do nothing, and when that was last written down.
IDLE_UNTIL, IDLE_RENEWED = "idle_until", "idle_renewed"


class SessionStore(DatabaseStore):
    """Django's database session; the row also says whose it is, since when and on what."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, object]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        account = str(data.get("_auth_user_id", ""))
        row.account_id = int(account) if account.isdecimal() else None
        row.device = str(data.get(DEVICE, ""))[:60]
        began = data.get(BEGAN)
        row.began_at = datetime.fromisoformat(str(began)) if began else None
        return row


def begin_idle_anew(request: HttpRequest, **_signal: object) -> None:
    """Whoever signs in has just done something, whatever the session said before (signal user_logged_in)."""
    for key in (IDLE_UNTIL, IDLE_RENEWED):
        request.session.pop(key, None)


def note_device(request: HttpRequest) -> None:
    """Remember in the session just begun since when and on what it is used."""
    request.session[BEGAN] = clock.now().isoformat()
    request.session[DEVICE] = device_name(request.headers.get("User-Agent", ""))


def sessions_of(account: Account) -> list[Session]:
    """The running sessions of an account, the newest first."""
    return list(
        Session.objects.filter(account=account, expire_date__gt=clock.now()).defer("session_data").order_by("-began_at", "session_key")
    )


def end_sessions(*, account: Account, but: str | None = None) -> int:
    """Sign an account out everywhere, or everywhere `but` in one session; its API tokens end too. How many sessions ended."""
    Token.objects.filter(account=account).delete()
    return Session.objects.filter(account=account).exclude(session_key=but or "").delete()[0]


def sign_out(*, person_id: int) -> int:
    """Sign a person out everywhere: what rights they had, they have to ask for anew. How many sessions ended."""
    return sum(end_sessions(account=account) for account in Account.objects.filter(person_id=person_id))


def forget_old_sessions() -> int:
    """Drop sessions that have run out; how many."""
    return Session.objects.filter(expire_date__lt=clock.now()).delete()[0]
