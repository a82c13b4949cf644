"""One command, two processes: they end together, and a port has one server."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from doorstep.site.serving import is_taken

SLEEPER = [sys.executable, "-c", "import os, time; os.write(1, b'%d\\n' % os.getpid()); time.sleep(600)"]
PARENT = f"from doorstep.site.serving import _together; raise SystemExit(_together([{SLEEPER!r}, {SLEEPER!r}]))"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_nobody_stays_behind(name: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    children = [int(parent.stdout.readline()) for _each in range(2)]
    parent.send_signal(getattr(signal, name))
    assert parent.wait(timeout=60) == 0
    parent.stdout.close()
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_a_port_that_is_listened_on_is_taken() -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as granian does
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        listener.listen()
        assert is_taken("127.0.0.1", port)
    assert not is_taken("127.0.0.1", port)
