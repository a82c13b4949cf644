"""Who may sign in to the demo. All people are invented."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """`owner` = also on 瑞康花园's roll under this name."""

    login: str
    name: str
    who: str
    who_en: str
    owner: bool = False
    phone: str = ""


CAST = (
    Role("liuyumei", "刘玉梅", "瑞金阁居民，住了 12 年", "resident of Ruijin House for 12 years", owner=True),
    Role("linqiaoyun", "林巧云", "瑞康花园党支部书记", "secretary of the Ruikang branch", phone="13800010001"),
    Role("zhengguoliang", "郑国梁", "业委会主任，党员", "chair of the owners' committee", owner=True),
    Role("hewanyi", "何婉仪", "业委会副主任", "deputy chair of the owners' committee", owner=True),
    Role("chenqiming", "陈启明", "业委会委员、支部委员", "member of committee and branch", owner=True),
    Role("luojianwen", "罗建文", "恒安物业经理", "property manager, Heng'an", phone="13800010002"),
    Role("zhouxiaomin", "周小敏", "妇委会主任", "chair of the women's committee", phone="13800010003"),
    Role("xiejunjie", "谢俊杰", "志愿队队长", "captain of the volunteers", phone="13800010004"),
    Role("fengweidong", "冯卫东", "社区警长", "community police officer", phone="13800010005"),
    Role("yejintang", "叶锦棠", "叶伯，78 岁，老人库", "elder, 78", owner=True),
    Role("moyinhao", "莫银好", "莫婆，76 岁，老人库", "elder, 76", owner=True),
    Role("zengyifan", "曾一帆", "规划师，专家库", "planner, expert", phone="13800010006"),
    Role("denghaisheng", "邓海生", "镇城建办工程师", "engineer of the construction office", phone="13800010007"),
    Role("wenxuefang", "温雪芳", "隔坑村党委书记", "secretary of Gekeng village", phone="13800010008"),
    Role("ouyangmin", "欧阳敏", "退休护师，公益导师", "retired nurse, mentor", phone="13800010009"),
    Role("jiangwanqing", "江晚晴", "公益咖啡学院学员", "student of the academy", phone="13800010010"),
    Role("wuyi", "吴姨", "74 岁长者", "elder, 74", phone="13800010011"),
    Role("fangzhengping", "方正平", "镇委书记", "town party secretary", phone="13800010012"),
    Role("hesiqi", "何思琪", "益企啡吧隔坑店店长", "keeper of the café", phone="13800010013"),
    Role("liangsuyun", "梁素云", "镇党群服务中心值班长，看不妥的话", "duty officer of the service centre, moderator", phone="13800010014"),
    Role("ayiguli", "阿依古丽·买买提", "居民", "resident", owner=True),
    Role("xihai", "𬭳海", "居民，名字里有生僻字", "resident with a rare character", owner=True),
    Role("chenming", "陈明", "居民，两位陈明之一", "one of two named Chen Ming", owner=True),
    Role("chenming2", "陈明", "居民，两位陈明之二", "the other Chen Ming", owner=True),
)
