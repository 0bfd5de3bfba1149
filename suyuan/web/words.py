"""The words of the pages, in English and Chinese.

Rules kept:

* Every text stands here once, English first, Chinese behind it; templates hold none.
* Business steps and dispositions are CBV 2.0 words (sections 7.1 and 7.2) said plainly. A word that
  is not listed is shown as "recorded" and never repeated: a partner's own vocabulary is not ours
  to publish.
* No text claims that a thing in somebody's hand is what its code says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from suyuan.web.texts import TEXTS

if TYPE_CHECKING:
    from suyuan.web.negotiation import Language

__all__ = ["COUNTRIES", "STATUSES", "STEPS", "Tone", "Words"]

Tone = str
"""How a status looks: `plain`, `good`, `caution` or `alarm`."""

STEPS: Final[dict[str, tuple[str, str]]] = {
    "made": ("Made", "制造"),
    "used": ("Used in production", "投入生产"),
    "built_in": ("Built into a larger product", "装入整机"),
    "taken_out": ("Taken out of the product it was in", "从整机拆下"),
    "part_removed": ("A part was taken out", "拆下一个部件"),
    "part_installed": ("A part was put in", "装入一个部件"),
    "recorded": ("Recorded", "登记"),
    "accepting": ("Accepted", "验收"),
    "arriving": ("Arrived", "到达"),
    "assembling": ("Assembled", "组装"),
    "collecting": ("Collected", "收集"),
    "consigning": ("Consigned", "托运"),
    "cycle_counting": ("Counted in stock", "盘点"),
    "decommissioning": ("Code taken out of use", "编码停用"),
    "departing": ("Departed", "发出"),
    "destroying": ("Destroyed", "销毁"),
    "disassembling": ("Taken apart", "拆解"),
    "dispensing": ("Dispensed", "发放"),
    "encoding": ("Code printed", "赋码"),
    "entering_exiting": ("Passed a border or gate", "通关"),
    "holding": ("Set aside", "隔离存放"),
    "inspecting": ("Inspected", "检验"),
    "installing": ("Installed", "安装"),
    "killing": ("Tag disabled", "标签失效"),
    "loading": ("Loaded", "装车"),
    "packing": ("Packed", "包装"),
    "picking": ("Picked", "拣货"),
    "receiving": ("Received", "收货"),
    "removing": ("Removed", "拆下"),
    "repackaging": ("Repacked", "重新包装"),
    "repairing": ("Repaired", "维修"),
    "replacing": ("Replaced", "更换"),
    "reserving": ("Reserved", "预留"),
    "retail_selling": ("Sold", "售出"),
    "sampling": ("Sampled", "抽样"),
    "sensor_reporting": ("Measured", "测量"),
    "shipping": ("Shipped", "发货"),
    "staging_outbound": ("Made ready to ship", "待发"),
    "stock_taking": ("Counted in stock", "清点"),
    "stocking": ("Put on display", "上架"),
    "storing": ("Stored", "入库"),
    "transporting": ("In transport", "运输"),
    "unloading": ("Unloaded", "卸货"),
    "unpacking": ("Unpacked", "拆包"),
    "void_shipping": ("Shipment cancelled", "取消发货"),
}
"""Plain words for the steps of a life."""

STATUSES: Final[dict[str, tuple[Tone, str, str]]] = {
    "recalled": ("alarm", "Recalled", "已召回"),
    "announced": ("caution", "Announced only", "仅有预告"),
    "none": ("plain", "On record", "有记录"),
    "active": ("plain", "In circulation", "流通中"),
    "available": ("plain", "Available", "可供应"),
    "conformant": ("good", "Passed inspection", "检验合格"),
    "non_conformant": ("caution", "Did not pass inspection", "检验不合格"),
    "container_closed": ("plain", "Packed", "已包装"),
    "container_open": ("plain", "Package open", "包装已打开"),
    "damaged": ("caution", "Damaged", "已损坏"),
    "destroyed": ("caution", "Destroyed", "已销毁"),
    "dispensed": ("plain", "Dispensed", "已发放"),
    "disposed": ("caution", "Disposed of", "已报废"),
    "expired": ("caution", "Expired", "已过期"),
    "in_progress": ("plain", "In progress", "处理中"),
    "in_transit": ("plain", "On its way", "运输中"),
    "inactive": ("caution", "Out of use", "已停用"),
    "needs_replacement": ("caution", "Needs repair", "待维修"),
    "repairing": ("caution", "Under repair", "维修中"),
    "no_pedigree_match": ("caution", "Its records do not match", "记录不符"),
    "non_sellable_other": ("caution", "Not for sale", "不可销售"),
    "partially_dispensed": ("plain", "Partly dispensed", "部分发放"),
    "reserved": ("plain", "Reserved", "已预留"),
    "retail_sold": ("good", "Sold", "已售出"),
    "returned": ("caution", "Returned", "已退回"),
    "sellable_accessible": ("good", "On sale", "在售"),
    "sellable_not_accessible": ("plain", "In stock", "在库"),
    "stolen": ("alarm", "Reported stolen", "已报失窃"),
    "unavailable": ("plain", "Not available", "不可用"),
}
"""Tone and words for the state an item is in now."""

COUNTRIES: Final[dict[str, tuple[str, str]]] = {
    "AU": ("Australia", "澳大利亚"),
    "BR": ("Brazil", "巴西"),
    "CA": ("Canada", "加拿大"),
    "CH": ("Switzerland", "瑞士"),
    "CN": ("China", "中国"),
    "DE": ("Germany", "德国"),
    "ES": ("Spain", "西班牙"),
    "FR": ("France", "法国"),
    "GB": ("United Kingdom", "英国"),
    "HK": ("Hong Kong, China", "中国香港"),
    "ID": ("Indonesia", "印度尼西亚"),
    "IN": ("India", "印度"),
    "IT": ("Italy", "意大利"),
    "JP": ("Japan", "日本"),
    "KR": ("South Korea", "韩国"),
    "MX": ("Mexico", "墨西哥"),
    "MY": ("Malaysia", "马来西亚"),
    "NL": ("Netherlands", "荷兰"),
    "NO": ("Norway", "挪威"),
    "PL": ("Poland", "波兰"),
    "SE": ("Sweden", "瑞典"),
    "SG": ("Singapore", "新加坡"),
    "TH": ("Thailand", "泰国"),
    "TW": ("Taiwan, China", "中国台湾"),
    "US": ("United States", "美国"),
    "VN": ("Vietnam", "越南"),
}
"""Names of the countries that trade most with each other; others show their ISO 3166 code."""


@dataclass(frozen=True, slots=True)
class Words:
    """The texts in one language."""

    language: Language

    @property
    def _place(self) -> int:
        return 1 if self.language == "zh-CN" else 0

    def __call__(self, key: str, **values: object) -> str:
        """A text by its key, with values put in."""
        return TEXTS[key][self._place].format(**values)

    def beginning(self, prefix: str) -> dict[str, str]:
        """The texts whose keys begin with a prefix, by the rest of the key, nothing put in."""
        found = ((key, texts) for key, texts in TEXTS.items() if key.startswith(prefix))
        return {key.removeprefix(prefix): texts[self._place] for key, texts in found}

    def step(self, kind: str) -> str:
        """A step of a life."""
        return STEPS[kind][self._place]

    def status(self, status: str) -> str:
        """The state of an item."""
        return STATUSES[status][1 + self._place]

    def country(self, code: str) -> str:
        """A country by its ISO 3166 code of two letters."""
        names = COUNTRIES.get(code)
        return names[self._place] if names else code

    def place(self, city: str | None, country: str | None) -> str:
        """A city and its country, in the order of the language."""
        named = [city, self.country(country) if country else None]
        if self.language == "zh-CN":
            return "".join(part for part in reversed(named) if part)
        return ", ".join(part for part in named if part)
