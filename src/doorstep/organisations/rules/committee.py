"""What the law expects of an owners' committee and when: findings with their figures, each naming the regulation it rests on.

Nothing is forbidden here. A finding warns the committee and whoever looks at its page; what is done about it is theirs.
Sources: 建房〔2009〕274号 articles 31–34, 36, 46 and regional copies on renewal and hand-over; 《物业管理条例》 article 16.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

# Findings, in the order they are told.
SIZE_BELOW = "size_below"
SIZE_ABOVE = "size_above"
SIZE_EVEN = "size_even"
TERM_TOO_LONG = "term_too_long"
FIRST_MEETING_DUE = "first_meeting_due"
FIRST_MEETING_MISSED = "first_meeting_missed"
FIRST_MEETING_LATE = "first_meeting_late"
FILING_DUE = "filing_due"
FILING_MISSED = "filing_missed"
FILING_LATE = "filing_late"
SEAL_UNFILED = "seal_unfiled"
SEAL_EARLY = "seal_early"
CHANGE_DUE = "change_due"
CHANGE_MISSED = "change_missed"
HANDOVER_DUE = "handover_due"
HANDOVER_MISSED = "handover_missed"
HANDOVER_LATE = "handover_late"
VACANCY = "vacancy"
BELOW_HALF = "below_half"
RENEWAL_DUE = "renewal_due"
EXPIRED = "expired"
PUBLIC_LIST = "public_list"
# Of a post in another body (rules/term_ends.py).
TERM_ENDING = "term_ending"
TERM_OVER = "term_over"

# What has to be done now (a to-do), as against what cannot be mended any more (told, not asked).
TO_DO = frozenset(
    {
        FIRST_MEETING_DUE, FIRST_MEETING_MISSED, FILING_DUE, FILING_MISSED, SEAL_UNFILED, CHANGE_DUE, CHANGE_MISSED, HANDOVER_DUE, HANDOVER_MISSED,
        VACANCY, BELOW_HALF, RENEWAL_DUE, EXPIRED, PUBLIC_LIST, TERM_ENDING, TERM_OVER,
    }
)  # fmt: skip
# What people are told of, once (actions/warnings.py); the rest stands on the page and on the workbench.
WARNED = frozenset(
    {FILING_DUE, FILING_MISSED, SEAL_UNFILED, CHANGE_DUE, CHANGE_MISSED, HANDOVER_DUE, HANDOVER_MISSED, BELOW_HALF, RENEWAL_DUE, EXPIRED, TERM_ENDING, TERM_OVER}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """A term of office as it is known. `members`: how many seats are held today. `after_another`: it follows an earlier term.
    `seal_since`: from when the first seal entered for this term is kept. `changes`: days on which members came or went.
    `published`: kinds of texts the committee has published."""

    seats: int
    members: int
    elected_on: date
    starts_on: date
    ends_on: date
    after_another: bool = False
    first_met_on: date | None = None
    filed_on: date | None = None
    handed_over_on: date | None = None
    renewal_begun_on: date | None = None
    changes_reported_on: date | None = None
    seal_since: date | None = None
    changes: tuple[date, ...] = ()
    published: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits in force for this term. Dates are last days, but `renewal_from`: the first day on which renewal should have begun.
    `change_by`: for the first change that is not reported. `public_list`: kinds of texts a committee owes."""

    size_min: int
    size_max: int
    longest_until: date
    first_meeting_by: date
    filing_by: date
    handover_by: date
    renewal_from: date
    least_share: Fraction
    change_by: date | None = None
    public_list: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """`key`: the regulation. `by`: the day it is (or was) due; `done_on`: when it was done; `has` of `of`: counts; `lacking`: codes."""

    code: str
    key: str
    by: date | None = None
    done_on: date | None = None
    has: int | None = None
    of: int | None = None
    lacking: tuple[str, ...] = ()

    @property
    def is_to_do(self) -> bool:
        return self.code in TO_DO


def findings(term: Term, limits: Limits, today: date) -> tuple[Finding, ...]:
    """Everything there is to say about a term on a day."""
    found = [*_size(term, limits)]
    if term.ends_on > limits.longest_until:
        found.append(Finding(TERM_TOO_LONG, "committee.term_years", by=limits.longest_until, done_on=term.ends_on))
    found += _dated(
        "committee.first_meeting_days",
        (FIRST_MEETING_DUE, FIRST_MEETING_MISSED, FIRST_MEETING_LATE),
        term.first_met_on,
        limits.first_meeting_by,
        today,
    )
    found += _dated("committee.filing_days", (FILING_DUE, FILING_MISSED, FILING_LATE), term.filed_on, limits.filing_by, today)
    if term.seal_since is not None and (term.filed_on is None or term.seal_since < term.filed_on):
        code = SEAL_UNFILED if term.filed_on is None else SEAL_EARLY
        found.append(Finding(code, "committee.seal_after", by=term.seal_since, done_on=term.filed_on))
    change = first_unreported(term)
    if change is not None and limits.change_by is not None:
        code = CHANGE_MISSED if today > limits.change_by else CHANGE_DUE
        found.append(Finding(code, "committee.change_report_days", by=limits.change_by, done_on=change))
    if term.after_another:
        found += _dated(
            "committee.handover_days", (HANDOVER_DUE, HANDOVER_MISSED, HANDOVER_LATE), term.handed_over_on, limits.handover_by, today
        )
    if today <= term.ends_on:
        if term.members < term.seats * limits.least_share:
            found.append(Finding(BELOW_HALF, "committee.least_share", has=term.members, of=term.seats))
        elif term.members < term.seats:
            found.append(Finding(VACANCY, "committee.least_share", has=term.members, of=term.seats))
    if today > term.ends_on:
        found.append(Finding(EXPIRED, "committee.renewal_months", by=term.ends_on, done_on=term.renewal_begun_on))
    elif today >= limits.renewal_from and term.renewal_begun_on is None:
        found.append(Finding(RENEWAL_DUE, "committee.renewal_months", by=limits.renewal_from))
    lacking = tuple(kind for kind in limits.public_list if kind not in term.published)
    if lacking and today <= term.ends_on:
        has = len(limits.public_list) - len(lacking)
        found.append(Finding(PUBLIC_LIST, "committee.public_list", has=has, of=len(limits.public_list), lacking=lacking))
    return tuple(found)


def first_unreported(term: Term) -> date | None:
    """The first day, after the filing, on which a member came or went and nobody has reported it. A change on the day of a report was in it."""
    if term.filed_on is None:
        return None
    known = max(term.filed_on, term.changes_reported_on or term.filed_on)
    return min((day for day in term.changes if known < day <= term.ends_on), default=None)


def renewal_stage(*, ends_on: date, filed_on: date | None, after_another: bool, today: date) -> str:
    """Whether those who lead or register a committee may enter its renewal, as nobody is left in office to do it: `term` once the latest
    term is over; `members` from then on until the new term is filed; empty while the committee keeps itself."""
    if today > ends_on:
        return "term"
    return "members" if after_another and filed_on is None else ""


def callers_needed(of: int, share: Fraction) -> int:
    """How many of so many reach a share, at least: a third of seven are three."""
    return -(-of * share.numerator // share.denominator)


def _size(term: Term, limits: Limits) -> list[Finding]:
    found = []
    if term.seats < limits.size_min:
        found.append(Finding(SIZE_BELOW, "committee.size_min", has=term.seats, of=limits.size_min))
    if term.seats > limits.size_max:
        found.append(Finding(SIZE_ABOVE, "committee.size_max", has=term.seats, of=limits.size_max))
    if term.seats % 2 == 0:
        found.append(Finding(SIZE_EVEN, "committee.size_min", has=term.seats, of=limits.size_min))
    return found


def _dated(key: str, codes: tuple[str, str, str], done_on: date | None, by: date, today: date) -> list[Finding]:
    """Something due by a day: not done yet, not done and overdue, or done after its day."""
    due, missed, late = codes
    if done_on is None:
        return [Finding(missed if today > by else due, key, by=by)]
    return [Finding(late, key, by=by, done_on=done_on)] if done_on > by else []
