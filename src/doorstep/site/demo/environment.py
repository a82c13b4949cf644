"""The demo's environment, set before Django reads its settings. It refuses another host than loopback."""

import os
from pathlib import Path


def prepare() -> None:
    """A town of its own: DOORSTEP_DEMO=1 and a database in var/demo, whatever else is configured."""
    home = Path(os.environ.get("DOORSTEP_DEMO_HOME", Path(__file__).resolve().parents[4] / "var" / "demo"))
    home.mkdir(parents=True, exist_ok=True)
    os.environ["DOORSTEP_DEMO"] = "1"
    os.environ["DOORSTEP_HOME"] = str(home)
    os.environ["DOORSTEP_DATABASE_URL"] = os.environ.get("DOORSTEP_DEMO_DATABASE_URL", f"sqlite:///{home / 'town.sqlite3'}")
