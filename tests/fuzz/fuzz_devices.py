"""Search for bytes that break what reads scanners, guided by the branches that they reach (atheris).

A program of its own, for `make long`: `python tests/fuzz/fuzz_devices.py -max_total_time=60 [folder ...]`. Rules kept:

* The first bytes choose the profile and where the rest is cut: the scans have to be the same as of the whole.
* A finding is an error, a scan that has neither text nor problem or both, a number that is left out, more bytes kept
  than the profile allows, or a byte that is in no scan, in no ending and not counted.
* The same bytes are tried as key events, as a message, as a file of profiles and as what came of the test sheet.
* The seeds are written here: a line of every form.
"""

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

LENGTH = 1_024  # bytes of the longest input
HEAD = 4  # of which so many choose profile and cuts

SEEDS = (
    b"]C1010950600013435210L1\x1d21A\r\n",
    b"*]d2010950600013435210L1^]21A#\r",
    b"\x02]Q1https://id.gs1.org/01/09506000134352\x03\r\n\x02half\x02",
    "】C1０１０９５０６０００１３４３５２\r".encode(),
    "溯源\r".encode("gb18030"),
    b"\xff\x00noise" * 20 + b"\r",
    b'{"com.symbol.datawedge.data_string":"A1","decode_data":[[65,49]],"id":"m1","time":1772352000}',
    b'[dock]\nkind = "serial"\nport = "x"\nendings = "\\r"\n',
)


def write_seeds(folder: Path) -> int:
    """Write each seed behind each of a few heads."""
    heads = [bytes([profile, 3, 9, 20]) for profile in range(6)]
    for number, (head, seed) in enumerate((head, seed) for head in heads for seed in SEEDS):
        (folder / f"{number:05}").write_bytes(head + seed)
    return len(heads) * len(SEEDS)


def prepare() -> Callable[[bytes], None]:
    """Import what is tried; return the function that tries one input."""
    from scanners.devices import WedgeDevice, parse_devices
    from scanners.errors import MessageError, ProfileError
    from scanners.keyboard import KeyDecoder
    from scanners.messages import parse_message
    from scanners.scan import Scan
    from scanners.setup import derive
    from scanners.typing_damage import FullWidth
    from scanners.wedge import Identifier, WedgeParser, WedgeProfile

    stx, etx = b"\x02", b"\x03"
    profiles = (
        WedgeProfile(max_line=64),
        WedgeProfile(endings=etx, start=stx, max_line=32),
        WedgeProfile(endings=b"", max_line=16),
        WedgeProfile(prefix="*", suffix="#", identifier=Identifier.ALWAYS, max_line=64),
        WedgeProfile(layout="qwertz", full_width=FullWidth.FOLD, encodings=("utf-8", "gb18030")),
        WedgeProfile(endings=b"\r", start=b"*", gs_forms=("<GS>",), identifier=Identifier.NEVER),
    )

    def scans_of(profile: WedgeProfile, pieces: list[bytes]) -> list[Scan]:
        parser = WedgeParser(device="fuzz", profile=profile)
        found: list[Scan] = []
        for piece in pieces:
            found += parser.feed(piece, captured_at=0)
            kept = len(parser._framer._kept)
            assert kept <= profile.max_line, f"{kept} bytes are kept"
        return found + parser.finish(captured_at=0)

    def try_lines(head: bytes, stream: bytes) -> None:
        profile = profiles[head[0] % len(profiles)]
        cuts = sorted({min(one, len(stream)) for one in head[1:]})
        pieces = [stream[i:j] for i, j in zip([0, *cuts], [*cuts, None], strict=True)]
        found = scans_of(profile, [stream])
        assert scans_of(profile, pieces) == found, "the cuts change the scans"
        assert [scan.sequence for scan in found] == list(range(len(found)))
        for scan in found:
            assert (scan.problem is None) == bool(scan.text), scan
            assert scan.problem is None or "\n" not in scan.problem
        if not any(scan.problem and " bytes " in scan.problem for scan in found):
            marks = profile.endings + profile.start
            raw = b"".join(scan.raw for scan in found)
            assert raw == stream.translate(None, marks) or profile.start, "a byte is lost"

    def try_one(content: bytes) -> None:
        head, stream = content[:HEAD].ljust(HEAD, b"\0"), content[HEAD:]
        try_lines(head, stream)
        keys = KeyDecoder(("us", "de", "fr")[head[0] % 3], double_byte="gb18030")
        for kind, code, value in zip(stream[::3], stream[1::3], stream[2::3], strict=False):
            keys.feed(kind % 3, code, value % 3)
        tries: tuple[Callable[[], object], ...] = (
            lambda: parse_message(stream, device="fuzz", received_at=0),
            lambda: parse_devices(stream, "fuzz"),
            lambda: derive([stream], WedgeDevice()),
        )
        for tried in tries:
            refusal = ""
            try:
                tried()
            except (MessageError, ProfileError) as error:
                refusal = str(error)
            assert "\n" not in refusal

    return try_one


if __name__ == "__main__":
    from tests.fuzz.running import run

    sys.exit(run(["scanners"], prepare, write_seeds, LENGTH))
