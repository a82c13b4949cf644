import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorstep.foundation.search.tokens import LONGEST_TOKEN, MOST_ASKED, MOST_TOKENS, document_tokens, query_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("楼道灯不亮", ["楼", "道", "灯", "不", "亮", "楼道", "道灯", "灯不", "不亮"]),
        ("灯", ["灯"]),
        ("LED灯2号", ["led", "灯", "2", "号"]),
        ("ＬＥＤ　１２", ["led", "12"]),
        ("HL-2026-000123", ["hl", "2026", "000123"]),
        ("三单元，三楼", ["三", "单", "元", "三单", "单元", "楼", "三楼"]),
        ("café 𬭳", ["café", "𬭳"]),
        ("……！", []),
        ("", []),
    ],
)
def test_a_text_becomes_characters_pairs_and_whole_words(text: str, tokens: list[str]) -> None:
    assert document_tokens(text) == tokens


@pytest.mark.parametrize(
    ("query", "tokens"),
    [("灯", ["灯"]), ("路灯", ["路灯"]), ("东侧路灯", ["东侧", "侧路", "路灯"]), ("路灯 LED", ["路灯", "led"]), ("'; --", [])],
)
def test_a_query_asks_for_the_pairs_of_a_run(query: str, tokens: list[str]) -> None:
    assert query_tokens(query) == tokens


@given(st.text(), st.text(alphabet="路灯楼道垃圾桶ab1 ，"), st.text())
def test_whatever_part_of_a_text_is_asked_for_is_found(before: str, part: str, after: str) -> None:
    # Cut out of a word of letters a part is no word of its own; Chinese needs no such edge.
    text = f"{before} {part} {after}"
    assert set(query_tokens(part)) <= set(document_tokens(text))


def test_what_one_text_can_put_into_the_index_is_bounded() -> None:
    many = document_tokens("".join(chr(0x4E00 + n) for n in range(20_000)))
    assert len(many) == MOST_TOKENS
    assert document_tokens("a" * 1000) == ["a" * LONGEST_TOKEN]
    assert len(query_tokens("".join(chr(0x4E00 + n) for n in range(100)))) == MOST_ASKED
