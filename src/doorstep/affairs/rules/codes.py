"""Names of the codes that results carry: reasons of a vote or a refusal, `because` of a panel's member. Data for /api/v1/codes."""

REASONS: dict[str, tuple[str, str]] = {
    "turnout_parties": ("参加表决的人数不到三分之二", "Fewer than two thirds of the owners took part"),
    "turnout_area": ("参加表决的专有部分面积不到三分之二", "Owners of less than two thirds of the area took part"),
    "majority_parties": ("同意的人数没有达到要求", "Not enough of the participating owners agreed"),
    "majority_area": ("同意的面积没有达到要求", "Owners of not enough of the participating area agreed"),
    "contested": ("有共有人意见不一致，没有计入", "Co-owners disagreed and were not counted"),
    "proxy_without_document": ("代投没有书面委托", "Proxy without a written document"),
    "not_on_roll": ("不在业主名册上", "Not on the roll"),
    "spoiled": ("废票", "Spoiled ballot"),
    "superseded": ("被同一人的另一张票取代", "Superseded by another ballot of the same person"),
    "unavailable": ("没有空", "Not available"),
    "recused": ("回避", "Recused"),
    "vetoed": ("被当事人要求更换", "Vetoed by a disputant"),
    "missing": ("没有填", "Missing"),
    "not_a_number": ("不是数字", "Not a number"),
    "not_positive": ("要大于零", "Not above zero"),
    "too_fine": ("最多两位小数", "More than two decimals"),
    "unknown_value": ("不认识的写法", "Unknown value"),
    "duplicate_unit": ("同一个房号出现两次", "The same unit twice"),
    "bad_phone": ("电话不对", "Not a phone number"),
    "bad_date": ("日期不对", "Not a date"),
    "unknown_column": ("不认识的列", "Unknown column"),
    "empty_sheet": ("表是空的", "Empty sheet"),
}

BECAUSE: dict[str, tuple[str, str]] = {
    "standing": ("常务理事", "Standing member"),
    "seat_min": ("这个席位至少要这么多人", "The seat's minimum needs them"),
    "balance_min": ("构成要求至少要这么多人", "A balance minimum needs them"),
    "fit": ("更合适", "Better fit"),
    "load": ("近来承担得少", "Carried less lately"),
    "lot": ("抽签", "By lot"),
}
