"""Categories, skills and kinds of licences: data, not code (data/kinds.toml)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

DATA = Path(__file__).parent / "data" / "kinds.toml"


@dataclass(frozen=True, slots=True)
class Code:
    """A public code with its two names."""

    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh


@cache
def _read() -> dict[str, dict[str, Code]]:
    tables = tomllib.loads(DATA.read_text("utf-8"))
    return {name: {row["code"]: Code(row["code"], row["zh"], row["en"]) for row in rows} for name, rows in tables.items()}


def categories() -> dict[str, Code]:
    return _read()["category"]


def skills() -> dict[str, Code]:
    return _read()["skill"]


def licences() -> dict[str, Code]:
    return _read()["licence"]
