"""Packages that only some devices need: imported when a device does, or refused in one sentence."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from scanners.errors import DeviceError

__all__ = ["extra"]


def extra(module: str, *, name: str, device: str) -> Any:
    """Import a module of an optional dependency.

    Args:
        module: What is imported.
        name: The extra of ours that brings it.
        device: The device that needs it.

    Raises:
        DeviceError: It isn't installed.
    """
    try:
        return import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise DeviceError(
            device,
            f"the package that brings {package} is not installed",
            f"install it with: pip install 'suyuan[{name}]'",
        ) from None
