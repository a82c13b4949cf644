"""瑞康花园's roll for the demo: 1,032 units, 1,021 holding parties, 100,519.20 m². Deterministic; everybody is invented."""

import random
from collections.abc import Iterator

BUILDINGS = "瑞金 瑞银 瑞玉 瑞珠 瑞福 瑞禄 瑞寿 瑞喜 瑞和 瑞平 瑞安 瑞康 瑞宁 瑞泰 瑞祥 瑞云 瑞锦 瑞华".split()  # noqa: SIM905
AREAS = (("01", "78.50"), ("02", "92.30"), ("03", "105.60"), ("04", "118.20"))
HEAD = ["楼栋", "单元", "房号", "面积", "用途", "业主姓名", "联系电话", "证件后四位", "交付状态", "登记日期"]
DEVELOPER = "横沥置业有限公司"
SEED = 19960601
SURNAMES = "陈 李 黄 张 梁 林 王 吴 刘 何 周 罗 谢 叶 曾 邓 冯 郑 许 苏 钟 莫 卢 蔡 潘 袁 彭 曹 萧 江 韩 唐 董 于 余 朱 胡 郭 马 高 宋 程 傅 沈 吕 姚 汪 范 方 石 谭 廖 邹 熊 金 陆 郝 孔 白 崔 康 毛 邱 秦 史 顾 侯 邵 孟 龙 万 段 雷 钱 汤 尹 黎 易 常 武 乔 贺 赖 龚 文 庞 樊 兰 殷 施 陶 洪 翟 安 颜 倪 严 牛 温 芦 季 俞 章 鲁 葛 伍 韦 申 尤 毕 聂 焦 向 柳 邢 岳 齐 梅 辛 管 祝 左 涂 谷 祁 时 舒 耿 牟 卜 路 詹 关 苗 凌 费 纪 靳 盛 童 欧 甄 项 曲 成 游 阳 裴 席 卫 查 屈 鲍 覃 霍 翁 隋 植 甘 景 单 包 司 柏 宁 柯 阮 桂".split()  # noqa: SIM905
GIVEN = "志明 丽华 国强 秀珍 建国 淑芬 伟文 美玲 家辉 玉兰 永康 惠芳 俊杰 桂英 文斌 少芬 海燕 德胜 翠萍 晓东 婉婷 兆基 月娥 浩然 凤仪 子健 雪梅 振华 佩珊 锦荣 彩霞 耀辉 素娟 立新 艳红 启明 慧敏 广发 燕玲 泽民 春花 景天 秋菊 启东 润娣 柏年 金凤 焕章 银娇 汉文 带娣 炳坤 笑梅 铭恩 巧儿 思源 若兰 嘉怡 绍华 倩文 泰来 珍妮 信宏 乐怡 毅然 诗敏".split()  # noqa: SIM905

# Persons of the scenario who own here: unit, name.
NAMED = {
    "瑞金阁-1-302": "刘玉梅",
    "瑞康阁-1-501": "郑国梁",
    "瑞安阁-2-203": "何婉仪",
    "瑞平阁-1-604": "陈启明",
    "瑞福阁-1-102": "黄志强",
    "瑞玉阁-2-401": "苏丽芬",
    "瑞锦阁-1-703": "梁家豪",
    "瑞安阁-2-101": "许志明",
    "瑞寿阁-2-201": "叶锦棠",
    "瑞福阁-2-301": "莫银好",
    "瑞云阁-1-402": "阿依古丽·买买提",
    "瑞华阁-2-502": "𬭳海",
    "瑞和阁-1-303": "陈明",
    "瑞泰阁-2-604": "陈明",
}
# 6 owners hold 2 units, 1 holds 3: further units of an owner, and whose they are.
FURTHER = {
    "瑞金阁-1-401": "瑞金阁-1-302",
    "瑞康阁-1-502": "瑞康阁-1-501",
    "瑞银阁-2-704": "瑞银阁-1-101",
    "临街商铺-1-05": "瑞珠阁-1-201",
    "临街商铺-1-06": "瑞禄阁-2-302",
    "瑞喜阁-2-203": "瑞喜阁-1-203",
    "临街商铺-1-07": "瑞宁阁-1-504",
    "临街商铺-1-08": "瑞宁阁-1-504",
}
UNSOLD = ("临街商铺-1-21", "临街商铺-1-22", "临街商铺-1-23", "临街商铺-1-24")
COUPLE_EVERY = 9


def demo_roll_rows() -> list[tuple[int, list[object]]]:
    """(sheet row, cells) with the header first, as `read_roll` takes them."""
    rng = random.Random(SEED)
    names = _names(rng)
    units = [
        (f"{building}阁", str(entrance), f"{floor}{door}", area, "住宅")
        for building in BUILDINGS
        for entrance in (1, 2)
        for floor in range(1, 8)
        for door, area in AREAS
    ]
    units += [("临街商铺", "1", f"{number:02d}", "45.00", "商铺") for number in range(1, 25)]
    owners: dict[str, tuple[str, str, str, str]] = {}
    rows: list[tuple[int, list[object]]] = [(1, list(HEAD))]
    count = 0
    for building, entrance, room, area, kind in units:
        unit = f"{building}-{entrance}-{room}"
        if unit in UNSOLD:
            rows.append((len(rows) + 1, [building, entrance, room, area, kind, DEVELOPER, "0769-00009999", "", "未售", ""]))
            continue
        if unit not in owners:
            count += 1
            name, phone, last4 = NAMED.get(unit) or next(names), _phone(count), _last4(rng)
            if unit not in NAMED and count % COUPLE_EVERY == 0 and unit not in FURTHER.values():
                name, phone, last4 = f"{name}、{next(names)}", f"{phone}、{_phone(count + 5000)}", f"{last4}、{_last4(rng)}"
            year = rng.choice((1996, 1997, 1998, 1999, 2001, 2003, 2006, 2009, 2012, 2014, 2016, 2019, 2022, 2024))
            owners[unit] = (name, phone, last4, f"{year}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}")
        holder = owners[FURTHER.get(unit, unit)] if FURTHER.get(unit, unit) in owners else owners[unit]
        rows.append((len(rows) + 1, [building, entrance, room, area, kind, *holder[:3], "已交付", holder[3]]))
    return rows


def _names(rng: random.Random) -> Iterator[str]:
    """Invented names, each once, none of the scenario's."""
    taken = set(NAMED.values())
    everyone = [surname + given for surname in dict.fromkeys(SURNAMES) for given in GIVEN]
    rng.shuffle(everyone)
    for name in everyone:
        if name not in taken:
            yield name


def _phone(count: int) -> str:
    return f"1390000{count:04d}" if count < 5000 else f"1380000{count:04d}"


def _last4(rng: random.Random) -> str:
    return f"{rng.randint(0, 999):03d}{rng.choice('0123456789X')}"
