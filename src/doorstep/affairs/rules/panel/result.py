"""The published result, `doorstep.panel-result/1`: keys and lists in a fixed order."""

from dataclasses import asdict

from doorstep.affairs.rules.panel.drawing import Formed, Impossible
from doorstep.affairs.rules.panel.question import Question

FORMAT = "doorstep.panel-result/1"


def result_document(question: Question, outcome: Formed | Impossible) -> dict[str, object]:
    """What anyone who draws the panel again gets, as a JSON document."""
    excluded = [{"id": candidate.id, "reason": candidate.excluded} for candidate in question.candidates if candidate.excluded]
    if isinstance(outcome, Impossible):
        return {
            "format": FORMAT,
            "status": "impossible",
            "members": [],
            "objective": None,
            "reserves": {},
            "excluded": excluded,
            "shortfalls": [asdict(shortfall) for shortfall in outcome.shortfalls],
        }
    return {
        "format": FORMAT,
        "status": "formed",
        "members": [{"id": member.id, "seat": member.seat, "because": list(member.because)} for member in outcome.members],
        "objective": {"fit": outcome.fit, "load": outcome.load},
        "reserves": {member.id: list(member.reserves) for member in outcome.members},
        "excluded": excluded,
    }
