"""The words in files for people, in English and Chinese.

What isn't in the list is shown as it is: codes, and words that partners use beyond the CBV.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ledger.problems import Language

__all__ = ["word"]

_WORDS: Final[dict[str, tuple[str, str]]] = {
    # sheets
    "items": ("Items", "货品"),
    "affected": ("Affected items", "受影响货品"),
    "containers": ("Containers", "容器"),
    "holders": ("Holders", "持有方"),
    "links": ("Links", "关联"),
    "balance": ("Balance", "物料平衡"),
    "open-ends": ("Open ends", "未闭环"),
    "about": ("About", "说明"),
    # columns
    "code": ("Code", "编码"),
    "kind": ("Kind", "类型"),
    "depth": ("Depth", "层级"),
    "quantity": ("Quantity", "数量"),
    "unit": ("Unit", "单位"),
    "status": ("Status", "状态"),
    "location": ("Location", "所在地"),
    "holder": ("Holder", "持有方"),
    "inside": ("Inside", "所在容器"),
    "container": ("Place only", "仅为位置"),
    "exposed_from": ("Exposed from", "影响起始"),
    "exposed_until": ("Exposed until", "影响截至"),
    "step": ("Step", "业务环节"),
    "last_time": ("Last seen", "最近事件时间"),
    "from": ("From", "来自"),
    "to": ("To", "去向"),
    "event": ("Event", "事件"),
    "time": ("Time", "时间"),
    "until": ("Until", "截至"),
    "reason": ("Reason", "原因"),
    "detail": ("Detail", "详情"),
    # rows about the answer
    "root": ("Traced item", "追溯对象"),
    "direction": ("Direction", "方向"),
    "as_of": ("As of", "事件时间截至"),
    "known_at": ("Known at", "入账时间截至"),
    "complete": ("Complete", "完整"),
    "left_out": ("Not shown", "未列出"),
    "head": ("Log head", "日志头"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    # directions, kinds of items and of links
    "forward": ("forward", "向下追踪"),
    "backward": ("backward", "向上溯源"),
    "both": ("both ways", "双向"),
    "instance": ("instance", "单件"),
    "lot": ("lot", "批次"),
    "product": ("product", "产品"),
    "logistic": ("logistic unit", "物流单元"),
    "asset": ("asset", "资产"),
    "document": ("document", "单据"),
    "party": ("party", "参与方"),
    "other": ("other", "其他"),
    "transformed": ("transformed", "加工"),
    "part_of_lot": ("part of lot", "批次成员"),
    "installed": ("installed", "装配"),
    "packed": ("packed", "包装"),
    "measured": ("measured", "检测"),
    # reasons of open ends and questions
    "origin_unknown": ("origin unknown", "来源不明"),
    "no_lot": ("used without its lot", "使用时未注明批次"),
    "not_inside": ("taken out of what it was not in", "取出前未见装入"),
    "too_old": ("output older than its input", "产出早于投入"),
    "negative": ("negative quantity", "数量为负"),
    "mixed_units": ("several units", "单位不一"),
    "two_levels": ("told as a lot and as a piece", "既作批次又作单件"),
    "itself": ("made of itself", "以自身为原料"),
    "announced": ("announced", "仅被提及"),
    "cut by depth": ("cut: the depth asked for", "已截断：达到所设层级"),
    "cut by items": ("cut: the number of items", "已截断：达到货品数上限"),
    # statuses (CBV 2.0 section 7.2)
    "active": ("active", "已启用"),
    "available": ("available", "可用"),
    "completeness_inferred": ("completeness inferred", "推定齐全"),
    "completeness_verified": ("completeness verified", "已核实齐全"),
    "conformant": ("conformant", "合格"),
    "container_closed": ("container closed", "容器已封"),
    "container_open": ("container open", "容器已开"),
    "damaged": ("damaged", "损坏"),
    "destroyed": ("destroyed", "已销毁"),
    "disposed": ("disposed", "已处置"),
    "dispensed": ("dispensed", "已配发"),
    "expired": ("expired", "已过期"),
    "in_progress": ("in progress", "处理中"),
    "in_transit": ("in transit", "运输中"),
    "inactive": ("inactive", "已停用"),
    "needs_replacement": ("needs replacement", "待更换"),
    "non_conformant": ("non-conformant", "不合格"),
    "non_sellable_other": ("not for sale", "不可销售"),
    "recalled": ("recalled", "已召回"),
    "reserved": ("reserved", "已预留"),
    "retail_sold": ("sold", "已售出"),
    "returned": ("returned", "已退回"),
    "sellable_accessible": ("on sale", "在售"),
    "sellable_not_accessible": ("in stock", "在库"),
    "stolen": ("stolen", "被盗"),
    "unknown": ("unknown", "未知"),
    # drawings
    "trace of": ("Trace {direction} of {code}", "{code} {direction}"),
    "counts": ("{items} items, {links} links", "{items} 件货品，{links} 条关联"),
    "more": ("{count} more not shown", "另有 {count} 件未列出"),
    "boxes": ("drawn as {boxes} boxes", "合并为 {boxes} 个框"),
    "complete at": ("complete at {heads}", "完整至 {heads}"),
    "size": ("{log} size {size}", "{log} 第 {size} 条"),
    "incomplete": ("cut: {reasons}", "不完整：{reasons}"),
    "cut at": ("{reason} at {count} items", "{reason}，{count} 处"),
    "by depth": ("the depth asked for", "所设层级"),
    "by items": ("the number of items", "货品数上限"),
    "level": ("level {depth}", "第 {depth} 层"),
    "place": ("place", "位置"),
    "pieces": ("{count} pcs", "{count} 件"),
    "several": ("several kinds", "多种"),
    "event box": ("event", "事件"),
    "joined": ("{count} links", "{count} 条关联"),
    "legend": ("Lines", "图例"),
    "container box": ("container: where items are or were", "容器：货品所在或曾在之处"),
    "group box": ("several items in one box", "多件货品合并为一框"),
}


def word(key: str, language: Language, **values: object) -> str:
    """A word or sentence in a language, with its values filled in; an unknown key as it is."""
    found = _WORDS.get(key)
    if found is None:
        return key
    text = found[1 if language == "zh-CN" else 0]
    return text.format(**values) if values else text
