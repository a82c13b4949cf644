"""Where an owners' vote may go from where it is, and who may take it there.

The order is the law's: the roll is frozen and shown first, every owner is told at least the notice period before, nothing is opened
before it is closed, and what was counted is shown for objections before it is final. A vote that is over is never undone: a court
that annuls it adds a fact. Who convenes runs the vote; how households voted is for the tellers alone.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    FROZEN = "frozen"
    ROLL_PUBLISHED = "roll_published"
    NOTICED = "noticed"
    ISSUED = "issued"
    OPEN = "open"
    CLOSED = "closed"
    TALLIED = "tallied"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    ANNULLED = "annulled"
    CALLED_OFF = "called_off"


class Verb(StrEnum):
    PREPARE = "vote_prepared"
    MOTION = "motion_added"
    APPOINT = "teller_appointed"
    FREEZE = "roll_frozen"
    SHOW_ROLL = "roll_published"
    CORRECT = "roll_corrected"
    NOTICE = "vote_noticed"
    ISSUE = "ballots_issued"
    PRINT = "ballots_printed"
    REPLACE = "ballot_replaced"
    DELIVER = "ballot_delivered"
    ANNOUNCE = "undelivered_announced"
    OPEN = "vote_opened"
    EXTEND = "vote_extended"
    REMIND = "voters_reminded"
    CAST = "ballot_cast"
    ENTER = "ballot_entered"
    SCAN = "ballot_scanned"
    OFFICIAL = "official_list_received"
    REPLACE_LIST = "official_list_replaced"
    CLOSE = "vote_closed"
    RULE = "ballots_ruled"
    TALLY = "vote_tallied"
    PUBLISH = "preliminary_published"
    RECOUNT = "recount_begun"
    FINISH = "result_final"
    ANNUL = "result_annulled"
    RECONVENE = "vote_reconvened"
    OBJECT_ROLL = "roll_objected"
    OBJECT_RESULT = "result_objected"
    ANSWER = "objection_answered"
    INSPECT = "ballots_inspected"
    CALL_OFF = "vote_called_off"


class Role(StrEnum):
    """What somebody is in this vote: works for the body that convenes it, is one of its named tellers, owns something in the estate."""

    CONVENOR = "convenor"
    TELLER = "teller"
    OWNER = "owner"


BEFORE_OPENING = frozenset({State.DRAFT, State.FROZEN, State.ROLL_PUBLISHED, State.NOTICED, State.ISSUED})
COUNTING = frozenset({State.CLOSED, State.TALLIED, State.PRELIMINARY})
COUNTED = frozenset({State.TALLIED, State.PRELIMINARY, State.FINAL, State.ANNULLED})
RESULT_SHOWN = frozenset({State.PRELIMINARY, State.FINAL, State.ANNULLED})
SEALED = BEFORE_OPENING | {State.OPEN}
"""States in which nobody at all learns how anybody voted."""


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: from these states, by these roles, to that state (None = stays where it is)."""

    sources: frozenset[State]
    roles: frozenset[Role]
    target: State | None


def _move(sources: set[State] | frozenset[State], roles: set[Role], target: State | None = None) -> Move:
    return Move(frozenset(sources), frozenset(roles), target)


MOVES: dict[Verb, Move] = {
    Verb.PREPARE: _move({State.DRAFT}, {Role.CONVENOR}),
    # What was not announced cannot be voted on: no motion is added or changed after the notice.
    Verb.MOTION: _move({State.DRAFT, State.FROZEN, State.ROLL_PUBLISHED}, {Role.CONVENOR}),
    Verb.APPOINT: _move(BEFORE_OPENING, {Role.CONVENOR}),
    Verb.FREEZE: _move({State.DRAFT}, {Role.CONVENOR}, State.FROZEN),
    Verb.SHOW_ROLL: _move({State.FROZEN}, {Role.CONVENOR}, State.ROLL_PUBLISHED),
    # Until ballots are printed, one for each party, an error in the roll is corrected; afterwards it is a ruling.
    Verb.CORRECT: _move({State.ROLL_PUBLISHED, State.NOTICED}, {Role.CONVENOR}),
    Verb.OBJECT_ROLL: _move({State.ROLL_PUBLISHED, State.NOTICED}, {Role.OWNER}),
    Verb.NOTICE: _move({State.ROLL_PUBLISHED}, {Role.CONVENOR}, State.NOTICED),
    Verb.ISSUE: _move({State.NOTICED}, {Role.TELLER}, State.ISSUED),
    Verb.PRINT: _move({State.ISSUED, State.OPEN}, {Role.TELLER}),
    Verb.REPLACE: _move({State.ISSUED, State.OPEN}, {Role.TELLER}),
    Verb.DELIVER: _move({State.ISSUED, State.OPEN}, {Role.CONVENOR, Role.TELLER}),
    Verb.ANNOUNCE: _move({State.ISSUED, State.OPEN}, {Role.CONVENOR}),
    Verb.OPEN: _move({State.ISSUED}, {Role.CONVENOR}, State.OPEN),
    Verb.EXTEND: _move({State.OPEN}, {Role.CONVENOR}),
    # By the clock alone.
    Verb.REMIND: _move({State.OPEN}, set()),
    Verb.CAST: _move({State.OPEN}, {Role.OWNER}),
    # Papers that came in time may be entered after closing, until the count.
    Verb.ENTER: _move({State.OPEN, State.CLOSED}, {Role.TELLER}),
    Verb.SCAN: _move({State.OPEN, State.CLOSED}, {Role.TELLER}),
    Verb.OFFICIAL: _move({State.OPEN, State.CLOSED}, {Role.TELLER}),
    Verb.REPLACE_LIST: _move({State.OPEN, State.CLOSED}, {Role.TELLER}),
    Verb.CLOSE: _move({State.OPEN}, {Role.CONVENOR}, State.CLOSED),
    Verb.RULE: _move({State.CLOSED}, {Role.TELLER}),
    Verb.TALLY: _move({State.CLOSED}, {Role.TELLER}, State.TALLIED),
    Verb.PUBLISH: _move({State.TALLIED}, {Role.CONVENOR}, State.PRELIMINARY),
    Verb.OBJECT_RESULT: _move({State.PRELIMINARY}, {Role.OWNER}),
    Verb.RECOUNT: _move({State.PRELIMINARY}, {Role.CONVENOR}, State.CLOSED),
    Verb.FINISH: _move({State.PRELIMINARY}, {Role.CONVENOR}, State.FINAL),
    Verb.ANNUL: _move({State.FINAL}, {Role.CONVENOR}, State.ANNULLED),
    Verb.RECONVENE: _move({State.FINAL}, {Role.CONVENOR}),
    Verb.ANSWER: _move(frozenset(State) - {State.DRAFT, State.FROZEN}, {Role.CONVENOR}),
    Verb.INSPECT: _move(COUNTED, {Role.TELLER}),
    Verb.CALL_OFF: _move(BEFORE_OPENING, {Role.CONVENOR}, State.CALLED_OFF),
}


class NotPossible(Exception):
    """This verb does not fit the state the vote is in."""

    def __init__(self, verb: Verb, state: State) -> None:
        super().__init__(f"{verb} from {state}")
        self.verb, self.state = verb, state


def after(state: State | str, verb: Verb) -> State:
    """The state a verb leads to. Raises NotPossible."""
    move = MOVES[verb]
    state = State(state)
    if state not in move.sources:
        raise NotPossible(verb, state)
    return move.target or state


def possible(state: State | str, roles: frozenset[Role]) -> frozenset[Verb]:
    """What somebody with these roles may do now."""
    state = State(state)
    return frozenset(verb for verb, move in MOVES.items() if state in move.sources and roles & move.roles)
