"""`suyuan checkpoint stamp` and `stamps`, with an authority on this machine."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from ledger.log.witness import Response
from tests.ledger.authority import Authority
from tests.ledger.builders import instance, seen
from tests.suyuan.conftest import CommandLine
from tests.suyuan.loopback import answering, quick

pytest.importorskip("rfc3161_client", reason="the extra 'timestamps' is not installed")
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")


def test_a_checkpoint_is_stamped(suyuan: CommandLine) -> None:
    """A token that holds is stored and listed; one that doesn't is refused, and a changed one found."""
    suyuan.capture(seen(instance("a")))
    suyuan.monkeypatch.setattr("suyuan.cli.checkpoints.Fetcher", quick)
    folder = suyuan.folder / "authority"
    folder.mkdir()
    authority = Authority.make(folder)
    root = suyuan.write("root.pem", authority.root)
    with answering(lambda _path, body: Response(200, "", authority.answer(body))) as server:
        stamped = suyuan("checkpoint", "stamp", "--tsa", server.url, "--ca", root)
        assert stamped.status == 0, stamped.err
        assert "size 1: existed at 20" in stamped.out
        suyuan.capture(seen(instance("b")))
        value = suyuan.json("checkpoint", "stamp", "--tsa", server.url, "--ca", root)
        assert value["size"] == 2
        nothing = suyuan.write("nothing.pem", "nothing")
        assert suyuan("checkpoint", "stamp", "--tsa", server.url, "--ca", nothing).status == 2
    listed = suyuan.json("checkpoint", "stamps")
    assert [one["size"] for one in listed["stamps"]] == [1, 2]
    assert listed["findings"] == []
    assert suyuan("verify").status == 0
    for answer, status in (
        (Response(200, "", b"nonsense"), 1),
        (Response(403, "", b""), 1),
        (Response(200, "", b"x" * 200_000), 3),
    ):
        with answering(lambda _path, _body, said=answer: said) as server:  # type: ignore[misc]
            refused = suyuan("checkpoint", "stamp", "--tsa", server.url, "--ca", root)
        assert refused.status == status
        assert refused.sentence()
    with closing(sqlite3.connect(suyuan.database)) as connection:
        connection.execute("UPDATE time_stamp SET token = substr(token, 2) WHERE size = 2")
        connection.commit()
    found = suyuan("checkpoint", "stamps")
    assert found.status == 1
    assert "localhost/log/main, seq 1: " in found.out
    verified = suyuan("verify")
    assert verified.status == 1
    assert "time_stamp.token" in verified.out
