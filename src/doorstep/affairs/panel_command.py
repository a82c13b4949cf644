"""`doorstep panel FILE`: draw a published panel again, on anybody's machine (formats, section 2)."""

from doorstep.affairs.offline import decide
from doorstep.affairs.rules.panel import form_panel, read_panel, result_document


def run(arguments: list[str]) -> int:
    """Exit 0 decided, formed or impossible; 2 the file is not acceptable."""

    def draw(document: object) -> dict[str, object]:
        question = read_panel(document)
        return result_document(question, form_panel(question))

    return decide(
        "doorstep panel",
        arguments,
        about="Form the panel of a doorstep.panel/1 file and print the doorstep.panel-result/1.",
        rule=draw,
    )
