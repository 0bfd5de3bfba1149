"""Drawings of answers, read back as XML."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from identifiers import Level
from ledger.exporting import drawing
from ledger.exporting.curves import HEIGHT, WIDTH
from ledger.exporting.placing import Layout, lay_out
from ledger.exporting.readable import readable
from ledger.genealogy.roles import Kind
from ledger.genealogy.trace import Direction, Trace
from tests.ledger.builders import instance, lot
from tests.ledger.exporting.answers import (
    HOSTILE,
    MAKER,
    PALLET,
    PLANT,
    answer,
    hostile,
    item,
    large,
    later,
    link,
    small,
    written,
)

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "rect", "defs", "marker", "path", "g", "text"}
Corner = tuple[float, float]


def drawn(trace: Trace, language: str = "en") -> ET.Element:
    """Return a drawing, in which there may be nothing that loads, runs or styles."""
    root = ET.fromstring(written("svg", trace, language=language))  # noqa: S314 - our own
    assert root.tag == f"{SVG}svg"
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in ELEMENTS
        for name, value in element.attrib.items():
            assert name not in {"style", "href"}
            assert not name.startswith("on")
            assert not re.search(r"(?i)javascript:|https?:|url\((?!#arrow-[a-z_]+\))", value)
    return root


def boxes(root: ET.Element) -> dict[str, ET.Element]:
    """Return the boxes by their first text."""
    found = root.findall(f".//{SVG}g[@id='items']/{SVG}g")
    return {texts(one)[0]: one for one in found}


def texts(element: ET.Element) -> list[str]:
    """Return the texts that are shown in an element."""
    return [one.text or "" for one in element.iter(f"{SVG}text")]


def corner(box: ET.Element) -> Corner:
    """Return the upper left corner of a box."""
    shape = box.findall(f"{SVG}rect")[-1]
    return float(shape.attrib["x"]), float(shape.attrib["y"])


def arrows(root: ET.Element) -> list[ET.Element]:
    """Return the arrows."""
    return root.findall(f".//{SVG}g[@id='links']/{SVG}path")


def test_a_small_answer_in_english() -> None:
    """Title and description say what it is and what it is complete to; boxes say what items are."""
    root = drawn(small())
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "title desc"
    assert root.attrib["lang"] == "en"
    assert root.findtext(f"{SVG}title") == "Trace forward of (01) 09506000134352 (10) bad"
    assert root.findtext(f"{SVG}desc") == (
        "4 items, 4 links. complete at localhost/log/main size 7"
    )
    found = boxes(root)
    assert texts(found["(21) a"]) == [
        "(21) a",
        "(01) 09506000134352",
        "instance · 2.50 KGM · in transit",
    ]
    assert texts(found["(21) c"])[2] == "instance · 3 pcs"
    assert "announced" in texts(found["(21) b"])[2]
    assert found["(21) a"].findtext(f"{SVG}title") == (
        f"{instance('a')}; (01) 09506000134352; instance · 2.50 KGM · in transit;"
        f" Location: {PLANT}; Holder: {MAKER}"
    )


def test_the_same_in_chinese() -> None:
    """Words are Chinese; codes stay codes."""
    root = drawn(small(cut=(("depth", (PALLET,)),), direction=Direction.BACKWARD), "zh-CN")
    assert root.attrib["lang"] == "zh-CN"
    assert root.findtext(f"{SVG}title") == "(01) 09506000134352 (10) bad 向上溯源"
    assert root.findtext(f"{SVG}desc") == ("4 件货品，4 条关联. 不完整：所设层级，1 处")
    assert texts(boxes(root)["(21) a"])[2] == "单件 · 2.50 KGM · 运输中"
    legend = texts(root.findall(f".//{SVG}g[@id='legend']")[0])
    assert legend == [
        "装配",
        "包装",
        "批次成员",
        "加工",
        "容器：货品所在或曾在之处",
        "?",
        "仅被提及",
    ]


def test_a_cut_is_said() -> None:
    """A drawing of part of an answer doesn't pass for the whole."""
    root = drawn(small(cut=(("depth", (PALLET,)), ("items", ("a", "b")))))
    assert root.findtext(f"{SVG}desc") == (
        "4 items, 4 links. cut: the depth asked for at 1 items, the number of items at 2 items"
    )
    assert "3 more not shown" in (drawn(later([], 3)).findtext(f"{SVG}desc") or "")


def test_kinds_are_told_apart_without_colour() -> None:
    """Each kind of link has dashes of its own, and the legend has the same."""
    root = drawn(small())
    dashes = [one.attrib["stroke-dasharray"] for one in arrows(root)]
    assert len({*dashes}) == 4
    legend = root.findall(f".//{SVG}g[@id='legend']/{SVG}path")
    assert {one.attrib["stroke-dasharray"] for one in legend} == {*dashes}
    assert [one.findtext(f"{SVG}title") for one in arrows(root)] == [
        "transformed: (10) bad → (21) a",
        "part of lot: (10) bad → (21) b",
        "installed: (21) a → (21) c",
        "packed: (21) c → (00) 095060001343520000",
    ]


def test_the_root_and_containers_are_told_apart() -> None:
    """By the edge of their boxes, and a container by its words too."""
    found = boxes(drawn(small()))
    root, plain, pallet = (
        found[name].findall(f"{SVG}rect")[0].attrib
        for name in ("(10) bad", "(21) a", "(00) 095060001343520000")
    )
    assert float(root["stroke-width"]) > float(plain["stroke-width"])
    assert "stroke-dasharray" in pallet
    assert "stroke-dasharray" not in plain
    assert texts(found["(00) 095060001343520000"])[-1].endswith("place")


def test_what_is_recalled_or_announced_is_told_apart() -> None:
    """By the edge and by a sign in the corner; the legend says what they mean."""
    a, b = instance("a"), instance("b")
    root = drawn(answer([item(a, status="recalled"), item(b, status="announced")], []))
    recalled, announced = boxes(root)["(21) a"], boxes(root)["(21) b"]
    assert texts(recalled)[-1] == "!"
    assert texts(announced)[-1] == "?"
    edges = [one.findall(f"{SVG}rect")[0].attrib for one in (recalled, announced)]
    assert float(edges[0]["stroke-width"]) > float(edges[1]["stroke-width"])
    assert "stroke-dasharray" in edges[1]
    assert texts(root)[-4:] == ["!", "recalled", "?", "announced"]
    items = [item(instance(number), status="recalled") for number in range(600)]
    assert texts(boxes(drawn(answer(items, [])))["600 ×"])[-1] == "!"


def test_the_root_tells_its_state() -> None:
    """As every other item does, where the answer has it."""
    state = item(
        lot("bad"),
        0,
        kind=Level.LOT,
        status="recalled",
        quantity="7",
        unit="KGM",
        holder=MAKER,
        location=PLANT,
    )
    [box] = boxes(drawn(answer([], [], root_item=state))).values()
    assert texts(box) == ["(10) bad", "(01) 09506000134352", "lot · 7 KGM · recalled", "!"]
    assert (box.findtext(f"{SVG}title") or "").endswith(f"Location: {PLANT}; Holder: {MAKER}")
    assert box.attrib["class"] == "box root"


def test_what_goes_in_stands_left_of_what_it_is_in() -> None:
    """Whichever way was traced."""
    for direction in Direction:
        found = boxes(drawn(small(direction=direction)))
        columns = [
            corner(found[name])[0]
            for name in ("(10) bad", "(21) a", "(21) c", "(00) 095060001343520000")
        ]
        assert columns == sorted({*columns})


def test_boxes_stand_inside_and_apart() -> None:
    """No box covers another, and none leaves the drawing."""
    codes = [instance(number) for number in range(60)]
    items = [item(code, 1 + number % 5) for number, code in enumerate(codes)]
    links = [link(codes[number // 3], codes[number]) for number in range(1, 60)]
    root = drawn(answer(items, links))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    corners = [corner(box) for box in boxes(root).values()]
    assert len(corners) == 61
    for at, (x, y) in enumerate(corners):
        assert 0 <= x <= width - WIDTH
        assert 0 <= y <= height - HEIGHT
        for other_x, other_y in corners[:at]:
            assert abs(x - other_x) >= WIDTH or abs(y - other_y) >= HEIGHT


def test_arrows_touch_their_boxes() -> None:
    """Each begins at the side of one box and ends at that of another, also those that lead back."""
    a, b = instance("a"), instance("b")
    links = [link(lot("bad"), a), link(a, b), link(b, a), link(a, a), link(lot("bad"), b)]
    root = drawn(answer([item(a), item(b, 2)], links))
    found = boxes(root)
    names = ["(10) bad", "(21) a", "(21) b"]
    ends = [("(10) bad", "(21) a"), ("(21) a", "(21) b"), ("(21) b", "(21) a")]
    ends += [("(21) a", "(21) a"), ("(10) bad", "(21) b")]
    assert [*found] == names
    for arrow, (source, target) in zip(arrows(root), ends, strict=True):
        numbers = [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", arrow.attrib["d"])]
        for (x, y), name in (((numbers[0], numbers[1]), source), (tuple(numbers[-2:]), target)):
            left, top = corner(found[name])
            assert left - 0.1 <= x <= left + WIDTH + 0.1
            assert top - 0.1 <= y <= top + HEIGHT + 0.1


def test_many_items_share_boxes() -> None:
    """Above 500 a box says how many items of what it stands for."""
    root = drawn(large(700))
    assert "drawn as 8 boxes" in (root.findtext(f"{SVG}desc") or "")
    found = boxes(root)
    assert texts(found["100 ×"]) == ["100 ×", "(01) 09506000134352", "instance · level 7"]
    assert len(found["100 ×"].findall(f"{SVG}rect")) == 2
    assert "several items in one box" in texts(root)
    thick = {arrow.attrib["stroke-width"] for arrow in arrows(root)}
    assert len(thick) > 1
    counted = [one.findtext(f"{SVG}title") or "" for one in arrows(root)]
    assert any(one.endswith(" links)") for one in counted)


def test_a_shared_box_of_places_of_several_kinds_and_levels() -> None:
    """Its words say what its items have in common."""
    items = [
        item(
            f"urn:kind:{number}:{number}",
            1 + number,
            kind=Level.ASSET if number % 2 else Level.LOGISTIC,
            container=True,
        )
        for number in range(2_000)
    ]
    root = drawn(answer(items, []))
    titles = [one.text or "" for one in root.iter(f"{SVG}title")]
    assert any(one.endswith("; several kinds · level 1–31 · place") for one in titles)


def test_an_event_is_no_item() -> None:
    """What stands between very many items is called an event."""
    a = instance("a")
    trace = answer([item(a)], [link(lot("bad"), "urn:uuid:2"), link("urn:uuid:2", a)])
    assert texts(boxes(drawn(trace))["urn:uuid:2"]) == ["urn:uuid:2", "event"]


def test_a_deep_answer_is_drawn_in_bounded_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where long arrows would bend too often, items share boxes."""
    codes = [instance(number) for number in range(400)]
    items = [item(code, 1 + number) for number, code in enumerate(codes)]
    links = [link(lot("bad"), code) for code in codes]
    links += [link(one, other) for one, other in pairwise(codes)]
    assert "boxes" in (drawn(answer(items, links)).findtext(f"{SVG}desc") or "")


def test_hostile_texts_are_shown_as_texts() -> None:
    """Nothing of a code becomes an element, and what can't be seen is an escape."""
    root = drawn(hostile())
    titles = [one.findtext(f"{SVG}title") or "" for one in boxes(root).values()]
    for text in HOSTILE:
        assert any(title.startswith(readable(text)) for title in titles)
    assert all(one.isprintable() for one in texts(root))
    assert "�" not in "".join(texts(root))


def test_an_empty_answer_is_a_box() -> None:
    """The item that was asked about stands alone."""
    root = drawn(answer([], []))
    assert [*boxes(root)] == ["(10) bad"]
    assert not arrows(root)
    assert root.findtext(f"{SVG}desc") == "0 items, 0 links. complete at localhost/log/main size 7"


def test_an_unknown_kind_of_link_has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind to come is drawn in a plain style of its own, with its name."""
    from ledger.exporting import strokes

    monkeypatch.delitem(strokes._LINES, Kind.PACKED.value)
    root = drawn(answer([item(PALLET)], [link(lot("bad"), PALLET, Kind.PACKED)]))
    assert arrows(root)[0].attrib["marker-end"] == "url(#arrow-other)"


def test_pictures_for_people(tmp_path: Path) -> None:
    """Lengths are short numbers, so that a person can read the file and a diff is small."""
    text = written("svg", small()).decode()
    assert not re.search(r"\d\.\d\d", re.sub(r"<text.*?</text>|<title>.*?</title>", "", text))


def test_the_layout_is_asked_with_the_size_of_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph that can't be laid out is followed by a smaller one."""
    asked = list[int]()

    def refusing(sizes: list[float], ends: list[tuple[int, int]], gap: float) -> Layout | None:
        asked.append(len(sizes))
        return None if len(asked) == 1 else lay_out(sizes, ends, gap)

    monkeypatch.setattr(drawing, "lay_out", refusing)
    drawn(small())
    assert asked[0] == 5
    assert len(asked) == 2
