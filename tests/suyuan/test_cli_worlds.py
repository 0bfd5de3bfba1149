"""`suyuan demo --items`."""

import pytest

from tests.suyuan.conftest import CommandLine


def test_a_world_in_a_ledger(bare: CommandLine) -> None:
    """It is filled, and its codes can be traced to as many items as are printed."""
    value = bare.json("demo", "--items", 100, "--seed", 3)
    assert value["events"]["accepted"] > 100
    assert value["warnings"] == value["events"]["conflict"] == value["events"]["rejected"] == 0
    assert value["instrument"]["items"] > 0
    wanted = {"bad raw lot", "bad component lot", "sold bicycle"}
    assert wanted <= {one["what"] for one in value["codes"]}
    kinds = ("transformed", "part_of_lot", "installed", "packed")
    links = [word for kind in kinds for word in ("--links", kind)]
    for one in value["codes"]:
        found = bare.json("trace", one["code"], "--direction", one["direction"], *links)
        assert len(found["items"]) == one["items"], one
    bare.monkeypatch.setenv("SUYUAN_KEYS", "demo/keys")
    assert bare.size() > value["events"]["accepted"]  # master data has entries of its own


def test_again_and_another(bare: CommandLine) -> None:
    """Again it adds nothing and is told to people; another world is refused in one sentence."""
    bare.json("demo", "--items", 1)
    again = bare("demo", "--items", 1, "--no-serve")
    assert again.status == 0
    assert not again.err
    assert "\nWorth tracing" in again.out
    assert "sold bicycle, backward, " in again.out
    assert "\n0 events accepted, " in again.out
    other = bare("demo", "--items", 1, "--seed", 2)
    assert other.status == 2
    assert "The ledger holds other events" in other.sentence()


@pytest.mark.parametrize("items", ["0", "-1", "10000001", "99999999999999999999", "many"])
def test_nonsense_sizes(bare: CommandLine, items: str) -> None:
    """A size that is none is refused in one sentence, before a ledger is made."""
    answer = bare("demo", "--items", items)
    assert answer.status == 2
    assert "--items" in answer.sentence()
    assert not bare.database.exists()


def test_two_sizes(bare: CommandLine) -> None:
    """Packs are of the battery line; both sizes at once are refused in one sentence."""
    answer = bare("demo", "--items", 100, "--packs", 5)
    assert answer.status == 2
    assert "Give one of them" in answer.sentence()


def test_a_failure_is_a_finding(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that was refused is told, and the status is 1."""
    monkeypatch.setattr("suyuan.demo.world.filling.Filled.whole", False)
    answer = bare("demo", "--items", 1)
    assert answer.status == 1
    assert "NOT whole" in answer.out


def test_serving_is_asked_for(bare: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A world is served only with --serve, the small life without being asked."""
    served: list[int] = []
    monkeypatch.setattr("suyuan.cli.demos.serve", lambda _place, _host, port: served.append(port))
    assert bare("demo", "--items", 1).status == 0
    assert served == []
    answer = bare("demo", "--items", 1, "--serve", "--port", 8123)
    assert answer.status == 0
    assert served == [8123]
