from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from doorstep.foundation.identity.models import Account


class AccountBackend(BaseBackend):
    """Loads the account of a session with its person. Signing in itself is identity.actions: it is never guessed from a request."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        return None

    def get_user(self, user_id: int) -> Account | None:
        return Account.objects.select_related("person").filter(pk=user_id, is_active=True, person__erased_at=None).first()
