import pytest

from doorstep.foundation.identity.rules.device import device_name
from doorstep.foundation.identity.rules.names import normalise_name, same_name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  欧阳敏 ", "欧阳敏"),
        ("　王　芳　", "王 芳"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽 ・ 买买提", "阿依古丽·买买提"),
        ("𬭳海", "𬭳海"),
        # A compatibility ideograph is another character on the card: no normal form may replace it.
        ("\uf9d1海", "\uf9d1海"),
        ("陈\u200b明\ufeff", "陈明"),
        ("陈\x00明", "陈明"),
        ("John  Smith", "John Smith"),
        ("\u200b", ""),
    ],
)
def test_a_name_is_kept_as_it_is_written(typed: str, kept: str) -> None:
    assert normalise_name(typed) == kept


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("王芳", "王 芳", True),
        ("阿依古丽·买买提", "阿依古丽•买买提", True),
        ("陈明", "陈鸣", False),
        ("𬭳海", "钅海", False),
        ("", "", False),
        ("欧阳敏", "欧阳", False),
    ],
)
def test_names_written_alike(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Mozilla/5.0 (Linux; Android 9; JKM-AL00) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 MicroMessenger/8.0", "微信 · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0", "Firefox · Windows"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_a_device_is_called_by_family_and_system(header: str, said: str) -> None:
    assert device_name(header) == said
