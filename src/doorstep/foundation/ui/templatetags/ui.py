"""Tags of the components. Plain functions over cached SVG: a list of twenty rows costs no nested template."""

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doorstep.foundation import clock
from doorstep.foundation.printing.qr import drawing_of
from doorstep.foundation.ui import formats, slots

register = template.Library()
ROOM = Path(__file__).resolve().parent.parent


def _english() -> bool:
    return (get_language() or "").startswith("en")


@cache
def _icon_body(name: str) -> str:
    """The shapes inside a Lucide icon (ISC licence)."""
    text = (ROOM / "icons" / f"{name}.svg").read_text("utf-8")
    return " ".join(text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")].split())


@cache
def _svg(name: str, css: str) -> SafeString:
    text = (ROOM / "svg" / f"{name}.svg").read_text("utf-8").strip()
    return mark_safe(
        text.replace("<svg ", f'<svg class="{css}" aria-hidden="true" ', 1).replace(' aria-hidden="true">', ">", 1) if css else text
    )


@register.simple_tag
@cache
def icon(name: str, css: str = "") -> SafeString:
    """An icon beside a word; hidden from readers."""
    return mark_safe(
        f'<svg class="i {css}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{_icon_body(name)}</svg>'
    )


@register.simple_tag
def seal(mechanism: str, css: str = "seal") -> SafeString:
    """The carved seal of one of the six mechanisms."""
    return _svg(f"seal-{mechanism}", css)


@register.simple_tag
def drawing(name: str, css: str = "size-24") -> SafeString:
    """logo, panorama, door-estate, door-village, door-commons."""
    return _svg(name, css)


@register.simple_tag
def plate(number: str, url: str = "", large: bool = False) -> SafeString:
    """门牌: the number a matter keeps to the end."""
    css = "plate plate-lg" if large else "plate"
    if url:
        return format_html('<a class="{}" href="{}">{}</a>', css, url, number)
    return format_html('<span class="{}">{}</span>', css, number)


@register.simple_tag
def chip(kind: str, text: object, name: str) -> SafeString:
    """Status: icon + word + tint. Kinds: hand soon late you done plain."""
    return format_html('<span class="chip chip-{}">{}{}</span>', kind, icon(name), text)


@register.simple_tag
def clockbar(start: datetime | None, end: datetime | None, now: datetime, css: str = "") -> SafeString:
    """How much of the allowed time is used, as a bar; its state is a class on the drawing."""
    if start is None or end is None:
        return SafeString("")
    used, late = _used(start, end, now)
    state = "late" if late else ("soon" if used >= 75 else "hand")
    return bar(used, state, css)


@register.simple_tag
def bar(percent: int, state: str = "hand", css: str = "") -> SafeString:
    """A bar of 0–100 %. Width as an SVG attribute: the policy allows no inline style."""
    return format_html(
        '<svg class="bar bar-{} {}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="6" class="ground"/><rect width="{}" height="6" class="fill"/></svg>',
        state,
        css,
        percent,
    )


def _used(start: datetime, end: datetime, now: datetime) -> tuple[int, bool]:
    """(percent used 0–100, over)."""
    if now >= end:
        return 100, True
    whole = (end - start).total_seconds()
    return (max(1, min(99, round(100 * (now - start).total_seconds() / whole))) if whole > 0 else 99), False


@register.simple_tag
def time_state(start: datetime | None, end: datetime | None, now: datetime) -> str:
    """late, soon (last quarter of the limit) or hand."""
    if start is None or end is None:
        return "hand"
    used, late = _used(start, end, now)
    return "late" if late else ("soon" if used >= 75 else "hand")


@register.simple_tag
def time_left(end: datetime | None, now: datetime) -> str:
    """还有 3 小时 20 分, or 超 1 天 4 小时."""
    if end is None:
        return ""
    length = formats.span(abs(end - now), english=_english())
    return (_("超 %(span)s") if now >= end else _("还有 %(span)s")) % {"span": length}


@register.simple_tag
def qr(text: str, label: str, css: str = "size-26") -> SafeString:
    """A QR code as inline SVG; the label says what it does."""
    size, path = drawing_of(text)
    return format_html(
        '<svg class="{}" viewBox="0 0 {} {}" shape-rendering="crispEdges" role="img" aria-label="{}"><rect width="{}" height="{}" fill="#fff"/><path fill="#231f1a" d="{}"/></svg>',
        css, size, size, label, size, size, path,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def panels(context: Any, kind: str, subject: Any) -> SafeString:
    """What other mechanisms show on the page of an object (the `panel` slot)."""
    request = context["request"]
    shown = slots.panels(request.viewer, kind, subject)
    return mark_safe("".join(render_to_string(panel.template, panel.context, request) for panel in shown))


@register.inclusion_tag("ui/todos.html", takes_context=True)
def todos(context: Any) -> dict[str, Any]:
    """What waits for this viewer (the `todo` slot)."""
    return {"todos": slots.todos(context["request"].viewer)}


@register.simple_tag
def called(thing: Any) -> SafeString:
    """The name of a place or body in the page's language, "" for nothing; a Chinese one on an English page says so to readers."""
    if thing is None:
        return SafeString("")
    if _english():
        english = getattr(thing, "name_en", "")
        return format_html("{}", english) if english else format_html('<span lang="zh-CN" data-user-text>{}</span>', thing.name)
    return format_html("{}", thing.name)


@register.simple_tag
def name_of(thing: Any) -> str:
    """The same as plain text, to stand inside a sentence; "" for nothing."""
    if thing is None:
        return ""
    return (getattr(thing, "name_en", "") if _english() else "") or str(thing.name)


@register.simple_tag
def lang_of(thing: Any) -> SafeString:
    """Attributes of an element that holds nothing but `name_of` a thing: says so where that is Chinese on an English page."""
    return SafeString(' lang="zh-CN" data-user-text' if _english() and not getattr(thing, "name_en", "") else "")


@register.simple_tag
def titled(post: Any) -> SafeString:
    """The title of a post in the page's language."""
    if _english() and not post.title_en:
        return format_html('<span lang="zh-CN" data-user-text>{}</span>', post.title)
    return format_html("{}", post.title_en if _english() else post.title)


@register.simple_tag
def said(text: str, css: str = "") -> SafeString:
    """Somebody's own words: as written, in Chinese whatever the page's language."""
    return format_html('<span lang="zh-CN" data-user-text class="{}">{}</span>', css, text)


@register.simple_tag
def worded(text: str) -> SafeString:
    """A name in the page's language where it has one; where it is Chinese on another page, it says so to readers."""
    return said(text) if any("\u4e00" <= character <= "\u9fff" for character in text) else format_html("{}", text)


@register.simple_tag
def said_or_time(value: Any) -> SafeString:
    """A cell of somebody's own data: a time in the page's language, yes or no in a word, their words as written."""
    if isinstance(value, datetime):
        return format_html("{}", daytime(value))
    if isinstance(value, date):
        return format_html("{}", day(value))
    if isinstance(value, bool):
        return format_html("{}", _("是") if value else _("否"))
    if isinstance(value, dict):
        value = [f"{name} {each}" for name, each in value.items()]
    if isinstance(value, list):
        value = "、".join(str(each) for each in value)
    return said("" if value is None else str(value))


@register.filter
def day(at: date | datetime | None) -> str:
    return formats.day(at, english=_english(), this_year=clock.today().year) if at else ""


@register.filter
def weekday(on: date) -> str:
    return formats.weekday(on, english=_english())


@register.filter
def daytime(at: datetime | None) -> str:
    return formats.daytime(at, english=_english(), this_year=clock.today().year) if at else ""


@register.filter
def when(at: datetime | None) -> str:
    return formats.when(at, now=clock.now(), english=_english()) if at else ""


@register.filter
def since(at: datetime | None) -> str:
    """How long ago, as a span."""
    return formats.span(clock.now() - at, english=_english()) if at else ""


@register.filter
def nth_day(at: datetime) -> int:
    """The how-manieth day it is, the day itself being the first."""
    return (clock.today() - at.astimezone(clock.TOWN_ZONE).date()).days + 1


@register.filter
def thousands(n: int) -> str:
    """1008 → 1,008."""
    return f"{n:,}"


@register.filter
def money_fen(fen: int) -> str:
    return formats.money(fen)


@register.filter
def area(hundredths: int) -> str:
    return formats.area(hundredths)
