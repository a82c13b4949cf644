"""Kinds of services and roles in them: data, not code (data/kinds.toml)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

DATA = Path(__file__).parent / "data" / "kinds.toml"
PLACE = "place"
NEIGHBOUR = "neighbour"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of service. What holds for it beyond its names: see the head of the data."""

    code: str
    zh: str
    en: str
    readings: bool = False
    alias: bool = False
    children: bool = False
    forum: bool = False
    home: bool = False

    def __str__(self) -> str:
        return self.en if _english() else self.zh


@dataclass(frozen=True, slots=True)
class Role:
    """A role in which somebody comes; `team`: of those who give the service."""

    code: str
    zh: str
    en: str
    team: bool = False

    def __str__(self) -> str:
        return self.en if _english() else self.zh


def _english() -> bool:
    return (get_language() or "").startswith("en")


@cache
def kinds() -> dict[str, Kind]:
    return {row["code"]: Kind(**row) for row in tomllib.loads(DATA.read_text("utf-8"))["kind"]}


@cache
def roles() -> dict[str, Role]:
    return {row["code"]: Role(**row) for row in tomllib.loads(DATA.read_text("utf-8"))["role"]}


def team_roles() -> frozenset[str]:
    return frozenset(code for code, role in roles().items() if role.team)
