import ast
from pathlib import Path

import pytest

from tests.architecture.purity import impurities
from tests.architecture.source import SOURCE, code_files, parsed

PURE = [path for path in code_files() if "rules" in path.parts or path.name in {"deadlines.py", "merkle.py"}]

# The solver's greeting can be kept from the terminal by no other means than the terminal's own.
ALLOWED = {"affairs/rules/highs.py": {"imports os"}}


def test_there_are_rules_to_read() -> None:
    names = {str(path.relative_to(SOURCE)) for path in PURE}
    assert {"affairs/rules/matter_states.py", "organisations/rules/roll.py", "foundation/regulations/deadlines.py"} <= names


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_rule_is_pure(path: Path) -> None:
    found = {problem.partition(": ")[2] for problem in impurities(parsed(path))}
    assert found == ALLOWED.get(str(path.relative_to(SOURCE)), set())


@pytest.mark.parametrize(
    "source",
    [
        "import django",
        "from django.utils.translation import gettext as _",
        "from gettext import gettext",
        "import time",
        "import os",
        "import random\nrandom.shuffle([1])",
        "from random import choice",
        "import random\nrandom.Random()",
        "import numpy as np\nnp.random.default_rng()",
        "import numpy as np\nnp.random.shuffle([1])",
        "from datetime import datetime\ndatetime.now()",
        "from datetime import date\ndate.today()",
        "from doorstep.foundation import clock",
        "from doorstep.foundation.clock import now",
        "from doorstep.affairs.models import Matter",
    ],
)
def test_what_is_impure_is_seen(source: str) -> None:
    assert list(impurities(ast.parse(source))) != []


@pytest.mark.parametrize(
    "source",
    [
        "import random\nrandom.Random(7).shuffle([1])",
        "from random import Random\nRandom(seed)",
        "import numpy as np\nnp.random.default_rng(7)",
        "from datetime import datetime, time\ndatetime.combine(day, time(1))",
        "from doorstep.affairs.rules.title import title_of",
        "from doorstep.foundation.regulations.deadlines import Limit",
        "import hashlib, re, unicodedata",
    ],
)
def test_what_is_pure_is_let_be(source: str) -> None:
    assert list(impurities(ast.parse(source))) == []
