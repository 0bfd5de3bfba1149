"""QR codes made together are those that qrcode makes one by one."""

from __future__ import annotations

import numpy as np
import pytest
import qrcode
from hypothesis import given, settings
from hypothesis import strategies as st
from qrcode import util
from qrcode.constants import ERROR_CORRECT_M

from identifiers.characters import CSET32
from labels.errors import ContentTooLongError
from labels.qr_batches import WIDEST, qr_groups, qr_rows
from labels.qr_penalties import penalties

LINK = "https://id.gs1.org/01/09506000134352/21/"


def reference(content: bytes) -> tuple[str, ...]:
    """Make one QR code with the package itself."""
    maker = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    maker.add_data(content)
    maker.make(fit=True)
    return as_rows(maker.modules)


def as_rows(modules: list[list[bool]]) -> tuple[str, ...]:
    """Write modules as text."""
    return tuple("".join("1" if dark else "0" for dark in row) for row in modules)


def together(contents: list[bytes]) -> dict[int, tuple[str, ...]]:
    """Make QR codes together and write each as text."""
    return {
        index: tuple(f"{int(word) >> 64 - size:0{size}b}" for word in words[:, at])
        for indices, size, words in qr_groups(contents)
        for at, index in enumerate(indices)
    }


@given(
    st.lists(
        st.one_of(
            st.text("abc/", max_size=25),
            st.text("0123456789", max_size=60),
            st.text(CSET32 + "/", min_size=10, max_size=60),
            st.text("\x00\x7f éab", max_size=9),
        ),
        min_size=1,
        max_size=5,
    ).map(lambda parts: "".join(parts).encode("latin-1"))
)
@settings(max_examples=60)
def test_bit_for_bit(content: bytes) -> None:
    """Whatever segments, version and mask a content gets, every module is that of qrcode."""
    assert qr_rows(content) == reference(content)


@given(st.lists(st.text(CSET32, min_size=10, max_size=12), min_size=1, max_size=12))
@settings(max_examples=20)
def test_links_of_a_run(serials: list[str]) -> None:
    """Contents of several shapes come back each once, and each as qrcode makes it."""
    contents = [f"{LINK}{serial}?t=ABCDEFGHJKLM".encode() for serial in serials]
    found = together(contents)
    assert found == {index: reference(content) for index, content in enumerate(contents)}


@pytest.mark.parametrize("version", range(1, 13))
def test_every_version(version: int) -> None:
    """All versions that fit into a word, those with a version number, and the first above."""
    limit = util.BIT_LIMIT_TABLE[ERROR_CORRECT_M][version] // 8 - (2 if version < 10 else 3)
    content = (b"abcdefgh" * 40)[:limit]
    assert len(reference(content)) == 4 * version + 17
    assert qr_rows(content) == reference(content)


def test_short_and_numeric_contents_among_others() -> None:
    """What qrcode itself has to make is handed out like the rest."""
    contents = [b"short", b"12345678901234567890123", LINK.encode(), b"x" * 30]
    assert together(contents) == {index: reference(one) for index, one in enumerate(contents)}


@pytest.mark.parametrize("content", [b"a" * 252, b"1" * 1000])
def test_too_wide_for_a_run(content: bytes) -> None:
    """A code above 61 modules is no code of a run; alone it can be made."""
    with pytest.raises(ContentTooLongError, match="at most 251 characters"):
        list(qr_groups([content]))
    assert len(qr_rows(content)) > WIDEST


def test_too_long_for_any() -> None:
    """A content beyond the largest QR code is refused in one sentence."""
    with pytest.raises(ContentTooLongError, match="at most 2,331 characters"):
        qr_rows(b"a" * 2332)


@given(st.integers(1, 11).map(lambda version: 4 * version + 17), st.data())
@settings(max_examples=40)
def test_penalties_of_any_modules(size: int, data: st.DataObject) -> None:
    """The lost points of any modules, runs and finders too, are those that qrcode counts."""
    piece = st.sampled_from(["0000", "1111111", "10111010000", "00001011101", "01", "1", "00110"])
    row = st.lists(piece, min_size=1, max_size=12).map(lambda parts: ("".join(parts) * size)[:size])
    rows = data.draw(st.lists(row, min_size=1, max_size=6))
    modules = [[one == "1" for one in rows[at * at % len(rows)]] for at in range(size)]
    for turned in (modules, [list(column) for column in zip(*modules, strict=True)]):
        words = [
            [int("".join("1" if one else "0" for one in line), 2) << 64 - size] for line in turned
        ]
        [lost] = penalties(np.array(words, dtype=np.uint64), size)
        assert lost == util.lost_point(turned)
