"""Every kind of sender passes the contract: by SMS template, WeChat-style by a handle, and the two that come with the house."""

from typing import Any, ClassVar

import pytest

from doorstep.foundation.identity import actions, senders
from doorstep.foundation.identity.models import OneTimeCode
from doorstep.foundation.identity.senders import MemorySender, Message, SendingFailed
from doorstep.foundation.identity.testing import SenderContract


class Carrier:
    """A carrier of the test: takes a template and its values, or is out of order."""

    received: ClassVar[list[tuple[str, str]]] = []
    broken: ClassVar[bool] = False

    @classmethod
    def take(cls, address: str, template: str, values: dict[str, str]) -> None:
        if cls.broken:
            raise ConnectionError("no route")
        cls.received.append((address, values["code"]))


class SmsTemplateSender:
    """As a town's SMS contract works: an approved template by number, values in order."""

    TEMPLATES: ClassVar[dict[str, str]] = {"code": "SMS_10086"}

    def send(self, *, phone: str, message: Message) -> None:
        try:
            Carrier.take(phone, self.TEMPLATES[message.template], dict(message.values))
        except (ConnectionError, KeyError):
            raise SendingFailed("the SMS gateway did not take it") from None


class WeChatStyleSender(SmsTemplateSender):
    """As a service account works: the phone is known by an open id, those who follow it not are sent an SMS."""

    OPEN_IDS: ClassVar[dict[str, str]] = {"13800138000": "oX-ye"}
    PHONES: ClassVar[dict[str, str]] = {"oX-ye": "13800138000"}

    def send(self, *, phone: str, message: Message) -> None:
        open_id = self.OPEN_IDS.get(phone)
        super().send(phone=self.PHONES[open_id] if open_id else phone, message=message)


class _ByCarrier(SenderContract):
    @pytest.fixture(autouse=True)
    def _carrier(self) -> Any:
        Carrier.received.clear()
        Carrier.broken = False
        yield
        Carrier.broken = False

    def delivered(self) -> list[tuple[str, str]]:
        return Carrier.received

    def break_carrier(self) -> None:
        Carrier.broken = True


class TestSmsTemplate(_ByCarrier):
    def make(self) -> senders.Sender:
        return SmsTemplateSender()


class TestWeChatStyle(_ByCarrier):
    def make(self) -> senders.Sender:
        return WeChatStyleSender()


class BrokenSender:
    def send(self, *, phone: str, message: Message) -> None:
        raise SendingFailed("out of order")


def test_a_code_that_could_not_be_sent_is_said_and_may_be_asked_for_again_at_once(client: Any, town: Any, settings: Any) -> None:
    settings.DOORSTEP_CODE_SENDER = f"{__name__}.BrokenSender"
    answer = client.post("/login/code", {"phone": "13800138000", "go": "code"})
    assert answer.status_code == 503
    assert "短信没有发出去" in answer.content.decode()
    assert not OneTimeCode.objects.exists()
    settings.DOORSTEP_CODE_SENDER = "doorstep.foundation.identity.senders.MemorySender"
    actions.send_code(phone="13800138000")
    assert len(MemorySender.sent) == 1


def test_the_house_sends_the_code_as_a_template_with_values(db: None, settings: Any, monkeypatch: Any) -> None:
    seen: list[Message] = []
    monkeypatch.setattr(MemorySender, "send", lambda self, phone, message: seen.append(message))
    actions.send_code(phone="13800138000")
    [message] = seen
    assert message.template == "code"
    assert message.values["code"] in message.text
    assert message.values["minutes"] == "10"


def test_the_terminal_prints(capsys: Any) -> None:
    senders.ConsoleSender().send(phone="13800138000", message=Message("code", "验证码 314159"))
    assert "[13800138000] 验证码 314159" in capsys.readouterr().err
