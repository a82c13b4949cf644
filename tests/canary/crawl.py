"""Going through the whole house as somebody, and reading what comes back in whatever form it comes."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.test import Client
from django.urls import Resolver404, resolve
from PIL import Image
from pypdf import PdfReader

from doorstep.foundation.identity.actions import issue_token
from doorstep.foundation.identity.models import Account
from tests.canary.scene import HERSELF
from tests.roles.table import ROLES, ROWS

WHO = (*ROLES, HERSELF)
LINK = re.compile(r"""(?:href|src|action)="(/[^"#]*)""")
# As many pages of one kind as are opened by following links; what the table names is always opened.
ENOUGH = 8
TOKENS = re.compile(r'name="(csrfmiddlewaretoken|once)" value="[^"]*"|^(Content-Length|ETag|Expires): .*$', re.MULTILINE)


@dataclass
class Visitor:
    """One role with its browser, and its token for the programs' interfaces."""

    role: str
    person: int | None
    client: Client = field(default_factory=Client)
    token: str = ""
    language: str = "zh-hans"

    def __post_init__(self) -> None:
        self.client.cookies["language"] = self.language
        if self.person is not None:
            account = Account.objects.get(person=self.person)
            self.client.force_login(account, backend="doorstep.foundation.identity.backend.AccountBackend")
            self.token = issue_token(account=account)

    def get(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if path.startswith("/api/") and self.token else {}
        return self.client.get(path, headers=headers)

    def write(self, method: str, path: str, sent: dict[str, Any]) -> Any:
        """A program's write, with the token."""
        return self.client.generic(
            method, path, json.dumps(sent), content_type="application/json", headers={"Authorization": f"Bearer {self.token}"}
        )


def route_of(path: str) -> str:
    """The address as urls.py writes it."""
    try:
        return str(resolve(path.partition("?")[0]).route)
    except Resolver404:
        return ""


def starts(named: dict[str, str]) -> list[str]:
    """Every address one can read, from the table of roles; of those with several forms, every form."""
    paths = [row.path.format(**named) for row in ROWS if row.method == "GET"]
    more = [path.replace(".json", ".xml") if ".json" in path else path.replace(".xml", ".json") for path in paths if "/open311/" in path]
    return list(dict.fromkeys(paths + more))


def pages(visitor: Visitor, paths: list[str], *, enough: int = 0) -> Iterator[tuple[str, str]]:
    """(path, what is read there) of every address, and of up to `enough` more of each kind that a page leads on to."""
    waiting, seen, opened = list(paths), set(paths), dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        answer = visitor.get(path)
        text = readable(answer)
        yield path, text
        if answer.status_code in (301, 302, 303):
            links = [answer["Location"]] if answer["Location"].startswith("/") else []
        else:
            links = [unescape(link) for link in LINK.findall(text)] if "html" in answer.get("Content-Type", "") else []
        for link in links:
            route = route_of(link)
            if route and link not in seen and not link.startswith(("/static/", "/login/")) and opened.get(route, 0) < enough:
                opened[route] = opened.get(route, 0) + 1
                seen.add(link)
                waiting.append(link)


def readable(answer: Any) -> str:
    """All that an answer says: its headers and its body, files opened as their readers open them."""
    body = b"".join(answer) if answer.streaming else answer.content
    return "\n".join([*(f"{name}: {value}" for name, value in answer.headers.items()), *unpacked(body)])


def unpacked(body: bytes) -> Iterator[str]:
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield name
                yield from unpacked(archive.read(name))
        return
    if body[:5] == b"%PDF-":
        reader = PdfReader(io.BytesIO(body))
        yield str(dict(reader.metadata or {}))
        yield from (page.extract_text() for page in reader.pages)
    if body[:2] == b"\xff\xd8":
        with Image.open(io.BytesIO(body)) as image:
            assert not image.getexif(), "a photo still carries its EXIF data"
            assert "comment" not in image.info, "a photo still carries a comment"
    text = body.decode("utf-8", "replace")
    yield text
    if "\\u" in text:
        yield re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
