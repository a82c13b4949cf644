"""`doorstep`: the command line. Offline commands (tally, panel) need neither settings nor database."""

import os
import sys
import traceback
from collections.abc import Callable
from typing import TextIO

USAGE = """doorstep: a town's public services and co-governance

  doorstep init --town CODE --name NAME --admin LOGIN [--prefix LETTERS]   begin a real town
  doorstep import roster FILE --estate CODE [--create NAME --under CODE] [--dry-run] [--skip-bad] [--json]
  doorstep serve [--host H] [--port N] [--workers N]   serve pages and work in the background
  doorstep worker                                      the background worker alone
  doorstep demo [--port N] [--fresh]                   the Hengli scenario on a database of its own
  doorstep tally FILE                                  re-count owners' votes (doorstep.vote/1)
  doorstep panel FILE                                  re-draw a panel (doorstep.panel/1)
  doorstep manage …                                    Django's own commands

The database is named by DOORSTEP_DATABASE_URL (sqlite:///… or postgresql://…).
"""

Offline = Callable[..., int]


def _tally(path: str, *, stdout: TextIO, stderr: TextIO) -> int:
    from doorstep.affairs.vote_file import run

    return run(path, stdout=stdout, stderr=stderr)


def _panel(path: str, *, stdout: TextIO, stderr: TextIO) -> int:
    from doorstep.affairs.panel_file import run

    return run(path, stdout=stdout, stderr=stderr)


OFFLINE: dict[str, Offline] = {"tally": _tally, "panel": _panel}


def main(argv: list[str] | None = None) -> None:
    arguments = sys.argv[1:] if argv is None else argv
    sys.exit(run(arguments))


def run(arguments: list[str]) -> int:
    """0 done or decided, 2 not acceptable (files, rows, the call itself), 1 an error of ours."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(USAGE, end="")
        return 0 if arguments else 2
    name, rest = arguments[0], arguments[1:]
    if name in OFFLINE:
        if len(rest) != 1:
            print(f"usage: doorstep {name} FILE", file=sys.stderr)
            return 2
        try:
            return OFFLINE[name](rest[0], stdout=sys.stdout, stderr=sys.stderr)
        except Exception:
            traceback.print_exc()
            return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doorstep.site.settings")
    if name == "demo":
        # Before Django reads its settings: the demo is a town of its own.
        from doorstep.site.demo.environment import prepare

        prepare()
    if name == "manage":
        from django.core.management import execute_from_command_line

        execute_from_command_line(["doorstep manage", *rest])
        return 0
    import django

    django.setup()
    from doorstep.site.commands import COMMANDS

    if name not in COMMANDS:
        print(f"doorstep: no command {name!r}\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    return COMMANDS[name](rest)
