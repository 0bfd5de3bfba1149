"""The stage of its life that an item is in, by the business step of its newest event.

The stages are those of the guide to digital quality management in manufacturing: procurement,
production, inspection, warehousing, logistics and delivery, after-sales. Steps of CBV 2.0 section
7.1 that belong to none of them, and those of a partner's own, say nothing about the stage.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["Stage", "stage_of"]


class Stage(StrEnum):
    """A stage of an item's life."""

    PROCUREMENT = "procurement"
    PRODUCTION = "production"
    INSPECTION = "inspection"
    WAREHOUSING = "warehousing"
    LOGISTICS = "logistics"
    AFTER_SALES = "after_sales"


_STEPS: Final = {
    Stage.PROCUREMENT: "accepting consigning receiving reserving",
    Stage.PRODUCTION: "assembling commissioning creating_class_instance disassembling encoding"
    " installing",
    Stage.INSPECTION: "inspecting sampling sensor_reporting",
    Stage.WAREHOUSING: "cycle_counting entering_exiting holding packing picking repackaging"
    " staging_outbound stock_taking stocking storing unpacking",
    Stage.LOGISTICS: "arriving departing dispensing loading retail_selling shipping transporting"
    " unloading void_shipping",
    Stage.AFTER_SALES: "collecting decommissioning destroying killing removing repairing replacing",
}
_STAGE_OF: Final = {step: stage for stage, steps in _STEPS.items() for step in steps.split()}


def stage_of(step: str | None) -> Stage | None:
    """The stage that a business step belongs to, by its bare CBV word."""
    return _STAGE_OF.get(step or "")
