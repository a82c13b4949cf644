"""How a one-time code leaves the house. A town plugs in its SMS or WeChat contract by DOORSTEP_CODE_SENDER."""

import sys
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class SendingFailed(Exception):
    """The code could not be handed to the carrier; the person is told and may try again."""


class Sender(Protocol):
    """Hands a text to a phone. Raises SendingFailed when it could not; never swallows."""

    def send(self, *, phone: str, text: str) -> None: ...


class ConsoleSender:
    """Prints to the server's terminal: the demo, and a town that has no contract yet."""

    def send(self, *, phone: str, text: str) -> None:
        print(f"[{phone}] {text}", file=sys.stderr, flush=True)


class MemorySender:
    """Keeps what it sent, for tests."""

    sent: list[tuple[str, str]] = []

    def send(self, *, phone: str, text: str) -> None:
        self.sent.append((phone, text))


def sender() -> Sender:
    made: Sender = import_string(settings.DOORSTEP_CODE_SENDER)()
    return made
