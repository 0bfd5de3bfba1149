"""The gate before the database: a link whose tag isn't ours is refused by its text alone.

Rules kept:

* A tag that is there must be right, whatever kind of code it stands beside.
* One that is missing is refused where tags are required (`SUYUAN_REQUIRE_TAGS`), of the codes that
  we issue: (01) with (21). Lots, products and packages in transport have none.
* The keys are read from their files for each link with a tag: a new version, or a revoked one,
  counts at once, and none of it touches the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from ledger.errors import TagError
from ledger.issuance.keys import IssuingKeys
from ledger.issuance.tags import PARAMETER, query_of, tag_in, verify_tag

if TYPE_CHECKING:
    from identifiers import ItemCode
    from suyuan.workspace import Workspace

__all__ = ["TagGate", "tag_parameters"]


@dataclass(frozen=True, slots=True)
class TagGate:
    """Knows which links are ours."""

    keys: IssuingKeys
    required: bool
    """Whether a serial item's link must have a tag."""

    @staticmethod
    def of(workspace: Workspace) -> TagGate:
        """The gate of a ledger, as its settings want it."""
        return TagGate(IssuingKeys(workspace.keys.folder), workspace.settings.require_tags)

    def admit(self, code: ItemCode, query: str) -> str | None:
        """Let a code pass, by the query of its link.

        Returns:
            The tag, which is right; None for a link that has none and needs none.

        Raises:
            TagError: The link is none of ours.
            StoreError: The keys can't be read.
        """
        tag = tag_in(query)
        if tag is not None:
            verify_tag(code.uri, tag, self.keys.versions())
        elif self.required and code.product and code.uri.startswith(f"{code.product}/21/"):
            raise TagError(f"The link of {code.uri} lacks its tag.", missing=True)
        return tag


def tag_parameters(link: str) -> list[str]:
    """The tags in the query of a link, as parameters of another address; none in other texts."""
    return [
        f"{PARAMETER}={quote(value, safe='')}"
        for name, _, value in (one.partition("=") for one in query_of(link).split("&"))
        if name == PARAMETER
    ]
