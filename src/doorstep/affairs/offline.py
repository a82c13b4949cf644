"""What the offline commands share: a JSON document in, a JSON document out; no Django, no database."""

import argparse
import gc
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from doorstep.affairs.rules.documents import NotAcceptable, parse


def decide(command: str, arguments: Sequence[str], *, about: str, rule: Callable[[object], dict[str, object]]) -> int:
    """Read the file the arguments name (`-` is standard input), decide by the rule, print the result to standard output.

    Exit 0 decided, 2 not acceptable: each fault with its JSON path on standard error, and nothing on standard output."""
    parser = argparse.ArgumentParser(prog=command, description=about)
    parser.add_argument("file", metavar="FILE", help="a JSON file, or - for standard input")
    file = parser.parse_args(arguments).file
    # A document of a city makes millions of objects and no rings; looking for rings among them doubles the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        result = rule(parse(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()))
    except OSError as error:
        print(f"{command}: cannot read {file}: {error.strerror}", file=sys.stderr)
        return 2
    except NotAcceptable as refused:
        print(f"{command}: {file} is not acceptable", refused, sep="\n", file=sys.stderr)
        return 2
    finally:
        if collecting:
            gc.enable()
    sys.stdout.buffer.write(json.dumps(result, ensure_ascii=False, indent=1).encode() + b"\n")
    sys.stdout.buffer.flush()
    return 0
