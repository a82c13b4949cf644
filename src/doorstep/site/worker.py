"""The background worker: tasks, the outbox, and the ticks that let time pass."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable

from django.db import Error as DatabaseProblem
from django.db import close_old_connections
from django_tasks_db.management.commands.db_worker import Worker

from doorstep.affairs import actions as affairs
from doorstep.affairs.actions.handovers import follow_handovers
from doorstep.affairs.actions.vote_times import keep_announced_times
from doorstep.foundation.access.limits import forget_counts
from doorstep.foundation.files.actions import sweep
from doorstep.foundation.identity.sessions import forget_old_sessions
from doorstep.foundation.journal.once import forget_old
from doorstep.foundation.notify.actions import beat, deliver_pending
from doorstep.foundation.notify.mail import send_due
from doorstep.foundation.occasions import actions as occasions
from doorstep.organisations.actions.warnings import warn_of_terms
from doorstep.services import actions as services
from doorstep.site.upkeep import erase_asked, forget_old_reads, seal_journal
from doorstep.talents import actions as talents

logger = logging.getLogger(__name__)

BEAT_EVERY = 10.0

# What has to happen when time has passed, and how often to look (seconds).
TICKS: tuple[tuple[str, float, Callable[[], int]], ...] = (
    ("escalate overdue matters", 30, lambda: affairs.escalate_overdue()),
    ("close matters after silence", 60, lambda: affairs.lapse_silent()),
    ("open and close votes when it was announced, remind who has not voted", 30, lambda: keep_announced_times()),
    ("give on what hangs on a post that was handed over", 60, lambda: follow_handovers()),
    ("seal the journal", 3, seal_journal),
    ("erase who asked for it", 3600, erase_asked),
    ("forget old sessions", 86400, forget_old_sessions),
    ("forget old reads", 86400, forget_old_reads),
    ("offer held places to the next in line", 30, lambda: occasions.expire_holds()),
    ("set out the dates ahead", 3600, lambda: occasions.prepare_dates()),
    ("send mail", 5, lambda: send_due()),
    ("forget counters of how often", 300, forget_counts),
    ("seat the regulars", 3600, lambda: services.seat_regulars()),
    ("free places whose licence no longer counts", 300, lambda: services.free_uncovered()),
    ("remind who signed up", 300, lambda: services.remind_signed_up()),
    ("forget old readings", 3600, lambda: services.forget_old_readings()),
    ("tell of certificates and licences that end soon", 3600, lambda: talents.warn_of_certificates() + talents.warn_of_licences()),
    ("tell of terms that end and of what committees owe", 3600, lambda: warn_of_terms()),
    ("forget old idempotency keys", 3600, forget_old),
    ("sweep up files without a row", 3600, sweep),
    ("forget old drafts", 3600, affairs.forget_old_drafts),
)


def _tasks() -> None:
    Worker(
        queue_names=["*"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=f"{socket.gethostname()[:40]}-{os.getpid()}",
        excluded_queue_names=[],
    ).run()


def round_once(last: dict[str, float]) -> None:
    """One round: what is due of the ticks, waiting tasks, the outbox."""
    now = time.monotonic()
    for name, every, tick in TICKS:
        if now - last.get(name, -every) >= every:
            last[name] = now
            done = tick()
            if done:
                logger.info("%s: %d", name, done)
    _tasks()
    while deliver_pending():
        pass
    if now - last.get("beat", -BEAT_EVERY) >= BEAT_EVERY:
        last["beat"] = now
        beat(worker=f"{socket.gethostname()[:40]}-{os.getpid()}")


def run(*, stop: threading.Event | None = None, interval: float = 0.5) -> None:
    """Go round until told to stop. A database that is away is waited for: the work is still there when it is back."""
    stop = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
    logging.getLogger("django_tasks_db").setLevel(logging.WARNING)
    last: dict[str, float] = {}
    while not stop.is_set():
        try:
            round_once(last)
        except DatabaseProblem:
            logger.exception("the worker's round failed; trying again in five seconds")
            close_old_connections()
            stop.wait(5)
        stop.wait(interval)
