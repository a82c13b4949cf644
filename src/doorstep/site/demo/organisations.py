"""S3 of the scenario and what goes with it: the census, the term of the committee, texts, seals, contacts, who asks to be registered.
Everything goes through the actions that the screens call."""

from datetime import date, datetime, timedelta
from typing import Protocol

from doorstep.foundation.access.viewer import Viewer, build_viewer
from doorstep.foundation.clock import TOWN_ZONE
from doorstep.foundation.identity.actions import create_person
from doorstep.foundation.identity.models import Person
from doorstep.foundation.journal.actions import Actor
from doorstep.foundation.places.models import Place
from doorstep.organisations.actions import applications, members, papers, tell_fact, terms
from doorstep.organisations.models import Body, Holder, Post

IMPORT = Actor(channel="import")
# 63 = 在册 23 + 流动 9 + 在职双报到 31
CENSUS = (("registered", 23), ("floating", 9), ("double", 31))
BRANCH_COMMITTEE = ("zhengguoliang", "chenqiming", "黄志强", "苏丽芬")
EMPLOYERS = ("镇中心小学", "横沥医院", "镇农林水务中心", "东莞银行横沥支行", "市供电局横沥供电服务中心", "镇文化服务中心", "横沥派出所")
SKILLS = ("水电维修", "量血压、急救", "写字、写对联", "法律咨询", "教电脑和手机", "摄影", "调解邻里", "照看孩子做作业", "搬东西、跑腿")
FREE = ("周六上午", "周日下午", "工作日晚上", "双休日都行", "每月第一个周六")
PARTNERS = (
    ("镇中心小学党支部", "梁老师 13800030001", "寒暑假托管、书法", "2021-07-01"),
    ("横沥医院第二党支部", "陈护长 13800030002", "义诊、健康讲座", "2021-07-01"),
    ("市供电局横沥供电服务中心党支部", "李班长 13800030003", "查电表、安全用电", "2021-09-10"),
    ("东莞银行横沥支行党支部", "何经理 13800030004", "防诈骗、识假币", "2022-03-05"),
    ("镇农林水务中心党支部", "黄工 13800030005", "花草树木、水管", "2022-06-30"),
)
# body, when, what, source
FACTS = (
    ("ruikang-branch", "2015-06", "列为试点，率先成立小区党支部", "镇组织办通知"),
    ("ruikang-branch", "2016-03", "第一次联席会议，支部、物业、筹备组三方坐到一起", "支部会议记录"),
    ("ruikang-branch", "2019-09", "开始挨栋定联系党员", "支部会议记录"),
    ("ruikang-branch", "2022-08", "摸清小区党员底数，63 人", "支部普查表"),
    ("ruikang-committee", "2016-05", "第一届业委会选出", "业主大会会议记录"),
    ("ruikang-committee", "2024", "公共收益改为每半年公示一次", "业委会公告"),
    ("ruikang-committee", "2026", "公共收益改为每季度公示一次", "业委会公告"),
    ("hengan", "2019-04", "接手瑞康花园的物业服务", "物业服务合同"),
    ("gekeng-association", "2019-05", "隔坑村共治协会成立，全镇第一家", "成立大会记录"),
    ("gekeng-association", "2026-04", "第四轮协调会，定下创建特色精品村的 12 项任务", "协调会纪要"),
)
# body, kind, from, title, text, basis
TEXTS = (
    ("ruikang-committee", "rules", date(2016, 5, 20), "瑞康花园业主大会议事规则", "一、业主大会由全体业主组成。\n二、表决按专有部分面积和人数两样算，参加的都要占三分之二以上。\n三、车位、摊位不计入面积和人数。", "2016 年首次业主大会决定"),
    ("ruikang-committee", "rules", date(2021, 3, 1), "瑞康花园业主大会议事规则（2021 年修订）", "一、业主大会由全体业主组成。\n二、表决按《民法典》第二百七十八条：参加的业主面积和人数都要占三分之二以上；改变共有部分用途等三项，参加的里面要四分之三以上同意，其余过半数同意。\n三、车位、摊位不计入面积和人数。\n四、委托别人投票要有书面委托。没投的不算同意。\n五、纸票和电子票都投了的，以纸票为准。", "2021 年第 1 号业主大会决定"),
    ("ruikang-committee", "covenant", date(2016, 5, 20), "瑞康花园管理规约", "一、装修先到物业登记，早上八点前、晚上八点后不施工。\n二、电动车不进楼道、不在楼道充电。\n三、楼道、天台是大家的，不堆东西。\n四、养狗牵绳，粪便自己收走。", "2016 年首次业主大会决定"),
    ("ruikang-committee", "decision", date(2026, 4, 18), "2026 年第 1 号业主大会决定：改造康乐场地", "用公共收益改造康乐场地，预算 92,400.00 元。参加表决 742 人、71,880.40 平方米，同意 655 人、63,410.90 平方米，通过。", "2026 年 4 月业主大会表决"),
    ("ruikang-committee", "contract", date(2025, 1, 1), "瑞康花园物业服务合同（2025—2027）", "物业公司：恒安物业。期限：2025 年 1 月 1 日到 2027 年 12 月 31 日。\n服务内容、标准和收费见附件一、附件二。\n到期前三个月由业主大会决定续聘还是另选。", "2024 年第 4 号业主大会决定"),
    ("ruikang-committee", "fund", date(2026, 1, 10), "2025 年维修资金使用情况", "2025 年没有动用维修资金。余额以市住建部门专户的对账单为准，业主可以到物业前台查。", ""),
    ("ruikang-committee", "common", date(2026, 4, 8), "共有部分的使用和收益（2026 年第一季度）", "场地停车、道闸广告、场地租赁、快递柜四项收入和支出，逐笔写在公示表里，贴在南门公告栏。", ""),
    ("ruikang-committee", "parking", date(2024, 7, 2), "占用道路停车位的处分", "占道车位 96 个，月保 150 元，先登记先用，每户一个；临停第一小时免费。收入归全体业主。", "2024 年第 2 号业主大会决定"),
    ("ruikang-committee", "costs", date(2026, 1, 10), "业委会 2025 年工作经费", "全年 6,000.00 元：打印和公告 2,150.00 元，会议茶水 890.00 元，业主大会选票和投递 2,960.00 元。委员不拿补贴。", "2024 年第 5 号业主大会决定"),
    ("hengan", "fees", date(2025, 1, 1), "瑞康花园物业服务收费标准", "住宅：每平方米每月 1.60 元。\n商铺：每平方米每月 2.80 元。\n场地停车：月保 150 元，临停第一小时免费，以后每小时 3 元。\n不收装修押金。", "物业服务合同附件二"),
    ("hengan", "promise", date(2025, 1, 1), "报修 24 小时内答复", "设施、保洁、停车、绿化的事，24 小时内有人答复；7 个工作日内办完，办不完说明原因。", ""),
    ("hengan", "promise", date(2025, 1, 1), "停水停电前两天贴通知", "计划停水停电，提前两天贴到每栋楼下，发到住户手机。", ""),
    ("hengan", "promise", date(2026, 4, 20), "保洁早、中、晚三扫", "楼道和公共地面每天早、中、晚各扫一次；垃圾房每天冲洗。", "2026 年 3 月议事会"),
    ("ruikang-branch", "appeal", date(2024, 5, 6), "电动车都停到车棚里", "党员先停、先说。楼道通了，救命的车才进得来。", ""),
    ("ruikang-branch", "appeal", date(2026, 1, 12), "邻里的事先坐下来说", "有过节先找楼栋联系党员，坐下来说清楚，再往下走。", ""),
    ("ruikang-branch", "member_promise", date(2022, 9, 1), "瑞康花园党员承诺", "一、戴党徽，亮身份，愿不愿意由自己定。\n二、每人联系一栋，每月上门一次。\n三、家里的事按规约来，不占公家的便宜。", ""),
    ("ruikang-branch", "contact_days", date(2022, 9, 1), "支部接待日", "每周三晚上七点到九点，议事亭。支部书记或一名支委在。", ""),
    ("gekeng-association", "charter", date(2019, 5, 20), "隔坑村共治协会章程", "一、本会由村党委牵头，党员干部、村民代表、企业代表、本土乡贤代表、志愿者等组成。\n二、常务理事每届五年；遇到具体的事，按事请人，事毕即散。\n三、邻里矛盾请老人，发展规划请专家，都要先问过当事人，有利害关系的回避。\n四、本会只商量、不替业主和村民会议作决定。", "成立大会通过"),
    ("gekeng-association", "rules", date(2024, 5, 20), "隔坑村共治协会议事规则", "一、每季度至少开一次联席会议，提前三天贴出议题。\n二、一人一次说三分钟，说完再轮。\n三、说定的写成任务，写明谁办、哪天办好。\n四、没说拢的，把同意、保留、反对和理由都写下来。", "2024 年第 1 次理事会"),
)  # fmt: skip
SEAL_USES = (
    (date(2023, 9, 28), "备案表", "业主大会选举结果"),
    (date(2024, 7, 2), "与快递柜公司续签场地合同", "2024 年第 3 号业主大会决定"),
    (date(2026, 4, 12), "康乐场地改造表决结果公告", "2026 年第 1 号业主大会决定"),
)


class Scene(Protocol):
    """What the loader has made so far."""

    places: dict[str, Place]
    bodies: dict[str, Body]

    def person(self, key: str) -> Person: ...


def fill(scene: Scene) -> None:
    """Everything of 组织共建 that stands on bodies and posts."""
    _history(scene)
    _term(scene)
    _census(scene)
    _applications(scene)


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, 0, tzinfo=TOWN_ZONE)


def _as(person: Person) -> Viewer:
    return build_viewer(person_id=person.pk, name=person.name)


def _history(scene: Scene) -> None:
    for body, on, text, source in FACTS:
        tell_fact(body=scene.bodies[body], happened_on=on, text=text, source=source, by=IMPORT)
    for body, kind, effective_from, title, words, basis in TEXTS:
        papers.put_text(
            body=scene.bodies[body],
            kind=kind,
            title=title,
            text=words,
            effective_from=effective_from,
            basis=basis,
            by=IMPORT,
            happened_at=_at(effective_from),
        )


def _term(scene: Scene) -> None:
    """The committee of 2023 to 2028: in order with the law, and the one before it."""
    chair, body = _as(scene.person("zhengguoliang")), scene.bodies["ruikang-committee"]
    terms.begin_term(viewer=chair, body=body, seats=7, elected_on=date(2018, 9, 5), starts_on=date(2018, 9, 10), ends_on=date(2023, 9, 9))
    term = terms.begin_term(
        viewer=chair, body=body, seats=7, elected_on=date(2023, 9, 6), starts_on=date(2023, 9, 10), ends_on=date(2028, 9, 9)
    )
    terms.date_term(
        viewer=chair,
        term=term,
        first_met_on=date(2023, 9, 11),
        filed_on=date(2023, 9, 28),
        filing_number="横业备〔2023〕3 号",
        handed_over_on=date(2023, 9, 18),
    )
    deputy = Post.objects.get(body=body, title="副主任")
    seal = papers.keep_seal(viewer=chair, body=body, name="瑞康花园业主委员会章", kept_by=deputy, since=date(2023, 9, 28))
    for used_on, purpose, decision in SEAL_USES:
        papers.use_seal(viewer=chair, seal=seal, used_on=used_on, purpose=purpose, decision=decision)


def _census(scene: Scene) -> None:
    """63 members with the buildings they live in, a contact for every building, the units that registered."""
    secretary, branch, estate = scene.person("linqiaoyun"), scene.bodies["ruikang-branch"], scene.places["ruikang"]
    lin = _as(secretary)
    known = [scene.person(key) for key in BRANCH_COMMITTEE]
    homes: dict[int, Place] = {}
    others: list[Person] = []
    holders = (
        Holder.objects.filter(unit__estate=estate, unit__kind="flat").select_related("person", "unit__building").order_by("unit_id", "id")
    )
    for holder in holders:
        if holder.person_id not in homes and holder.person_id not in {person.pk for person in known}:
            others.append(holder.person)
        homes.setdefault(holder.person_id, holder.unit.building)
    # Spread evenly over the roll, so that every building has some.
    chosen = others[3 :: len(others) // 58]
    spread = iter([*chosen[::3], *chosen[1::3], *chosen[2::3]])
    first = {"registered": known, "floating": [secretary], "double": []}
    made: list[Person] = []
    for kind, number in CENSUS:
        people = [*first[kind]]
        people += [next(spread) for _ in range(number - len(people))]
        for index, person in enumerate(people):
            double = kind == "double"
            members.enter_member(
                viewer=lin,
                branch=branch,
                person=person,
                kind=kind,
                building=homes.get(person.pk),
                declared_at=_at(date(2022, 8, 3) + timedelta(days=index)),
                employer=EMPLOYERS[index % len(EMPLOYERS)] if double else "",
                skills=SKILLS[index % len(SKILLS)] if double or index % 3 == 0 else "",
                available=FREE[index % len(FREE)] if double or index % 3 == 0 else "",
                background="曾在政府部门任职" if person.pk == secretary.pk else "",
            )
            made.append(person)
    by_home: dict[int, Person] = {}
    for person in made:
        if person.pk in homes:
            by_home.setdefault(homes[person.pk].pk, person)
    for index, building in enumerate(Place.objects.filter(parent=estate, kind=Place.Kind.BUILDING).order_by("position")):
        contact = by_home.get(building.pk)
        if contact is not None:
            members.name_contact(
                viewer=lin, branch=branch, building=building, person=contact, since=date(2022, 9, 1), phone=f"138000400{index + 1:02d}"
            )
    for name, whom, skills, since in PARTNERS:
        members.enter_partner(
            viewer=lin, branch=branch, name=name, contact=whom, skills=skills, available="", since=date.fromisoformat(since)
        )


def _applications(scene: Scene) -> None:
    """A worker who was registered, a shop whose papers were not complete, and one that waits."""
    village, clerk = scene.places["gekeng"], _as(scene.person("wenxuefang"))
    worker, shop, waiting = (
        create_person(name=name, phone=f"1380005000{index}") for index, name in enumerate(("韦小军", "潘秀珠", "覃文辉"))
    )
    accepted = applications.apply_to_register(
        viewer=_as(worker), kind="worker", name=worker.name, place=village, phone=worker.phone, offers="周末能帮忙搬东西、修单车"
    )
    applications.accept_application(viewer=clerk, application=accepted)
    refused = applications.apply_to_register(
        viewer=_as(shop), kind="merchant", name="秀珠裁缝店", uscc="92441900MA5HL084XT", place=village, phone=shop.phone
    )
    applications.refuse_application(viewer=clerk, application=refused, reasons=["papers_missing"])
    applications.apply_to_register(
        viewer=_as(waiting),
        kind="merchant",
        name="文辉五金店",
        uscc="92441900MA5HL0911N",
        place=village,
        phone=waiting.phone,
        offers="借梯子、借电钻",
    )
