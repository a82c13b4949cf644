"""What a town's own sender has to pass before it is trusted with codes.

from doorstep.foundation.identity.testing import SenderContract

class TestOurSms(SenderContract):
    def make(self): return OurSms()
    def delivered(self): return self.carrier.received   # [(phone, code)] as the carrier got them
    def break_carrier(self): self.carrier.answers(503)
"""

import logging
import threading
from typing import Any

import pytest

from doorstep.foundation.identity.senders import Message, Sender, SendingFailed

PHONE, OTHER = "13800138000", "13900139000"
MESSAGE = Message("code", "【家门口】验证码 314159，10 分钟内有效。不要告诉别人。", {"code": "314159", "minutes": "10"})
SECONDS = 10.0


class SenderContract:
    """Subclass it, say how to make the sender, what arrived and how to break the carrier; pytest does the rest."""

    def make(self) -> Sender:
        raise NotImplementedError

    def delivered(self) -> list[tuple[str, str]]:
        """(phone, code) of everything that reached the carrier, in order."""
        raise NotImplementedError

    def break_carrier(self) -> None:
        """From now on the carrier refuses or cannot be reached."""
        raise NotImplementedError

    def test_it_is_made_without_arguments_and_each_message_arrives_once_where_it_should(self) -> None:
        sender = self.make()
        sender.send(phone=PHONE, message=MESSAGE)
        sender.send(phone=OTHER, message=MESSAGE)
        assert self.delivered() == [(PHONE, "314159"), (OTHER, "314159")]

    def test_a_broken_carrier_is_said_and_not_swallowed(self) -> None:
        sender = self.make()
        self.break_carrier()
        with pytest.raises(SendingFailed):
            sender.send(phone=PHONE, message=MESSAGE)
        assert self.delivered() == []

    def test_what_went_wrong_does_not_name_the_phone_or_the_code(self) -> None:
        sender = self.make()
        self.break_carrier()
        with pytest.raises(SendingFailed) as failed:
            sender.send(phone=PHONE, message=MESSAGE)
        told = f"{failed.value!r} {failed.value.__cause__!r}"
        assert PHONE not in told
        assert "314159" not in told

    def test_neither_phone_nor_code_is_logged(self, caplog: Any) -> None:
        with caplog.at_level(logging.DEBUG):
            self.make().send(phone=PHONE, message=MESSAGE)
        assert PHONE not in caplog.text
        assert "314159" not in caplog.text

    def test_it_gives_up_in_time(self) -> None:
        sender = self.make()
        self.break_carrier()
        done = threading.Event()

        def try_it() -> None:
            try:
                sender.send(phone=PHONE, message=MESSAGE)
            except SendingFailed:
                done.set()

        threading.Thread(target=try_it, daemon=True).start()
        assert done.wait(SECONDS), f"no answer within {SECONDS} seconds"
