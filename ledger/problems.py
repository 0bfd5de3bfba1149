"""What is wrong with an input, said in the reader's language.

A `Problem` names a place (JSON pointer, RFC 6901), a rule and the value found. Rules it keeps:

* every rule stands once in `RULES`, with an English and a Chinese sentence that says what was found
  and the likely fix;
* an `ERROR` refuses the event or document, a `WARNING` only stands in its receipt;
* a value of the sender is shortened before it is repeated.

https://www.rfc-editor.org/rfc/rfc6901

>>> print(problem("/epcList/0", "epcis.uri", "pump 7").message("en"))
Expected an absolute URI, got "pump 7": write a Digital Link, an EPC URN or another URI.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Literal, NamedTuple

__all__ = ["RULES", "Language", "Problem", "Rule", "Severity", "problem"]

Language = Literal["en", "zh-CN"]
"""The two languages of messages."""

_SHOWN: Final = 80  # characters of a found value that a message repeats


class Severity(StrEnum):
    """What a problem does to its event."""

    ERROR = "error"
    WARNING = "warning"


class Rule(NamedTuple):
    """One rule: its weight and its sentence in both languages."""

    severity: Severity
    en: str
    zh: str


_E: Final = Severity.ERROR
_W: Final = Severity.WARNING

RULES: Final[dict[str, Rule]] = {
    # The file as a whole
    "input.empty": Rule(
        _E,
        "The input is empty: choose the file that holds the events.",
        "输入为空：请选择含有事件的文件。",
    ),
    "input.encoding": Rule(
        _E,
        "Expected UTF-8, got {found} at byte {offset}: save the file as UTF-8 and send it again.",
        "应为 UTF-8 编码，在第 {offset} 字节处发现 {found}：请另存为 UTF-8 后重新发送。",
    ),
    "input.truncated": Rule(
        _E,
        "The input breaks off at line {line}, column {column}: send the whole file again.",
        "输入在第 {line} 行第 {column} 列处中断：请重新发送完整的文件。",
    ),
    "input.too-large": Rule(
        _E,
        "One value is larger than {limit} characters: send it as several smaller events.",
        "单个值超过 {limit} 个字符：请拆分为多个较小的事件。",
    ),
    "input.xml": Rule(
        _E,
        "This is XML, and EPCIS XML is not read yet: send the events as EPCIS 2.0 JSON-LD.",
        "这是 XML 文件，暂不支持读取 EPCIS XML：请以 EPCIS 2.0 JSON-LD 格式发送事件。",
    ),
    "input.not-json": Rule(
        _E,
        "Expected EPCIS 2.0 JSON-LD, got {found}: export the events as JSON-LD.",
        "应为 EPCIS 2.0 JSON-LD，实际为 {found}：请将事件导出为 JSON-LD。",
    ),
    "input.query": Rule(
        _E,
        "This is a query, not a document with events: send an EPCISDocument to capture.",
        "这是查询请求，不含事件：采集时请发送 EPCISDocument。",
    ),
    "input.not-epcis": Rule(
        _E,
        "Expected an EPCISDocument, an EPCISQueryDocument or events, got {found}: check the file.",
        "应为 EPCISDocument、EPCISQueryDocument 或事件，实际为 {found}：请检查文件。",
    ),
    "input.late-context": Rule(
        _E,
        "The @context stands after more events than can be held back: put it before the events.",
        "@context 位于过多事件之后，无法暂存：请将其放在事件之前。",
    ),
    # JSON
    "json.malformed": Rule(
        _E,
        "This is not JSON at line {line}, column {column} ({detail}): correct it there.",
        "第 {line} 行第 {column} 列不是合法的 JSON（{detail}）：请在该处更正。",
    ),
    "json.duplicate-key": Rule(
        _E,
        "The key {found} stands twice in one object: keep one of them.",
        "键 {found} 在同一对象中出现两次：请只保留一个。",
    ),
    "json.refused": Rule(
        _E,
        "The value cannot be stored unambiguously. {detail}",
        "该值无法无歧义地保存：请更正。（{detail}）",
    ),
    "json.not-canonical": Rule(
        _E,
        "The event has no canonical form ({found}): correct the value it names.",
        "事件没有规范形式（{found}）：请更正其中所指的值。",
    ),
    "json.too-deep": Rule(
        _E,
        "Values are nested deeper than {limit} levels: flatten them.",
        "嵌套层数超过 {limit} 层：请减少嵌套。",
    ),
    # Shape of an event or document
    "epcis.missing-field": Rule(
        _E,
        "The field {field} is missing: add it.",
        "缺少字段 {field}：请补充。",
    ),
    "epcis.unknown-field": Rule(
        _E,
        "The field {found} does not belong in {owner}: remove it, "
        "or give an extension a prefix (example:{name}).",
        "{owner} 中没有字段 {found}：请删除，或为扩展字段加前缀（example:{name}）。",
    ),
    "epcis.wrong-type": Rule(
        _E,
        "Expected {expected}, got {found}: send the right type.",
        "应为{expected_zh}，实际为 {found}：请使用正确的类型。",
    ),
    "epcis.event-type": Rule(
        _E,
        "Expected an EPCIS event type such as ObjectEvent, got {found}: correct the type.",
        "应为 EPCIS 事件类型（如 ObjectEvent），实际为 {found}：请更正类型。",
    ),
    "epcis.empty-list": Rule(
        _E,
        "The list {field} is empty: fill it or leave it out.",
        "列表 {field} 为空：请填写或删除。",
    ),
    "epcis.duplicate-value": Rule(
        _E,
        "The value {found} stands twice in the list: keep one of them.",
        "值 {found} 在列表中重复：请只保留一个。",
    ),
    "epcis.uri": Rule(
        _E,
        "Expected an absolute URI, got {found}: write a Digital Link, an EPC URN or another URI.",
        "应为绝对 URI，实际为 {found}：请使用 Digital Link、EPC URN 或其他 URI。",
    ),
    "epcis.time": Rule(
        _E,
        "Expected a real date and time with a zone such as 2026-03-01T08:00:00+08:00, got {found}.",
        "应为真实且带时区的日期时间（如 2026-03-01T08:00:00+08:00），实际为 {found}：请更正。",
    ),
    "epcis.time-zone": Rule(
        _E,
        "Expected a zone offset such as +08:00, got {found}: write sign, hours and minutes.",
        "应为时区偏移（如 +08:00），实际为 {found}：请写明正负号、小时和分钟。",
    ),
    "epcis.action": Rule(
        _E,
        "Expected ADD, OBSERVE or DELETE, got {found}: choose one of them.",
        "应为 ADD、OBSERVE 或 DELETE，实际为 {found}：请选择其一。",
    ),
    "epcis.unit": Rule(
        _E,
        "Expected a UN/ECE Rec 20 unit of 2 or 3 characters such as KGM, got {found}.",
        "应为 2 至 3 位的 UN/ECE Rec 20 计量单位代码（如 KGM），实际为 {found}：请更正。",
    ),
    "epcis.version": Rule(
        _E,
        "Expected a schema version such as 2.0, got {found}: correct it.",
        "应为模式版本号（如 2.0），实际为 {found}：请更正。",
    ),
    "epcis.hex": Rule(
        _E,
        "Expected hexadecimal digits, got {found}: use 0-9 and A-F only.",
        "应为十六进制数字，实际为 {found}：只能使用 0-9 和 A-F。",
    ),
    "epcis.what-dimension-missing": Rule(
        _E,
        "The event names no item: fill {field}.",
        "事件未指明任何物品：请填写 {field}。",
    ),
    "epcis.ilmd": Rule(
        _E,
        "Only an event with action ADD may carry ilmd, got {found}: set ADD or remove ilmd.",
        "只有 action 为 ADD 的事件可以带 ilmd，实际为 {found}：请改为 ADD 或删除 ilmd。",
    ),
    "epcis.event-id-hash": Rule(
        _W,
        "The event's id {found} is not the CBV 2.0 hash of its content; it was kept as an id.",
        "事件编号 {found} 与其内容的 CBV 2.0 哈希不符；已按普通编号保留，请核对。",
    ),
    "epcis.comment": Rule(
        _W,
        "The comment {found} is kept but means nothing in EPCIS: use a prefixed extension.",
        "注释 {found} 已保留，但在 EPCIS 中没有意义：请改用带前缀的扩展字段。",
    ),
    "epcis.action-in-transformation": Rule(
        _W,
        "A TransformationEvent has no action; {found} was ignored: leave it out.",
        "TransformationEvent 没有 action，已忽略 {found}：请删除该字段。",
    ),
    "epcis.number-as-text": Rule(
        _W,
        "The number {found} came as text and was kept so: send it without quotes.",
        "数值 {found} 以文本形式发送，已原样保留：请去掉引号。",
    ),
    "epcis.extended-type": Rule(
        _W,
        "The event type {found} is not one of EPCIS; it is kept without links between items.",
        "事件类型 {found} 不属于 EPCIS 标准，已保留但不建立物品关联：请尽量使用标准类型。",
    ),
    "epcis.parent-missing": Rule(
        _W,
        "An AggregationEvent with action {found} should name its parent: add parentID.",
        "action 为 {found} 的 AggregationEvent 应指明父级：请补充 parentID。",
    ),
    # CBV words
    "cbv.unknown-word": Rule(
        _E,
        "{found} is no CBV 2.0 word for {field}: write {suggestion} or a URI of your own.",
        "{found} 不是 {field} 的 CBV 2.0 词汇：请改为 {suggestion}，或使用自有的 URI。",
    ),
    "cbv.urn": Rule(
        _W,
        "{found} was read as the CBV 2.0 word {word}: in JSON write the bare word.",
        "{found} 已按 CBV 2.0 词汇 {word} 读取：在 JSON 中请直接写该词。",
    ),
    "cbv.unknown-urn": Rule(
        _W,
        "{found} claims to be a CBV word but CBV 2.0 has no such {field}; it was kept as sent.",
        "{found} 自称 CBV 词汇，但 CBV 2.0 的 {field} 中没有该词；已原样保留，请核对。",
    ),
    "cbv.outside-schema": Rule(
        _W,
        "{found} is a GS1 word that the EPCIS 2.0 schema does not list; it was kept.",
        "{found} 是 GS1 词汇，但未列入 EPCIS 2.0 模式；已保留，请核对。",
    ),
    # Item codes
    "code.check-digit": Rule(
        _E,
        "The check digit of {found} is wrong. {detail}",
        "{found} 的校验码错误。{detail_zh}",
    ),
    "code.invalid": Rule(
        _E,
        "{found} is not a valid GS1 code. {detail}",
        "{found} 不是有效的 GS1 编码。{detail_zh}",
    ),
    "code.kept-as-is": Rule(
        _W,
        "{found} is not valid GS1 and was kept as sent: correct it at its source. ({detail})",
        "{found} 不符合 GS1 规则，已原样保留：请在来源处更正。（{detail_zh}）",
    ),
    # The ledger's own answers
    "capture.conflict": Rule(
        _E,
        "An event with the id {found} and other content is in the ledger: "
        "correct it by an event with an errorDeclaration.",
        "账本中已有编号为 {found} 而内容不同的事件：请通过带 errorDeclaration 的事件更正。",
    ),
    "capture.future": Rule(
        _W,
        "The event says it happens at {found}, which is still to come: until then it passes for the"
        " newest; check the clock that wrote it.",
        "事件时间 {found} 尚未到来，在此之前它会被视为最新：请检查写入该时间的时钟。",
    ),
    "capture.code-too-long": Rule(
        _E,
        "The code {found} is longer than {limit} characters: give it a shorter one.",
        "编码 {found} 超过 {limit} 个字符：请使用较短的编码。",
    ),
    "capture.too-many-lines": Rule(
        _E,
        "The event names one item, or lots, more than {limit} times: split it into several events.",
        "事件中同一物品或批次的条目超过 {limit} 个：请拆分为多个事件。",
    ),
    "capture.defect": Rule(
        _E,
        "The document could not be stored for a defect in this program, not in your data: tell the"
        " operator, who finds its cause in the server's log.",
        "因本程序的缺陷（而非您的数据），文档未能入库：请告知管理员，可在服务器日志中查找原因。",
    ),
    "capture.rolled-back": Rule(
        _E,
        "Another event of the same document was refused: correct that one and send all again.",
        "同一文件中的其他事件被拒绝：请更正后重新发送整个文件。",
    ),
    # What traces leave open
    "trace.itself": Rule(
        _W,
        "{found} is an input and an output of this event: it is traced as made of itself; report a"
        " mere treatment as an observation.",
        "{found} 既是该事件的输入又是输出，将按“由自身制成”追溯；仅为处理时请用观察事件。",
    ),
    "trace.level": Rule(
        _W,
        "{found} is told as a lot in one event and as a single piece in another: give them"
        " different codes, and name lots in lists of quantities only.",
        "{found} 在一个事件中是批次，在另一个事件中是单件：请使用不同编码，批次只列入数量列表。",
    ),
    "trace.negative": Rule(
        _W,
        "The quantity {found} of {item} is negative: report what was taken away by its own event.",
        "{item} 的数量 {found} 为负：减少的部分请用单独的事件说明。",
    ),
    "trace.not-inside": Rule(
        _W,
        "Nothing says so far that {found} was put into {parent} before: send that event too, or"
        " check the parent and the time.",
        "目前没有记录表明 {found} 此前装入 {parent}：请补发该事件，或核对上级编码和时间。",
    ),
    # Catena-X
    "catenax.unreadable": Rule(
        _E,
        "The twin {found} cannot be read: {detail}.",
        "数字孪生 {found} 无法读取：请检查。（{detail}）",
    ),
    "catenax.left-out": Rule(
        _W,
        "The aspect {found} is not turned into events yet; nothing of it was stored.",
        "方面 {found} 暂不转换为事件，未保存其内容。",
    ),
}


class _Words(dict[str, str]):
    """What fills a sentence; a word that nobody gave must not cost the whole message."""

    def __missing__(self, name: str) -> str:
        return "?"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where."""

    pointer: str
    """JSON pointer into the document as sent; empty for the whole of it."""
    rule: str
    """A key of `RULES`."""
    found: str
    """The value found, as JSON text, shortened."""
    params: tuple[tuple[str, str], ...] = ()
    """What else the sentence needs, as (name, value) pairs."""

    @property
    def severity(self) -> Severity:
        """Whether it refuses the event."""
        return RULES[self.rule].severity

    @property
    def is_warning(self) -> bool:
        """Whether the event is accepted all the same."""
        return RULES[self.rule].severity is Severity.WARNING

    def message(self, language: Language = "en") -> str:
        """Return one sentence that says what is wrong and the likely fix."""
        rule = RULES[self.rule]
        text = rule.zh if language == "zh-CN" else rule.en
        return text.format_map(_Words(self.params, found=self.found))

    def as_dict(self, language: Language = "en") -> dict[str, str]:
        """Return the problem as a receipt states it."""
        return {
            "pointer": self.pointer,
            "rule": self.rule,
            "severity": self.severity.value,
            "found": self.found,
            "message": self.message(language),
        }


def _shown(value: Any) -> str:
    # Half a surrogate pair is shown as a question mark: a message must be encodable.
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def problem(pointer: str, rule: str, found: Any = "", **params: object) -> Problem:
    """Make a `Problem`; `found` is any JSON value.

    Raises:
        KeyError: there is no such rule.
    """
    if rule not in RULES:
        raise KeyError(rule)
    return Problem(pointer, rule, _shown(found), tuple((k, str(v)) for k, v in params.items()))
