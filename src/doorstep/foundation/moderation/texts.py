"""Texts of the mechanisms as moderation meets them, and the data it goes by."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from django.utils.translation import get_language

from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.files.models import StoredFile
from doorstep.foundation.moderation.rules.screening import WordList
from doorstep.foundation.places.models import Place

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class SaidText:
    """A text that somebody said in public."""

    words: str
    author_id: int | None
    place: Place
    url: str
    files: Sequence[StoredFile] = ()


class TextOwner(Protocol):
    """A mechanism's texts. `item` is its own name of one text of a subject."""

    def find(self, viewer: Viewer, subject: str, item: str) -> SaidText | None:
        """A public text that the viewer may see; None otherwise."""

    def words_of(self, texts: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """What these (subject, item) say now, in a fixed number of queries."""

    def files_of(self, subject: str, item: str) -> Sequence[StoredFile]:
        """What was uploaded with it, for whoever decides."""

    def hide(self, subject: str, item: str, reason: str) -> dict[str, str]:
        """Take the words and the files that came with them out of sight, in the caller's transaction; gives them, to be kept in the case."""

    def show(self, subject: str, item: str, original: dict[str, str]) -> None:
        """Put the words and files back, unless they were written anew since."""


_owners: dict[str, TextOwner] = {}


def register_texts(kind: str, owner: TextOwner) -> None:
    """A mechanism lets its public texts be objected to."""
    _owners[kind] = owner


def owner_of(kind: str) -> TextOwner | None:
    return _owners.get(kind)


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    zh: str
    en: str
    says_zh: str
    says_en: str

    @property
    def name(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh

    @property
    def says(self) -> str:
        return self.says_en if (get_language() or "").startswith("en") else self.says_zh


@cache
def reasons() -> dict[str, Reason]:
    return {row["code"]: Reason(**row) for row in tomllib.loads((DATA / "reasons.toml").read_text("utf-8"))["reason"]}


@cache
def word_lists() -> tuple[WordList, ...]:
    rows = tomllib.loads((DATA / "words.toml").read_text("utf-8"))["list"]
    return tuple(WordList(row["reason"], tuple(row.get("words", ())), row.get("pattern", "")) for row in rows)
