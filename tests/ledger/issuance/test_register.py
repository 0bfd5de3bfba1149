"""The register of serials: two programs at once never take the same."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from ledger.issuance import register
from ledger.issuance.register import Mode
from ledger.issuance.serials import find_range
from ledger.store.engine import reading, writing
from tests.ledger.builders import GTIN, PRODUCT
from tests.ledger.issuance.conftest import Issuer

PROGRAM = """
import json, sys
from pathlib import Path
from ledger.issuance.issuing import issue
from ledger.issuance.keys import IssuingKeys
from ledger.issuance.register import Mode
from ledger.organisations import organisations
from ledger.store.engine import open_engine, reading

url, keys, name, gtin = sys.argv[1:]
engine = open_engine(url)
with reading(engine) as connection:
    [organisation] = organisations(connection)
print("ready", flush=True)
sys.stdin.read()
made = []
for number in range(12):
    mode = Mode.RANDOM if number % 4 == 3 else Mode.PERMUTED
    issued = issue(
        engine, IssuingKeys(Path(keys)), gtin, 7, organisation=organisation, submitter=name,
        now=number, mode=mode, supplier=name,
    )
    made += [one.serial for one in issued.codes]
print(json.dumps(made))
engine.dispose()
"""


def test_programs_at_once_never_take_the_same(
    issuer: Issuer, repository: Path, database_url: str
) -> None:
    """Three programs that issue at once, from the first key on, give out different serials."""
    issuer.ledger.organisation()
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, database_url, issuer.keys.folder, name, GTIN],
            cwd=repository,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ABC"
    ]
    for program in programs:  # all are loaded and wait: let them go
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.close()
        program.stdin = None
    said = [program.communicate(timeout=120)[0] for program in programs]
    assert [program.returncode for program in programs] == [0, 0, 0]
    made = [serial for text in said for serial in json.loads(text)]
    assert len(made) == len(set(made)) == 3 * 12 * 7
    with reading(issuer.ledger.engine) as connection:
        space = register.space_of(connection, PRODUCT)
        assert space is not None
        assert space.issued == 3 * 12 * 7
        ranges = register.ranges_of(connection, space)
    assert len(ranges) == 27
    assert ranges[0].first == 0
    assert all(two.first == one.first + one.count for one, two in pairwise(ranges))
    # What one program printed is found as its own, with the ranges and the key alone.
    for name, text in zip("ABC", said, strict=True):
        found = [find_range(issuer.series(1), ranges, one) for one in json.loads(text)]
        assert {one.supplier for one in found if one} == {name}
        assert sum(one is None for one in found) == 3 * 7


def test_a_drawn_serial_stands_once(issuer: Issuer) -> None:
    """Should all else fail, the unique index refuses a second one."""
    issuer.codes(1, mode=Mode.RANDOM, drawing=lambda _: [7])

    def again() -> None:
        with writing(issuer.ledger.engine) as connection:
            space = register.lock_space(connection, PRODUCT, 0)
            register.add_drawn(connection, space, 1, [7])

    with pytest.raises((IntegrityError, psycopg.errors.UniqueViolation)):
        again()
    assert issuer.ledger.count("drawn_serial") == 1


def test_a_product_without_codes(issuer: Issuer) -> None:
    """It has no space, until its first code."""
    with reading(issuer.ledger.engine) as connection:
        assert register.space_of(connection, PRODUCT) is None
    issuer.codes(1)
    with reading(issuer.ledger.engine) as connection:
        space = register.space_of(connection, PRODUCT)
        assert space is not None
        assert (space.product, space.issued) == (PRODUCT, 1)
        assert not register.has_drawn(connection, space)
