"""The only writes of 组织共建. The roll has its own file: roll_import.py."""

from doorstep.organisations.actions.bodies import (
    BadDate,
    BadUscc,
    BodyCodeTaken,
    HasEnded,
    NotAllowed,
    NotAParty,
    StillBlocked,
    UsccTaken,
    add_fact,
    change_body,
    create_body,
    end_body,
    found_body,
    take_back_fact,
    tell_fact,
)
from doorstep.organisations.actions.posts import BadVotes, SamePerson, appoint, end_post, give_post, hand_over

__all__ = [
    "BadDate",
    "BadUscc",
    "BadVotes",
    "BodyCodeTaken",
    "HasEnded",
    "NotAParty",
    "NotAllowed",
    "SamePerson",
    "StillBlocked",
    "UsccTaken",
    "add_fact",
    "appoint",
    "change_body",
    "create_body",
    "end_body",
    "end_post",
    "found_body",
    "give_post",
    "hand_over",
    "take_back_fact",
    "tell_fact",
]
