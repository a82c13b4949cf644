"""What may become of a case. Pure."""

from enum import StrEnum


class State(StrEnum):
    OPEN = "open"
    HELD = "held"
    HIDDEN = "hidden"
    APPEALED = "appealed"
    KEPT = "kept"
    RESTORED = "restored"


class Verb(StrEnum):
    HIDE = "hide"
    SHOW = "show"
    APPEAL = "appeal"


WAITING = frozenset({State.OPEN, State.HELD, State.APPEALED})
OUT_OF_SIGHT = frozenset({State.HELD, State.HIDDEN, State.APPEALED})

MOVES: dict[tuple[State, Verb], State] = {
    (State.OPEN, Verb.HIDE): State.HIDDEN,
    (State.OPEN, Verb.SHOW): State.KEPT,
    (State.HELD, Verb.HIDE): State.HIDDEN,
    (State.HELD, Verb.SHOW): State.KEPT,
    (State.HIDDEN, Verb.APPEAL): State.APPEALED,
    (State.APPEALED, Verb.HIDE): State.HIDDEN,
    (State.APPEALED, Verb.SHOW): State.RESTORED,
}


class NotPossible(Exception):
    """This cannot become of a case in this state."""


def after(state: str, verb: Verb) -> State:
    """The state after a verb. Raises NotPossible."""
    found = MOVES.get((State(state), verb))
    if found is None:
        raise NotPossible(state, verb)
    return found
