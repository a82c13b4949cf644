"""Prometheus figures of this process, and of the database when asked."""

from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from doorstep.affairs.queries.matters import matters_state
from doorstep.affairs.queries.votes import votes_state
from doorstep.foundation import clock
from doorstep.foundation.access.queries import reads_noted
from doorstep.foundation.files.queries import files_kept
from doorstep.foundation.identity.queries import identity_state
from doorstep.foundation.journal.queries import sealing_state
from doorstep.foundation.moderation.queries import moderation_state
from doorstep.foundation.notify.queries import last_beat, notify_state
from doorstep.foundation.occasions.queries import occasions_state, sign_ups_state
from doorstep.foundation.regulations.queries import workday_years_missing
from doorstep.foundation.search.queries import documents_count
from doorstep.organisations.queries.applications import organisations_state
from doorstep.talents.queries.academy import academy_state
from doorstep.talents.queries.certificates import certificates_state

_registry = CollectorRegistry()
_requests = Counter("doorstep_requests_total", "Requests answered by this process", ["route", "method", "status"], registry=_registry)
_seconds = Histogram(
    "doorstep_request_seconds",
    "Time to answer in this process",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_registry,
)
_waiting = Gauge("doorstep_outbox_waiting", "Events not yet told", registry=_registry)
_events_given_up = Gauge("doorstep_outbox_given_up", "Events that were tried too often and wait for the administrator", registry=_registry)
_mail_waiting = Gauge("doorstep_mail_waiting", "Things to be told by mail", registry=_registry)
_mail_given_up = Gauge("doorstep_mail_given_up", "Things that could not be told by mail and wait for the administrator", registry=_registry)
_cases = Gauge("doorstep_moderation_cases", "Texts that were objected to or held, by state", ["state"], registry=_registry)
_documents = Gauge("doorstep_search_documents", "Public things that can be found", registry=_registry)
_too_often = Counter(
    "doorstep_refused_too_often_total", "Requests answered 429 by this process, by what was asked", ["method"], registry=_registry
)
_files = Gauge("doorstep_files_kept", "Public files kept, by type", ["media_type"], registry=_registry)
_beat = Gauge(
    "doorstep_worker_last_beat_seconds", "When a worker last went round (Unix time; 0 = not within ten minutes)", registry=_registry
)
_sealed = Gauge("doorstep_journal_sealed_entries", "Entries of the journal under a signed head", registry=_registry)
_unsealed = Gauge("doorstep_journal_unsealed_entries", "Entries of the journal that wait to be sealed", registry=_registry)
_matters = Gauge("doorstep_matters", "Public matters, by state", ["state"], registry=_registry)
_votes = Gauge("doorstep_owners_votes", "Owners' votes that everybody may know of, by state", ["state"], registry=_registry)
_occasions = Gauge("doorstep_occasions", "Public occasions that are not over, by state", ["state"], registry=_registry)
_sign_ups = Gauge("doorstep_sign_ups", "Sign-ups for public occasions that are not over, by standing", ["standing"], registry=_registry)
_certificates = Gauge("doorstep_certificates", "Certificates, by state", ["state"], registry=_registry)
_accounts = Gauge("doorstep_accounts", "Accounts, open and closed", ["state"], registry=_registry)
_sessions = Gauge("doorstep_sessions", "Sessions somebody is signed in by", registry=_registry)
_locked_out = Gauge("doorstep_locked_out", "Phones, logins, numbers and addresses locked out now", registry=_registry)
_erasures = Gauge("doorstep_erasures", "Erasures asked for and not done, by how far they are", ["state"], registry=_registry)
_reads = Gauge("doorstep_reads_noted_last_day", "Reads of restricted data noted within a day", registry=_registry)
_workdays = Gauge("doorstep_workdays_missing", "1 where the workdays of a year are not known", ["year"], registry=_registry)
_organisations = Gauge("doorstep_organisations_waiting", "What waits to be decided on, by what it is", ["what"], registry=_registry)
_academy = Gauge("doorstep_students", "Who is in a course, by state; and reviews asked for and not said", ["state"], registry=_registry)
_head_age = Gauge("doorstep_journal_head_age_seconds", "Age of the last signed head (NaN = none yet)", registry=_registry)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe(*, route: str, method: str, status: int, seconds: float) -> None:
    """Count one request. A method nobody has heard of is `other`: what a client makes up is no label."""
    _requests.labels(route, method if method in METHODS else "other", str(status)).inc()
    _seconds.labels(route).observe(seconds)


def refused_too_often(*, method: str) -> None:
    _too_often.labels(method if method in METHODS else "other").inc()


def exposition() -> bytes:
    telling, people = notify_state(), identity_state()
    _waiting.set(telling.waiting)
    _events_given_up.set(telling.events_given_up)
    _mail_waiting.set(telling.mail_waiting)
    _mail_given_up.set(telling.mail_given_up)
    for gauge, counted in (
        (_cases, moderation_state()),
        (_matters, matters_state()),
        (_votes, votes_state()),
        (_occasions, occasions_state()),
        (_sign_ups, sign_ups_state()),
        (_certificates, certificates_state()),
        (_accounts, people.accounts),
        (_erasures, people.erasures),
        (_workdays, workday_years_missing(clock.today())),
        (_organisations, organisations_state()),
        (_academy, academy_state()),
    ):
        for state, number in counted.items():
            gauge.labels(state).set(number)
    _sessions.set(people.sessions)
    _locked_out.set(people.locked_out)
    _reads.set(reads_noted(within=timedelta(days=1)))
    _documents.set(documents_count())
    for media_type, number in files_kept().items():
        _files.labels(media_type).set(number)
    beat = last_beat(within=timedelta(minutes=10))
    _beat.set(beat.timestamp() if beat else 0)
    sealing = sealing_state()
    _sealed.set(sealing.sealed)
    _unsealed.set(sealing.waiting)
    _head_age.set(sealing.head_age.total_seconds() if sealing.head_age is not None else float("nan"))
    return generate_latest(_registry)
