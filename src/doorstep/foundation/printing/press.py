"""Papers as PDF: a typst template of the module that owns the paper, filled with facts.

Knows no page, no reader and no time. Facts go in as data (JSON in one input of the template) and are never made into markup: a name such
as `#panic()` or `*x* $` prints as itself. Equal facts give equal bytes: only the fonts of this room are used, and the date of the
document is the fact `date`.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import typst

PACKAGE = Path(__file__).resolve().parents[2]
FONTS = Path(__file__).resolve().parent / "fonts"

Fact = str | int | bool | None | Sequence["Fact"] | Mapping[str, "Fact"]
Facts = Mapping[str, Fact]


class FontsMissing(Exception):
    """The fonts are not there: they come with the front-end build (`npm run build` in frontend/, which `./run` does by itself)."""


@cache
def _fonts() -> typst.Fonts:
    """The fonts of this room and no others: what a machine has beside them must not change a paper."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    if not fonts.families():
        raise FontsMissing(str(FONTS))
    return fonts


def pdf(template: str, facts: Facts) -> bytes:
    """The paper as PDF. `template` begins with the name of its module, as an HTML template does: `affairs/votes/result.typ`.

    Every template asks for the facts `title`, `lang` (zh or en) and `date` (YYYY-MM-DD, or None); what else it asks for stands in it.
    Raises FontsMissing; typst.TypstError where template and facts do not fit, which is an error of ours.
    """
    return drawn(template, facts, "pdf")


def drawn(template: str, facts: Facts, form: Literal["pdf", "png"]) -> bytes:
    """The same in a form that can be looked at too. A paper of several pages has no one picture: it is given as PDF alone."""
    module = template.partition("/")[0]
    return typst.compile(
        str(PACKAGE / module / "templates" / template),
        root=str(PACKAGE),
        font_paths=_fonts(),
        format=form,
        sys_inputs={"facts": json.dumps(facts, ensure_ascii=False)},
        # The clock as templates would see it stands still.
        timestamp=0,
    )
