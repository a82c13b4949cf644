"""Two counts written apart from each other agree, whole result for whole result."""

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from doorstep.affairs.rules.tally import read_vote, result_document, tally
from doorstep.affairs.tests.plain_count import PlainCount
from doorstep.affairs.tests.vote_files import Document, vote_documents


def agree_on(file: Document) -> Document:
    counted = result_document(tally(read_vote(file)))
    # As text: the order of keys and the type of every figure count too.
    assert json.dumps(counted) == json.dumps(PlainCount(file).result())
    return counted


@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(vote_documents())
def test_the_rule_and_the_plain_count_agree(file: Document) -> None:
    agree_on(file)


@pytest.mark.thorough
def test_the_rule_and_the_plain_count_agree_on_five_thousand_files_that_reach_every_outcome() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=5000, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(vote_documents())
    def compare(file: Document) -> None:
        result = agree_on(file)
        for motion in result["motions"]:
            seen[motion["outcome"]] += 1
            seen.update(motion["reasons"])
            spoiled = motion["taking_part"]["parties"] - sum(motion[choice]["parties"] for choice in ("agree", "against", "abstain"))
            seen["spoiled takes part"] += spoiled > 0
        seen.update(rejected["reason"] for rejected in result["rejected"])

    compare()
    assert min(seen[each] for each in REACHED) >= 20, seen


REACHED = (
    "passed",
    "failed",
    "no_turnout",
    "turnout_parties",
    "turnout_area",
    "majority_parties",
    "majority_area",
    "contested",
    "proxy_without_document",
    "not_on_roll",
    "spoiled",
    "superseded",
    "spoiled takes part",
)
