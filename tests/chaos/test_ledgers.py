"""The rule by which the chaos tests count what was paid for twice."""

from tests.chaos.ledgers import Prompt, reckon


def prompt(name: str, accepted: float, server: str = "a", begun: bool = True) -> Prompt:
    return Prompt(
        prompt_id=name,
        picture="sunrise",
        server=server,
        accepted=accepted,
        started=accepted + 1 if begun else None,
        ended=None,
    )


def test_a_picture_that_was_begun_once_is_paid_once() -> None:
    bill = reckon([prompt("one", 1)], {})
    assert (bill.executed, bill.pictures, bill.excused, bill.wasted) == (1, 1, [], [])


def test_a_prompt_whose_server_died_before_the_next_one_is_excused() -> None:
    first, second = prompt("one", 1), prompt("two", 10, server="b")
    assert reckon([second, first], {"a": [5]}).excused == [first]


def test_a_second_prompt_without_a_death_is_wasted() -> None:
    first, second = prompt("one", 1), prompt("two", 10, server="b")
    assert reckon([first, second], {"b": [5]}).wasted == [first]


def test_a_death_before_or_after_is_no_excuse() -> None:
    first, second = prompt("one", 2), prompt("two", 10)
    assert reckon([first, second], {"a": [1, 11]}).wasted == [first]


def test_what_was_never_begun_costs_nothing() -> None:
    bill = reckon([prompt("one", 1, begun=False), prompt("two", 10)], {})
    assert (bill.executed, bill.wasted) == (1, [])
