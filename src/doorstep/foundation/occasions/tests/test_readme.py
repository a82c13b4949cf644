"""The example of the README runs."""

import re
from datetime import date, time
from pathlib import Path
from typing import Any

from doorstep.foundation.access.viewer import NOBODY
from doorstep.foundation.journal.actions import actor_of
from doorstep.foundation.occasions import actions, ics, queries


def test_the_example_of_the_readme_does_what_it_says(scene: Any) -> None:
    [example] = re.findall(r"```python\n(.*?)```", (Path(actions.__file__).parents[1] / "README.md").read_text("utf-8"), re.DOTALL)
    known = {
        "actions": actions,
        "queries": queries,
        "ics": ics,
        "actor_of": actor_of,
        "date": date,
        "time": time,
        "NOBODY": NOBODY,
        "organiser": scene.luo,
        "neighbour": scene.liu,
        "company": scene.town.company,
        "pavilion": scene.pavilion,
        "estate": scene.town.estate,
    }
    exec(example, known)
    assert known["series"].occasions.filter(state="cancelled", reason="weather").count() == 1
