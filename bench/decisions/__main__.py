"""`./run bench decisions [PART …]`: every part that stands here, or those named."""

import pkgutil
import sys
from importlib import import_module

import bench.decisions

PARTS = [part.name for part in pkgutil.iter_modules(bench.decisions.__path__) if part.name != "__main__"]


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}", file=sys.stderr)
        return 2
    for name in names or PARTS:
        print(f"{name}:", flush=True)
        import_module(f"bench.decisions.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
