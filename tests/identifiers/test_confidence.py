"""The steps of confidence."""

from identifiers.confidence import Confidence


def test_steps_stand_in_order() -> None:
    """The steps go down from 1 to above 0, each a number of its own."""
    steps = [float(step) for step in Confidence]
    assert steps == sorted(set(steps), reverse=True)
    assert steps[0] == 1
    assert steps[-1] > 0
