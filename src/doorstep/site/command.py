"""`doorstep`: the command line."""

import importlib
import os
import sys

USAGE = """doorstep: a town's public services and co-governance

  doorstep init --town CODE --name NAME --admin LOGIN [--prefix LETTERS]   begin a real town
  doorstep import roster FILE --estate CODE [--create NAME --under CODE] [--dry-run] [--skip-bad] [--json]
  doorstep serve [--host H] [--port N] [--workers N]   serve pages and work in the background
  doorstep worker                                      the background worker alone
  doorstep demo [--port N] [--fresh]                   the Hengli scenario on a database of its own
  doorstep erasures replay                             after a restore: erase again whoever was erased since the backup
  doorstep journal seal | rotate                       seal what waits; go on under a new key
  doorstep account reset LOGIN [--authenticator]       end a password; prints where its holder chooses a new one
  doorstep apikey LABEL --login LOGIN [--body CODE]   a key for another system (Open311), printed once
  doorstep backup DIR                                  every table and file, while the town goes on
  doorstep restore DIR [--without-erasures]            a backup into an empty database; erases again whoever was erased since
  doorstep fingerprint                                 a digest of every table, to compare a restored town with its backup
  doorstep search rebuild                              make the search index anew
  doorstep manage …                                    Django's own commands

Anywhere, without a database (FILE may be - for standard input):
  doorstep tally FILE                                  count an owners' vote again
  doorstep verify FILE [--key FILE]                    check a proof of the journal
  doorstep panel FILE                                  draw a panel again

The database of the others is named by DOORSTEP_DATABASE_URL (sqlite:///… or postgresql://…).
"""

# Commands that need no town: run before Django is set up, the module imported only when it is asked for.
OFFLINE = {
    "tally": "doorstep.affairs.tally_command",
    "verify": "doorstep.foundation.journal.verify_command",
    "panel": "doorstep.affairs.panel_command",
}


def main(argv: list[str] | None = None) -> None:
    arguments = sys.argv[1:] if argv is None else argv
    sys.exit(run(arguments))


def run(arguments: list[str]) -> int:
    """0 done, 2 not acceptable (files, rows, the call itself), 1 an error of ours."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(USAGE, end="")
        return 0 if arguments else 2
    name, rest = arguments[0], arguments[1:]
    if name in OFFLINE:
        return int(importlib.import_module(OFFLINE[name]).run(rest))
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
