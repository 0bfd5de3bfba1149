"""API keys: issued once, kept as a hash, revoked for good."""

from hashlib import sha256

import pytest

from ledger.access import Token, check_token, issue_token, revoke_token, tokens
from ledger.errors import NotFoundError
from ledger.store.engine import reading, writing
from tests.ledger.builders import Ledger


def issue(ledger: Ledger, slug: str, name: str, now: int = 5) -> str:
    """Issue a key in a transaction of its own."""
    owner = ledger.organisation(slug)
    with writing(ledger.engine) as connection:
        return issue_token(connection, owner, name, now)


def test_a_key_belongs_to_one_organisation(ledger: Ledger) -> None:
    """A key is known by itself alone, and leads to the organisation whose log it may write."""
    key, other = issue(ledger, "a", "scanner"), issue(ledger, "b", "erp", 6)
    assert key != other
    assert key.startswith("suyuan_")
    with reading(ledger.engine) as connection:
        assert check_token(connection, key) == Token(1, "a", "scanner", 5, None)
        assert check_token(connection, other) == Token(2, "b", "erp", 6, None)
        assert [token.name for token in tokens(connection)] == ["scanner", "erp"]


@pytest.mark.parametrize("wrong", ["", "suyuan_", "钥匙", "\ud800", "x" * 100_000, "' OR 1=1 --"])
def test_an_unknown_key(ledger: Ledger, wrong: str) -> None:
    """Whatever else is sent as a key opens nothing."""
    key = issue(ledger, "a", "scanner")
    with reading(ledger.engine) as connection:
        assert check_token(connection, wrong) is None
        assert check_token(connection, key[:-1]) is None
        assert check_token(connection, key.swapcase()) is None


def test_the_key_itself_is_not_kept(ledger: Ledger) -> None:
    """The database has the key's SHA-256, and nowhere the key."""
    key = issue(ledger, "a", "scanner")
    [row] = ledger.rows("SELECT * FROM token")
    assert sha256(key.encode()).digest() in [bytes(v) for v in row if isinstance(v, bytes)]
    assert key not in map(str, row)


def test_a_revoked_key_is_useless(ledger: Ledger) -> None:
    """A revoked key stays in the list with its time, opens nothing, and can't be revoked again."""
    key = issue(ledger, "a", "scanner")
    with writing(ledger.engine) as connection:
        revoke_token(connection, 1, 9)
    with reading(ledger.engine) as connection:
        assert check_token(connection, key) is None
        assert [token.revoked_at for token in tokens(connection)] == [9]
    for row in (1, 2):
        with (
            pytest.raises(NotFoundError, match=f"No token {row} in use. See 'suyuan token list'."),
            writing(ledger.engine) as connection,
        ):
            revoke_token(connection, row, 10)
    with reading(ledger.engine) as connection:
        assert tokens(connection)[0].revoked_at == 9
