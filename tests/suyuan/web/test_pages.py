"""The page behind a code, over HTTP: what it shows, what it hides, what it refuses."""

import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suyuan.demo.parties import PARTIES, PRODUCTS
from suyuan.web.texts import TEXTS

PACK = PRODUCTS["pack"].gtin
MAKER = PARTIES["haiyan"]
HTML = {"accept": "text/html"}
GTIN = "/01/09506000134352"
ITEM = f"https://id.gs1.org{GTIN}/21/A"
CLAIMS = ("genuine", "authentic", "verified", "真品", "正品")
Recorded = Callable[..., None]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    else:
        yield str(value)


def _shown(text: str) -> str:
    """What of a page can be read or found in its source, entities undone, styles' names left out."""
    without_layout = re.sub(r"<(?:meta|link)\b[^>]*>| class=\"[^\"]*\"| role=\"[^\"]*\"", "", text)
    return html.unescape(without_layout)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Sold", PRODUCTS["pack"].en, MAKER.en, "Ningbo, China", "Conformant", "Repaired"]),
        ("zh-CN", ["已售出", PRODUCTS["pack"].zh, MAKER.zh, "中国宁波", "合格", "维修"]),
    ],
)
def test_a_repaired_pack_shows_its_life_in_both_languages(
    demo: Any, language: str, words: list[str]
) -> None:
    """Product, maker, origin, steps, verdict, status and proof stand on the page."""
    text = demo.html(demo.story.highlights.swap.pack, language)
    assert f'<html lang="{language}">' in text
    for word in [*words, "localhost/log/haiyan", "/log/haiyan/checkpoint"]:
        assert word in text
    assert TEXTS["proof_not_2"][language != "en"] in text
    assert len(text.encode()) < 200_000


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_nothing_of_the_documents_is_shown_but_what_is_public(demo: Any, language: str) -> None:
    """Of all strings in all documents of the life only those of a short list stand on the page."""
    known = {
        one
        for submission in demo.story.submissions
        for one in _strings(submission.document)
        if len(one) >= 4
    }
    known |= {party.slug for party in PARTIES.values()}
    # Days of events are public; days of calibrations, deliveries and orders are not.
    days = {
        event["eventTime"][:10]
        for submission in demo.story.submissions
        for event in submission.document["epcisBody"]["eventList"]
    }
    for code in (demo.story.highlights.swap.pack, demo.story.highlights.sold_pack):
        serial = code.rpartition("/")[2]
        public = {code, code.rpartition("/21/")[0], PACK.digits, serial, "haiyan"}
        public |= {MAKER.en, MAKER.zh, MAKER.city[1], MAKER.slug}
        public |= {p.zh for p in PRODUCTS.values() if p.owner == "haiyan"}
        public |= {p.en for p in PRODUCTS.values() if p.owner == "haiyan"}
        # Words that our own sentences and markup use as well.
        public |= {"maker", "time", "type", "recalled", "supplier", "suyuan"}
        text = _shown(demo.html(code, language))
        found = {one for one in known if one in text} - public - days
        assert not found


def test_no_page_of_the_life_names_a_person_a_price_or_a_trader(demo: Any) -> None:
    """Lots, cells, crates and pallets hide the same as packs do."""
    highlights = demo.story.highlights
    operators = {
        event["suyuan:operator"]
        for one in demo.story.submissions
        for event in one.document["epcisBody"]["eventList"]
        if "suyuan:operator" in event
    }
    traders = [p for p in PARTIES.values() if p.role in {"distributor", "shop"}]
    hidden = operators | {"15800", "21800", "urn:epcglobal:cbv:bt", "/414/", "/417/", "/8004/"}
    hidden |= {text for p in traders for text in (p.slug, p.zh, p.en, *p.city)}
    for code in {*highlights.labels, highlights.swap.old, highlights.bad_lot}:
        text = demo.html(code)
        assert not {one for one in hidden if one in text}, code


def test_the_page_of_a_suppliers_lot_names_no_customer(demo: Any) -> None:
    """A lot's own maker stands on it; who bought it does not, neither by name nor by log."""
    text = demo.html(demo.story.highlights.bad_lot)
    assert PARTIES["qinglan"].en in text
    assert "localhost/log/qinglan" in text
    for hidden in ("haiyan", MAKER.en, MAKER.zh, "Ningbo"):
        assert hidden not in text


def test_a_recalled_lot_says_so_first(demo: Any) -> None:
    """Recall stands before the name, with what to do."""
    text = demo.html(demo.story.highlights.bad_lot)
    alarm = text.index(TEXTS["recall_title_lot"][0])
    assert alarm < text.index("<h1>")
    assert 'role="alert"' in text
    assert "Not conformant" in text


def test_a_pack_that_holds_cells_of_the_recalled_lot_warns_without_naming_it(demo: Any) -> None:
    """A person must learn that the item may be affected, and not who supplied the part."""
    highlights = demo.story.highlights
    title = TEXTS["part_recall_title"][0]
    affected = [c for c in highlights.still_affected if c.startswith(PACK.uri)]
    assert affected
    for code in affected:
        text = demo.html(code)
        assert title in text
        assert "LFP-" not in text
    clean = {PACK.serial(f"P25{n:05d}") for n in range(1, 5)} - set(affected)
    for code in clean:
        assert title not in demo.html(code)


def test_the_proof_links_lead_to_what_they_say(demo: Any) -> None:
    """Every link of a page answers, and the root on the page is the signed one."""
    text = demo.html(demo.story.highlights.sold_pack)
    assert TEXTS["proof_not_3"][0] in html.unescape(text)
    links = {html.unescape(one) for one in re.findall(r'href="(/[^"]*)"', text)}
    assert {"/log/haiyan/checkpoint"} < links
    for link in links:
        assert demo.client.get(link).status_code == 200, link
    root = demo.client.get("/log/haiyan/checkpoint").text.split("\n")[2]
    assert root in html.unescape(text)


def test_a_page_loads_nothing_from_elsewhere(demo: Any) -> None:
    """One script, a file of ours; no inline style, no address of another host; headers say the same."""
    answer = demo.client.get(demo.story.highlights.sold_pack.removeprefix("https://id.gs1.org"))
    scripts = re.findall(r"<script[^>]*>[^<]*", answer.text)
    assert scripts == ['<script type="module" src="/static/proof.js">']
    assert not re.search(r"""\son\w+=|javascript:""", answer.text)
    assert "style=" not in answer.text
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", answer.text)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'; connect-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    style = demo.client.get("/static/suyuan.css")
    assert style.headers["content-type"].startswith("text/css")
    assert "http" not in style.text
    assert "@import" not in style.text
    assert demo.client.get("/static/secret.css").status_code == 404


def test_a_page_is_asked_for_again_and_sent_once(demo: Any) -> None:
    """The ETag saves the body, in each language for itself."""
    path = demo.story.highlights.sold_pack.removeprefix("https://id.gs1.org")
    first = demo.client.get(path)
    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["vary"] == "Accept, Accept-Language"
    tag = {"if-none-match": f'"other", W/{first.headers["etag"]}'}
    again = demo.client.get(path, headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert demo.client.get(path, headers={**tag, "accept-language": "zh"}).status_code == 200


def test_programs_get_a_linkset(demo: Any) -> None:
    """By Accept, or by linkType, with anchor, default link and recall status (RFC 9264)."""
    path = demo.story.highlights.bad_lot.removeprefix("https://id.gs1.org")
    answer = demo.client.get(path, headers={"accept": "application/linkset+json"})
    assert answer.headers["content-type"] == "application/linkset+json"
    [links] = answer.json()["linkset"]
    assert links["anchor"] == f"http://127.0.0.1:8000{path}"
    assert links["https://gs1.org/voc/defaultLink"][0]["href"] == links["anchor"]
    assert links["https://gs1.org/voc/recallStatus"][0]["title"] == TEXTS["recall_title"][0]
    asked = demo.client.get(f"{path}?linkType=linkset", headers=HTML)
    assert asked.headers["content-type"] == "application/linkset+json"
    missing = demo.client.get(f"{path}X", headers={"accept": "application/linkset+json"})
    assert missing.status_code == 404
    assert "no record" in missing.json()["error"]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    "path", [f"{GTIN}/21/X", f"{GTIN}/10/L", GTIN, "/00/395210010000000018", "/8004/9506000A"]
)
def test_an_unknown_code_is_called_unknown(client: Any, path: str, language: str) -> None:
    """404, in words that nobody can take for a confirmation."""
    answer = client.get(path, headers={"accept-language": language, **HTML})
    assert answer.status_code == 404
    assert TEXTS["unknown_text"][language != "en"] in answer.text
    assert not [word for word in CLAIMS if word in answer.text.lower()]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "the value of (01)"), ("zh-CN", "(01) 的值无效")]
)
def test_a_typed_code_is_doubted_where_nothing_is_known(
    client: Any, language: str, words: str
) -> None:
    """Whoever types a link that is of GS1 but for a wrong digit is told so; a plain one is not."""
    headers = {"accept-language": language, **HTML}
    link = quote("https://example.org/01/09506000134353", safe="")
    answer = client.get(f"/find?code={link}", headers=headers)
    assert answer.status_code == 404
    assert words in answer.text
    assert "GS1 " in answer.text
    plain = client.get(f"/find?code={quote('https://example.org/x/1', safe='')}", headers=headers)
    assert plain.status_code == 404
    assert words not in plain.text


def test_a_malformed_code_is_told_what_is_wrong(client: Any) -> None:
    """400 with the error, its place in the path, and the likely fix."""
    answer = client.get("/01/09506000134353/21/X", headers=HTML)
    assert answer.status_code == 400
    assert "check digit should be 2" in answer.text
    assert "<dd>18</dd>" in answer.text
    told = client.get("/01/09506000134353/21/X", headers={"accept": "application/json"})
    assert told.status_code == 400
    assert "check digit" in told.json()["error"]


def test_a_malformed_code_is_told_in_chinese(client: Any) -> None:
    """Whoever reads Chinese is told what was expected and the likely fix in Chinese alone."""
    chinese = {"accept-language": "zh-CN"}
    answer = client.get("/01/09506000134353/21/X", headers=chinese | HTML)
    assert "校验码应改为 2" in answer.text
    assert "check digit" not in answer.text
    told = client.get("/01/09506000134353/21/X", headers=chinese | {"accept": "application/json"})
    assert told.json()["error"] == (
        "AI (01)：应为校验码 2，实为“3”（第 18 个字符）；校验码应改为 2，除非其他数字有误。"
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{GTIN}/21/%3Cscript%3Ealert(1)%3C/script%3E", 400),
        (f"{GTIN}/21/%22%3E%3Cb%3E", 404),
        (f"{GTIN}/21/A%00B", 400),
        (f"{GTIN}/21/%FF%FE", 400),
        (f"{GTIN}/21/..%2F..%2Fetc", 404),
        (f"{GTIN}/21/{'A' * 10_000}", 414),
        (f"{GTIN}/21/A?17=991399", 400),
        ("/01/" + "9" * 300, 400),
        ("/%2e%2e/%2e%2e/etc/passwd", 404),
        ("/no/such/page", 404),
    ],
)
def test_hostile_codes_get_a_plain_page(client: Any, path: str, status: int) -> None:
    """Whatever stands in the path, the answer is a page that repeats it escaped or not at all."""
    answer = client.get(path, headers=HTML)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script" not in answer.text
    assert '"><b>' not in answer.text
    assert "Traceback" not in answer.text
    assert len(answer.content) < 20_000


def test_hostile_master_data_is_escaped(client: Any, recorded: Recorded) -> None:
    """A product's name is text, whatever its publisher wrote."""
    evil = "<script>alert('x')</script>\"><img src=//evil.example>"
    product = {
        "id": ITEM.partition("/21/")[0],
        "attributes": [{"id": "https://gs1.org/voc/productName", "attribute": evil}],
    }
    recorded(
        "main",
        {"action": "ADD", "bizStep": "commissioning", "epcList": [ITEM]},
        vocabulary={"EPCClass": [product]},
    )
    text = client.get(f"{GTIN}/21/A").text
    assert text.count("<script") == 1
    assert "<img src=//" not in text
    assert html.escape("<script>alert(") in text


def test_a_code_that_others_mention_is_only_announced(client: Any, recorded: Recorded) -> None:
    """Without a record of its own nothing is said but that."""
    made = "https://id.gs1.org/01/09506000134352/21/WHOLE"
    recorded(
        "main",
        {
            "type": "TransformationEvent",
            "bizStep": "commissioning",
            "inputEPCList": [ITEM],
            "outputEPCList": [made],
            "disposition": "recalled",
        },
    )
    text = client.get(f"{GTIN}/21/A").text
    assert TEXTS["announced_title"][0] in text
    assert TEXTS["life"][0] not in text
    assert "recalled" not in text.lower()


def test_a_very_long_life_stays_a_small_page(client: Any, recorded: Recorded) -> None:
    """The middle is left out, and the page says how much."""
    moved = [
        {
            "eventTime": f"2026-{1 + n // 28:02d}-{1 + n % 28:02d}T08:00:00.000Z",
            "bizStep": "shipping" if n % 2 else "receiving",
            "epcList": [ITEM],
        }
        for n in range(300)
    ]
    recorded("main", *moved)
    answer = client.get(f"{GTIN}/21/A")
    assert "100 steps between these are not shown" in answer.text
    assert answer.text.count('<li class="gap">') == 1
    assert len(answer.content) < 200_000
    assert "… 299" in answer.text


def test_a_product_code_shows_the_product_without_a_history(demo: Any) -> None:
    """A class has no life of its own; its page says which code to scan."""
    text = demo.html(PACK.uri)
    assert PRODUCTS["pack"].en in text
    assert TEXTS["product_title"][0] in text
    assert TEXTS["life"][0] not in text


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("(01)09506000134352(21)A", f"{GTIN}/21/A"),
        ("]d2010950600013435210L\x1d21A", f"{GTIN}/10/L/21/A"),
        (" https://example.com/01/09506000134352/21/A%2FB \n", f"{GTIN}/21/A%2FB"),
        ("urn:epc:id:sgtin:9506000.013435.A", f"{GTIN}/21/A"),
        ("9506000134352", GTIN),
        ("395210010000000018", "/00/395210010000000018"),
    ],
)
def test_the_search_leads_to_the_page_of_any_form(client: Any, text: str, path: str) -> None:
    """Brackets, scans with GS, links, URNs and bare numbers all redirect to the Digital Link."""
    answer = client.get("/find", params={"code": text})
    assert answer.status_code == 303
    assert answer.headers["location"] == path


def test_the_search_keeps_the_language_and_refuses_what_is_no_code(client: Any) -> None:
    """An empty search goes back, words and endless texts are refused with a page."""
    kept = client.get("/find?code=9506000134352&lang=zh-CN")
    assert kept.headers["location"] == f"{GTIN}?lang=zh-CN"
    assert client.get("/find?code=%20").headers["location"] == "/"
    for text in ("hello", "9506000134353", "(01)" + "1" * 10_000, "<script>"):
        answer = client.get("/find", params={"code": text}, headers=HTML)
        assert answer.status_code == 400
        assert "<script" not in answer.text
    long = client.get("/find", params={"code": "x" * 3_000})
    assert long.json()["error"] == "Expected at most 2000 characters, got 3000."


def test_a_code_of_another_scheme_has_a_page_too(client: Any, recorded: Recorded) -> None:
    """What has no Digital Link is shown where it was searched."""
    code = "urn:uuid:34fb1d24-9158-4bc3-ac3a-34fc4893b351"
    recorded("main", {"action": "ADD", "bizStep": "commissioning", "epcList": [code]})
    answer = client.get("/find", params={"code": code})
    assert answer.status_code == 200
    assert code in answer.text
    assert "localhost/log/main" in answer.text


def test_the_start_page_has_a_search_box_in_both_languages(client: Any) -> None:
    """`?lang=` stands above the header."""
    english = client.get("/", headers={"accept-language": "fr, *;q=0.1"})
    assert '<form class="search" action="/find"' in english.text
    assert english.headers["content-language"] == "en"
    chinese = client.get("/?lang=zh", headers={"accept-language": "en"})
    assert chinese.headers["content-language"] == "zh-CN"
    assert TEXTS["home_lead"][1] in chinese.text


@given(st.text(max_size=60))
def test_no_text_in_a_path_breaks_the_page(demo: Any, text: str) -> None:
    """Any serial, well encoded or not, gets a page and never an error of ours."""
    for path in (f"{GTIN}/21/{quote(text, safe='')}", f"/01/{quote(text)}"):
        answer = demo.client.get(path, headers=HTML)
        assert answer.status_code in {400, 404}
        assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("name", ["proof.js", "tlog.js"])
def test_scripts_are_files_of_ours(demo: Any, name: str) -> None:
    """A script comes from this server, in its own media type, and names no other host."""
    script = demo.client.get(f"/static/{name}")
    assert script.status_code == 200
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "eval(" not in script.text
    assert "innerHTML" not in script.text
    assert not re.search(r"""['"`]https?://""", script.text)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_check_is_told_what_the_page_says(demo: Any, language: str) -> None:
    """Log, size, root and the item's newest records stand beside the button, with the sentences."""
    text = html.unescape(demo.html(demo.story.highlights.sold_pack, language))
    box = re.search(r"<div class=\"check\" data-check [^>]*hidden>", text)
    assert box
    assert 'data-log="haiyan" data-origin="localhost/log/haiyan"' in box[0]
    given = dict(re.findall(r'data-(size|root|records|more)="([^"]*)"', box[0]))
    note = demo.client.get("/log/haiyan/checkpoint").text.split("\n")
    assert [given["size"], given["root"]] == note[1:3]
    assert given["more"] == "0"
    for record in given["records"].split(","):
        assert demo.client.get(f"/log/haiyan/proof/{record}.json").json()["index"] == int(record)
    listed = re.search(
        r"data-words='([^']*)'", demo.html(demo.story.highlights.sold_pack, language)
    )
    assert listed
    words = json.loads(listed[1])
    wanted = {key for key in TEXTS if key.startswith("check_")}
    assert {f"check_{key}" for key in words} == wanted
    assert words["button"] == TEXTS["check_button"][language != "en"]


def test_every_sentence_that_the_script_asks_for_is_there(demo: Any) -> None:
    """A word that is missing would break the check in front of a reader."""
    script = demo.client.get("/static/proof.js").text
    asked = set(re.findall(r"said\('(\w+)'|said\(signed \? '(\w+)' : '(\w+)'", script))
    keys = {key for found in asked for key in found if key}
    kinds = re.findall(r"kind = '(\w+)'|, '(\w+)'\)", demo.client.get("/static/tlog.js").text)
    keys |= {f"why_{kind}" for found in kinds for kind in found if kind and kind.isalpha()}
    keys |= {"why_gone", "button", "noscript"}
    assert {f"check_{key}" for key in keys} == {key for key in TEXTS if key.startswith("check_")}
