"""What regulations answer in a person's life."""

from doorstep.foundation.identity.lifecycle import Move, PersonColumn, keep, not_theirs, nothing, register_person_columns


def register() -> None:
    register_person_columns(
        PersonColumn(
            "foundation.Regulation.set_by_id",
            export=not_theirs("what they did in office"),
            erase=keep("an official act: who did it stays on record as an id"),
            merge=Move(),
            consent_withdrawn=nothing("rests on no consent"),
            deceased=nothing("a value in force stays in force"),
            residence_ended=nothing("has nothing to do with where somebody lives"),
        )
    )
