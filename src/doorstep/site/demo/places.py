"""The demo's places and bodies. Only 隔坑村, 瑞康花园 and 益企啡吧隔坑店 are from the article; the rest is invented."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

VILLAGES = [
    ("gekeng", "village", "隔坑村", "Gekeng Village"),
    ("hepan", "village", "河畔村", "Hepan Village"),
    ("rongyin", "village", "榕荫村", "Rongyin Village"),
    ("niuxu", "community", "牛墟社区", "Niuxu Community"),
    ("shuiwei", "village", "水围村", "Shuiwei Village"),
    ("xinqiao", "village", "新桥村", "Xinqiao Village"),
    ("tianxin", "village", "田心村", "Tianxin Village"),
    ("lixiang", "village", "荔香村", "Lixiang Village"),
    ("shiqiaotou", "village", "石桥头村", "Shiqiaotou Village"),
    ("hengfeng", "community", "恒丰社区", "Hengfeng Community"),
    ("zhongxin", "community", "中心社区", "Zhongxin Community"),
    ("banbianyue", "village", "半边月村", "Banbianyue Village"),
]
NAMES = {code: (name, name_en) for code, _kind, name, name_en in VILLAGES}
# code, parent, name, English, built, households, phone
ESTATES = [
    ("ruikang", "hengli", "瑞康花园", "Ruikang Garden", 1996, 1008, "0769-00001234"),
    ("cuihu", "hengli", "翠湖豪庭", "Cuihu Residence", 2008, 1860, "0769-00002234"),
    ("niuxuwan", "hengli", "牛墟湾花园", "Niuxuwan Garden", 2012, 2210, "0769-00003234"),
    ("yueshuian", "hengli", "悦水岸", "Yueshui Bank", 2016, 1540, "0769-00004234"),
]
# code, parent, name, English, capacity, facts
VENUES: list[tuple[str, str, str, str, int | None, dict[str, Any]]] = [
    ("ruikang-pavilion", "ruikang", "议事亭", "Council Pavilion", 30, {"accessibility": {"ramp": True}}),
    ("ruikang-recreation", "ruikang", "康乐场地", "Recreation Ground", None, {}),
    ("ruikang-north-gate", "ruikang", "北门", "North Gate", None, {}),
    ("ruikang-bins", "ruikang", "垃圾房", "Bin House", None, {}),
    (
        "yiqi-gekeng",
        "gekeng",
        "益企啡吧隔坑店",
        "Yiqi Café, Gekeng",
        30,
        {
            "opening_hours": {day: [["09:00", "18:00"]] for day in ("mo", "tu", "we", "th", "fr", "sa", "su")},
            "accessibility": {"ramp": True, "hearing_loop": False},
        },
    ),
    ("gekeng-service-centre", "gekeng", "隔坑党群服务中心", "Gekeng Service Centre", 80, {"accessibility": {"ramp": True}}),
    ("gekeng-entrance", "gekeng", "村口", "Village Entrance", None, {}),
]


@dataclass(frozen=True, slots=True)
class PostPlan:
    """`person` is a login of the cast or a name; `works` whether the post works matters."""

    person: str
    title: str
    title_en: str
    since: date
    until: date | None = None
    works: bool = True
    designated_by: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BodyPlan:
    code: str
    kind: str
    name: str
    name_en: str
    place: str
    posts: tuple[PostPlan, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)


# The donors of the scenario since 2020, with the café twelve. Codes are valid by GB 32100 and GB 11714, the companies are invented.
ENTERPRISES = (
    ("heqing", "东莞市禾晴饮品有限公司", "Heqing Drinks", "91441900MA5HL00065"),
    ("xingyuan", "东莞市行远箱包有限公司", "Xingyuan Luggage", "91441900MA5HL00140"),
    ("qingyuan", "东莞市清源净水有限公司", "Qingyuan Water", "91441900MA5HL0217L"),
    ("wanjia", "东莞市万家电器有限公司", "Wanjia Appliances", "91441900MA5HL0284J"),
    ("jinsui", "东莞市金穗粮油有限公司", "Jinsui Grain and Oil", "91441900MA5HL0356B"),
    ("tongxin", "东莞市同心药房有限公司", "Tongxin Pharmacy", "91441900MA5HL04284"),
    ("letong", "东莞市乐童文具有限公司", "Letong Stationery", "91441900MA5HL04952"),
    ("hengda", "东莞市恒达模具有限公司", "Hengda Moulds", "91441900MA5HL0567T"),
    ("hongtu", "东莞市鸿图印刷有限公司", "Hongtu Printing", "91441900MA5HL0639K"),
    ("youxian", "东莞市优鲜超市有限公司", "Youxian Supermarket", "91441900MA5HL0700A"),
    ("nuanyang", "东莞市暖阳家纺有限公司", "Nuanyang Home Textiles", "91441900MA5HL0778A"),
)
# village, whoever leads its association, founded: 隔坑's stands in full below
ASSOCIATIONS = (
    ("hepan", "罗伟成", "2019-09"),
    ("rongyin", "冯秀兰", "2019-11"),
    ("niuxu", "何建文", "2020-03"),
    ("shuiwei", "叶国良", "2020-05"),
    ("xinqiao", "钟惠芳", "2020-06"),
    ("tianxin", "卢志坚", "2020-09"),
    ("lixiang", "苏婉仪", "2020-12"),
    ("shiqiaotou", "谭永康", "2021-03"),
    ("hengfeng", "江少芬", "2021-04"),
    ("zhongxin", "吕文斌", "2021-06"),
    ("banbianyue", "郭丽珍", "2021-10"),
)
COMMITTEE_FROM, COMMITTEE_UNTIL = date(2023, 9, 10), date(2028, 9, 9)


def _committee(person: str, title: str, title_en: str, *, works: bool) -> PostPlan:
    return PostPlan(person, title, title_en, COMMITTEE_FROM, COMMITTEE_UNTIL, works, "elected", {"designated_on": date(2023, 9, 6)})


def _council(person: str, seat: str, *, behalf: str = "", title: str = "常务理事", title_en: str = "Standing Member") -> PostPlan:
    """A seat of the standing council of 隔坑村共治协会, chosen in May 2024."""
    facts = {"seat": seat, "designated_on": date(2024, 5, 20), **({"on_behalf_of": behalf} if behalf else {})}
    return PostPlan(person, title, title_en, date(2024, 5, 20), None, False, "elected", facts)


def _group(person: str, title: str, title_en: str, behalf: str, duties: str) -> PostPlan:
    """One of the seven of the leading group, with what they look after."""
    return PostPlan(person, title, title_en, date(2022, 8, 1), None, False, "appointed", {"on_behalf_of": behalf, "duties": duties})


BODIES: tuple[BodyPlan, ...] = (
    BodyPlan(
        "hengli-party-committee",
        "party_committee",
        "横沥镇委",
        "Hengli Party Committee",
        "hengli",
        (PostPlan("fangzhengping", "镇委书记", "Party Secretary", date(2021, 9, 1)),),
    ),
    BodyPlan(
        "hengli-construction",
        "town_office",
        "镇城建办",
        "Town Construction Office",
        "hengli",
        (PostPlan("denghaisheng", "工程师", "Engineer", date(2018, 3, 1), designated_by="employed"),),
    ),
    BodyPlan(
        "hengli-service-centre",
        "centre",
        "镇党群服务中心",
        "Town Service Centre",
        "hengli",
        (PostPlan("liangsuyun", "值班长", "Duty Officer", date(2020, 5, 6), designated_by="employed"),),
    ),
    BodyPlan(
        "hengli-petitions",
        "town_office",
        "镇信访办",
        "Town Petitions Office",
        "hengli",
        (PostPlan("麦志坚", "接访员", "Petitions Officer", date(2019, 2, 11), designated_by="employed"),),
    ),
    BodyPlan(
        "hengli-innovation-centre",
        "centre",
        "横沥社会治理协同创新中心",
        "Hengli Centre for Co-Governance",
        "hengli",
        (PostPlan("fangzhengping", "中心主任", "Director", date(2021, 11, 1), designated_by="appointed"),),
    ),
    BodyPlan(
        "hengli-academy",
        "academy",
        "横沥公益咖啡学院",
        "Hengli Public-Welfare Café Academy",
        "hengli",
        (
            PostPlan("黎静仪", "教务长", "Registrar", date(2018, 3, 1), designated_by="employed"),
            PostPlan("hesiqi", "实训导师", "Practice Teacher", date(2019, 9, 1), designated_by="invited"),
        ),
    ),
    BodyPlan(
        "ruikang-branch",
        "party_branch",
        "瑞康花园党支部",
        "Ruikang Party Branch",
        "ruikang",
        (
            PostPlan(
                "linqiaoyun",
                "支部书记",
                "Branch Secretary",
                date(2022, 6, 18),
                date(2027, 6, 17),
                designated_by="elected",
                facts={"designated_on": date(2022, 6, 18), "votes_for": 41, "votes_cast": 46},
            ),
            PostPlan("zhengguoliang", "支部委员", "Branch Committee Member", date(2022, 6, 18), works=False, designated_by="elected"),
            PostPlan("chenqiming", "支部委员", "Branch Committee Member", date(2022, 6, 18), works=False, designated_by="elected"),
            PostPlan("黄志强", "支部委员", "Branch Committee Member", date(2023, 11, 2), works=False, designated_by="elected"),
            PostPlan("苏丽芬", "支部委员", "Branch Committee Member", date(2023, 11, 2), works=False, designated_by="elected"),
        ),
        {"founded_on": "2015-06", "is_pilot": True},
    ),
    BodyPlan(
        "ruikang-committee",
        "owners_committee",
        "瑞康花园业主委员会",
        "Ruikang Owners' Committee",
        "ruikang",
        (
            _committee("zhengguoliang", "主任", "Chair", works=True),
            _committee("hewanyi", "副主任", "Deputy Chair", works=True),
            _committee("chenqiming", "委员", "Member", works=False),
            _committee("黄志强", "委员", "Member", works=False),
            _committee("苏丽芬", "委员", "Member", works=False),
            _committee("梁家豪", "委员", "Member", works=False),
            _committee("许志明", "委员", "Member", works=False),
        ),
        {"founded_on": "2016-05", "led_by": "ruikang-branch"},
    ),
    BodyPlan(
        "ruikang-leading-group",
        "leading_group",
        "瑞康花园工作领导小组",
        "Ruikang Leading Group",
        "ruikang",
        (
            _group("linqiaoyun", "组长", "Head", "ruikang-branch", "统筹、联席会议"),
            _group("zhengguoliang", "副组长", "Deputy Head", "ruikang-committee", "公共收益、业主决定"),
            _group("chenqiming", "组员", "Member", "ruikang-branch", "停车"),
            _group("luojianwen", "组员", "Member", "hengan", "设施维修、保洁"),
            _group("hewanyi", "组员", "Member", "ruikang-committee", "绿化、康乐场地"),
            _group("zhouxiaomin", "组员", "Member", "ruikang-women", "妇女、儿童、长者"),
            _group("xiejunjie", "组员", "Member", "ruikang-volunteers", "志愿服务、上门"),
        ),
        {"founded_on": "2022-08", "led_by": "ruikang-branch"},
    ),
    BodyPlan(
        "hengan",
        "property_company",
        "恒安物业",
        "Heng'an Property",
        "ruikang",
        (PostPlan("luojianwen", "物业经理", "Property Manager", date(2019, 4, 1), designated_by="employed"),),
        {"phone": "0769-00001234", "led_by": "ruikang-branch"},
    ),
    BodyPlan(
        "ruikang-women",
        "womens_committee",
        "瑞康花园妇委会",
        "Ruikang Women's Committee",
        "ruikang",
        (PostPlan("zhouxiaomin", "主任", "Chair", date(2021, 3, 8), designated_by="elected"),),
    ),
    BodyPlan(
        "ruikang-volunteers",
        "volunteer_team",
        "瑞康花园志愿服务队",
        "Ruikang Volunteers",
        "ruikang",
        (PostPlan("xiejunjie", "队长", "Captain", date(2020, 7, 1), designated_by="elected"),),
    ),
    BodyPlan(
        "ruikang-police",
        "police",
        "瑞康社区警务室",
        "Ruikang Community Police",
        "ruikang",
        (PostPlan("fengweidong", "社区警长", "Community Police Officer", date(2018, 9, 1), designated_by="appointed"),),
    ),
    BodyPlan(
        "cuihu-property",
        "property_company",
        "翠湖物业",
        "Cuihu Property",
        "cuihu",
        (PostPlan("邱文辉", "物业经理", "Property Manager", date(2020, 1, 1), designated_by="employed"),),
    ),
    BodyPlan(
        "cuihu-branch",
        "party_branch",
        "翠湖豪庭党支部",
        "Cuihu Party Branch",
        "cuihu",
        (PostPlan("范丽萍", "支部书记", "Branch Secretary", date(2021, 5, 1), designated_by="elected"),),
        {"founded_on": "2017"},
    ),
    BodyPlan(
        "niuxuwan-property",
        "property_company",
        "牛墟湾物业",
        "Niuxuwan Property",
        "niuxuwan",
        (PostPlan("唐立新", "物业经理", "Property Manager", date(2021, 8, 1), designated_by="employed"),),
    ),
    BodyPlan(
        "niuxuwan-branch",
        "party_branch",
        "牛墟湾花园党支部",
        "Niuxuwan Party Branch",
        "niuxuwan",
        (PostPlan("姚婉清", "支部书记", "Branch Secretary", date(2022, 3, 1), designated_by="elected"),),
        {"founded_on": "2018"},
    ),
    BodyPlan(
        "yueshuian-property",
        "property_company",
        "悦水岸物业",
        "Yueshui Property",
        "yueshuian",
        (PostPlan("贺俊峰", "物业经理", "Property Manager", date(2019, 11, 1), designated_by="employed"),),
    ),
    BodyPlan(
        "yueshuian-branch",
        "party_branch",
        "悦水岸党支部",
        "Yueshui Party Branch",
        "yueshuian",
        (PostPlan("施慧玲", "支部书记", "Branch Secretary", date(2021, 10, 1), designated_by="elected"),),
        {"founded_on": "2019"},
    ),
    BodyPlan(
        "gekeng-party",
        "village_party",
        "隔坑村党委",
        "Gekeng Village Party Committee",
        "gekeng",
        (PostPlan("wenxuefang", "村党委书记", "Village Party Secretary", date(2021, 1, 15), designated_by="elected"),),
    ),
    BodyPlan(
        "gekeng-association",
        "association",
        "隔坑村共治协会",
        "Gekeng Co-Governance Association",
        "gekeng",
        (
            _council("wenxuefang", "party_lead", behalf="gekeng-party", title="会长", title_en="President"),
            _council("陈伯荣", "party_cadre"),
            _council("梁美珍", "residents"),
            _council("黄伯", "residents"),
            _council("何志斌", "enterprise", behalf="heqing"),
            _council("陈国基", "local_worthy"),
            _council("邓丽仪", "volunteer"),
            PostPlan("yejintang", "常务理事", "Standing Member", date(2019, 5, 20), None, False, "elected", {"seat": "elder"}),
            PostPlan("moyinhao", "常务理事", "Standing Member", date(2019, 5, 20), None, False, "elected", {"seat": "elder"}),
        ),
        {"founded_on": "2019-05", "led_by": "gekeng-party"},
    ),
    *[
        BodyPlan(
            f"{village}-association",
            "association",
            f"{NAMES[village][0]}共治协会",
            f"{NAMES[village][1]} Co-Governance Association",
            village,
            (PostPlan(person, "会长", "President", date(2024, 5, 20), None, False, "elected", {"seat": "party_lead"}),),
            {"founded_on": founded},
        )
        for village, person, founded in ASSOCIATIONS
    ],
    BodyPlan(
        "yiqi-gekeng-cafe",
        "cafe",
        "益企啡吧隔坑店",
        "Yiqi Café, Gekeng",
        "yiqi-gekeng",
        (PostPlan("hesiqi", "店长", "Keeper", date(2019, 12, 1), works=False, designated_by="employed"),),
        {"uscc": "92441900MA5HL00A8J"},
    ),
    BodyPlan("gekeng-collective", "collective", "隔坑村经联社", "Gekeng Collective", "gekeng", (), {"uscc": "N2441900MF00000131"}),
    *[BodyPlan(code, "enterprise", name, name_en, "hengli", (), {"uscc": uscc}) for code, name, name_en, uscc in ENTERPRISES],
    BodyPlan("hemiao", "social_body", "横沥镇禾苗社工服务中心", "Hemiao Social Work Centre", "hengli", (), {"uscc": "52441900MJK000014H"}),
)

# place, category ("" = every), body, overdue body ("" = none)
ROUTES = [
    ("hengli", "", "hengli-service-centre", "hengli-party-committee"),
    ("hengli", "lighting", "hengli-construction", "hengli-party-committee"),
    ("hengli", "dispute", "hengli-service-centre", "hengli-party-committee"),
    ("hengli", "petition", "hengli-petitions", "hengli-party-committee"),
    ("gekeng", "", "gekeng-party", "hengli-service-centre"),
    ("gekeng", "lighting", "hengli-construction", "gekeng-party"),
    ("gekeng", "dispute", "gekeng-party", "hengli-service-centre"),
    ("gekeng", "petition", "hengli-petitions", "hengli-party-committee"),
    *[
        (estate, category, body, overdue)
        for estate, company, branch in (
            ("ruikang", "hengan", "ruikang-branch"),
            ("cuihu", "cuihu-property", "cuihu-branch"),
            ("niuxuwan", "niuxuwan-property", "niuxuwan-branch"),
            ("yueshuian", "yueshuian-property", "yueshuian-branch"),
        )
        for category, body, overdue in (
            ("", company, branch),
            ("dispute", branch, "hengli-service-centre"),
            ("livelihood", branch, "hengli-service-centre"),
            ("petition", "hengli-petitions", "hengli-party-committee"),
        )
    ],
    ("ruikang", "fire", "ruikang-police", "ruikang-branch"),
]
