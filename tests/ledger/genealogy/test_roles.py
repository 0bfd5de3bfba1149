"""The numbers of roles, which are stored, and the tables of which role makes which link."""

from ledger.genealogy.roles import BACKWARD, FORWARD, LEARNT, MATERIAL, SUBJECT, Kind, Role

STORED = {
    "OBSERVED": 0,
    "INPUT": 1,
    "OUTPUT": 2,
    "LOT": 3,
    "MEMBER": 4,
    "PACKED": 5,
    "CONTAINER": 6,
    "UNPACKED": 7,
    "EMPTIED": 8,
    "INSTALLED": 9,
    "ASSEMBLY": 10,
    "REMOVED": 11,
    "STRIPPED": 12,
    "CREATED": 13,
    "ENDED": 14,
    "INSTRUMENT": 15,
    "MEASURED": 16,
}


def test_stored_numbers_stay() -> None:
    """Every ledger there is holds these numbers; a new role gets a new one."""
    found = {key: value for key, value in vars(Role).items() if key.isupper()}
    assert found.items() >= STORED.items()
    assert len(set(found.values())) == len(found)


def test_names_of_kinds_stay() -> None:
    """The names stand in every answer."""
    names = ["transformed", "part_of_lot", "installed", "packed", "measured"]
    assert [kind.value for kind in Kind] == names
    assert [kind.value for kind in MATERIAL] == names[:-1]


def test_every_kind_is_left_both_ways() -> None:
    """Each kind of link has roles to leave by forward and backward, and no role has two kinds."""
    for table in (FORWARD, BACKWARD):
        assert set(table) == set(Kind)
        roles = [role for kind in Kind for role in table[kind]]
        assert len(roles) == len(set(roles))
    assert not {role for roles in FORWARD.values() for role in roles} & {
        role for roles in BACKWARD.values() for role in roles
    }


def test_a_mention_is_no_record_of_its_own() -> None:
    """An input, a part, a child or a lot is mentioned by somebody; it may yet be announced."""
    mentioned = {Role.INPUT, Role.LOT, Role.MEMBER, Role.PACKED, Role.UNPACKED}
    assert not SUBJECT & (mentioned | {Role.INSTALLED, Role.REMOVED, Role.ASSEMBLY})
    assert LEARNT <= SUBJECT
