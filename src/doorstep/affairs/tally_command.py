"""`doorstep tally FILE`: count a published vote again, on anybody's machine (formats, section 1)."""

from doorstep.affairs.offline import decide
from doorstep.affairs.rules.tally import read_vote, result_document, tally


def run(arguments: list[str]) -> int:
    """Exit 0 counted, whatever the outcome; 2 the file is not acceptable."""
    return decide(
        "doorstep tally",
        arguments,
        about="Count the owners' vote in a doorstep.vote/1 file and print the doorstep.vote-result/1.",
        rule=lambda document: result_document(tally(read_vote(document))),
    )
