"""Which AIs may stand where in a link."""

import pytest

from identifiers.errors import (
    ExclusionError,
    IdentifierError,
    RepeatError,
    RequisiteError,
    SyntaxError_,
)
from identifiers.gs1.link_shapes import BY_VALUES, LONGEST, SOUND, Shape, judge


@pytest.mark.parametrize(
    "shape",
    [
        (True, 1, "01"),
        (True, 4, "01", "22", "10", "21", "17", "99"),
        (True, 2, "01", "235", "10"),
        (True, 1, "01", "89"),
        (False, 1, "01", "12"),
    ],
)
def test_sound_shapes(shape: Shape) -> None:
    """Qualifiers in order, attributes of any kind and, on request, missing partners are sound."""
    assert judge(shape) is SOUND


def test_a_signed_shape_waits_for_its_values() -> None:
    """Beside a signature the serial of the key decides."""
    assert judge((True, 1, "253", "8030")) is BY_VALUES


@pytest.mark.parametrize(
    ("shape", "kind", "place"),
    [
        ((True, 3, "01", "21", "10"), SyntaxError_, (0, 0, True)),
        ((True, 2, "00", "10"), SyntaxError_, (0, 0, True)),
        ((True, 1, "01", "17", "10"), SyntaxError_, (2, 2, True)),
        ((True, 1, "01", "8020"), SyntaxError_, (1, 1, True)),
        ((True, 2, "01", "10", "17", "10"), RepeatError, (3, 3, True)),
        ((True, 1, "01", "17", "12"), RequisiteError, (2, 3, False)),
        ((False, 1, "01", "3103", "3102"), ExclusionError, (1, 3, False)),
        ((True, 1, "01", *("91", "17") * LONGEST), RepeatError, (3, 3, True)),
    ],
)
def test_refused_shapes(
    shape: Shape, kind: type[IdentifierError], place: tuple[int, int, bool]
) -> None:
    """A verdict names the element at fault, and which values are looked at before it."""
    verdict = judge(shape)
    assert (verdict.element, verdict.before, verdict.at_value) == place
    assert verdict.error is not None
    error = verdict.error(position=7)
    assert type(error) is kind
    assert error.position == 7
    assert error.fix
