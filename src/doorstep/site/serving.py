"""Pages by granian (WSGI) and the worker, as two processes of one command."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from ipaddress import ip_address
from types import FrameType

from django.conf import settings


def address_of(host: str, port: int) -> str:
    """The address of a site that listens there, for links and QR codes. One that listens everywhere is called by its loopback."""
    try:
        at = ip_address(host)
    except ValueError:
        name = host
    else:
        called = ip_address("::1" if at.version == 6 else "127.0.0.1") if at.is_unspecified else at
        name = f"[{called}]" if called.version == 6 else str(called)
    return f"http://{name}" if port == 80 else f"http://{name}:{port}"


def publish_address(address: str) -> None:
    """What this process and those it starts sign, print and send links with."""
    os.environ["DOORSTEP_SITE_URL"] = settings.SITE_URL = address


def granian(application: str, *, host: str, port: int, workers: int, threads: int = 4) -> list[str]:
    """The command that serves a WSGI application."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers),
        "--blocking-threads", str(threads), "--no-ws", "--log-level", "warning", "--respawn-failed-workers", application,
    ]  # fmt: skip


def is_taken(host: str, port: int) -> bool:
    """Whether something listens there already. Granian would share the port with it in silence, and each answer half the calls."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what a server left a moment ago is no hindrance
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def serve(*, host: str, port: int, workers: int, threads: int = 4) -> int:
    """Serve until stopped; when one of the two ends, the other is ended too. The exit code is that of whichever failed, 2 for a port
    that is taken."""
    if is_taken(host, port):
        print(f"doorstep: something listens on {host}:{port} already; stop it or choose another --port", file=sys.stderr)
        return 2
    pages = granian("doorstep.site.wsgi:application", host=host, port=port, workers=workers, threads=threads)
    work = [sys.executable, "-c", "import sys; from doorstep.site.command import main; main(['worker'])"]
    return _together([pages, work])


def _together(commands: Sequence[Sequence[str]]) -> int:
    running: list[subprocess.Popen[bytes]] = []
    asked: list[int] = []

    def stop(signum: int, frame: FrameType | None) -> None:
        asked.append(signum)
        for process in running:
            if process.poll() is None:
                process.terminate()

    # A terminal that closes sends SIGHUP, on which granian would read its configuration anew and stay behind alone.
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, stop)
    running += [subprocess.Popen(command, env=os.environ) for command in commands]
    while not asked and all(process.poll() is None for process in running):
        time.sleep(0.2)
    ended = [process.returncode for process in running if process.poll() is not None]
    stop(signal.SIGTERM, None)
    for process in running:
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return next((abs(code) for code in ended if code not in (0, -signal.SIGTERM, -signal.SIGINT)), 0)
