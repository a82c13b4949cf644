"""A panel for one matter: who sits, by bounds everybody can read, proven optimal, and by a lot nobody could have chosen.

A panel file (`doorstep.panel/1`) is read and checked by `read_panel`, decided by `form_panel`, and written out by `result_document`
(`doorstep.panel-result/1`). Nothing else enters: the same file gives the same panel on anybody's machine.
Step by step in docs/algorithms/panel.md.
"""

from doorstep.affairs.rules.highs import SolverFailed
from doorstep.affairs.rules.panel.drawing import Formed, Impossible, Member, form_panel
from doorstep.affairs.rules.panel.question import Balance, Candidate, Question, Seats, lot_of
from doorstep.affairs.rules.panel.reading import read_panel
from doorstep.affairs.rules.panel.result import result_document
from doorstep.affairs.rules.panel.shortfalls import Shortfall

__all__ = [
    "Balance",
    "Candidate",
    "Formed",
    "Impossible",
    "Member",
    "Question",
    "Seats",
    "Shortfall",
    "SolverFailed",
    "form_panel",
    "lot_of",
    "read_panel",
    "result_document",
]
