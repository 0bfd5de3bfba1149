"""What is public about an item, told by small ledgers made for one rule each."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from identifiers import parse_item_code
from ledger.keys import KeyFolder
from ledger.store.engine import reading
from suyuan.settings import Settings
from suyuan.web.history import PublicHistory, public_history
from suyuan.web.material import read_material
from suyuan.web.texts import TEXTS
from suyuan.web.words import STATUSES, STEPS, Words
from suyuan.workspace import Workspace

PRODUCT = "https://id.gs1.org/01/09506000134352"
ITEM = f"{PRODUCT}/21/A"
PART = "https://id.gs1.org/01/09521001000413/21/M1"
BRAND, OEM = "9506000134352", "9521001000006"
Recorded = Callable[..., None]


@pytest.fixture
def workspace(engine: Engine, tmp_path: Path) -> Workspace:
    """Give an empty ledger, on SQLite and on PostgreSQL."""
    return Workspace(Settings(), engine, KeyFolder(tmp_path / "keys"))


def _history(workspace: Workspace, code: str = ITEM) -> PublicHistory:
    with reading(workspace.engine) as connection:
        material = read_material(connection, parse_item_code(code), operator="main")
    return public_history(material, "en")


def _words(code: str, **attributes: Any) -> dict[str, Any]:
    return {
        "id": code,
        "attributes": [
            {"id": f"https://gs1.org/voc/{name}", "attribute": value}
            for name, value in attributes.items()
        ],
    }


def _party(gln: str, name: str) -> dict[str, Any]:
    return _words(f"https://id.gs1.org/417/{gln}", organizationName=name)


MADE = {"action": "ADD", "bizStep": "commissioning", "epcList": [ITEM]}


def test_a_maker_by_contract_is_not_named(workspace: Workspace, recorded: Recorded) -> None:
    """The brand states the product and itself; in whose log it was made stays private."""
    place = "https://id.gs1.org/414/9521001000109"
    recorded(
        "oem",
        {**MADE, "bizLocation": {"id": place}},
        vocabulary={
            "Party": [_party(OEM, "Contract Works")],
            "Location": [_words(place, addressLocality="Secretville", countryCode="CN")],
        },
    )
    recorded(
        "brand",
        {"bizStep": "inspecting", "disposition": "conformant", "epcList": [ITEM]},
        vocabulary={
            "EPCClass": [
                _words(PRODUCT, productName="Kettle", brandOwner=BRAND, countryOfOrigin="CN")
            ],
            "Party": [_party(BRAND, "Brand")],
        },
    )
    history = _history(workspace)
    assert (history.maker, history.product, history.country_of_origin) == ("Brand", "Kettle", "CN")
    assert history.city is None
    assert history.proof is not None
    assert history.proof.organisation == "brand"
    assert len(history.proof.records) == 1
    assert "oem" not in repr(history)
    assert "Secretville" not in repr(history)


def test_others_words_about_a_product_name_nobody(workspace: Workspace, recorded: Recorded) -> None:
    """Who states a product without stating its party is not made public by it."""
    recorded(
        "trader",
        MADE,
        vocabulary={"EPCClass": [_words(PRODUCT, productName="Kettle", manufacturer=OEM)]},
    )
    history = _history(workspace)
    assert history.product == "Kettle"
    assert history.maker is None


def test_without_a_maker_the_operators_log_is_shown(
    workspace: Workspace, recorded: Recorded
) -> None:
    """An item that was only seen, by several partners, has the proof of none of them."""
    recorded("one", {"bizStep": "shipping", "epcList": [ITEM]})
    alone = _history(workspace).proof
    assert alone is not None
    assert alone.organisation == "one"
    recorded("two", {"bizStep": "receiving", "epcList": [ITEM]})
    assert _history(workspace).proof is None


def test_a_persistent_recall_stands_until_it_is_lifted(
    workspace: Workspace, recorded: Recorded
) -> None:
    """What happens to the item in between doesn't hide it (CBV 2.0 section 7.2)."""
    recorded("main", MADE, {"epcList": [ITEM], "persistentDisposition": {"set": ["recalled"]}})
    recorded("main", {"epcList": [ITEM], "bizStep": "shipping", "disposition": "in_transit"})
    history = _history(workspace)
    assert history.recalled
    assert history.status == "recalled"
    recorded("main", {"epcList": [ITEM], "persistentDisposition": {"unset": ["recalled"]}})
    assert _history(workspace).status == "in_transit"


def test_a_recall_is_lifted_by_nobody_else(workspace: Workspace, recorded: Recorded) -> None:
    """A partner that says it is over hides neither the item's recall nor that of a part."""
    recalled = {"set": ["recalled"]}
    lifted = {"unset": ["recalled"]}
    built = {"type": "AssociationEvent", "parentID": ITEM, "childEPCs": [PART], "action": "ADD"}
    recorded("main", MADE, built, {"epcList": [ITEM, PART], "persistentDisposition": recalled})
    recorded("trader", {"epcList": [ITEM, PART], "persistentDisposition": lifted})
    history = _history(workspace)
    assert history.recalled
    assert history.part_recalled
    recorded("main", {"epcList": [ITEM, PART], "persistentDisposition": lifted})
    history = _history(workspace)
    assert not history.recalled
    assert not history.part_recalled


def test_a_recalled_part_counts_while_it_is_in(workspace: Workspace, recorded: Recorded) -> None:
    """Built in it is a warning; taken out, or no longer recalled, it is none."""
    part = {"action": "ADD", "bizStep": "commissioning", "epcList": [PART]}
    built = {"type": "AssociationEvent", "parentID": ITEM, "childEPCs": [PART]}
    recorded("main", MADE, part, {**built, "action": "ADD", "bizStep": "assembling"})
    assert not _history(workspace).part_recalled
    recorded("main", {"epcList": [PART], "persistentDisposition": {"set": ["recalled"]}})
    history = _history(workspace)
    assert history.part_recalled
    assert not history.recalled
    assert PART not in repr(history)
    recorded("main", {**built, "action": "DELETE", "bizStep": "removing"})
    history = _history(workspace)
    assert not history.part_recalled
    assert history.parts is None
    recorded("main", {**built, "action": "ADD", "bizStep": "installing"})
    assert _history(workspace).part_recalled
    recorded("main", {"epcList": [PART], "persistentDisposition": {"unset": ["recalled"]}})
    assert not _history(workspace).part_recalled
    kinds = [step.kind for step in _history(workspace).steps]
    assert kinds == ["made", "assembling", "part_removed", "part_installed"]
    kinds = [step.kind for step in _history(workspace, PART).steps]
    assert kinds == ["made", "built_in", "recorded", "taken_out", "built_in", "recorded"]


def test_an_assembly_that_is_only_looked_at_changes_nothing(
    workspace: Workspace, recorded: Recorded
) -> None:
    """An AssociationEvent that observes is no step of building, nor one of taking apart."""
    seen = {"type": "AssociationEvent", "parentID": ITEM, "childEPCs": [PART]}
    recorded("main", MADE, {**seen, "bizStep": "cycle_counting"})
    assert [step.kind for step in _history(workspace).steps] == ["made", "cycle_counting"]
    assert [step.kind for step in _history(workspace, PART).steps] in ([], ["cycle_counting"])


def test_the_last_hours_of_the_calendar_have_a_day(
    workspace: Workspace, recorded: Recorded
) -> None:
    """A time zone can't push an event beyond the year 9999."""
    last = {"eventTime": "9999-12-31T23:00:00.000Z", "eventTimeZoneOffset": "+08:00"}
    recorded("main", {**MADE, **last})
    assert _history(workspace).steps[0].first == "9999-12-31"


def test_a_date_may_be_a_typed_value(workspace: Workspace, recorded: Recorded) -> None:
    """JSON-LD's long form of a literal is read as its value."""
    typed = {"@type": "xsd:date", "@value": "2026-02-26"}
    recorded("main", {**MADE, "ilmd": {"suyuan:productionDate": typed}})
    assert _history(workspace).production_date == "2026-02-26"


def test_an_item_in_a_workshop_is_under_repair(workspace: Workspace, recorded: Recorded) -> None:
    """After the repair step, and before anybody says that it is well again."""
    recorded(
        "main", MADE, {"epcList": [ITEM], "bizStep": "repairing", "disposition": "in_progress"}
    )
    assert _history(workspace).status == "repairing"


def test_a_partners_own_words_are_not_repeated(workspace: Workspace, recorded: Recorded) -> None:
    """A step or state outside the CBV is "recorded" and "on record"."""
    recorded(
        "main",
        {
            **MADE,
            "bizStep": "https://example.com/secret-step",
            "disposition": "https://example.com/secret-state",
        },
    )
    history = _history(workspace)
    assert [step.kind for step in history.steps] == ["recorded"]
    assert history.status == "none"
    assert "secret" not in repr(history)


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ({"disposition": "conformant"}, (True, 0, 0)),
        ({"disposition": "damaged"}, (False, 0, 0)),
        ({}, (None, 0, 0)),
        ({"reports": [{"suyuan:verdict": "conformant"}]}, (True, 1, 1)),
        (
            {"reports": [{"suyuan:verdict": "conformant"}, {"exception": "ALARM_CONDITION"}]},
            (False, 2, 1),
        ),
        ({"reports": [{"suyuan:verdict": "conformant"}, {}]}, (None, 1, 1)),
        ({"reports": [{"suyuan:verdict": "non_conformant"}, {}]}, (False, 1, 0)),
    ],
)
def test_the_verdict_is_the_events_or_its_measurements(
    workspace: Workspace,
    recorded: Recorded,
    event: dict[str, Any],
    found: tuple[bool | None, int, int],
) -> None:
    """The disposition decides; without one all measurements must have been within limits."""
    inspected: dict[str, Any] = {"bizStep": "inspecting", "epcList": [ITEM]}
    if "reports" in event:
        reports = [{"type": "Length", "value": 7357, "uom": "MTR", **r} for r in event["reports"]]
        inspected["sensorElementList"] = [{"sensorReport": reports}]
    else:
        inspected |= event
    recorded("main", MADE, inspected)
    history = _history(workspace)
    one = history.inspection
    assert one is not None
    assert (one.conformant, one.measured, one.within) == found
    assert "7357" not in repr(history)


def test_days_are_those_of_the_place(workspace: Workspace, recorded: Recorded) -> None:
    """An evening in New York is not the next day."""
    recorded(
        "main",
        {
            **MADE,
            "eventTime": "2026-03-02T02:00:00.000Z",
            "eventTimeZoneOffset": "-05:00",
            "ilmd": {"suyuan:productionDate": "2026-02-27"},
        },
    )
    history = _history(workspace)
    assert history.steps[0].first == "2026-03-01"
    assert history.production_date == "2026-02-27"


def test_an_unreadable_production_date_is_left_out(
    workspace: Workspace, recorded: Recorded
) -> None:
    """The day of the event stands in for it."""
    recorded("main", {**MADE, "ilmd": {"suyuan:productionDate": "a Tuesday"}})
    assert _history(workspace).production_date == "2026-03-01"


def test_every_text_is_there_in_both_languages() -> None:
    """No key has an empty side, and both sides name the same values."""
    for english, chinese in (*TEXTS.values(), *STEPS.values()):
        assert english
        assert chinese
        assert english.count("{") == chinese.count("{")
    assert {tone for tone, *_ in STATUSES.values()} == {"plain", "good", "caution", "alarm"}
    assert Words("zh-CN").place("宁波", "CN") == "中国宁波"
    assert Words("en").place(None, "ZZ") == "ZZ"
