"""Any text gives a result or an error of ours, in time linear in its length."""

import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identifiers.errors import IdentifierError
from tests.identifiers.any_input import (
    LARGEST,
    PIECES,
    SEEDS,
    SHAPES,
    answer,
    functions,
    takes_bytes,
)

NAMES = sorted(functions())
SMALL = 1_000  # characters: enough for a growth to show, few enough to be traced line by line
RATIO = 2.2  # what twice the text may cost; a square would cost 4
CONSTANT = 300  # lines that a longer text may cost whatever its length, such as those of an error
SUSPICIOUS_S = 0.3  # seconds of the processor after which the largest text is looked at closely
TALE = 8  # the largest text is compared with one of this part of its length


@st.composite
def nearly_valid(draw: st.DrawFn) -> str:
    """Draw a text of some form with a few parts lost, doubled, replaced or put in."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = draw(st.integers(start, min(len(text), start + 20)))
        piece = draw(st.sampled_from(PIECES) | st.text(max_size=3))
        part = text[start:end]
        change = draw(st.sampled_from(["", part + part, piece, part + piece, part.swapcase()]))
        text = text[:start] + change + text[end:]
    return text


def answer_all(text: str) -> None:
    """Ask every function, and those that take bytes also about three encodings of the text."""
    for function in functions().values():
        answer(function, text)
        if takes_bytes(function):
            for encoded in (
                text.encode("utf-8", "surrogatepass"),
                text.encode("utf-16", "surrogatepass"),
                text.encode("gb18030", "replace"),
            ):
                answer(function, encoded)


def test_the_functions_are_found() -> None:
    """What is tried includes the parsers of every form."""
    found = {name.rpartition(".")[2] for name in NAMES}
    assert found >= {
        "parse_bracketed",
        "parse_compressed_link",
        "parse_digital_link",
        "parse_element_string",
        "parse_epc_urn",
        "parse_item_code",
        "parse_ma",
        "parse_scan",
    }


@given(st.text() | st.text(st.characters(categories=("Cs", "Cc", "Nd", "Cf", "Lu"))))
def test_any_text(text: str) -> None:
    """Any text, also one that no encoding can hold, gives a result or an error of ours."""
    answer_all(text)


@pytest.mark.no_cover  # volume: others measure these lines
@settings(max_examples=300)
@given(nearly_valid())
def test_nearly_valid_texts(text: str) -> None:
    """A text that is almost a code gives a result or an error of ours."""
    answer_all(text)


@given(st.binary())
def test_any_bytes(content: bytes) -> None:
    """Any bytes give a result or an error of ours where bytes are taken."""
    for function in functions().values():
        if takes_bytes(function):
            answer(function, content)


@pytest.mark.parametrize("text", SEEDS)
def test_a_full_width_digit_is_no_digit(text: str) -> None:
    """A full-width digit is refused or kept as it is; it is never read as a digit."""
    for name, function in functions().items():
        if ".parse_" not in name:
            continue
        for position, character in enumerate(text):
            if character in "0123456789":
                wide = chr(ord(character) + 0xFEE0)
                try:
                    result = function(text[:position] + wide + text[position + 1 :])
                except IdentifierError:
                    continue
                assert wide in repr(result), name


def processor_s(function: Callable[[str], object], text: str) -> float:
    """Measure the processor time of one answer, in seconds: the least of three."""
    times = []
    for _ in range(3):
        start = time.process_time()
        answer(function, text)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.no_cover  # volume: others measure these lines
@pytest.mark.parametrize("name", NAMES)
def test_the_largest_texts(name: str) -> None:
    """Every worst case of 64 kB is answered; what takes long takes it in proportion.

    Loops inside expressions and copies of texts are no lines of ours, so they are timed.
    """
    function = functions()[name]
    for shape, make in SHAPES.items():
        text = make(LARGEST)
        start = time.process_time()
        answer(function, text)
        if time.process_time() - start > SUSPICIOUS_S:
            part = processor_s(function, make(LARGEST // TALE))
            # Linear is TALE times the part, square TALE times TALE.
            assert processor_s(function, text) < 3 * TALE * part, shape


def lines_run(function: Callable[[str], object], text: str) -> int:
    """Count the lines of the package that an answer runs, in a thread that is traced alone."""
    lines = 0
    faults: list[BaseException] = []

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        if not frame.f_globals.get("__name__", "").startswith("identifiers"):
            return None
        lines += event == "line"
        return trace

    def run() -> None:
        sys.settrace(trace)
        try:
            answer(function, text)
        except BaseException as fault:  # noqa: BLE001  a thread would swallow it
            faults.append(fault)
        finally:
            sys.settrace(None)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    for fault in faults:
        raise fault
    return lines


@pytest.mark.no_cover  # volume: others measure these lines
@pytest.mark.parametrize("name", NAMES)
def test_lines_grow_with_the_text(name: str) -> None:
    """Twice the text runs about twice the lines, whatever repeats in it."""
    function = functions()[name]
    for shape, make in SHAPES.items():
        answer(function, make(SMALL))  # what is read or made once is not counted
        once = lines_run(function, make(SMALL))
        twice = lines_run(function, make(2 * SMALL))
        assert twice <= RATIO * once + CONSTANT, f"{shape}: {once} and {twice} lines"
