"""How a one-time code leaves the house. A town plugs in its SMS or WeChat contract by DOORSTEP_CODE_SENDER (docs/howto/短信和微信.md).

A carrier here sends approved templates with values, not free text, so a message carries both. `testing.SenderContract` says what every sender must do.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class SendingFailed(Exception):
    """The message could not be handed to the carrier; the person is told and may try again at once."""


@dataclass(frozen=True, slots=True)
class Message:
    """What to say: as text, and as the name of a template with its values (`code`: code, minutes)."""

    template: str
    text: str
    values: Mapping[str, str] = field(default_factory=dict)


class Sender(Protocol):
    """Hands a message to a phone, or to whatever handle the town's contract knows this phone by. Raises SendingFailed when it could not; never
    swallows, never logs phone or text, and gives up within some seconds: somebody is waiting before the page."""

    def send(self, *, phone: str, message: Message) -> None: ...


class ConsoleSender:
    """Prints to the server's terminal: the demo, and a town that has no contract yet."""

    def send(self, *, phone: str, message: Message) -> None:
        print(f"[{phone}] {message.text}", file=sys.stderr, flush=True)


class MemorySender:
    """Keeps what it sent, for tests."""

    sent: list[tuple[str, str]] = []

    def send(self, *, phone: str, message: Message) -> None:
        self.sent.append((phone, message.text))


def sender() -> Sender:
    made: Sender = import_string(settings.DOORSTEP_CODE_SENDER)()
    return made
