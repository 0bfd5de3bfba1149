"""Catena-X twins become events: single rules, malformed twins, and the same again on a resend."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import catenax
from ledger.catenax import CatenaxError, parse_catenax, read_catenax
from ledger.errors import CanonicalError, JsonSyntaxError, LedgerError
from ledger.log.canonical import DecimalText, canonical_bytes, decimal_pointers

CONTAINER = "https://catenax.io/schema/TestDataContainer/1.0.0"
AT = "/https:~1~1catenax.io~1schema~1TestDataContainer~11.0.0/0"
SERIAL = "urn:samm:io.catenax.serial_part:3.0.0#SerialPart"
BATCH = "urn:samm:io.catenax.batch:3.0.0#Batch"
OLD_BATCH = "urn:bamm:io.catenax.batch:1.0.0#Batch"
BOM = "urn:samm:io.catenax.single_level_bom_as_built:3.0.0#SingleLevelBomAsBuilt"
RELATION = "urn:bamm:io.catenax.assembly_part_relationship:1.1.0#AssemblyPartRelationship"
USAGE = "urn:samm:io.catenax.single_level_usage_as_built:3.0.0#SingleLevelUsageAsBuilt"
PLANNED_BOM = "urn:samm:io.catenax.single_level_bom_as_planned:3.0.0#SingleLevelBomAsPlanned"
PLANNED = "urn:samm:io.catenax.part_as_planned:2.0.0#PartAsPlanned"
VEHICLE = "urn:bamm:io.catenax.vehicle.product_description:1.0.1#ProductDescription"
OURS = "urn:suyuan:catenax:"
DAY = "2022-02-03T14:48:54.709Z"


def uuid(number: int) -> str:
    """Return a readable id."""
    return f"urn:uuid:00000000-0000-4000-8000-{number:012x}"


def serial(**about: Any) -> dict[str, Any]:
    """Return the payload of a serial part."""
    return {
        "localIdentifiers": [
            {"key": "manufacturerId", "value": "BPNL00000003CML1"},
            {"key": "partInstanceId", "value": "NO-1"},
        ],
        "manufacturingInformation": {"date": "2022-02-04T14:48:54", "country": "DEU"},
        "partTypeInformation": {"manufacturerPartId": "ZX-55", "nameAtManufacturer": "Door"},
        **about,
    }


def twin(aspects: dict[str, Any] | None = None, *, number: int = 1) -> dict[str, Any]:
    """Return a twin of the container with the given aspects."""
    return {"catenaXId": uuid(number), "bpnl": "BPNL00000003CML1", **(aspects or {})}


def events(*twins: Any) -> list[dict[str, Any]]:
    """Return the events of a container with these twins, read from bytes."""
    raw = json.dumps({"policies": {}, CONTAINER: twins}).encode()
    return [event for _, event in read_catenax(io.BytesIO(raw))]


def problem(*twins: Any) -> CatenaxError:
    """Return the first problem of a container with these twins."""
    with pytest.raises(CatenaxError) as caught:
        events(*twins)
    return caught.value


def associations(*children: dict[str, Any], aspect: str = BOM) -> list[dict[str, Any]]:
    """Return the associations of a parent with these children."""
    return events(twin({aspect: [{"childItems": list(children)}]}))[1:]


def test_serial_part_is_commissioned_when_it_was_made() -> None:
    """A serial part is an instance, made at its manufacturing date, in UTC where no zone stands."""
    (event,) = events(twin({SERIAL: [serial()]}))
    assert event == {
        "type": "ObjectEvent",
        "eventTime": "2022-02-04T14:48:54.000Z",
        "eventTimeZoneOffset": "+00:00",
        "action": "ADD",
        "bizStep": "commissioning",
        "epcList": [uuid(1)],
        f"{OURS}bpnl": "BPNL00000003CML1",
        "ilmd": {
            f"{OURS}manufacturerId": "BPNL00000003CML1",
            f"{OURS}partInstanceId": "NO-1",
            f"{OURS}manufacturerPartId": "ZX-55",
            f"{OURS}nameAtManufacturer": "Door",
            f"{OURS}country": "DEU",
            SERIAL: [serial()],
        },
        "eventID": event["eventID"],
    }


def test_batch_is_a_class_with_its_whole_key() -> None:
    """A batch is commissioned as a class; maker, part number and batch number stand together."""
    pairs = [{"key": "manufacturerId", "value": "B1"}, {"key": "batchId", "value": "BID-7"}]
    (event,) = events(twin({BATCH: [serial(localIdentifiers=pairs)]}))
    assert event["quantityList"] == [{"epcClass": uuid(1)}]
    assert "epcList" not in event
    about = event["ilmd"]
    assert about[f"{OURS}manufacturerId"] == "B1"
    assert about[f"{OURS}manufacturerPartId"] == "ZX-55"
    assert about[f"{OURS}batchId"] == "BID-7"


def test_batch_of_2022_has_its_number_as_a_serial_number() -> None:
    """The first model of a batch called its number partInstanceId; we find it as batchId too."""
    (event,) = events(twin({OLD_BATCH: [serial()]}))
    assert event["ilmd"][f"{OURS}batchId"] == "NO-1"


def test_one_batch_number_for_two_part_numbers_is_two_items() -> None:
    """Equal batch numbers of one maker stay apart, because the item code is the twin's id."""
    found = events(twin({OLD_BATCH: [serial()]}, number=1), twin({OLD_BATCH: [serial()]}, number=2))
    assert [event["quantityList"][0]["epcClass"] for event in found] == [uuid(1), uuid(2)]


def test_part_type_is_observed_as_a_class_and_its_plan_makes_no_link() -> None:
    """A twin as planned is known, with its plan kept whole, and no association comes of it."""
    plan = {"childItems": [{"catenaXId": uuid(2), "createdOn": DAY}]}
    (event,) = events(
        twin({PLANNED: [{"validityPeriod": {"validFrom": DAY}}], PLANNED_BOM: [plan]})
    )
    assert (event["type"], event["action"]) == ("ObjectEvent", "OBSERVE")
    assert event["quantityList"] == [{"epcClass": uuid(1)}]
    assert "ilmd" not in event
    assert event[PLANNED_BOM] == [plan]
    assert event["eventTime"] == DAY


def test_twin_without_any_aspect_is_observed() -> None:
    """A twin that says nothing is still a known item, and says that its time is not known."""
    (event,) = events(twin())
    assert (event["action"], event["epcList"]) == ("OBSERVE", [uuid(1)])
    assert "bizStep" not in event
    assert event["eventTime"] == "1970-01-01T00:00:00.000Z"
    assert event[f"{OURS}timeUnknown"] is True


def test_manufacturing_date_goes_before_other_dates() -> None:
    """A vehicle's day of production counts only if its part does not tell a time."""
    day = {"productionDateGMT": "2010-01-01"}
    (both,) = events(twin({VEHICLE: [day], SERIAL: [serial()]}))
    (one,) = events(twin({VEHICLE: [day]}))
    assert both["eventTime"] == "2022-02-04T14:48:54.000Z"
    assert one["eventTime"] == "2010-01-01T00:00:00.000Z"


def test_newest_models_are_understood() -> None:
    """Version 4 calls the date productionDate and a child's id globalAssetId."""
    new = SERIAL.replace("3.0.0", "4.0.0")
    edge = {
        "globalAssetId": uuid(2),
        "createdOn": DAY,
        "quantity": {"value": 20.0, "unit": "unit:piece"},
    }
    made, added = events(
        twin(
            {
                new: [serial(manufacturingInformation={"productionDate": "2025-09-26"})],
                BOM.replace("3.0.0", "4.0.0"): [{"childItems": [edge]}],
            }
        )
    )
    assert made["eventTime"] == "2025-09-26T00:00:00.000Z"
    assert added["childQuantityList"] == [{"epcClass": uuid(2), "quantity": 20}]


def test_empty_texts_say_nothing() -> None:
    """A field that an export left empty counts as missing."""
    edge = {"catenaXId": uuid(2), "createdOn": "", "lastModifiedOn": DAY, "quantity": {"value": ""}}
    made, added = events(
        twin(
            {
                SERIAL: [serial(manufacturingInformation={"date": ""})],
                BOM: [{"childItems": [edge]}],
            }
        )
    )
    assert (made["eventTime"], added["eventTime"]) == (DAY, DAY)
    assert added["childEPCs"] == [uuid(2)]


def test_undated_part_takes_the_earliest_time_of_its_edges() -> None:
    """A part that does not say when it was made is known from its first edge; nonsense is passed."""
    edges = [
        {"catenaXId": uuid(2), "createdOn": "2022-03-01T00:00:00Z"},
        {"catenaXId": uuid(3), "createdOn": "2021-03-01T00:00:00Z"},
    ]
    found = events(
        twin({SERIAL: [{}], BOM: [{"childItems": edges}], "x:note": {"createdOn": "soon"}})
    )
    assert found[0]["eventTime"] == "2021-03-01T00:00:00.000Z"


def test_other_aspects_and_members_are_kept_whole() -> None:
    """What we do not understand stays under its own name; exact decimals survive."""
    other = "urn:bamm:io.catenax.physical_dimension:1.0.0#PhysicalDimension"
    raw = b'{"%s": [{"catenaXId": "%s", "Plain Object": [1], "%s": [{"width": 10.50}]}]}'
    text = raw % (CONTAINER.encode(), uuid(1).encode(), other.encode())
    ((_, event),) = read_catenax(io.BytesIO(text))
    assert event[other] == [{"width": "10.5"}]
    assert decimal_pointers(event) == [f"/{other.replace('/', '~1')}/0/width"]
    assert event[f"{OURS}Plain%20Object"] == [1]


def test_first_of_two_contradicting_identifiers_is_searchable_and_both_are_kept() -> None:
    """Two part aspects of one twin: the first names it, both stay whole."""
    jis = "urn:samm:io.catenax.just_in_sequence_part:3.0.0#JustInSequencePart"
    pairs = [{"key": "manufacturerId", "value": "B2"}, {"key": "jisNumber", "value": "85851549CBX"}]
    (event,) = events(twin({SERIAL: serial(), jis: [serial(localIdentifiers=pairs)]}))
    about = event["ilmd"]
    assert about[f"{OURS}manufacturerId"] == "BPNL00000003CML1"
    assert about[f"{OURS}jisNumber"] == "85851549CBX"
    assert about[jis][0]["localIdentifiers"] == pairs


def test_children_added_at_one_time_share_an_event() -> None:
    """Children are grouped by the instant they were added, whatever its spelling and order."""
    found = associations(
        {"catenaXId": uuid(4), "createdOn": "2022-02-03T14:48:54.7090Z"},
        {"catenaXId": uuid(3), "createdOn": DAY, "lastModifiedOn": "2021-01-01T00:00:00Z"},
        {"catenaXId": uuid(5), "createdOn": "2022-02-04"},
    )
    assert [event["childEPCs"] for event in found] == [[uuid(3), uuid(4)], [uuid(5)]]
    assert [event["eventTime"] for event in found] == [DAY, "2022-02-04T00:00:00.000Z"]
    assert {event["parentID"] for event in found} == {uuid(1)}
    assert {(event["action"], event["bizStep"]) for event in found} == {("ADD", "assembling")}


@pytest.mark.parametrize(
    ("stated", "element"),
    [
        ({"quantityNumber": "0.1908", "measurementUnit": "unit:kilogram"}, ("0.1908", "KGM")),
        (
            {"quantityNumber": 0.2014, "measurementUnit": {"lexicalValue": "unit:kilogram"}},
            ("0.2014", "KGM"),
        ),
        ({"value": 2.5, "unit": "unit:litre"}, ("2.5", "LTR")),
        ({"value": "2.50", "unit": "urn:samm:unit:2.1.0#metre"}, ("2.5", "MTR")),
        ({"value": 20.0, "unit": "unit:piece"}, (20, None)),
        ({"value": "1e1", "unit": "unit:gram"}, (10, "GRM")),
        ({"value": 1}, (1, None)),
        (3, (3, None)),
    ],
)
def test_quantities_of_every_shape(stated: Any, element: tuple[Any, str | None]) -> None:
    """Quantities are exact in every shape they have had, with codes of Recommendation 20."""
    (event,) = associations({"catenaXId": uuid(2), "createdOn": DAY, "quantity": stated})
    value, unit = element
    expected = {"epcClass": uuid(2), "quantity": value} | ({"uom": unit} if unit else {})
    assert event["childQuantityList"] == [expected]
    assert isinstance(event["childQuantityList"][0]["quantity"], int | DecimalText)
    assert "childEPCs" not in event


def test_unknown_unit_is_no_count_of_pieces() -> None:
    """A unit without a code leaves the edge and keeps number and unit as they were stated."""
    (event,) = associations(
        {"catenaXId": uuid(2), "createdOn": DAY, "quantity": {"value": 2, "unit": "unit:bushel"}},
        {"catenaXId": uuid(3), "createdOn": DAY, "quantity": {"value": 2, "unit": "unit:piece"}},
        {"catenaXId": uuid(4), "createdOn": DAY, "quantity": {"value": None, "unit": "unit:piece"}},
    )
    assert event["childEPCs"] == [uuid(2), uuid(4)]
    assert event["childQuantityList"] == [{"epcClass": uuid(3), "quantity": 2}]
    assert event[f"{OURS}statedQuantity"] == [
        {f"{OURS}child": uuid(2), f"{OURS}quantity": 2, f"{OURS}unit": "unit:bushel"}
    ]


def test_usage_gives_the_edge_but_no_quantity() -> None:
    """The child's side tells who the parent is; its count of pieces stays in the twin's event."""
    parents = [
        {"parentCatenaXId": uuid(8), "createdOn": DAY, "quantity": {"value": 1}},
        {"catenaXId": uuid(9), "createdOn": DAY, "isOnlyPotentialParent": True},
    ]
    known, *edges = events(
        twin({USAGE: [{"parentItems": parents[1:], "parentParts": parents[:1]}]})
    )
    assert {event["parentID"]: event["childEPCs"] for event in edges} == {
        uuid(8): [uuid(1)],
        uuid(9): [uuid(1)],
    }
    assert not [event for event in edges if "childQuantityList" in event]
    assert known[USAGE][0]["parentParts"] == parents[:1]


def test_both_sides_of_an_edge_without_quantity_are_one_event() -> None:
    """Where both sides say the very same, the second one is the same event again."""
    down = events(
        twin({BOM: [{"childItems": [{"catenaXId": uuid(2), "createdOn": DAY}]}]}, number=1)
    )
    up = events(
        twin({USAGE: [{"parentItems": [{"catenaXId": uuid(1), "createdOn": DAY}]}]}, number=2)
    )
    assert down[1] == up[1]
    own = {"catenaXId": uuid(1), "createdOn": DAY}
    both = events(twin({BOM: [{"childItems": [own]}], USAGE: [{"parentItems": [own]}]}, number=1))
    assert [event["type"] for event in both] == ["ObjectEvent", "AssociationEvent"]


def test_old_relationships_say_which_stage_they_speak_of() -> None:
    """Children of plans are no edges; an edge may be dated by its assembly or its last change."""
    found = events(
        twin(
            {
                RELATION: [
                    {
                        "childParts": [
                            {"childCatenaXId": uuid(2), "lifecycleContext": "AsPlanned"},
                            {
                                "childCatenaXId": uuid(3),
                                "lifecycleContext": "AsBuilt",
                                "assembledOn": DAY,
                            },
                            {"childCatenaXId": uuid(4), "lastModifiedOn": "2022-01-01"},
                            {"childCatenaXId": uuid(5)},
                        ]
                    }
                ]
            }
        )
    )[1:]
    assert {event["eventTime"]: event["childEPCs"] for event in found} == {
        DAY: [uuid(3), uuid(5)],
        "2022-01-01T00:00:00.000Z": [uuid(4)],
    }


def test_repeated_child_is_counted_once() -> None:
    """The same statement twice in one list is one statement."""
    edge = {"catenaXId": uuid(2), "createdOn": DAY, "quantity": {"value": 1, "unit": "unit:piece"}}
    (event,) = associations(edge, edge)
    assert event["childQuantityList"] == [{"epcClass": uuid(2), "quantity": 1}]


def test_ids_are_written_in_one_way() -> None:
    """UUIDs in capitals or without a prefix are the same item; other URIs stay as they are."""
    (event,) = associations(
        {"globalAssetId": "00000000-0000-4000-8000-00000000ABCD", "createdOn": DAY},
        {"catenaXId": "URN:UUID:00000000-0000-4000-8000-00000000ABCE", "createdOn": DAY},
        {"catenaXId": "https://example.com/Part/7", "createdOn": DAY},
    )
    assert event["childEPCs"] == ["https://example.com/Part/7", uuid(0xABCD), uuid(0xABCE)]


@pytest.mark.parametrize(
    ("text", "expected", "offset"),
    [
        ("2022-02-04", "2022-02-04T00:00:00.000Z", "+00:00"),
        ("2022-02-04 14:48", "2022-02-04T14:48:00.000Z", "+00:00"),
        ("2022-02-04t14:48:54z", "2022-02-04T14:48:54.000Z", "+00:00"),
        ("2022-02-04T14:48:54.1234567Z", "2022-02-04T14:48:54.123456Z", "+00:00"),
        ("2022-02-04T01:00:00+0130", "2022-02-03T23:30:00.000Z", "+01:30"),
        ("2022-02-04T14:00:00-03:30", "2022-02-04T17:30:00.000Z", "-03:30"),
    ],
)
def test_times(text: str, expected: str, offset: str) -> None:
    """An instant is written in UTC, the stated offset stands beside it."""
    (event,) = events(twin({SERIAL: [serial(manufacturingInformation={"date": text})]}))
    assert (event["eventTime"], event["eventTimeZoneOffset"]) == (expected, offset)


def test_both_containers_give_the_same_item() -> None:
    """Trace-X's import file of a twin gives the container's events, but for what it says beside."""
    edge = {"catenaXId": uuid(2), "createdOn": DAY}
    document = {
        "assets": [
            {
                "assetMetaInfo": {"catenaXId": uuid(1), "digitalTwinType": "partInstance"},
                "note": "x",
                "submodels": [
                    {"aspectType": SERIAL, "payload": serial()},
                    {"aspectType": BOM, "payload": {"childItems": [edge]}},
                ],
            }
        ]
    }
    (at, known), (edge_at, association) = read_catenax(io.BytesIO(json.dumps(document).encode()))
    one, two = events(twin({SERIAL: [serial()], BOM: [{"childItems": [edge]}]}))
    assert (at, edge_at) == ("/assets/0", "/assets/0/submodels/1/payload/childItems/0")
    assert known["ilmd"] == one["ilmd"]
    assert known[f"{OURS}digitalTwinType"] == "partInstance"
    assert known[f"{OURS}note"] == "x"
    assert association == two


def test_document_kinds() -> None:
    """The two kinds of documents are told from all others."""
    assert catenax.is_catenax({"https://catenax.io/schema/TestDataContainer/2.0.0": []})
    assert catenax.is_catenax({"assets": [{"assetMetaInfo": {}, "submodels": []}]})
    others: list[object] = [
        [],
        None,
        {},
        {"assets": {}},
        {"assets": [1]},
        {"type": "EPCISDocument"},
    ]
    for other in others:
        assert not catenax.is_catenax(other)


def test_unreadable_documents_are_refused() -> None:
    """Wrong kind, wrong encoding, broken or oversized text: one clear error of ours each."""
    cases: list[tuple[bytes, type[LedgerError], str]] = [
        (b'{"type": "EPCISDocument"}', CatenaxError, "another document at the top"),
        (b'{"\xff": 1}', CatenaxError, "byte 0xFF at offset 2"),
        (b'{"assets": [', JsonSyntaxError, "line 1"),
        (b'{"assets": 1, "assets": 2}', CanonicalError, "twice"),
        (json.dumps({CONTAINER: {}}).encode(), CatenaxError, "a list"),
    ]
    for raw, kind, text in cases:
        with pytest.raises(kind, match=text):
            list(read_catenax(io.BytesIO(raw)))
    with pytest.raises(CatenaxError, match="at most 10 bytes"):
        list(read_catenax(io.BytesIO(b'{"assets": []}'), limit=10))


def test_byte_order_mark_is_ignored() -> None:
    """Files of Windows programs begin with a byte order mark."""
    raw = json.dumps({CONTAINER: [twin()]}).encode("utf-8-sig")
    assert len(list(read_catenax(io.BytesIO(raw)))) == 1


def test_number_that_the_log_has_not_is_kept_as_text() -> None:
    """The smallest double as a filler does not cost the twin; as a quantity it is refused."""
    assert events(twin({"urn:samm:x:1.0.0#X": [{"lithium": -1.7976931348623157e308}]}))[0][
        "urn:samm:x:1.0.0#X"
    ] == [{"lithium": "-1.7976931348623157e+308"}]
    edge = {"catenaXId": uuid(2), "createdOn": DAY, "quantity": 1.7976931348623157e308}
    found = problem(twin({BOM: [{"childItems": [edge]}]}))
    assert found.pointer.endswith("/childItems/0/quantity")


NO_AMOUNTS: list[Any] = [-1, "1,5", True, [], "NaN", "1e999", "１"]
MALFORMED: list[tuple[Any, str]] = [
    ("no twin", ""),
    ({"bpnl": "B"}, ""),
    ({"catenaXId": "7"}, "/catenaXId"),
    ({"catenaXId": 7}, "/catenaXId"),
    (twin({SERIAL: ["text"]}), f"/{SERIAL}/0"),
    (twin({BOM: 7}), f"/{BOM}"),
    (twin({SERIAL: [serial(localIdentifiers={})]}), f"/{SERIAL}/0/localIdentifiers"),
    (twin({SERIAL: [serial(localIdentifiers=[1])]}), f"/{SERIAL}/0/localIdentifiers/0"),
    (twin({SERIAL: [serial(partTypeInformation=[])]}), f"/{SERIAL}/0/partTypeInformation"),
    *(
        (
            twin({SERIAL: [serial(manufacturingInformation={"date": date})]}),
            f"/{SERIAL}/0/manufacturingInformation/date",
        )
        for date in ("04.02.2022", 2022, "2022-02-30", "2022-02-04T25:00Z", "２０２２-02-04")
    ),
    (
        twin({SERIAL: [serial(manufacturingInformation={"date": "0001-01-01T00:00+14:00"})]}),
        f"/{SERIAL}/0/manufacturingInformation/date",
    ),
    (
        twin({SERIAL: [serial(manufacturingInformation={"date": "2022-01-01T00:00+14:01"})]}),
        f"/{SERIAL}/0/manufacturingInformation/date",
    ),
    (twin({BOM: [{"childItems": {}}]}), f"/{BOM}/0/childItems"),
    (twin({BOM: [{"childItems": ["x"]}]}), f"/{BOM}/0/childItems/0"),
    (twin({BOM: [{"childItems": [{"createdOn": DAY}]}]}), f"/{BOM}/0/childItems/0"),
    (
        twin({USAGE: [{"parentItems": [{"catenaXId": uuid(2), "createdOn": "x"}]}]}),
        f"/{USAGE}/0/parentItems/0/createdOn",
    ),
    *(
        (
            twin({BOM: [{"childItems": [{"catenaXId": uuid(2), "quantity": {"value": value}}]}]}),
            f"/{BOM}/0/childItems/0/quantity/value",
        )
        for value in NO_AMOUNTS
    ),
    (
        twin(
            {BOM: [{"childItems": [{"catenaXId": uuid(2), "quantity": {"value": 1, "unit": 1}}]}]}
        ),
        f"/{BOM}/0/childItems/0/quantity/value",
    ),
    ({"assetMetaInfo": []}, "/assetMetaInfo"),
    ({"assetMetaInfo": {}}, "/assetMetaInfo"),
    ({"assetMetaInfo": {"catenaXId": uuid(1)}, "submodels": {}}, "/submodels"),
    ({"assetMetaInfo": {"catenaXId": uuid(1)}, "submodels": [1]}, "/submodels/0"),
    *(
        (
            {"assetMetaInfo": {"catenaXId": uuid(1)}, "submodels": [{"aspectType": urn}]},
            "/submodels/0/aspectType",
        )
        for urn in (None, "Batch")
    ),
]


@pytest.mark.parametrize(("raw", "pointer"), MALFORMED)
def test_malformed_twin_is_one_problem(raw: Any, pointer: str) -> None:
    """A malformed twin says where, what was expected and what came, and spares its neighbours."""
    found = problem(raw)
    assert found.pointer == AT + pointer
    assert str(found) == f"Expected {found.expected}, got {found.found} at {found.pointer}."
    problems: list[CatenaxError] = []
    document = {CONTAINER: [raw, twin(number=2)]}
    rest = list(parse_catenax(document, on_problem=problems.append))
    assert [error.pointer for error in problems] == [AT + pointer]
    assert [event["epcList"] for _, event in rest] == [[uuid(2)]]


def test_value_that_the_log_cannot_store_is_a_problem_of_its_twin() -> None:
    """A float in a document that was parsed elsewhere is refused with the twin's pointer."""
    document = {CONTAINER: [twin({"weight": 0.5})]}
    with pytest.raises(CatenaxError, match=r"0\.5") as caught:
        list(parse_catenax(document))
    assert caught.value.pointer == AT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4) | st.just(uuid(3)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("catenaXId", "childItems", "parentItems", "quantity", "value", "unit"),
                    *("createdOn", "date", "localIdentifiers", "partTypeInformation"),
                    "manufacturingInformation",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["catenaXId", SERIAL, BATCH, BOM, USAGE, RELATION, PLANNED, "x"]), JSON
        )
        | JSON
    )
)
def test_any_twin_gives_storable_events_or_a_problem(twins: list[Any]) -> None:
    """Whatever stands in the list: storable events with an id of their content, or our error."""
    problems: list[CatenaxError] = []
    seen: dict[str, bytes] = {}
    for _, event in parse_catenax({CONTAINER: twins}, on_problem=problems.append):
        raw = canonical_bytes(event)
        assert seen.setdefault(event["eventID"], raw) == raw
    assert all(error.pointer.startswith(AT[:-1]) for error in problems)


@given(st.permutations([2, 3, 4, 5]))
def test_order_of_a_list_of_parts_does_not_matter(numbers: list[int]) -> None:
    """The same children in another order are the same event."""
    children = [
        {"catenaXId": uuid(n), "createdOn": DAY, "quantity": {"value": n} if n % 2 else None}
        for n in numbers
    ]
    (event,) = associations(*children)
    assert event == associations(*sorted(children, key=lambda edge: str(edge["catenaXId"])))[0]
