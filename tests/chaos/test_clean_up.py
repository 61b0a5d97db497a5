"""A clean-up that is killed in the middle, again and again, in a real process: in the end rows and files agree."""

import pytest

from benchmarks import retention

pytestmark = pytest.mark.chaos


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_in_the_middle_it_goes_on_and_nothing_is_left_over(seed: int) -> None:
    assert retention.removes(5000, seed)
