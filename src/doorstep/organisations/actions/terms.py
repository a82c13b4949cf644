"""Terms of office, and when their duties were done. What the law expects is told by rules/committee.py, never enforced."""

from datetime import date

from doorstep.foundation import clock
from doorstep.foundation.access.viewer import Viewer
from doorstep.foundation.journal.actions import record, writing
from doorstep.organisations.actions.bodies import BadDate, NotAllowed, by_post_or_renewing, locked
from doorstep.organisations.models import Body, Term
from doorstep.organisations.permissions import may_keep_body
from doorstep.organisations.queries.committee import renewal_of

DUTIES = ("first_met_on", "filed_on", "handed_over_on", "renewal_begun_on", "changes_reported_on")


class TermTaken(Exception):
    """A term that begins on this day is registered already."""


def begin_term(*, viewer: Viewer, body: Body, seats: int, elected_on: date, starts_on: date, ends_on: date) -> Term:
    """Register a term of office: those who keep the body; the next term of a committee whose last is over, also those who lead or register
    it. Raises BadDate, TermTaken."""
    if not elected_on <= starts_on <= ends_on or elected_on > clock.today():
        raise BadDate(starts_on)
    with writing():
        body = locked(body)
        if not may_keep_body(viewer, body):
            if renewal_of(viewer, body, clock.today()) != "term":
                raise NotAllowed
            if Term.objects.filter(body=body, ends_on__gte=starts_on).exists():
                raise BadDate(starts_on)
        if Term.objects.filter(body=body, starts_on=starts_on).exists():
            raise TermTaken(starts_on)
        term = Term.objects.create(body=body, seats=seats, elected_on=elected_on, starts_on=starts_on, ends_on=ends_on)
        record(
            verb="term_begun",
            kind="body",
            subject=body.code,
            place=body.place,
            by=by_post_or_renewing(viewer, body),
            detail={"term": term.pk, "seats": seats, "elected_on": elected_on.isoformat(), "ends_on": ends_on.isoformat()},
        )
    return term


def date_term(*, viewer: Viewer, term: Term, filing_number: str = "", **done: date | None) -> Term:
    """Say when the duties of a term were done (`first_met_on`, `filed_on`, `handed_over_on`, `renewal_begun_on`,
    `changes_reported_on`). Of a renewal that is being entered also those who lead or register the committee. Raises BadDate."""
    if any(on is not None and on > clock.today() for on in done.values()):
        raise BadDate(done)
    with writing():
        body = locked(term.body)
        if not may_keep_body(viewer, body) and not (
            renewal_of(viewer, body, clock.today())
            and term.pk == Term.objects.filter(body=body).order_by("-starts_on").values_list("pk", flat=True)[0]
        ):
            raise NotAllowed
        term = Term.objects.select_for_update().get(pk=term.pk)
        changed = {name: done[name] for name in DUTIES if name in done and getattr(term, name) != done[name]}
        for name, on in changed.items():
            setattr(term, name, on)
        if not changed and filing_number == term.filing_number:
            return term
        term.filing_number = filing_number
        term.save()
        record(
            verb="term_dated",
            kind="body",
            subject=body.code,
            place=body.place,
            by=by_post_or_renewing(viewer, body),
            detail={"term": term.pk, **{name: on.isoformat() if on else None for name, on in changed.items()}},
        )
    return term
