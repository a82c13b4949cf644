"""Persons, accounts, one-time codes, passwords and tokens."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import connection, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from doorstep.foundation import clock
from doorstep.foundation.identity.models import Account, Attempt, OneTimeCode, Person, Token
from doorstep.foundation.identity.rules.lockout import ADDRESS, CREDENTIAL, LockoutPolicy, after_failure
from doorstep.foundation.identity.rules.names import normalise_name, same_name
from doorstep.foundation.identity.rules.phone import is_mobile
from doorstep.foundation.identity.senders import Message, SendingFailed, sender
from doorstep.foundation.journal.actions import Actor, record, writing
from doorstep.foundation.places.models import Place

CODE_LIFE = timedelta(minutes=10)
CODE_PAUSE = timedelta(seconds=60)
CODES_A_DAY = 10
CODE_ATTEMPTS = 5
TOKEN_LIFE = timedelta(days=30)
# A number that is given up goes to somebody else after some months: an account not used for so long asks for more than a code and a name.
MAY_BE_ANOTHERS = timedelta(days=90)
DEMO_PASSWORD = "doorstep-demo"  # noqa: S105  known to everyone, good in the demo alone


class NotAMobile(Exception):
    """A code can only be sent to a mobile phone."""


class TooSoon(Exception):
    """A code was sent less than a minute ago; `seconds` until the next may be asked for."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class TooManyCodes(Exception):
    """This phone has had its codes for today."""


class WrongCode(Exception):
    """The code is not the one that was sent, or has been used."""


class CodeExpired(Exception):
    """The code was right once, but is older than ten minutes or was tried too often."""


class WrongCredentials(Exception):
    """Login or password is wrong; which of the two is not said."""


class OtpRequired(Exception):
    """The password is right; the account also wants the code of its authenticator."""


class LockedOut(Exception):
    """Too many failures; `until` when to try again."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class LoginTaken(Exception):
    """Another account has this login."""


class PasswordNeeded(Exception):
    """This account has an authenticator: a code by phone does not open it."""


class ProofNeeded(Exception):
    """Code and name fit more than one person, or one who has not been here for months: something only they know is asked for."""


class WrongProof(Exception):
    """What was given as something only they know is not."""


# Whether somebody knows a thing that only this person would: (person id, what they typed).
Recogniser = Callable[[int, str], bool]


def _knows_last4(person_id: int, typed: str) -> bool:
    last4 = Person.objects.values_list("id_last4", flat=True).get(pk=person_id)
    return bool(last4) and hmac.compare_digest(last4.encode(), typed.strip().upper().encode())


_recognisers: list[Recogniser] = [_knows_last4]


def register_recogniser(recogniser: Recogniser) -> None:
    """A mechanism knows a thing only the person would (their room); called in its AppConfig.ready."""
    if recogniser not in _recognisers:
        _recognisers.append(recogniser)


def create_person(*, name: str, phone: str = "", id_last4: str = "") -> Person:
    return Person.objects.create(name=normalise_name(name), phone=phone, id_last4=id_last4, created_at=clock.now())


def create_account(
    *, person: Person, login: str | None = None, phone: str = "", password: str | None = None, is_administrator: bool = False
) -> Account:
    """An account for a person. Residents have a phone, staff a login and a password."""
    if login is not None and Account.objects.filter(login=login).exists():
        raise LoginTaken(login)
    account = Account(person=person, login=login, phone=phone, is_administrator=is_administrator, created_at=clock.now())
    account.password = make_password(password)
    account.save()
    return account


def _code_digest(phone: str, code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"{phone}|{code}".encode(), hashlib.sha256).hexdigest()


def send_code(*, phone: str) -> None:
    """Send a six-digit code to a mobile phone. It is good for ten minutes, once, and replaces earlier ones. Raises SendingFailed."""
    if not is_mobile(phone):
        raise NotAMobile(phone)
    now = clock.now()
    with transaction.atomic():
        recent = OneTimeCode.objects.filter(phone=phone, created_at__gt=now - timedelta(days=1)).order_by("-id")
        last = recent.first()
        if last is not None and last.created_at + CODE_PAUSE > now and last.used_at is None:
            raise TooSoon(int((last.created_at + CODE_PAUSE - now).total_seconds()) + 1)
        if recent.count() >= CODES_A_DAY:
            raise TooManyCodes(phone)
        code = f"{secrets.randbelow(1_000_000):06d}"
        OneTimeCode.objects.filter(phone=phone, used_at=None).update(expires_at=now)
        kept = OneTimeCode.objects.create(phone=phone, digest=_code_digest(phone, code), created_at=now, expires_at=now + CODE_LIFE)
    with translation.override(_language_on(phone)):
        text = _("【家门口】验证码 %(code)s，10 分钟内有效。不要告诉别人。") % {"code": code}
    try:
        sender().send(phone=phone, message=Message("code", text, {"code": code, "minutes": str(CODE_LIFE // timedelta(minutes=1))}))
    except SendingFailed:
        # It never left: it does not count among the day's, and another may be asked for at once.
        kept.delete()
        raise


def _language_on(phone: str) -> str:
    """What the persons on a phone chose, where they chose alike; else the language of the page that asks."""
    chosen = set(Account.objects.filter(phone=phone, is_active=True).exclude(language="").values_list("language", flat=True))
    return chosen.pop() if len(chosen) == 1 else translation.get_language() or settings.LANGUAGE_CODE


def keep_language(*, account_id: int, language: str) -> None:
    """Write to the holder of this account in this language from now on."""
    Account.objects.filter(pk=account_id).exclude(language=language).update(language=language)


def use_code(*, phone: str, code: str, address: str = "") -> None:
    """Use up the code that was sent to this phone, inside the caller's transaction. Raises WrongCode, CodeExpired or LockedOut;
    the caller then counts the failure with `note_wrong_code`, outside the transaction that is rolled back."""
    refuse_locked(f"phone:{phone}", f"address:{address}")
    now = clock.now()
    sent = OneTimeCode.objects.select_for_update().filter(phone=phone, used_at=None).order_by("-id").first()
    if sent is None or not hmac.compare_digest(sent.digest, _code_digest(phone, code)):
        raise WrongCode(phone)
    if sent.expires_at <= now or sent.attempts >= CODE_ATTEMPTS:
        raise CodeExpired(phone)
    sent.used_at = now
    sent.save(update_fields=["used_at"])
    forget_failures(f"phone:{phone}")


def note_wrong_code(*, phone: str, address: str = "") -> None:
    """Count a wrong code: five of them end it."""
    latest = OneTimeCode.objects.filter(phone=phone, used_at=None).order_by("-id").first()
    if latest is not None:
        OneTimeCode.objects.filter(pk=latest.pk).update(attempts=F("attempts") + 1)
    note_failure(phone=phone, address=address)


def check_code(*, phone: str, code: str, address: str = "") -> None:
    """`use_code` in a transaction of its own, with failures counted."""
    try:
        with transaction.atomic():
            use_code(phone=phone, code=code, address=address)
    except (WrongCode, CodeExpired):
        note_wrong_code(phone=phone, address=address)
        raise


def note_failure(*, phone: str = "", login: str = "", number: str = "", person_id: int | None = None, address: str = "") -> None:
    """Count a failure against what was tried (a phone's code, a login's password, a number's PIN, a person's home code) and where it came from."""
    for key, policy in (
        (f"phone:{phone}" if phone else "", CREDENTIAL),
        (f"login:{login}" if login else "", CREDENTIAL),
        (f"number:{number}" if number else "", CREDENTIAL),
        (f"person:{person_id}" if person_id else "", CREDENTIAL),
        (f"address:{address}" if address else "", ADDRESS),
    ):
        if key:
            _count(key, policy)


def _count(key: str, policy: LockoutPolicy) -> None:
    now = clock.now()
    with transaction.atomic():
        Attempt.objects.get_or_create(key=key, defaults={"first_at": now})
        attempt = Attempt.objects.select_for_update().get(key=key)
        attempt.failures, attempt.first_at, attempt.locked_until = after_failure(
            failures=attempt.failures, first_at=attempt.first_at, now=now, policy=policy
        )
        attempt.save()


def refuse_locked(*keys: str) -> None:
    now = clock.now()
    locked = Attempt.objects.filter(key__in=keys, locked_until__gt=now).order_by("-locked_until").first()
    if locked is not None and locked.locked_until is not None:
        raise LockedOut(locked.locked_until)


def forget_failures(*keys: str) -> None:
    """What was tried came right: its failures no longer count."""
    Attempt.objects.filter(key__in=keys).delete()


def account_for(*, phone: str, name: str, proof: str = "", as_new: bool = False) -> tuple[Account, bool]:
    """The account of the person of that name on that phone, after the phone's code was right; (account, made just now).

    A code alone never opens somebody's records: a phone is shared by neighbours or given to a stranger, so the name has to fit too, and where
    that leaves a doubt, `proof`: the last four of their identity card, their room. A name not known on this phone is a new person, and so is
    whoever says `as_new`. Raises PasswordNeeded, ProofNeeded, WrongProof.
    """
    with transaction.atomic():
        known = [] if as_new else _accounts_on(phone, name)
        sure = len(known) == 1 and (known[0].last_login or known[0].created_at) > clock.now() - MAY_BE_ANOTHERS
        if known and not sure:
            if not proof.strip():
                raise ProofNeeded(phone)
            known = [account for account in known if any(knows(account.person_id, proof) for knows in _recognisers)]
            if len(known) != 1:
                raise WrongProof(phone)
        if known:
            if known[0].totp_secret:
                raise PasswordNeeded(phone)
            return known[0], False
        person = create_person(name=name, phone=phone)
        return create_account(person=person, phone=phone), True


def _accounts_on(phone: str, name: str) -> list[Account]:
    """The open accounts of persons of this name on this phone; of one that was merged away that of the person they are now."""
    found: dict[int, Account] = {}
    for account in (
        Account.objects.select_related("person").filter(phone=phone, person__erased_at=None, person__died_on=None).order_by("id")
    ):
        if not same_name(account.person.name, name):
            continue
        if account.person.merged_into_id is not None:
            into = Account.objects.select_related("person").filter(person_id=account.person.merged_into_id).first()
            if into is None:
                continue
            account = into
        if account.is_active:
            found[account.pk] = account
    return list(found.values())


def correct_name(*, person_id: int, name: str, by: Actor, place: Place) -> None:
    """Write somebody's name as it should be (PIPL art. 46). Raises ValueError where nothing is left of it."""
    name = normalise_name(name)
    if not name:
        raise ValueError("a name needs a character")
    with writing():
        Person.objects.filter(pk=person_id, erased_at=None).update(name=name)
        _note_correction(person_id, "name", by, place)


def correct_phone(*, account: Account, phone: str, code: str, by: Actor, place: Place, address: str = "") -> None:
    """Let an account be reached and opened by another phone, whose code has to be right. The old phone opens nothing more.
    Raises WrongCode, CodeExpired, LockedOut."""
    try:
        with writing():
            use_code(phone=phone, code=code, address=address)
            Account.objects.filter(pk=account.pk).update(phone=phone)
            Person.objects.filter(pk=account.person_id).update(phone=phone)
            _note_correction(account.person_id, "phone", by, place)
    except (WrongCode, CodeExpired):
        note_wrong_code(phone=phone, address=address)
        raise


def _note_correction(person_id: int, what: str, by: Actor, place: Place) -> None:
    record(
        verb="contact_corrected",
        kind="person",
        subject=str(person_id),
        place=place,
        by=by,
        audience=f"person:{person_id}",
        detail={"what": what},
    )


def check_password_login(*, login: str, password: str, otp: str = "", address: str = "") -> Account:
    """The account of a login and password, and of its authenticator's code where it has one."""
    keys = (f"login:{login}", f"address:{address}")
    refuse_locked(*keys)
    account = Account.objects.select_related("person").filter(login=login, is_active=True, person__erased_at=None).first()
    # An unknown login costs the same hash, so that the time taken tells nothing.
    right = check_password(password, account.password if account else make_password(secrets.token_hex(8)))
    if account is not None and not right and settings.DEMO:
        right = hmac.compare_digest(password.encode(), DEMO_PASSWORD.encode())
    if account is None or not right:
        note_failure(login=login, address=address)
        raise WrongCredentials(login)
    if account.totp_secret and not settings.DEMO:
        if not otp:
            raise OtpRequired(login)
        if not _use_otp(account, otp):
            note_failure(login=login, address=address)
            raise WrongCredentials(login)
    forget_failures(f"login:{login}")
    return account


def _use_otp(account: Account, otp: str) -> bool:
    """Accept a code of the current or a neighbouring half-minute, each only once."""
    totp = pyotp.TOTP(account.totp_secret)
    step = int(clock.now().timestamp()) // 30
    for candidate in (step, step - 1, step + 1):
        if hmac.compare_digest(totp.at(candidate * 30), otp.strip()):
            return Account.objects.filter(pk=account.pk, totp_last_step__lt=candidate).update(totp_last_step=candidate) == 1
    return False


def set_password(*, account: Account, password: str) -> None:
    account.password = make_password(password)
    account.save(update_fields=["password"])


def enrol_totp(*, account: Account, secret: str, otp: str) -> None:
    """Ask for an authenticator from now on, once it has shown that it has the secret."""
    if not pyotp.TOTP(secret).verify(otp.strip(), for_time=clock.now(), valid_window=1):
        raise WrongCode(account.login)
    account.totp_secret = secret
    account.save(update_fields=["totp_secret"])


def issue_token(*, account: Account) -> str:
    """A bearer token for the API, good for 30 days. Shown once; only its digest is kept."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    Token.objects.create(account=account, digest=hashlib.sha256(token.encode()).hexdigest(), created_at=now, expires_at=now + TOKEN_LIFE)
    return token


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """Whose token it is: what a viewer is built of."""

    account_id: int
    person_id: int
    name: str
    is_administrator: bool


def holder_of_token(*, token: str) -> TokenHolder | None:
    """Whose token this is; None where it is unknown, has run out, or its account is closed. Asked at every call of the API: no models."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account.id, person.id, person.name, account.is_administrator FROM foundation_token token "
            "JOIN foundation_account account ON account.id = token.account_id JOIN foundation_person person ON person.id = account.person_id "
            "WHERE token.digest = %s AND token.expires_at > %s AND account.is_active AND person.erased_at IS NULL",
            [digest, connection.ops.adapt_datetimefield_value(clock.now())],
        )
        row = cursor.fetchone()
    return TokenHolder(row[0], row[1], row[2], bool(row[3])) if row else None
