"""What people type into the screens of bodies, posts, members and units. Forms parse; actions decide."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doorstep.organisations.data.codes import DECLINES, ENDINGS, POST_ENDINGS, REFUSALS, TRANSFERS, kinds_of_texts, seat_name, seats
from doorstep.organisations.models import Body, BodyApplication, BodyText, PartyMember, Post

DATE = {"invalid": _("日期请写成 2026-11-30 这样。")}
NOTHING = [("", "—")]


class Names(forms.Select):
    """A choice among names of places, bodies and persons: Chinese ones say so to readers on an English page."""

    def create_option(self, name: str, value: Any, label: int | str, *arguments: Any, **options: Any) -> dict[str, Any]:
        option = super().create_option(name, value, label, *arguments, **options)
        if not str(label).isascii() and value:
            option["attrs"] |= {"lang": "zh-CN", "data-user-text": ""}
        return option


class Fields(forms.Form):
    """A form whose fields wear the house's components."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # Several forms on one page: the ids must differ, the names need not.
        self.on_page = options.pop("on_page", "")
        options.setdefault("auto_id", f"{self.on_page}-%s" if self.on_page else "%s")
        super().__init__(*arguments, **options)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple | forms.RadioSelect):
                continue
            widget.attrs["class"] = "field field-select mt-1" if isinstance(widget, forms.Select) else "field mt-1"
            if isinstance(widget, forms.Textarea):
                widget.attrs.setdefault("rows", 4)
            field.error_messages.setdefault("max_length", str(_("写得太长了：最多 %(limit_value)d 个字。")))

    def mark_errors(self) -> None:
        """Say to readers which fields are wrong; called once the form was checked."""
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs.update({"aria-invalid": "true", "aria-describedby": f"{self[name].auto_id}-error"})


def line(label: Any, required: Any = "", *, most: int = 200, **options: Any) -> forms.CharField:
    """One line. `required`: what to say when it is empty; none = may be left empty."""
    messages = {"required": required} if required else {}
    return forms.CharField(label=label, max_length=most, required=bool(required), error_messages=messages, **options)


def paragraph(label: Any, required: Any = "", *, most: int = 5000, rows: int = 6) -> forms.CharField:
    return line(label, required, most=most, widget=forms.Textarea(attrs={"rows": rows}))


def day(label: Any, required: Any = "") -> forms.DateField:
    messages = {**DATE, **({"required": required} if required else {})}
    return forms.DateField(
        label=label, required=bool(required), error_messages=messages, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


def count(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=1_000_000, error_messages={"invalid": _("请写一个整数。")}
    )


def choice(
    label: Any, of: Iterable[tuple[str, Any]], required: Any = "", *, widget: type[forms.Select] = forms.Select
) -> forms.ChoiceField:
    messages = {"required": required} if required else {}
    options = list(of) if required else [*NOTHING, *of]
    return forms.ChoiceField(label=label, choices=options, required=bool(required), error_messages=messages, widget=widget)


def choice_of_names(label: Any, required: Any = "") -> forms.ChoiceField:
    """Among names that the form is given when it is made."""
    return choice(label, [], required, widget=Names)


def named(codes: Mapping[str, Any], *, but: frozenset[str] = frozenset()) -> list[tuple[str, Any]]:
    return [(code, name) for code, name in codes.items() if code not in but]


class BodyForm(Fields):
    name = line(_("名称"), _("还没写名称。"), most=80)
    name_en = line(_("英文名（可不填）"), most=120)
    phone = line(_("电话（公开，可不填）"), most=20)
    uscc = line(_("统一社会信用代码（可不填）"), most=30)
    founded_on = line(_("哪天成立（2015、2015-06 或 2015-06-01，可不填）"), most=10)
    is_pilot = forms.BooleanField(label=_("是试点"), required=False)
    led_by = choice_of_names(_("由哪个党组织牵头（可不选）"))

    def __init__(self, *arguments: Any, leaders: Iterable[Body] = (), **options: Any) -> None:
        self.leaders = {body.code: body for body in leaders}
        super().__init__(*arguments, **options)
        self.fields["led_by"].choices = [*NOTHING, *((code, body.name) for code, body in self.leaders.items())]  # type: ignore[attr-defined]

    @property
    def facts(self) -> dict[str, Any]:
        """As the actions take them."""
        chosen = {name: self.cleaned_data[name] for name in ("name_en", "phone", "uscc", "founded_on", "is_pilot")}
        return {**chosen, "led_by": self.leaders.get(self.cleaned_data["led_by"])}


class NewBodyForm(BodyForm):
    kind = choice(_("哪一类"), Body.Kind.choices, _("请选哪一类。"))
    field_order = ("kind", "name")


class EndForm(Fields):
    on = day(_("哪天起没有了"), _("请写哪一天。"))
    because = choice(_("为什么"), named(ENDINGS), _("请选为什么。"))


class HowForm(Fields):
    """How somebody came to a post."""

    designated_by = choice(_("怎么产生的"), Post.Designation.choices)
    designated_on = day(_("会议或文件的日期（可不填）"))
    votes_for = count(_("得票（可不填）"))
    votes_cast = count(_("一共几票（可不填）"))
    held_until = day(_("任期到哪天（可不填）"))

    @property
    def how(self) -> dict[str, Any]:
        names = ("designated_by", "designated_on", "votes_for", "votes_cast", "held_until")
        return {name: self.cleaned_data[name] for name in names}


class PostForm(HowForm):
    title = line(_("什么职务"), _("还没写什么职务。"), most=60)
    title_en = line(_("英文（可不填）"), most=80)
    name = line(_("谁担任"), _("还没写谁担任。"), most=80)
    phone = line(_("手机（登录用，不公开）"), most=20)
    held_from = day(_("哪天起"), _("请写哪天起。"))
    duties = line(_("分管什么（可不填）"), most=200)
    seat = choice(_("席位类别（共治协会）"), [])
    handles_matters = forms.BooleanField(label=_("办这个机构的事"), required=False, initial=True)
    field_order = ("title", "title_en", "name", "phone", "held_from", "held_until")

    def __init__(self, *arguments: Any, body: Body | None = None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if body is not None and body.kind == Body.Kind.ASSOCIATION:
            self.fields["seat"].choices = [*NOTHING, *((seat.code, seat_name(seat.code)) for seat in seats())]  # type: ignore[attr-defined]
        else:
            del self.fields["seat"]

    @property
    def facts(self) -> dict[str, Any]:
        names = ("title", "title_en", "name", "phone", "held_from", "duties", "handles_matters")
        return {**{name: self.cleaned_data[name] for name in names}, "seat": self.cleaned_data.get("seat", ""), **self.how}


class EndPostForm(Fields):
    on = day(_("做到哪天"), _("请写做到哪天。"))
    because = choice(_("为什么"), named(POST_ENDINGS, but=frozenset({"body_ended"})), _("请选为什么。"))


class HandOverForm(HowForm):
    name = line(_("交给谁"), _("还没写交给谁。"), most=80)
    phone = line(_("接手的人的手机（登录用，不公开）"), _("请写接手的人的手机，他要用来登录。"), most=20)
    on = day(_("哪天起归他"), _("请写哪天起。"))
    because = choice(_("为什么换人"), named(POST_ENDINGS, but=frozenset({"body_ended"})))
    note = paragraph(_("一起交的东西：档案、钥匙、印章、账本（可不填）"), most=500, rows=3)
    field_order = ("name", "phone", "on", "because", "note")


class FactForm(Fields):
    happened_on = line(_("哪天（2015、2015-06 或 2015-06-01）"), _("请写哪一天。"), most=10)
    text = paragraph(_("发生了什么"), _("还没写发生了什么。"), most=200, rows=2)
    source = line(_("出处（可不填）"), most=200)


class TextForm(Fields):
    kind = choice(_("发什么"), [], _("请选发什么。"))
    title = line(_("标题"), _("还没写标题。"), most=120)
    text = paragraph(_("正文"), _("还没写正文。"), most=50_000, rows=10)
    effective_from = day(_("哪天起有效"), _("请写哪天起有效。"))
    basis = line(_("依据哪个决定（可不填）"), most=200)

    def __init__(self, *arguments: Any, body: Body, **options: Any) -> None:
        super().__init__(*arguments, **options)
        names = dict(BodyText.Kind.choices)
        self.fields["kind"].choices = [(kind, names[kind]) for kind in kinds_of_texts(body.kind)]  # type: ignore[attr-defined]


class TermForm(Fields):
    seats = forms.IntegerField(
        label=_("选出几人"), min_value=1, max_value=99, error_messages={"required": _("请写选出几人。"), "invalid": _("请写一个整数。")}
    )
    elected_on = day(_("哪天选出"), _("请写哪天选出。"))
    starts_on = day(_("任期从哪天起"), _("请写从哪天起。"))
    ends_on = day(_("任期到哪天"), _("请写到哪天。"))


class DutiesForm(Fields):
    """When the duties of a term were done."""

    first_met_on = day(_("第一次会是哪天开的"))
    filed_on = day(_("哪天备案的"))
    filing_number = line(_("备案号"), most=60)
    changes_reported_on = day(_("最近一次变更备案是哪天"))
    handed_over_on = day(_("哪天接完上一届的档案、印章和财物"))
    renewal_begun_on = day(_("哪天开始换届"))


class SealForm(Fields):
    name = line(_("哪一枚章"), _("还没写哪一枚章。"), most=60)
    kept_by = choice_of_names(_("谁保管"), _("请选谁保管。"))
    since = day(_("哪天起"), _("请写哪天起。"))

    def __init__(self, *arguments: Any, posts: Iterable[Post], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["kept_by"].choices = [(str(post.pk), f"{post.title} {post.person.name}") for post in posts]  # type: ignore[attr-defined]


class SealUseForm(Fields):
    used_on = day(_("哪天用的"), _("请写哪天用的。"))
    purpose = line(_("用来做什么"), _("还没写用来做什么。"), most=200)
    decision = line(_("依据哪个决定（可不填）"), most=120)


class ApplicationForm(Fields):
    kind = choice(_("您是"), BodyApplication.Kind.choices, _("请选您是哪一类。"))
    name = line(_("名称（外来务工者写自己的名字）"), _("还没写名称。"), most=80)
    uscc = line(_("统一社会信用代码（外来务工者不用填）"), most=30)
    place = choice_of_names(_("在哪里"), _("请选在哪里。"))
    phone = line(_("联系电话（给审的人看）"), most=20)
    offers = paragraph(_("想参加什么、能帮什么（可不填）"), most=300, rows=3)

    def __init__(self, *arguments: Any, places: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["place"].choices = [*NOTHING, *places]  # type: ignore[attr-defined]


class RefuseForm(Fields):
    reasons = forms.MultipleChoiceField(
        label=_("为什么不登记"),
        choices=named(REFUSALS),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请选至少一个原因，他会看到。")},
    )


class DeclareForm(Fields):
    branch = choice_of_names(_("向哪个支部"), _("请选向哪个支部。"))
    kind = choice(_("哪一类"), PartyMember.Kind.choices, _("请选哪一类。"))
    building = choice_of_names(_("住哪一栋（可不选）"))
    employer = line(_("工作单位（在职双报到的写）"), most=120)
    skills = line(_("会什么（可不填）"), most=200)
    available = line(_("什么时候有空（可不填）"), most=120)
    agree = forms.BooleanField(
        label=_("我自愿申报。只有支部办事的人能看到，我随时可以撤回，撤回就删掉。"),
        error_messages={"required": _("要您自己同意，才能申报。")},
    )

    def __init__(self, *arguments: Any, branches: Iterable[tuple[str, str]], buildings: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["branch"].choices = [*NOTHING, *branches]  # type: ignore[attr-defined]
        self.fields["building"].choices = [*NOTHING, *buildings]  # type: ignore[attr-defined]


class DeclineForm(Fields):
    because = choice(_("为什么"), named(DECLINES), _("请选为什么。"))


class PartnerForm(Fields):
    name = line(_("单位"), _("还没写单位。"), most=120)
    contact = line(_("联系人和电话（只给支部看）"), most=120)
    skills = line(_("能做什么"), most=200)
    available = line(_("什么时候能来"), most=120)
    since = day(_("哪天报到"), _("请写哪天报到。"))


class ContactForm(Fields):
    building = choice_of_names(_("哪一栋"), _("请选哪一栋。"))
    member = choice_of_names(_("哪位党员"), _("请选哪位党员。"))
    phone = line(_("给这栋住户看的电话（可不填）"), most=20)
    agree = forms.BooleanField(label=_("他同意让这栋的住户知道"), error_messages={"required": _("要他自己同意。")})

    def __init__(self, *arguments: Any, buildings: Iterable[tuple[str, str]], members: Iterable[tuple[str, str]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["building"].choices = [*NOTHING, *buildings]  # type: ignore[attr-defined]
        self.fields["member"].choices = [*NOTHING, *members]  # type: ignore[attr-defined]


class TransferForm(Fields):
    """Up to four new holders; a name alone is a new person."""

    on = day(_("哪天起归他们"), _("请写哪天起。"))
    because = choice(_("为什么"), named(TRANSFERS, but=frozenset({"roll"})), _("请选为什么。"))

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        for number in range(1, 5):
            self.fields[f"name{number}"] = line(
                _("新的业主 %(number)d：姓名") % {"number": number}, _("还没写新的业主。") if number == 1 else "", most=80
            )
            self.fields[f"phone{number}"] = line(_("电话"), most=20)
            self.fields[f"last{number}"] = line(_("证件后四位"), most=4)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "field mt-1")
