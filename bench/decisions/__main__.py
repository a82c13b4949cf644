"""`./run bench decisions [PART …] [--OPTION …]`: every part that stands here, or those named."""

import sys
from importlib import import_module
from importlib.util import find_spec

PARTS = [part for part in ("tally", "panel", "lottery", "rota", "coverage") if find_spec(f"bench.decisions.{part}")]


def main(arguments: list[str]) -> int:
    """Options are read by the parts themselves. Exit 1 when one of them stops with a reason."""
    names = [argument for argument in arguments if not argument.startswith("-")]
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    code = 0
    for name in names or PARTS:
        print(f"{name}:", flush=True)
        try:
            import_module(f"bench.decisions.{name}").main()
        except SystemExit as stopped:
            print(stopped, file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
