"""Kinds of services and roles in them: data, not code (data/kinds.toml)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import get_language

DATA = Path(__file__).parent / "data" / "kinds.toml"
PLACE = "place"
NEIGHBOUR = "neighbour"
# What stands for a mentor's certificate beside the codes of licences.
CERTIFICATE = "certificate"


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
    """A role in which somebody comes; `team`: of those who give the service; `licence`, `certificate`: what its work asks for."""

    code: str
    zh: str
    en: str
    team: bool = False
    licence: str = ""
    certificate: bool = False

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


def needs_of(role: str, licences: Mapping[str, str]) -> tuple[str, ...]:
    """What the work of a role asks for at a service: codes of licences, and CERTIFICATE. The role's own, and what the service adds to it."""
    known = roles().get(role)
    own = [known.licence] if known and known.licence else []
    certificate = [CERTIFICATE] if known and known.certificate else []
    return tuple(dict.fromkeys([*own, *([licences[role]] if licences.get(role) else []), *certificate]))


def team_roles() -> frozenset[str]:
    return frozenset(code for code, role in roles().items() if role.team)
