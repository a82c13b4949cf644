"""Where a matter may go from where it is, and who may take it there.

"Done" has two truths: the body says so (`done`), the resident says so (`confirm`). Silence is a third thing, `lapse`,
and never becomes a yes. States are the public ones of the formats document, section 4.

Several may have raised the same: their matters are merged into one, and each of them stays a complainant of it, informed and asked.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    REGISTERED = "registered"
    ASSIGNED = "assigned"
    IN_PROGRESS = "in_progress"
    AWAITING_CONFIRMATION = "awaiting_confirmation"
    CLOSED_CONFIRMED = "closed_confirmed"
    CLOSED_UNCONFIRMED = "closed_unconfirmed"
    CANNOT_BE_DONE = "cannot_be_done"
    TRANSFERRED = "transferred"
    MERGED = "merged"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    RAISE = "raise"
    ROUTE = "route"
    ANSWER = "answer"
    DONE = "done"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    REOPEN = "reopen"
    CANNOT = "cannot"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"
    ADD = "add"
    NOTE = "note"
    ESCALATE = "escalate"
    MERGE = "merge"
    UNMERGE = "unmerge"
    URGE = "urge"
    TRIAGE = "triage"
    TAKE = "take"
    RELEASE = "release"
    RETURN = "return"
    MOVE = "move"
    TRANSFER = "transfer"
    OUTSIDE_REGISTERED = "outside_registered"
    OUTSIDE_NUMBER = "outside_number"
    OUTSIDE_ANSWER = "outside_answer"
    OUTSIDE_BACK = "outside_back"
    THANK = "thank"


class Role(StrEnum):
    """What somebody is in this matter. A complainant raised the same in a matter that was merged into this one."""

    REPORTER = "reporter"
    COMPLAINANT = "complainant"
    HANDLER = "handler"
    SYSTEM = "system"


OPEN = frozenset({State.REGISTERED, State.ASSIGNED, State.IN_PROGRESS, State.AWAITING_CONFIRMATION, State.RETURNED})
ENDED = frozenset(State) - OPEN - {State.DRAFT}
WITH_BODY = frozenset({State.ASSIGNED, State.IN_PROGRESS})
BEFORE_DONE = frozenset({State.REGISTERED}) | WITH_BODY
CONCERNED = {Role.REPORTER, Role.COMPLAINANT}


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the table: from these states, by these roles, to that state (None = stays where it is, or goes where `resumed` says)."""

    sources: frozenset[State]
    roles: frozenset[Role]
    target: State | None


def _move(sources: frozenset[State], roles: set[Role], target: State | None) -> Move:
    return Move(sources, frozenset(roles), target)


MOVES: dict[Verb, Move] = {
    Verb.RAISE: _move(frozenset({State.DRAFT}), {Role.REPORTER}, State.REGISTERED),
    Verb.ROUTE: _move(BEFORE_DONE | {State.TRANSFERRED}, {Role.HANDLER, Role.SYSTEM}, State.ASSIGNED),
    Verb.ANSWER: _move(WITH_BODY, {Role.HANDLER}, State.IN_PROGRESS),
    Verb.DONE: _move(WITH_BODY, {Role.HANDLER}, State.AWAITING_CONFIRMATION),
    Verb.CANNOT: _move(WITH_BODY, {Role.HANDLER}, State.CANNOT_BE_DONE),
    Verb.CONFIRM: _move(frozenset({State.AWAITING_CONFIRMATION, State.CLOSED_UNCONFIRMED}), CONCERNED, State.CLOSED_CONFIRMED),
    Verb.DISPUTE: _move(frozenset({State.AWAITING_CONFIRMATION}), CONCERNED, State.IN_PROGRESS),
    Verb.REOPEN: _move(
        frozenset({State.CLOSED_CONFIRMED, State.CLOSED_UNCONFIRMED, State.CANNOT_BE_DONE}),
        CONCERNED | {Role.HANDLER},
        State.IN_PROGRESS,
    ),
    Verb.LAPSE: _move(frozenset({State.AWAITING_CONFIRMATION}), {Role.SYSTEM}, State.CLOSED_UNCONFIRMED),
    Verb.WITHDRAW: _move(BEFORE_DONE | {State.RETURNED}, {Role.REPORTER}, State.WITHDRAWN),
    Verb.ADD: _move(OPEN, CONCERNED, None),
    Verb.ESCALATE: _move(WITH_BODY, {Role.SYSTEM}, None),
    Verb.NOTE: _move(frozenset(State) - {State.DRAFT}, {Role.HANDLER}, None),
    Verb.MERGE: _move(BEFORE_DONE | {State.RETURNED}, {Role.HANDLER, Role.REPORTER}, State.MERGED),
    Verb.UNMERGE: _move(frozenset({State.MERGED}), {Role.HANDLER}, None),
    Verb.URGE: _move(WITH_BODY, CONCERNED, None),
    Verb.TRIAGE: _move(OPEN, {Role.HANDLER}, None),
    Verb.TAKE: _move(OPEN, {Role.HANDLER}, None),
    Verb.RELEASE: _move(OPEN, {Role.HANDLER}, None),
    Verb.RETURN: _move(BEFORE_DONE, {Role.HANDLER}, State.RETURNED),
    Verb.MOVE: _move(BEFORE_DONE, {Role.HANDLER}, State.REGISTERED),
    Verb.TRANSFER: _move(BEFORE_DONE | {State.RETURNED}, {Role.HANDLER}, State.TRANSFERRED),
    # Whoever raised it is registered at an office outside already: that is noted at once and held back by nobody.
    Verb.OUTSIDE_REGISTERED: _move(BEFORE_DONE | {State.RETURNED}, {Role.REPORTER}, State.TRANSFERRED),
    Verb.OUTSIDE_NUMBER: _move(frozenset({State.TRANSFERRED}), {Role.REPORTER, Role.HANDLER}, None),
    Verb.OUTSIDE_ANSWER: _move(frozenset({State.TRANSFERRED}), {Role.HANDLER}, None),
    Verb.OUTSIDE_BACK: _move(frozenset({State.TRANSFERRED}), {Role.HANDLER}, None),
    Verb.THANK: _move(frozenset({State.REGISTERED}), {Role.REPORTER}, State.CLOSED_CONFIRMED),
}


class NotPossible(Exception):
    """This verb does not fit the state the matter is in."""

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


def resumed(*, has_body: bool, answered: bool) -> State:
    """Where a matter goes on that was merged, sent back by an office outside, or waited for the reporter to add something."""
    if not has_body:
        return State.REGISTERED
    return State.IN_PROGRESS if answered else State.ASSIGNED


def confirmed(*, asked: int, yes: int, over: bool) -> bool:
    """Whether "done" is confirmed by those who were asked: by all of them at once, and when the asking is over by more than half.

    Whoever says no opens the matter again at once, so no "no" is ever counted here; and whoever says nothing is nobody's yes.
    """
    return yes == asked or (over and 2 * yes > asked)
