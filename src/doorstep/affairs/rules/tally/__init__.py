"""Owners' joint decisions: how a vote is counted (Civil Code arts. 278 and 1259; interpretation on differentiated ownership, arts. 8 and 9).

A vote file (`doorstep.vote/1`) is read and checked by `read_vote`, counted by `tally`, and written out by `result_document`
(`doorstep.vote-result/1`). Nothing else enters: the same file gives the same figures on anybody's machine.
Step by step in docs/algorithms/tally.md.
"""

from doorstep.affairs.rules.documents import NotAcceptable, Refusal
from doorstep.affairs.rules.tally.counting import tally
from doorstep.affairs.rules.tally.reading import read_vote
from doorstep.affairs.rules.tally.result import Measure, MotionResult, Rejected, Result, RollSummary, fingerprint, result_document
from doorstep.affairs.rules.tally.thresholds import RULE_SETS, Majority, Thresholds
from doorstep.affairs.rules.tally.votes import Ballot, Motion, Options, Ruling, Unit, VoteFile

__all__ = [
    "RULE_SETS",
    "Ballot",
    "Majority",
    "Measure",
    "Motion",
    "MotionResult",
    "NotAcceptable",
    "Options",
    "Refusal",
    "Rejected",
    "Result",
    "RollSummary",
    "Ruling",
    "Thresholds",
    "Unit",
    "VoteFile",
    "fingerprint",
    "read_vote",
    "result_document",
    "tally",
]
