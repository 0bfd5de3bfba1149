"""Run one fuzz target with atheris: what every program of this folder does around its own target."""

import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def say(line: str) -> None:
    """Print a line before libFuzzer prints its own."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(
    packages: list[str],
    prepare: Callable[[], Callable[[bytes], None]],
    write_seeds: Callable[[Path], int],
    longest: int,
) -> int:
    """Run libFuzzer over a target; return the exit status.

    Without atheris, which has wheels for few machines, it says so and ends well; SUYUAN_FUZZ=need makes that a
    failure. Arguments of the program are libFuzzer's; in the first folder it keeps what reached something new.

    Args:
        packages: Those whose branches guide the search.
        prepare: Imports them, and gives the function that tries one input.
        write_seeds: Writes a file for each seed into a folder, and says how many.
        longest: Bytes of the longest input.
    """
    try:
        # It ships no types, and is not there on most machines.
        atheris: Any = importlib.import_module("atheris")
    except ImportError:
        say("Fuzzing is left out: atheris has no wheel for this Python or machine.")
        return int(os.environ.get("SUYUAN_FUZZ") == "need")
    with atheris.instrument_imports(include=packages):
        try_one = prepare()
    with tempfile.TemporaryDirectory() as folder:
        say(f"{Path(sys.argv[0]).stem}: {write_seeds(Path(folder))} seeds.")
        options = [one for one in sys.argv[1:] if one.startswith("-")]
        folders = [one for one in sys.argv[1:] if not one.startswith("-")]
        for one in folders:
            Path(one).mkdir(parents=True, exist_ok=True)
        if not folders:
            folders = [f"{folder}/found"]
            Path(folders[0]).mkdir()
        artifacts = Path(tempfile.gettempdir()) / "suyuan-fuzz-"
        arguments = [f"-max_len={longest}", f"-artifact_prefix={artifacts}", *options, *folders]
        # libFuzzer ends its process without leaving the block: the seeds are removed by the parent.
        child = os.fork()
        if child == 0:
            atheris.Setup([sys.argv[0], *arguments, folder], try_one)
            atheris.Fuzz()
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
