"""`doorstep panel FILE`: draw a published panel again, on anybody's machine (formats, section 2)."""

import sys

from doorstep.affairs.offline import decide
from doorstep.affairs.rules.panel import Formed, Impossible, form_panel, read_panel, result_document


def run(arguments: list[str]) -> int:
    """Exit 0 decided, formed or impossible; 2 the file is not acceptable. How each step was proven is said on standard error."""
    return decide(
        "doorstep panel",
        arguments,
        about="Form the panel of a doorstep.panel/1 file and print the doorstep.panel-result/1.",
        rule=_draw,
    )


def _draw(document: object) -> dict[str, object]:
    question = read_panel(document)
    outcome = form_panel(question)
    for proven, steps in _proofs(outcome).items():
        if steps:
            print(f"doorstep panel: proven {proven}: {', '.join(steps)}", file=sys.stderr)
    return result_document(question, outcome)


def _proofs(outcome: Formed | Impossible) -> dict[str, list[str]]:
    if isinstance(outcome, Impossible):
        certain = {"impossible": outcome.certain}
    else:
        certain = dict(zip(("fit", "load", "lot"), outcome.certain, strict=True))
    return {
        "in integers": [step for step, known in certain.items() if known],
        "by the solver": [step for step, known in certain.items() if not known],
    }
