"""Hosts that only look like known ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identifiers.hosts import look_alike, skeleton

KNOWN = ("id.gs1.org", "trace.example.cn")


@pytest.mark.parametrize(
    "link",
    [
        "https://id.gs1.org/01/09506000134352",
        "HTTPS://ID.GS1.ORG:443/01/09506000134352",
        "https://id.gs1.org./01/09506000134352",
        "https://cn.id.gs1.org/01/09506000134352",
        "trace.example.cn",
        "https://www.suyuan.test/01/09506000134352",
        "https://example.com/id.gs1.org/01/09506000134352",
        "not a link",
        "",
        "https://",
        "https://gs1.org",
        "https://xn--\u00e9.example/",
        "https://xn--99999999999.example/",
        f"https://xn--{'a' * 70}.example/",
    ],
)
def test_known_and_other_hosts(link: str) -> None:
    """A known host, one below it, and one that looks like none of them is not remarked on."""
    assert look_alike(link, KNOWN) is None


@pytest.mark.parametrize(
    "host",
    [
        "id.gs1.org.example.net",
        "id-gs1-org.example.net",
        "id.gs1.org-login.example.net",
        "id-gs1.org",
        "idgs1.org",
        "id.gsl.org",
        "ld.gs1.org",
        "id.gs1.0rg",
        "id.gs1.com",
        "id.sg1.org",
        "id.gs1.orgg",
        "id.gs2.org",
        "\u0456d.gs1.org",
        "id.gs1.\u03bfrg",
        "id.gs1.\uff4f\uff52\uff47",
        "id.gs1.\u00f3rg",
        "xn--d-yfb.gs1.org",
        "trace.exarnple.cn",
        "trace.exampIe.cn",
        "t\u0433ace.example.cn",
        "trace.e-xample.cn",
        "tr\u0430ce.example.cn",
        "TRACE.EXAMPLE.CN.example.net",
        "id%2Egs1%2Eorg.example.net",
    ],
)
def test_look_alikes(host: str) -> None:
    """Exchanged characters, hyphens, one edit, another ending and feigned labels are seen."""
    notice = look_alike(f"https://{host}/01/09506000134352", KNOWN)
    assert notice is not None
    assert notice.kind == "look-alike-host"
    assert notice.position == 8
    assert notice.details["known"] in KNOWN


@pytest.mark.parametrize(
    "link",
    [
        "https://id.gs1.org@example.net/01/09506000134352",
        "https://id.gs1.org:pass@example.net/",
        "https:\\\\id.gs1.org@example.net\\",
        "//id.gs1.org@example.net",
    ],
)
def test_user_information(link: str) -> None:
    """A known host before an at sign is no host."""
    notice = look_alike(link, KNOWN)
    assert notice is not None
    assert str(notice) == ("the link names id.gs1.org only as a user; it leads to example.net")


def test_user_information_of_others() -> None:
    """Another user name, and a known host behind it, is nobody's disguise."""
    assert look_alike("https://me@example.net/", KNOWN) is None
    assert look_alike("https://me@id.gs1.org/", KNOWN) is None


def test_short_hosts() -> None:
    """Short hosts that are one edit apart are mostly honest, but not those that look the same."""
    assert look_alike("https://b.cn/x", ["a.cn"]) is None
    assert look_alike("https://\u0430.cn/x", ["a.cn"]) is not None


def test_endings_of_short_hosts() -> None:
    """The same name under another ending is only told of hosts of three labels."""
    assert look_alike("https://maker.com/", ["maker.example"]) is None


def test_skeleton() -> None:
    """What looks alike has one skeleton."""
    assert skeleton("rnaker1.vvorld") == skeleton("\u043caker\u0456.world".replace("\u043c", "m"))


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Whatever stands for a host, there is an answer, and a known host never looks like itself."""
    look_alike(text, KNOWN)
    look_alike(f"https://{text}", KNOWN)
    look_alike(f"https://xn--{text}.org", KNOWN)
    assert look_alike("https://id.gs1.org/" + text, KNOWN) is None


@given(
    st.text("abcdefgh.", min_size=9, max_size=15),
    st.integers(0, 8),
    st.sampled_from("xyz"),
)
def test_one_edit(known: str, place: int, sign: str) -> None:
    """One character put in, taken out or replaced, and two exchanged, are always seen."""
    known = "k" + known.strip(".").replace(".", "-") + "k.example"
    edited = {
        known[:place] + sign + known[place:],
        known[:place] + known[place + 1 :],
        known[:place] + sign + known[place + 1 :],
        known[:place] + known[place : place + 2][::-1] + known[place + 2 :],
    } - {known}
    for host in edited:
        assert look_alike(f"https://{host}/", [known]) is not None
