"""Names as people write them: compound surnames, the interpunct of Uyghur and Tibetan names, rare characters, full-width blanks."""

import unicodedata

# What keyboards and sheets put where 阿依古丽·买买提 has its interpunct.
INTERPUNCTS = "•・‧∙⋅●．｡"


def normalise_name(typed: str) -> str:
    """One way to write a name: outer and doubled blanks gone, one interpunct, no invisible signs.

    No Unicode normal form: NFC too would turn a compatibility ideograph into another character than the one on the identity card.
    """
    text = "".join("·" if sign in INTERPUNCTS else sign for sign in typed if unicodedata.category(sign) not in {"Cf", "Cc"} or sign == "\t")
    text = " ".join(text.split())
    return text.replace(" ·", "·").replace("· ", "·")


def same_name(one: str, other: str) -> bool:
    """Whether two names are written alike; blanks inside do not count (王 芳 is 王芳)."""
    return normalise_name(one).replace(" ", "") == normalise_name(other).replace(" ", "") != ""
