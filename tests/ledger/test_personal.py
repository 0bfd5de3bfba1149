"""Personal values: what is sealed, how it comes back, and what the entries about them say."""

import re
import time
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.epcis.context import Context
from ledger.errors import CanonicalError, EntryError, UsageError
from ledger.log.canonical import canonical_bytes, decimal_pointers, parse_strict
from ledger.log.commitment import SALT_SIZE, verify_commitment
from ledger.log.pointers import member_at
from ledger.personal import (
    MAX_FIELDS,
    Erased,
    Erasure,
    commitment_text,
    field_name,
    field_names,
    personal_pointers,
    read_declaration,
    read_erasure,
    require_field,
    reveal,
    seal,
    sealed_members,
    subject_of,
)
from ledger.projection import LOT_NUMBER

NS = "https://example.com/ns/"
NAME, PHONE = NS + "name", NS + "phone"
CONTEXT = [{"ex": NS}]


def salts() -> Any:
    """Return a source of salts that are told apart."""
    numbers = count()
    return lambda: next(numbers).to_bytes(SALT_SIZE)


def body(event: dict[str, Any]) -> dict[str, Any]:
    """Return the body of an entry, from an event as it was parsed."""
    made: dict[str, Any] = {"context": CONTEXT, "event": event}
    if decimals := decimal_pointers(event):
        made["decimals"] = decimals
    return made


def sealed_at(event: dict[str, Any], *fields: str) -> list[str]:
    """Return where the personal values of an event stand."""
    made, values = seal(body(event), fields, salts())
    assert made.get("personal", []) == [one.pointer for one in values]
    for one in values:
        assert one.salt is not None
        assert one.value is not None
        assert member_at(made["event"], one.pointer) == commitment_text(one.commitment)
        verify_commitment(one.commitment, one.salt, one.value)
    assert len({one.salt for one in values}) == len(values)
    return [one.pointer for one in values]


def test_what_is_sealed_stands_nowhere_else() -> None:
    """The body has a commitment in the value's place, and no trace of the value or its numbers."""
    event = parse_strict(
        '{"ex:name": {"of": ["Li", 1.50], "n": 2e-1}, "ilmd": {"ex:w": 2.5, "ex:name": null}}'
    )
    before = body(event)
    assert before["decimals"] == ["/ex:name/n", "/ex:name/of/1", "/ilmd/ex:w"]
    made, values = seal(before, [NAME], salts())
    assert made["personal"] == ["/ex:name", "/ilmd/ex:name"]
    assert made["decimals"] == ["/ilmd/ex:w"]
    assert [one.value for one in values] == [b'{"n":"0.2","of":["Li","1.5"]}', b"null"]
    assert b"Li" not in canonical_bytes(made)
    assert before == body(event)
    alone, _ = seal(body(parse_strict('{"ex:name": 1.5}')), [NAME], salts())
    assert "decimals" not in alone


def test_a_name_that_begins_like_a_sealed_one_keeps_its_numbers() -> None:
    """Only numbers inside a sealed value lose their pointers, not those beside it."""
    event = parse_strict('{"ex:name": [0.1], "ex:name-2": [0.2], "ex:names": 0.3, "ex:nam": 0.4}')
    made, _ = seal(body(event), [NAME], salts())
    assert made["decimals"] == ["/ex:nam", "/ex:name-2/0", "/ex:names"]


@pytest.mark.parametrize(
    ("event", "pointers"),
    [
        ({"ex:name": "Li"}, ["/ex:name"]),
        ({NAME: "Li"}, ["/https:~1~1example.com~1ns~1name"]),
        ({"other:name": "Li", "name": "Li", "ex:Name": "Li"}, []),
        ({"ilmd": {"ex:name": "Li"}}, ["/ilmd/ex:name"]),
        ({"ex:order": {"ex:name": "Li", "ex:no": 1}}, ["/ex:order/ex:name"]),
        (
            {"ex:all": [[{"ex:name": 1}], {"ex:name": 2}]},
            ["/ex:all/0/0/ex:name", "/ex:all/1/ex:name"],
        ),
        ({"ex:name": {"ex:name": {"ex:name": 1}}}, ["/ex:name"]),
        ({"ex:name": [{"ex:name": 1}]}, ["/ex:name"]),
        ({"ex:a/b~c": {"ex:name": 1}}, ["/ex:a~1b~0c/ex:name"]),
        ({"sensorElementList": [{"ex:name": 1}]}, ["/sensorElementList/0/ex:name"]),
        ({"errorDeclaration": {"ex:name": 1}}, ["/errorDeclaration/ex:name"]),
        ({"readPoint": {"id": "urn:x:1", "ex:name": 1}}, ["/readPoint/ex:name"]),
    ],
)
def test_where_fields_are_found(event: dict[str, Any], pointers: list[str]) -> None:
    """A declared field is found at any depth, by prefix and by full name, its outermost value whole."""
    assert sealed_at(event, NAME) == pointers


def test_an_inner_and_an_outer_field() -> None:
    """Of two declared fields, one inside the other, the outer one is sealed once."""
    assert sealed_at({"ex:phone": {"ex:name": 1}, "ex:name": 2}, NAME, PHONE) == [
        "/ex:name",
        "/ex:phone",
    ]


def test_attributes_of_master_data() -> None:
    """An attribute is known by the id beside its value, in each of its spellings."""
    element = {
        "id": NAME,
        "attributes": [
            {"id": "ex:name", "attribute": {"of": "Li"}},
            {"id": NAME, "attribute": "Li"},
            {"id": "cbvmda:city", "attribute": "Ulm"},
            {"id": NAME},
            {"attribute": "nameless"},
        ],
        "ex:name": "Li",
    }
    made, values = seal({"context": CONTEXT, "element": element}, [NAME], salts())
    assert subject_of(made)[0] == "element"
    assert [one.pointer for one in values] == [
        "/attributes/0/attribute",
        "/attributes/1/attribute",
        "/ex:name",
    ]
    assert [field_names(made)(one.pointer) for one in values] == [NAME] * 3
    plain = {"element": element}
    assert len(personal_pointers(plain, ["urn:epcglobal:cbv:mda:city"])) == 1


def test_nothing_personal_is_the_same_object() -> None:
    """A body without personal values isn't copied."""
    plain = body({"ex:name": "Li"})
    assert seal(plain, [PHONE], salts()) == (plain, ())
    assert seal(plain, [PHONE], salts())[0] is plain


TEXTS = st.text(st.characters(codec="utf-8"), max_size=5)
KEYS = st.sampled_from(["ex:name", "ex:phone", "ex:a/b", "ex:~c", NAME, "ex:x-y"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | TEXTS
    | st.decimals(-9, 9, places=2).map(lambda one: parse_strict(f"{one}")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=15,
)


@given(st.dictionaries(KEYS, VALUES, max_size=5), st.sets(st.sampled_from([NAME, PHONE])))
def test_what_is_sealed_comes_back(event: dict[str, Any], fields: set[str]) -> None:
    """Revealed, an event is what was sealed, its numbers as they stand in the log."""
    made, values = seal(body(event), fields, salts())
    assert reveal(made["event"], values) == event
    assert sealed_members(made) == {one.pointer: one.commitment for one in values}
    assert {field_names(made)(one.pointer) for one in values} <= fields
    again, more = seal(made, fields, salts())
    assert len(more) == len(values) or again is made
    if fields == {NAME, PHONE}:
        left = [
            at for at in made.get("decimals", ()) if isinstance(member_at(made["event"], at), str)
        ]
        assert left == made.get("decimals", [])


def test_an_erased_value_stays_a_commitment() -> None:
    """What is gone isn't revealed; what is still there is."""
    made, (first, second) = seal(body({"ex:name": "Li", "ex:phone": "1"}), [NAME, PHONE], salts())
    gone = type(first)(first.pointer, first.commitment, None, None)
    assert reveal(made["event"], [gone, second]) == {
        "ex:name": commitment_text(first.commitment),
        "ex:phone": "1",
    }


@pytest.mark.no_cover  # volume: others measure these lines
def test_many_values_take_little_time() -> None:
    """A hundred thousand personal values beside as many numbers are sealed in seconds."""
    rows = [{"ex:name": n, "ex:kg": None} for n in range(100_000)]
    event = {"ex:rows": rows}
    made = {
        "context": CONTEXT,
        "event": event,
        "decimals": [f"/ex:rows/{n}/ex:kg" for n in range(100_000)],
    }
    started = time.process_time()
    sealed, values = seal(made, [NAME], salts())
    assert (len(values), len(sealed["decimals"])) == (100_000, 100_000)
    assert len(sealed_members(sealed)) == 100_000
    assert time.process_time() - started < 30


@pytest.mark.parametrize(
    "event",
    [
        {"ex:" + "k" * 1100: {"ex:name": 1}},
        {"ex:a\0b": {"ex:name": 1}},
        {"ex:a\x1b[2J": [{"ex:name": 1}]},
        {"ex:a\n": {"ex:name": 1}},
    ],
)
def test_places_that_no_table_holds(event: dict[str, Any]) -> None:
    """A value below a name that is far too long or not printable isn't sealed, but refused."""
    with pytest.raises(CanonicalError, match="at most 1000 printable characters"):
        seal(body(event), [NAME], salts())
    assert seal(body(event), [PHONE], salts())[1] == ()


def test_values_without_end_below_a_long_name() -> None:
    """Pointers that would be gigabytes are refused before they are made."""
    objects: list[Any] = [[{}] * 100_000, {f"ex:{n}": [] for n in range(100_000)}]
    for below in objects:
        with pytest.raises(CanonicalError, match="fewer values below"):
            personal_pointers({"event": {"ex:" + "k" * 10_000: below}}, [NAME])


def test_a_deep_value() -> None:
    """A field is found as deep as an event may be."""
    deep: Any = {"ex:name": "Li"}
    for _ in range(95):
        deep = {"ex:a": [deep]} if _ % 2 else [deep]
    assert len(sealed_at({"ex:deep": deep}, NAME)) == 1


def test_names_of_fields() -> None:
    """`attribute` is named by the id beside it, if that is text; any other key by itself."""
    context = Context()
    assert field_name({"id": "cbvmda:x"}, "attribute", context) == "urn:epcglobal:cbv:mda:x"
    assert field_name({"id": 1}, "attribute", context) == "attribute"
    assert field_name({"id": "cbvmda:x"}, "cbvmda:y", context) == "urn:epcglobal:cbv:mda:y"


@pytest.mark.parametrize(
    "field",
    [
        "customer",
        "eventTime",
        ":x",
        "ex:",
        "ex:a b",
        "",
        "ex:é",
        "ex:\n",
        "ex:\x1b[2J",
        "ex:" + "x" * 650,
        LOT_NUMBER,
    ],
)
def test_names_that_no_field_has(field: str) -> None:
    """What EPCIS or a trace needs, and what is no full name, can't be declared."""
    with pytest.raises(UsageError) as error:
        require_field(field)
    assert str(error.value).isprintable()
    with pytest.raises(EntryError):
        read_declaration({"fields": [field]})


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"fields": "ex:a"},
        {"fields": [1]},
        {"fields": ["ex:a"], "more": 1},
        {"fields": ["ex:b", "ex:a"]},
        {"fields": ["ex:a", "ex:a"]},
        {"fields": [f"ex:{n:04}" for n in range(MAX_FIELDS + 1)]},
        {"fields": None},
    ],
)
def test_malformed_declarations(said: dict[str, Any]) -> None:
    """A declaration lists full names, sorted, each once, and not too many."""
    with pytest.raises(EntryError):
        read_declaration(said)


def test_declarations() -> None:
    """A declaration is the set of its fields, and may be empty."""
    assert read_declaration({"fields": []}) == frozenset()
    assert read_declaration({"fields": [NAME, PHONE]}) == {NAME, PHONE}


GONE = Erased("localhost/log/main", 3, "/ex:name", "00" * 32)


def erasure(*values: Any, **more: Any) -> dict[str, Any]:
    """Return the body of an erasure."""
    return {"values": list(values), "reason": "asked", **more}


def listed(**changes: Any) -> dict[str, Any]:
    """Return one value as an erasure lists it."""
    one = {"log": GONE.log, "seq": GONE.seq, "pointer": GONE.pointer, "commitment": GONE.commitment}
    return one | changes


def test_an_erasure() -> None:
    """An erasure lists what it erases, and why."""
    assert read_erasure(erasure(listed())) == Erasure((GONE,), "asked")


@pytest.mark.parametrize(
    "said",
    [
        {},
        erasure(),
        erasure(listed(), listed()),
        erasure(listed(seq=4), listed()),
        erasure(listed(seq="3")),
        erasure(listed(seq=3.5)),
        erasure(listed(more=1)),
        erasure(listed(), more=1),
        erasure(listed(), reason=None),
        erasure([]),
    ],
)
def test_malformed_erasures(said: dict[str, Any]) -> None:
    """Nothing is erased by an entry that isn't exactly as we write them."""
    with pytest.raises(EntryError):
        read_erasure(said)


TEXT = commitment_text(bytes(range(32)))


@pytest.mark.parametrize(
    ("personal", "said"),
    [
        ("/a", "list of pointers"),
        ([1], "list of pointers"),
        ([[]], "list of pointers"),
        (["/b", "/a"], "sorted"),
        (["/a", "/a"], "sorted"),
        (["/nowhere"], "Expected a value at"),
        (["/number"], "Expected a commitment"),
        (["/short"], "Expected a commitment"),
        (["/upper"], "Expected a commitment"),
        (["/blank"], "Expected a commitment"),
        (["/words"], "Expected a commitment"),
        (["/plain"], "Expected a commitment"),
    ],
)
def test_what_is_called_personal_and_isnt(personal: Any, said: str) -> None:
    """Strict: every pointer leads to a commitment, in the one spelling that it has."""
    event = {
        "a": TEXT,
        "b": TEXT,
        "number": 1,
        "short": TEXT[:-2],
        "upper": TEXT[:-2] + "1F",
        "blank": re.sub("(..)$", r" \1", TEXT),
        "words": "urn:suyuan:personal:Li",
        "plain": TEXT.removeprefix("urn:suyuan:personal:"),
    }
    assert sealed_members({"event": event, "personal": ["/a", "/b"]}).keys() == {"/a", "/b"}
    with pytest.raises(EntryError, match=said):
        sealed_members({"event": event, "personal": personal})
    with pytest.raises(EntryError):
        sealed_members({"personal": ["/a"]})
