"""Print labels to a PDF in a process of its own, and print what it took as JSON.

`python -m bench.one_run FILE COUNT`; the codes are made up, for issuing has a bench of its own.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from bench.labels import links
from bench.one_capture import peak_kb
from labels.runs import RunCode, RunDesign, RunProduct
from labels.stocks import A4_3X8
from suyuan.collector import relax_collector

if TYPE_CHECKING:
    from collections.abc import Iterator

_GROUP = 4080  # labels that are drawn together, as a run does


def _pages(design: RunDesign, codes: list[RunCode], count: int) -> Iterator[bytes]:
    while count:
        some = codes[:count]
        yield from design.pages(some)
        count -= len(some)


if __name__ == "__main__":
    relax_collector()  # as the product runs
    file, wanted = Path(sys.argv[1]), int(sys.argv[2])
    codes = [RunCode(*one) for one in links(min(_GROUP, wanted))]
    start = time.process_time()
    design = RunDesign.of(
        RunProduct(
            "09506000134352",
            "https://id.gs1.org",
            title_zh="磷酸铁锂动力电池包",
            title_en="LFP traction battery pack",
            query="t=" + "W" * 12,
        ),
        A4_3X8,
    )
    with file.open("wb") as stream:
        pages = design.write(stream, _pages(design, codes, wanted))
    result = {
        "pages": pages,
        "cpu": time.process_time() - start,
        "bytes": file.stat().st_size,
        "peak_kb": peak_kb(),
    }
    print(orjson.dumps(result).decode())
