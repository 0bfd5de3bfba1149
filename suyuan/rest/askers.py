"""Who asks: the API key of a request, and the organisation that it is of."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from ledger.access import check_token
from ledger.organisations import find_organisation
from ledger.store.engine import reading

if TYPE_CHECKING:
    from starlette.requests import Request

    from ledger.access import Token
    from ledger.organisations import Organisation
    from suyuan.workspace import Workspace

__all__ = ["asker"]


def asker(workspace: Workspace, request: Request) -> tuple[Token, Organisation]:
    """The key that a request bears, and whose it is.

    Raises:
        HTTPException: It bears none that is in use (401).
    """
    scheme, _space, key = request.headers.get("authorization", "").partition(" ")
    with reading(workspace.engine) as connection:
        token = check_token(connection, key.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise HTTPException(HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
        return token, find_organisation(connection, token.organisation)
