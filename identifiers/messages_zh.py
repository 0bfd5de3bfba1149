"""The phrases of this package's errors in Chinese.

Keys are the English templates as they stand where the errors are raised; a test finds every such
template and holds that it is here with the same fields. Terms follow GB/T 33993, GB 12904 and
GB/T 16986.
"""

from __future__ import annotations

__all__ = ["PHRASES"]

PHRASES: dict[str, str] = {
    "at most {limit} characters": "最多 {limit} 个字符",
}
"""Chinese templates by their English ones."""
