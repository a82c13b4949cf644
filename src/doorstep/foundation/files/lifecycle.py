"""What kept files answer in a person's life. The photos of a text go with the text, by the mechanism that holds it."""

from doorstep.foundation.identity.lifecycle import Move, PersonColumn, not_theirs, nothing, register_person_columns, unlink


def register() -> None:
    register_person_columns(
        PersonColumn(
            "foundation.StoredFile.uploaded_by_id",
            export=not_theirs("a photo is in the export of the text it belongs to"),
            erase=unlink,
            merge=Move(),
            consent_withdrawn=nothing("a photo goes with the text it belongs to"),
            deceased=nothing("a photo stays with the text it belongs to"),
            residence_ended=nothing("a photo stays with the text it belongs to"),
        )
    )
