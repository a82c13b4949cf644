"""Remembering for a few seconds what is read on every page and written once a year: the tree of places, categories, routing."""

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

SECONDS = 5.0
MOST = 10_000

Given = ParamSpec("Given")
Found = TypeVar("Found")

_forget: list[Callable[[], None]] = []


def kept_briefly(read: Callable[Given, Found]) -> Callable[Given, Found]:
    """Give what this process read for the same arguments up to five seconds ago. Only for reads that are the same for every viewer.

    What is given is shared between requests: never change it. A missing row (None) is asked for again each time, so that what was just made
    is found; what a process changes it forgets at once by `forget_kept`, another process sees the change within the five seconds.
    """
    memory: dict[object, tuple[float, Found]] = {}
    _forget.append(memory.clear)

    @wraps(read)
    def ask(*args: Given.args, **kwargs: Given.kwargs) -> Found:
        key = (args, tuple(sorted(kwargs.items())))
        now = time.monotonic()
        held = memory.get(key)
        if held is not None and now - held[0] < SECONDS:
            return held[1]
        found = read(*args, **kwargs)
        if found is not None:
            if len(memory) >= MOST:
                memory.clear()
            memory[key] = (now, found)
        return found

    return ask


def forget_kept() -> None:
    """After a write to what is kept."""
    for forget in _forget:
        forget()
