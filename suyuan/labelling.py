"""Labels with the names that the ledger knows."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING

from labels.label import Label
from ledger.names import names_of
from ledger.store.engine import reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from identifiers import ItemCode
    from suyuan.workspace import Workspace

__all__ = ["labels_of"]


def labels_of(
    workspace: Workspace | None,
    codes: Iterable[ItemCode],
    stem: str,
    queries: Iterable[str] = repeat(""),
) -> list[Label]:
    """Labels with the names that the ledger's master data gives to the products.

    Args:
        workspace: The ledger; without one there are no names.
        codes: What is labelled.
        stem: What the links begin with.
        queries: What stands in the query of each code's link, such as a tag.
    """
    listed = list(codes)
    names = {}
    if workspace is not None:
        with reading(workspace.engine) as connection:
            names = names_of(connection, {code.product for code in listed if code.product})
    found = []
    for code, query in zip(listed, queries, strict=False):
        name = names.get(code.product or "", {})
        plain = name.get("", "")
        found.append(
            Label(
                code=code,
                title_zh=name.get("zh", plain),
                title_en=name.get("en", ""),
                data_matrix=True,
                stem=stem,
                query=query,
            )
        )
    return found
