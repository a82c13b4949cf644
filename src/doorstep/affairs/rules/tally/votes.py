"""What a vote is made of, as the file `doorstep.vote/1` says it. Areas are integers in hundredths of a square metre."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FORMAT = "doorstep.vote/1"
KINDS = ("flat", "shop", "parking", "other")
STATUSES = ("delivered", "unsold", "undelivered")
CHANNELS = ("paper", "electronic", "hall")
CHOICES = ("agree", "against", "abstain")
PRECEDENCES = ("paper", "electronic", "latest")
ITEMS = range(1, 10)


@dataclass(frozen=True, slots=True)
class Options:
    """What the owners' rules of procedure leave open, frozen when the vote begins."""

    count_parking: bool = False
    invalid_participates: bool = False
    channel_precedence: str = "paper"


@dataclass(frozen=True, slots=True)
class Unit:
    """An exclusively owned part on the roll. `holders` are its co-owners."""

    unit: str
    area: int
    kind: str
    holders: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Motion:
    """What is voted on; `item` is the numbered item of Civil Code art. 278."""

    id: str
    item: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Ballot:
    """One ballot. `cast_at` is RFC 3339 with an offset; `choices` by motion id. Without a proxy `proxy_for` is None, and a blank
    `proxy_document` is None too."""

    id: str
    by: str
    channel: str
    cast_at: str
    proxy_for: str | None = None
    proxy_document: str | None = None
    valid: bool = True
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ruling:
    """The tellers' decision which of several ballots counts."""

    ballots: tuple[str, ...]
    counts: str
    because: str = ""


@dataclass(frozen=True, slots=True)
class VoteFile:
    """A vote, complete and checked. Lists keep the order of the file."""

    place: str
    title: str
    rules: str
    options: Options
    roll: tuple[Unit, ...]
    motions: tuple[Motion, ...]
    ballots: tuple[Ballot, ...] = ()
    rulings: tuple[Ruling, ...] = ()
