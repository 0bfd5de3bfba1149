"""Search for texts that break a parser of item codes, guided by the branches that they reach (atheris).

A program of its own, for `make long`: `python tests/fuzz/fuzz_identifiers.py -max_total_time=60
[folder ...]`. Arguments are libFuzzer's; in the first folder it keeps the texts that reached something new. Rules kept:

* A text is worth a finding when it brings an error that is not ours, a message that can't be put together, or a
  result that is lost on the way through another form.
* The seeds are one text of every form and the inputs of the vectors, read at run time; nothing is stored here.
* Without atheris, which has wheels for few machines, it says so and ends well; SUYUAN_FUZZ=need makes that a failure.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
LENGTH = 4_096  # bytes of the longest text; longer ones are tried by the tests, one by one
SEED_FILES = ("gs1_*.json", "epc_*.json", "schemes_*.json")
SEED_FIELDS = ("input", "compressed", "pure_identity", "tag_uri", "digital_link", "hex", "code")

_WAIVED = {"8006", "8011"}
"""AIs of which an EPC may hold values (piece 00, serial 0) that the dictionary lets no other form hold."""


def texts_of(value: Any) -> Iterator[str]:
    """Yield the inputs among the vectors' rows."""
    if isinstance(value, list):
        for one in value:
            yield from texts_of(one)
    elif isinstance(value, dict):
        for name in SEED_FIELDS:
            if isinstance(value.get(name), str):
                yield value[name].replace("^", "\x1d")


def write_seeds(folder: Path, seeds: tuple[str, ...]) -> int:
    """Write one file for each seed: our own texts and those of the vectors, where there are any."""
    vectors = Path(os.environ.get("SUYUAN_VECTORS") or ROOT.parent / "shared") / "identifiers"
    texts = set(seeds)
    for pattern in SEED_FILES:
        for path in vectors.glob(pattern):
            texts.update(texts_of(json.loads(path.read_text(encoding="utf-8"))))
    for number, text in enumerate(sorted(texts)):
        (folder / f"{number:05}").write_bytes(text.encode("utf-8", "surrogatepass"))
    return len(texts)


def forms() -> Callable[[object], None]:
    """Give a check that a message comes back from each form that can hold it, and a code from its URI."""
    from identifiers import (
        ElementString,
        ItemCode,
        as_bracketed,
        as_digital_link,
        as_element_string,
        parse_bracketed,
        parse_digital_link,
        parse_element_string,
        parse_item_code,
    )
    from identifiers.errors import ConversionError
    from identifiers.gs1 import aitable

    pairs: tuple[tuple[Callable[..., str], Callable[..., ElementString]], ...] = (
        (as_bracketed, parse_bracketed),
        (as_element_string, parse_element_string),
        (as_digital_link, parse_digital_link),
    )

    def check(result: object) -> None:
        # A code without keys is of another scheme, or was taken unread on request.
        if isinstance(result, ItemCode) and result.keys:
            again = parse_item_code(result.uri)
            if (again.uri, again.level) != (result.uri, result.level):
                message = f"{result.uri} is read as {again.uri}"
                raise AssertionError(message)
        if not isinstance(result, ElementString):
            return
        if any(aitable.find(ai) is None for ai, _ in result.elements):
            return  # let pass on request, and by one form alone
        if _WAIVED & {ai for ai, _ in result.elements}:
            return
        for write, parse in pairs:
            try:
                text = write(result)
            except ConversionError:
                continue
            back = parse(text, requisites=False)
            # A link puts its key first and names each AI once; the others change nothing.
            same = (
                dict(back.elements) == dict(result.elements)
                if write is as_digital_link
                else back.elements == result.elements
            )
            if not same:
                message = f"{write.__name__}: {result.elements} came back as {back.elements}"
                raise AssertionError(message)

    return check


def prepare() -> Callable[[bytes], None]:
    """Import what is tried; return the function that tries one text with every public function that takes one."""
    from tests.identifiers.any_input import answer, functions, takes_bytes

    targets = [
        function
        for name, function in functions().items()
        if not name.startswith("verify_component")  # reached through the parsers
    ]
    check = forms()

    def try_one(content: bytes) -> None:
        text = content.decode("utf-8", "replace")
        for function in targets:
            result = answer(function, text)
            check(result)
            if takes_bytes(function):
                answer(function, content)

    return try_one


def own_seeds(folder: Path) -> int:
    """Write the seeds of our own, and those of the vectors."""
    from tests.identifiers.any_input import SEEDS

    return write_seeds(folder, SEEDS)


if __name__ == "__main__":
    from tests.fuzz.running import run

    sys.exit(run(["identifiers"], prepare, own_seeds, LENGTH))
