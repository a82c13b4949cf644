"""Translations without system tools: extract, check and compile by Babel. Chinese is the source, English stands in each package's
locale/en/LC_MESSAGES/django.po. Usage: python -m doorstep.site.messages extract | check | compile | merge FILE.json"""

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parents[1]
PACKAGES = ("foundation", "organisations", "talents", "resources", "affairs", "projects", "services", "site")
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "gettext": None,
    "gettext_lazy": None,
    "_": None,
    "_now": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}
Message = str | tuple[str, ...]


def catalogue_path(package: str) -> Path:
    return SOURCE / package / "locale" / "en" / "LC_MESSAGES" / "django.po"


def found(package: str) -> Iterator[Message]:
    """Every message in a package's Python files and templates."""
    for path in sorted((SOURCE / package).rglob("*.py")):
        if "tests" not in path.parts and "migrations" not in path.parts:
            yield from _messages(path.read_bytes())
    for path in sorted((SOURCE / package).rglob("*.html")):
        yield from _messages(templatize(path.read_text("utf-8"), origin=path.name).encode())


def _messages(source: bytes) -> Iterator[Message]:
    for _line, message, _comments, _context in extract("python", io.BytesIO(source), keywords=KEYWORDS, options={"encoding": "utf-8"}):
        if isinstance(message, tuple):
            yield tuple(str(each) for each in message[:2])
        elif message:
            yield message


def read(package: str) -> Catalog:
    path = catalogue_path(package)
    if not path.exists():
        return Catalog(locale="en", domain="django", project="Doorstep", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale="en", domain="django", abort_invalid=True)


def write(package: str, catalogue: Catalog) -> None:
    path = catalogue_path(package)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=140, no_location=True, omit_header=False, sort_output=True, ignore_obsolete=True)


def extract_all() -> None:
    """Bring the catalogues up to date; translations are kept, messages no longer used are dropped."""
    for package in PACKAGES:
        old, new = read(package), Catalog(locale="en", domain="django", project="Doorstep", fuzzy=False)
        new.revision_date = new.creation_date = old.creation_date
        for message in found(package):
            kept = old.get(message if isinstance(message, str) else message[0])
            new.add(message, kept.string if kept else ("" if isinstance(message, str) else ("", "")))
        if len(new):
            write(package, new)


def merge(path: Path) -> int:
    """Take {"中文": "English", or ["one", "many"]} into the catalogues; how many were taken."""
    given = json.loads(path.read_text("utf-8"))
    taken = 0
    for package in PACKAGES:
        if not catalogue_path(package).exists():
            continue
        catalogue = read(package)
        for message in catalogue:
            key = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
            if key and key in given:
                english = given[key]
                plural = isinstance(message.id, (tuple, list))
                message.string = (tuple(english) if isinstance(english, list) else (english, english)) if plural else english
                taken += 1
        write(package, catalogue)
    return taken


def problems() -> list[str]:
    """What is missing, unused, or differs in its placeholders."""
    told = []
    for package in PACKAGES:
        catalogue = read(package)
        wanted = {message if isinstance(message, str) else message[0] for message in found(package)}
        for message in catalogue:
            key = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
            if not key:
                continue
            if key not in wanted:
                told.append(f"{package}: no longer used: {key}")
            strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
            if not all(strings) or message.fuzzy:
                told.append(f"{package}: no English: {key}")
            elif any(_placeholders(key) != _placeholders(each or "") for each in strings):
                told.append(f"{package}: placeholders differ: {key} / {strings}")
        missing = wanted - {message.id[0] if isinstance(message.id, (tuple, list)) else message.id for message in catalogue}
        told += [f"{package}: not in the catalogue: {key}" for key in sorted(missing)]
    return told


def _placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[sd]", text))


def compile_all() -> None:
    for package in PACKAGES:
        if catalogue_path(package).exists():
            with catalogue_path(package).with_suffix(".mo").open("wb") as file:
                write_mo(file, read(package))


def main(arguments: list[str]) -> int:
    match arguments:
        case ["extract"]:
            extract_all()
        case ["compile"]:
            compile_all()
        case ["merge", path]:
            print(merge(Path(path)), "messages")
        case ["check"]:
            told = problems()
            print("\n".join(told))
            return 1 if told else 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
