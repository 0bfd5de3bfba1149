"""Who takes part in the demo life, where, and with which products: the master data.

Rules kept:

* Names stand in Chinese and English. EPCIS 2.0's JSON Schema lets an attribute's value be a
  number, a string or one object, never a list, so a name is given twice under the same attribute
  id, each time as a JSON-LD language-tagged value: `{"id": "https://gs1.org/voc/productName",
  "attribute": {"@language": "zh", "@value": "电芯"}}`, then `"en"`. A reader that knows one
  language takes the attribute it understands and drops the other.
* Attribute ids are terms of the GS1 Web Vocabulary. Quantities are `{"value": 1.08, "unitCode":
  "KGM"}` objects.
* Master data holds nothing personal: no operator, no price, no consumer.
* Each organisation publishes its own parties, places and products, and nobody else's.

EPCIS 2.0, master data in the document header; GS1 Web Vocabulary, https://www.gs1.org/voc/.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from suyuan.demo.codes import Company, Gtin
from suyuan.demo.measures import INSTRUMENTS, Instrument, number

__all__ = ["EXTENSION", "PARTIES", "PRODUCTS", "Party", "Place", "Product", "vocabulary"]

_VOC = "https://gs1.org/voc/"
_VTYPE = "urn:epcglobal:epcis:vtype:"

EXTENSION = "https://suyuan.example/voc/"
"""Namespace of the fields EPCIS has no word for; its prefix in documents is `suyuan`."""


@dataclass(frozen=True, slots=True)
class Place:
    """A location of a party."""

    reference: int
    """Location reference below the party's company prefix."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation with a log of its own."""

    slug: str
    """Name of its log."""

    company: Company
    role: str
    zh: str
    en: str
    city: tuple[str, str]
    """City in Chinese and English."""

    places: Mapping[str, Place]

    def place(self, key: str) -> str:
        """GLN of one of the party's places, as a Digital Link URI."""
        return self.company.gln(self.places[key].reference)

    def place_urn(self, key: str) -> str:
        """The same place as an EPC URN."""
        return self.company.gln_urn(self.places[key].reference)


@dataclass(frozen=True, slots=True)
class Product:
    """A product class of one party."""

    key: str
    owner: str
    """Slug of the party that issues its codes."""

    gtin: Gtin
    zh: str
    en: str
    net_weight: Decimal | None
    """Kilograms of one piece; None where the product is counted by mass, length or area."""

    tracked_by: str
    """What identifies it: `lot` or `serial`."""


def _party(
    slug: str,
    prefix: str,
    role: str,
    names: tuple[str, str],
    city: tuple[str, str],
    **places: tuple[str, str],
) -> tuple[str, Party]:
    kept = {key: Place(10 * n, *text) for n, (key, text) in enumerate(places.items(), start=1)}
    return slug, Party(slug, Company(prefix), role, *names, city, MappingProxyType(kept))


PARTIES: Mapping[str, Party] = MappingProxyType(
    dict(
        (
            _party(
                "haiyan",
                "9521001",
                "maker",
                ("海燕储能科技有限公司", "Haiyan Energy Storage Technology Co., Ltd."),
                ("宁波", "Ningbo"),
                raw=("原材料仓", "Raw material warehouse"),
                quality=("来料检验室", "Incoming inspection laboratory"),
                coating=("涂布车间", "Coating workshop"),
                cells=("电芯车间", "Cell workshop"),
                assembly=("模组与整机车间", "Module and pack workshop"),
                finished=("成品仓", "Finished goods warehouse"),
                scrap=("废品隔离区", "Scrap quarantine area"),
                laboratory=("失效分析室", "Failure analysis laboratory"),
            ),
            _party(
                "qinglan",
                "9521002",
                "supplier",
                ("青岚新材料有限公司", "Qinglan Electrode Materials Co., Ltd."),
                ("贵阳", "Guiyang"),
                plant=("磷酸铁锂工厂", "LFP plant"),
                warehouse=("发货仓", "Dispatch warehouse"),
            ),
            _party(
                "danfeng",
                "9521003",
                "supplier",
                ("丹枫电解材料有限公司", "Danfeng Cell Chemicals Co., Ltd."),
                ("常州", "Changzhou"),
                plant=("电解液与隔膜工厂", "Electrolyte and separator plant"),
                warehouse=("危化品仓", "Dangerous goods warehouse"),
            ),
            _party(
                "tingsong",
                "9521004",
                "supplier",
                ("听松电子有限公司", "Tingsong Electronics Co., Ltd."),
                ("东莞", "Dongguan"),
                plant=("贴片工厂", "Circuit board plant"),
                warehouse=("电子件仓", "Electronics warehouse"),
            ),
            _party(
                "jiangzuo",
                "9521005",
                "distributor",
                ("江左能源贸易有限公司", "Jiangzuo Energy Trading Co., Ltd."),
                ("杭州", "Hangzhou"),
                warehouse=("杭州配送中心", "Hangzhou distribution centre"),
            ),
            _party(
                "lingshang",
                "9521006",
                "distributor",
                ("岭上光储有限公司", "Lingshang Solar and Storage Co., Ltd."),
                ("广州", "Guangzhou"),
                warehouse=("广州配送中心", "Guangzhou distribution centre"),
            ),
            _party(
                "wutongli",
                "9521007",
                "shop",
                ("梧桐里家庭能源店", "Wutongli Home Energy"),
                ("杭州", "Hangzhou"),
                store=("梧桐里门店", "Wutongli store"),
                workshop=("梧桐里服务站", "Wutongli service workshop"),
            ),
            _party(
                "mumian",
                "9521008",
                "shop",
                ("木棉街光储店", "Mumian Street Solar"),
                ("广州", "Guangzhou"),
                store=("木棉街门店", "Mumian Street store"),
                workshop=("木棉街服务站", "Mumian Street service workshop"),
            ),
        )
    )
)
"""Every organisation of the demo by the slug of its log."""


def _product(
    key: str,
    owner: str,
    reference: int,
    names: tuple[str, str],
    *,
    net_weight: str | None = None,
    tracked_by: str = "lot",
) -> tuple[str, Product]:
    gtin = Gtin(PARTIES[owner].company.prefix, reference)
    weight = None if net_weight is None else Decimal(net_weight)
    return key, Product(key, owner, gtin, *names, weight, tracked_by)


PRODUCTS: Mapping[str, Product] = MappingProxyType(
    dict(
        (
            _product("lfp", "qinglan", 101, ("磷酸铁锂正极粉", "LFP cathode powder")),
            _product("graphite", "qinglan", 102, ("人造石墨负极粉", "Synthetic graphite powder")),
            _product("electrolyte", "danfeng", 201, ("锂电池电解液", "LiPF6 electrolyte")),
            _product("separator", "danfeng", 202, ("12 微米陶瓷隔膜", "Ceramic separator, 12 µm")),
            _product(
                "bms",
                "tingsong",
                301,
                ("电池管理单元", "Battery control unit"),
                net_weight="1.2",
                tracked_by="serial",
            ),
            _product("cathode", "haiyan", 11, ("正极极卷", "Cathode electrode coil")),
            _product("anode", "haiyan", 12, ("负极极卷", "Anode electrode coil")),
            _product("core", "haiyan", 21, ("卷芯", "Wound cell core"), net_weight="0.79"),
            _product(
                "cell",
                "haiyan",
                31,
                ("50Ah 方形磷酸铁锂电芯", "Prismatic LFP cell, 3.2 V 50 Ah"),
                net_weight="1.06",
                tracked_by="serial",
            ),
            _product(
                "module",
                "haiyan",
                41,
                ("51.2V 50Ah 电池模组", "Battery module 16S1P, 51.2 V 50 Ah"),
                net_weight="19.4",
                tracked_by="serial",
            ),
            _product(
                "pack",
                "haiyan",
                51,
                ("17.9kWh 高压户用储能电池", "High-voltage home storage battery, 358.4 V 17.9 kWh"),
                net_weight="150",
                tracked_by="serial",
            ),
        )
    )
)
"""Every product class of the demo."""


def _both(attribute: str, zh: str, en: str) -> list[dict[str, Any]]:
    return [
        {"id": _VOC + attribute, "attribute": {"@language": language, "@value": text}}
        for language, text in (("zh", zh), ("en", en))
    ]


def _plain(attribute: str, value: Any) -> dict[str, Any]:
    return {"id": _VOC + attribute, "attribute": value}


def _product_element(product: Product) -> dict[str, Any]:
    maker = PARTIES[product.owner]
    attributes = [
        *_both("productName", product.zh, product.en),
        _plain("gtin", product.gtin.digits),
        _plain("countryOfOrigin", {"countryCode": "CN"}),
        _plain("manufacturer", {"partyGLN": maker.company.gln_digits(0)}),
    ]
    if product.net_weight is not None:
        weight = {"value": number(product.net_weight), "unitCode": "KGM"}
        attributes.append(_plain("netWeight", weight))
    return {"id": product.gtin.uri, "attributes": attributes}


def _party_element(party: Party) -> dict[str, Any]:
    return {
        "id": party.company.pgln,
        "attributes": [
            *_both("organizationName", party.zh, party.en),
            _plain("organizationRole", party.role),
            *_both("addressLocality", *party.city),
            _plain("countryCode", "CN"),
        ],
        "children": [party.place(key) for key in party.places],
    }


def _place_element(party: Party, key: str) -> dict[str, Any]:
    place = party.places[key]
    return {
        "id": party.place(key),
        "attributes": [
            *_both("physicalLocationName", place.zh, place.en),
            *_both("addressLocality", *party.city),
            _plain("countryCode", "CN"),
        ],
    }


def _instrument_element(instrument: Instrument) -> dict[str, Any]:
    return {
        "id": instrument.code,
        "attributes": [
            *_both("productName", instrument.zh, instrument.en),
            _plain("certificationIdentification", instrument.certificate),
        ],
    }


def vocabulary(party: Party) -> list[dict[str, Any]]:
    """Write the vocabularyList one organisation publishes about itself."""
    lists = {
        _VTYPE + "Party": [_party_element(party)],
        _VTYPE + "BusinessLocation": [_place_element(party, key) for key in party.places],
        _VTYPE + "EPCClass": [
            _product_element(product)
            for product in PRODUCTS.values()
            if product.owner == party.slug
        ],
        EXTENSION + "Instrument": [
            _instrument_element(instrument)
            for instrument in INSTRUMENTS.values()
            if party.role == "maker"
        ],
    }
    return [{"type": t, "vocabularyElementList": e} for t, e in lists.items() if e]
