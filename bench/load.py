"""A small HTTP/1.1 client that keeps its connection: enough to load a server on this machine, and honest about what it was answered."""

import asyncio
from dataclasses import dataclass

HOST = "127.0.0.1"


class Cut(Exception):
    """The connection ended before the whole answer was there."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One connection, opened when first needed and again after it was cut; `source` is the address of the loopback network it comes from."""

    def __init__(self, port: int, *, source: str = HOST) -> None:
        self.port = port
        self.source = source
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"", sent: asyncio.Event | None = None
    ) -> Answer:
        """Send one request and read its answer; `sent` is set between the two. Raises Cut."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(HOST, self.port, local_addr=(self.source, 0))
            reader, writer = self._streams
            lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{self.port}", *(f"{k}: {v}" for k, v in (headers or {}).items())]
            if body or method == "POST":
                lines.append(f"Content-Length: {len(body)}")
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await writer.drain()
            if sent is not None:
                sent.set()
            return await self._read(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            self.close()
            raise Cut from error

    async def _read(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ")[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0))) if status not in (204, 304) else b""
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None
