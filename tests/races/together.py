"""Programs of one town that come to a line and go on from it at the same moment, however long each took to get there."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from bench.towns import Ground

# Stands in a program where it has made ready; `LINE` is filled in by `together`.
WAIT = """
import os, pathlib, time
line = pathlib.Path("LINE")
(line / str(os.getpid())).touch()
while not (line / "go").exists():
    time.sleep(0.002)
"""


def together(town: Ground, programs: list[str]) -> list[str]:
    """What each of the programs prints; they go on together once all have come to their `WAIT`."""
    line = town.home / f"line-{uuid4().hex}"
    line.mkdir()
    with ThreadPoolExecutor(len(programs)) as pool:
        running = [pool.submit(town.python, program.replace("LINE", str(line))) for program in programs]
        # One that falls over will never come: the others are let go, and its words are raised below.
        while len(list(line.iterdir())) < len(programs) and not any(each.done() for each in running):
            time.sleep(0.01)
        (line / "go").touch()
        return [each.result() for each in running]
