"""Who takes part in a generated world, with which places and products: the master data.

Rules kept:

* Every key stands on a company prefix of GS1's demonstration range (952), so no code can belong to
  a real article; none of these firms is one of the small demo life's.
* A firm has the same four places: where it works, where it stores, where it measures, and where
  it keeps what must not be used.
* Each firm publishes its own party, places and products, and nobody else's. The maker of magnets
  and chips publishes nothing: it isn't in the ledger, and its lots are only ever mentioned.

EPCIS 2.0, master data in the document header; GS1 Web Vocabulary, https://www.gs1.org/voc/.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from suyuan.demo.codes import Company, Gtin

__all__ = ["DISTRIBUTORS", "FIRMS", "PRODUCTS", "SHOPS", "Firm", "Product", "vocabulary"]

_VOC = "https://gs1.org/voc/"
_VTYPE = "urn:epcglobal:epcis:vtype:"
_PLACES = {
    "work": (10, "车间", "works"),
    "store": (20, "仓库", "warehouse"),
    "lab": (30, "检验室", "laboratory"),
    "closed": (40, "隔离区", "quarantine area"),
}


@dataclass(frozen=True, slots=True)
class Firm:
    """An organisation with a log of its own."""

    slug: str
    """Name of its log."""
    company: Company
    zh: str
    en: str
    city: tuple[str, str]
    """In Chinese and English."""
    urns: bool
    """Whether its systems write EPC URNs instead of Digital Links."""

    def place(self, key: str) -> str:
        """GLN of one of its places: `work`, `store`, `lab` or `closed`."""
        return self.company.gln(_PLACES[key][0])


@dataclass(frozen=True, slots=True)
class Product:
    """A product class."""

    key: str
    owner: str
    """Slug of the firm that issues its codes."""
    gtin: Gtin
    zh: str
    en: str
    unit: str | None
    """UN/ECE Recommendation 20 code of its quantities; None where every piece has a serial."""


# Slug, prefix, Chinese, English, city twice, how it writes codes.
_FIRMS = """
tongshan|9521102|铜山铜业有限公司|Tongshan Copper Co., Ltd.|铜陵|Tongling|link
jinsi|9521103|金丝电磁线有限公司|Jinsi Magnet Wire Co., Ltd.|苏州|Suzhou|urn
ruifeng|9521104|瑞丰化工有限公司|Ruifeng Chemicals Co., Ltd.|南京|Nanjing|link
gangda|9521105|钢达金属有限公司|Gangda Metals Co., Ltd.|武汉|Wuhan|link
dianji|9521106|电极动力有限公司|Dianji Motors Co., Ltd.|台州|Taizhou|link
xinhe|9521107|芯禾电子有限公司|Xinhe Electronics Co., Ltd.|深圳|Shenzhen|link
luyun|9521108|鹿云车架有限公司|Luyun Frames Co., Ltd.|佛山|Foshan|urn
haineng|9521109|海能电池有限公司|Haineng Batteries Co., Ltd.|合肥|Hefei|link
yunqi|9521101|云骑电动车有限公司|Yunqi E-Bikes Co., Ltd.|无锡|Wuxi|link
hangdu|9521110|杭渡贸易有限公司|Hangdu Trading Co., Ltd.|杭州|Hangzhou|urn
beichuan|9521111|北川贸易有限公司|Beichuan Trading Co., Ltd.|天津|Tianjin|link
liuxiang|9521112|柳巷单车店|Willow Lane Bicycles|杭州|Hangzhou|link
qiaotou|9521113|桥头单车店|Bridgehead Bicycles|绍兴|Shaoxing|link
haihe|9521114|海河单车店|Haihe Bicycles|天津|Tianjin|link
"""
# Key, owner, item reference, Chinese, English, unit.
_PRODUCTS = """
concentrate|tongshan|11|铜精矿|Copper concentrate|KGM
cathode|tongshan|12|阴极铜|Copper cathode|KGM
rod|tongshan|13|铜杆|Copper rod|KGM
varnish|ruifeng|21|绝缘漆|Insulating varnish|LTR
adhesive|ruifeng|22|结构胶|Structural adhesive|LTR
wire|jinsi|31|漆包线母卷|Enamelled wire, parent coil|MTR
spool|jinsi|32|轴装漆包线|Enamelled wire on spools|MTR
strip|gangda|41|电工钢带|Electrical steel strip|KGM
lamination|gangda|42|定子冲片叠|Stator lamination stacks|H87
winding|dianji|51|库存漆包线|Winding wire, own stock|MTR
stator|dianji|52|绕线定子|Wound stators|H87
rework|dianji|53|返工定子|Stators in rework|H87
motor|dianji|54|轮毂电机|Hub motor|
magnet|cili|61|磁钢组|Magnet sets|H87
chip|cili|62|驱动芯片|Driver chips|H87
board|xinhe|71|电路板|Circuit boards|H87
controller|xinhe|72|电机控制器|Motor controller|
billet|luyun|81|铝棒|Aluminium billet|KGM
tube|luyun|82|铝管|Aluminium tube|MTR
frame|luyun|83|车架|Frame|
cell|haineng|91|电芯|Battery cells|H87
battery|haineng|92|车用电池|Bicycle battery|
drive|yunqi|101|驱动单元|Drive unit|
bike|yunqi|102|电动自行车|Electric bicycle|
renewed|yunqi|103|翻新电动自行车|Refurbished electric bicycle|
"""
_OUTSIDE = {"cili": "9521190"}
"""Prefixes of those that hand nothing in."""


def _firm(row: str) -> Firm:
    slug, prefix, zh, en, *city, spelling = row.split("|")
    return Firm(slug, Company(prefix), zh, en, (city[0], city[1]), spelling == "urn")


FIRMS: Mapping[str, Firm] = MappingProxyType(
    {firm.slug: firm for firm in map(_firm, _FIRMS.split("\n")[1:-1])}
)
"""Every organisation by the slug of its log."""


def _product(row: str) -> Product:
    key, owner, reference, zh, en, unit = row.split("|")
    prefix = _OUTSIDE.get(owner) or FIRMS[owner].company.prefix
    return Product(key, owner, Gtin(prefix, int(reference)), zh, en, unit or None)


PRODUCTS: Mapping[str, Product] = MappingProxyType(
    {product.key: product for product in map(_product, _PRODUCTS.split("\n")[1:-1])}
)
"""Every product class by its key."""

DISTRIBUTORS = ("hangdu", "beichuan")
SHOPS = ("liuxiang", "haihe", "qiaotou")


def _named(code: str, attribute: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    both = {"zh": zh, "en": en}.items()
    attributes = [
        {"id": _VOC + attribute, "attribute": {"@language": language, "@value": text}}
        for language, text in both
    ]
    plain = [{"id": _VOC + name, "attribute": value} for name, value in more.items()]
    return {"id": code, "attributes": [*attributes, *plain]}


def vocabulary(firm: Firm) -> list[dict[str, Any]]:
    """Write the vocabularyList that a firm publishes about itself."""
    party = _named(firm.company.pgln, "organizationName", firm.zh, firm.en, countryCode="CN")
    party["children"] = [firm.place(key) for key in _PLACES]
    places = [
        _named(firm.place(key), "physicalLocationName", firm.zh + zh, f"{firm.en} {en}")
        for key, (_reference, zh, en) in _PLACES.items()
    ]
    products = [
        _named(one.gtin.uri, "productName", one.zh, one.en, gtin=one.gtin.digits)
        for one in PRODUCTS.values()
        if one.owner == firm.slug
    ]
    lists = {"Party": [party], "BusinessLocation": places, "EPCClass": products}
    return [
        {"type": _VTYPE + kind, "vocabularyElementList": elements}
        for kind, elements in lists.items()
        if elements
    ]
