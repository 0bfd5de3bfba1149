"""Every sentence of the pages: key, English, Chinese."""

from __future__ import annotations

from typing import Final

from suyuan.web.camera_texts import CAMERA_TEXTS

__all__ = ["TEXTS"]

TEXTS: Final[dict[str, tuple[str, str]]] = {
    **CAMERA_TEXTS,
    "brand": ("Suyuan", "溯源"),
    "other_language": ("中文", "English"),
    "home": ("Look up another code", "查询其他编码"),
    "home_title": ("Look up a code", "查询编码"),
    "home_lead": (
        "Every thing has one code, and every code one history. Type or scan the code to read it.",
        "一物一码，一码一史。输入或扫描编码，即可查看它的经历。",
    ),
    "home_label": ("Code", "编码"),
    "home_button": ("Look up", "查询"),
    "home_forms": (
        "A link from a QR code, (01)…(21)…, a barcode number, an EPC URN: any form will do.",
        "二维码链接、(01)…(21)…、条码数字、EPC URN，任何形式均可。",
    ),
    "maker": ("Made by", "制造商"),
    "country": ("Country of origin", "原产国"),
    "made_at": ("Made in", "生产地"),
    "made_on": ("Production date", "生产日期"),
    "serial": ("Serial number", "序列号"),
    "lot": ("Lot", "批号"),
    "code": ("Code", "编码"),
    "level_instance": ("One item", "单件"),
    "level_lot": ("Lot", "批次"),
    "level_product": ("Product", "产品"),
    "level_logistic": ("Package in transport", "物流单元"),
    "level_asset": ("Asset", "资产"),
    "level_document": ("Document", "单据"),
    "level_location": ("Place", "地点"),
    "level_party": ("Organisation", "组织"),
    "level_other": ("Item", "物品"),
    "status": ("Current status", "当前状态"),
    "status_since": ("as of {date}", "截至 {date}"),
    "recall_title": ("This item has been recalled", "此产品已被召回"),
    "recall_title_lot": ("This lot has been recalled", "此批次已被召回"),
    "recall_do": (
        "Stop using it, keep it apart, and contact the seller or the maker. Have this code ready.",
        "请立即停止使用并单独存放，联系销售商或制造商，并准备好此编码。",
    ),
    "part_recall_title": (
        "A lot that went into this item has been recalled",
        "此产品所用的一个批次已被召回",
    ),
    "part_recall_do": (
        "This item itself has no recall on record. Ask the seller or the maker whether yours needs "
        "a check, and look here again before you use it.",
        "此产品本身没有召回记录。请向销售商或制造商询问是否需要检查，使用前请再次查看本页。",
    ),
    "announced_title": ("This code has only been announced", "此编码仅有预告"),
    "announced_text": (
        "Somebody mentions this code in a record of their own, but there is no record of the item "
        "itself yet. Nothing more can be said about it.",
        "有人在自己的记录中提到此编码，但尚无此物品本身的记录，目前无法提供更多信息。",
    ),
    "product_title": ("This code names a kind of product", "此编码代表一类产品"),
    "product_text": (
        "A history belongs to one item or one lot. Scan the code that has a serial or lot number.",
        "经历属于单件或批次。请扫描带有序列号或批号的编码。",
    ),
    "inspection": ("Inspection", "检验"),
    "inspection_good": ("Conformant", "合格"),
    "inspection_bad": ("Not conformant", "不合格"),
    "inspection_unstated": ("Inspected, no verdict stated", "已检验，未说明结论"),
    "inspection_counts": (
        "{within} of {measured} measured properties within their limits",
        "测量 {measured} 项，{within} 项在限值内",
    ),
    "inspection_none": ("No inspection on record.", "没有检验记录。"),
    "life": ("Its life so far", "经历"),
    "life_none": ("No step on record.", "没有步骤记录。"),
    "life_gap": ("{count} steps between these are not shown.", "中间 {count} 个步骤未显示。"),
    "times": ("{count} times", "共 {count} 次"),
    "by_maker": ("recorded by the maker", "制造商记录"),
    "by_publisher": ("recorded in the log below", "记录于下列日志"),
    "by_partner": ("recorded by a partner", "合作方记录"),
    "record": ("record {number}", "第 {number} 条"),
    "parts": ("What is in it now", "当前构成"),
    "parts_serial": ("Other parts with a code of their own: {count}", "其他有编码部件 {count} 件"),
    "parts_lots": ("Lots of material: {count}", "物料批次 {count} 个"),
    "parts_of_lots": ("lots: {count}", "来自 {count} 个批次"),
    "parts_cut": (
        "There are more parts than are counted here, so this list is not complete.",
        "部件数量超出统计上限，此列表不完整。",
    ),
    "parts_private": (
        "Who supplied them is not public.",
        "供应方信息不公开。",
    ),
    "proof": ("Proof", "存证"),
    "proof_lead": (
        "The records stand in a log that can only grow. Whoever changed or removed one later would "
        "change the root hash below.",
        "记录保存在只增不改的日志中。事后修改或删除任何一条，下面的根哈希都会改变。",
    ),
    "proof_log": ("Log", "日志"),
    "proof_size": ("Records in the log", "日志记录数"),
    "proof_root": ("Root hash", "根哈希"),
    "proof_places": ("This item's records", "本物品的记录序号"),
    "proof_checkpoint": ("Signed checkpoint", "签名检查点"),
    "proof_key": ("Public key of the log", "日志公钥"),
    "proof_path": ("Inclusion proof of record {number}", "第 {number} 条记录的包含证明"),
    "proof_none": (
        "The records of this item stand in logs of partners whose names are not public. Ask the "
        "seller for a proof.",
        "此物品的记录保存在合作方的日志中，其名称不公开。如需证明，请询问销售商。",
    ),
    "proof_shows": ("What this shows", "能说明什么"),
    "proof_shows_1": (
        "The records with these numbers are in the log that the checkpoint signs.",
        "上述序号的记录存在于检查点所签名的日志中。",
    ),
    "proof_shows_2": (
        "A record changed, removed or slipped in before this checkpoint would give another root "
        "hash than the one that others have kept.",
        "此检查点之前的任何记录若被修改、删除或插入，根哈希就会与他人保存的不同。",
    ),
    "proof_shows_if": (
        "Check it with the checkpoint and the log's public key, and compare checkpoints with "
        "others.",
        "请用检查点和日志公钥核对，并与他人持有的检查点比较。",
    ),
    "proof_not": ("What it does not show", "不能说明什么"),
    "proof_not_1": (
        "That what was recorded is true: the log keeps what people and machines wrote.",
        "记录的内容是否真实：日志只保存人和机器写下的内容。",
    ),
    "proof_not_2": (
        "That the thing in your hand is the one recorded: a printed code can be copied.",
        "您手中的物品是否就是记录的那一件：印刷的编码可以被复制。",
    ),
    "proof_not_3": (
        "The steps that partners recorded: they stand in the partners' own logs.",
        "合作方记录的步骤：它们保存在合作方自己的日志中。",
    ),
    "check_button": ("Check in this browser", "在此浏览器中核验"),
    "check_noscript": (
        "With JavaScript this page can check the proof in your browser; 'suyuan check-proof' "
        "checks it without.",
        "启用 JavaScript 后，可在浏览器中核验证明；也可用 suyuan check-proof 核验。",
    ),
    "check_running": ("Checking …", "正在核验……"),
    "check_insecure": (
        "Your browser offers its cryptography to pages over https only. This page came over http, "
        "so nothing can be checked here.",
        "浏览器只对 https 页面提供加密功能。此页面通过 http 打开，因此无法在此核验。",
    ),
    "check_good": (
        "Checked: the hashes of {count} records stand in the signed log.",
        "核验通过：{count} 条记录的哈希在已签名的日志中。",
    ),
    "check_half": (
        "Half checked: the hashes of {count} records lead to the root hash, but your browser can't "
        "check the signature over it.",
        "部分核验：{count} 条记录的哈希与根哈希相符，但您的浏览器无法核验其签名。",
    ),
    "check_bad": ("The check failed.", "核验未通过。"),
    "check_why_format": (
        "What the log gave is not a proof.",
        "日志给出的内容不是有效的证明。",
    ),
    "check_why_other": (
        "The log gave the proof of something else.",
        "日志给出的是其他内容的证明。",
    ),
    "check_why_path": (
        "The hashes do not lead to the root hash of the checkpoint.",
        "这些哈希不能得到检查点的根哈希。",
    ),
    "check_why_root": (
        "The root hash on this page is not the one that the log gives for the same size.",
        "此页面上的根哈希与日志在同一记录数下给出的不一致。",
    ),
    "check_why_signature": (
        "The checkpoint is not signed by the log's key.",
        "检查点没有日志密钥的有效签名。",
    ),
    "check_why_gone": ("The log has no proof of these records.", "日志没有这些记录的证明。"),
    "check_undone": (
        "The check could not be done: the log gave no answer. Nothing is known; try again later.",
        "无法核验：日志没有应答。尚无结论，请稍后重试。",
    ),
    "check_bad_do": (
        "The log does not prove what this page says of it. Try again later; if it fails again, do "
        "not rely on this page, and tell the seller.",
        "日志不能证明此页面所述内容。请稍后重试；如果仍未通过，请不要依赖此页面，并告知销售商。",
    ),
    "check_done": ("This browser checked", "此浏览器已核验"),
    "check_records": (
        "The hash that stands at each of the numbers {numbers} of the log leads to the root hash "
        "of the checkpoint of {size} records.",
        "日志中序号 {numbers} 处的每个哈希，都能推算出 {size} 条记录的检查点的根哈希。",
    ),
    "check_hashes": ("The hashes (SHA-256)", "这些哈希（SHA-256）"),
    "check_hash": ("{number}: {leaf}", "{number}：{leaf}"),
    "check_signed": (
        "The checkpoint of {size} records is signed by the key {key} (Ed25519).",
        "{size} 条记录的检查点由密钥 {key} 签名（Ed25519）。",
    ),
    "check_left": ("Not checked", "未核验"),
    "check_unsigned": (
        "The signature over the checkpoint: this browser has no Ed25519. So anybody may have made "
        "up the root hash, and not only {key}.",
        "检查点的签名：此浏览器不支持 Ed25519。因此根哈希可能由任何人编造，而不一定出自 {key}。",
    ),
    "check_left_content": (
        "That these are this item's records, and what they say. Records hold private facts, so "
        "your browser was given their hashes alone.",
        "这些是否就是此物品的记录，以及记录的内容。记录含有非公开信息，浏览器只得到了它们的哈希。",
    ),
    "check_left_key": (
        "Whose key it is. The key, and this check itself, came from the same server as the page. "
        "Compare the key with one that you got elsewhere: {key}",
        "密钥属于谁。密钥和核验程序都来自此页面的同一服务器。请与从其他途径获得的密钥比较：{key}",
    ),
    "check_left_others": (
        "That others are shown the same log. Compare the checkpoint with theirs.",
        "其他人看到的是否为同一日志。请与他人持有的检查点比较。",
    ),
    "check_left_more": (
        "{more} older records of this item.",
        "此物品更早的 {more} 条记录。",
    ),
    "unknown_title": ("Unknown", "未知编码"),
    "unknown_text": (
        "We have no record of this code.",
        "我们没有此编码的记录。",
    ),
    "unknown_do": (
        "The code is well formed, but no one has recorded anything under it here. Compare it with "
        "the print. If it is right, ask the seller where it comes from, and do not rely on it.",
        "编码格式正确，但此处没有任何相关记录。请与印刷的编码核对；如果无误，请向销售商询问来源，在此之前不要依赖它。",
    ),
    "foreign_title": ("This code was not issued by us", "此编码不是我们发放的"),
    "foreign_wrong": (
        "The link carries a tag that we did not make.",
        "链接中的校验标签不是由我们生成的。",
    ),
    "foreign_missing": (
        "The link lacks the tag that every code of ours carries.",
        "链接缺少我们的编码都带有的校验标签。",
    ),
    "foreign_do": (
        "Nothing was looked up. Scan the code on the item itself instead of typing it. If this "
        "page comes back, ask the seller where the item comes from, and do not rely on the code.",
        "未进行任何查询。请直接扫描物品上的编码，不要手工输入。如果仍出现此页面，请向销售商询问物品来源，"
        "在此之前不要依赖此编码。",
    ),
    "malformed_title": ("This is not a valid code", "编码无效"),
    "malformed_text": (
        "The code can't be read as it stands. Compare it with the print, or scan it again.",
        "无法读取此编码。请与印刷的编码核对，或重新扫描。",
    ),
    "malformed_expected": ("Expected", "应为"),
    "malformed_found": ("Found", "实际"),
    "malformed_nothing": ("nothing", "空"),
    "malformed_at": ("At character", "第几个字符"),
    "malformed_fix": ("Likely fix", "可能的更正"),
    "malformed_long": ("It is far too long.", "编码过长。"),
    "missing_title": ("There is no such page", "没有此页面"),
    "missing_text": ("Check the address, or look up a code.", "请检查地址，或查询编码。"),
    "error_title": ("This can't be answered now", "暂时无法回答"),
    "method_title": ("This address is for reading only", "此地址仅供读取"),
    "private_note": (
        "Only facts meant for the public are shown. Names of suppliers, traders and staff, prices "
        "and documents stay with those who hold them.",
        "本页仅显示公开信息。供应商、经销商、人员、价格和单据不予公开。",
    ),
}
"""The texts; `{name}` is filled in."""
