"""Whatever points at a person answers for them: export, erase, merge, consent withdrawn, deceased, residence ended."""

from collections.abc import Callable

import pytest

from doorstep.foundation.identity.lifecycle import EVENTS, PersonColumn, person_columns
from tests.architecture.persons import person_columns as columns_that_point_at_a_person

REGISTERED = {column.column: column for column in person_columns()}


def test_every_column_that_points_at_a_person_is_registered_and_nothing_else() -> None:
    assert columns_that_point_at_a_person() == set(REGISTERED)


@pytest.mark.parametrize("name", sorted(REGISTERED))
def test_a_column_answers_every_event(name: str) -> None:
    column = REGISTERED[name]
    assert column.model._meta.get_field(column.attribute) is not None
    for event in EVENTS:
        answer = getattr(column, event)
        assert isinstance(answer, Callable) or (event == "merge" and callable(answer.apply) and callable(answer.undo)), event


def test_an_answer_cannot_be_left_out() -> None:
    with pytest.raises(TypeError):
        PersonColumn("foundation.Person.merged_into_id", export=lambda column, person_id: None)  # type: ignore[call-arg]


def test_the_rooms_answer_from_the_top_down() -> None:
    """What is built on something else is erased before it."""
    order = [column.column.partition(".")[0] for column in person_columns()]
    assert order.index("affairs") < order.index("organisations") < order.index("foundation")
