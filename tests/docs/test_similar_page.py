"""The example of the page about similar matters, counted again."""

import re
from pathlib import Path

from doorstep.affairs.rules.similar import Said, likeness, signs, similar

PAGE = (Path(__file__).parents[2] / "docs" / "algorithms" / "similar.md").read_text("utf-8")


def test_the_example_of_the_page_is_what_the_rule_says() -> None:
    one, other = re.findall(r"“(楼道[^”]+)”有? ?", PAGE)
    figures = [int(each) for each in re.findall(r"\d+", PAGE[PAGE.index("例：") : PAGE.index("，提示。")])]
    a, b = signs(one), signs(other)
    both, share = len(a) + len(b), likeness(a, b)
    place = "hengli/ruikang/ruijin"
    (found,) = similar(Said("", one, place, "ruikang", "lighting"), [Said("HL-1", other, place, "ruikang", "lighting")])
    assert figures == [len(a), len(b), len(a & b), len(a & b), 2, both, share, 30, 20, found.points]
