"""The unified social credit code (统一社会信用代码, GB 32100) and the organisation code inside it (GB 11714).

Every leading character of the standard is taken, letters too: a village's economic collective has N…, the forces A…, others Y….
"""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

# Why a code is not one.
WRONG_LENGTH = "uscc_length"
WRONG_CHARACTER = "uscc_character"
WRONG_INNER = "uscc_organisation"
WRONG_CHECK = "uscc_check"


def normal(text: str) -> str:
    """As it is kept: capitals, without the blanks and hyphens people write."""
    return "".join(text.split()).replace("-", "").upper()


def check_character(first: str) -> str:
    """The 18th character: 31 less the weighted sum modulo 31, the weights being the powers of 3 modulo 31."""
    total = sum(ALPHABET.index(character) * pow(3, index, 31) for index, character in enumerate(first))
    return ALPHABET[(31 - total % 31) % 31]


def inner_check_character(first: str) -> str:
    """The last character of the organisation code, from its first eight: digits count as they are, A = 10 … Z = 35."""
    rest = 11 - sum(int(character, 36) * weight for character, weight in zip(first, INNER_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def fault(code: str) -> str | None:
    """Why this is not a code, or None when it is one. `code` as `normal` gives it."""
    if len(code) != LENGTH:
        return WRONG_LENGTH
    if any(character not in ALPHABET for character in code):
        return WRONG_CHARACTER
    if inner_check_character(code[8:16]) != code[16]:
        return WRONG_INNER
    if check_character(code[:17]) != code[17]:
        return WRONG_CHECK
    return None
