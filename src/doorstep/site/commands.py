"""The commands that need the town's settings and database."""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.management import call_command

if TYPE_CHECKING:
    from doorstep.foundation.identity.erasures import Replayed

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def init(arguments: Sequence[str]) -> int:
    """Begin a real town: tables, regulations, categories, the town itself and its administrator."""
    from doorstep.site.town import TownExists, begin_town

    parser = argparse.ArgumentParser(prog="doorstep init")
    parser.add_argument("--town", required=True, help="code: hengli")
    parser.add_argument("--name", required=True)
    parser.add_argument("--admin", required=True, help="login of the administrator")
    parser.add_argument("--prefix", default="", help="letters its numbers begin with; without it the code in capitals")
    given = parser.parse_args(arguments)
    password = os.environ.get("DOORSTEP_ADMIN_PASSWORD") or _ask_password()
    if len(password) < 10:
        print("doorstep init: the password needs at least 10 characters", file=sys.stderr)
        return 2
    call_command("migrate", verbosity=0, interactive=False)
    try:
        begin_town(code=given.town, name=given.name, login=given.admin, password=password, prefix=given.prefix or given.town.upper())
    except TownExists:
        print("doorstep init: this database already has a town", file=sys.stderr)
        return 2
    print(f"{given.name} begun; sign in as {given.admin}", file=sys.stderr)
    return 0


def _ask_password() -> str:
    first = getpass.getpass("Administrator's password (10 characters or more): ")
    if first != getpass.getpass("Once more: "):
        print("doorstep init: the two are not the same", file=sys.stderr)
        return ""
    return first


def import_roster(arguments: Sequence[str]) -> int:
    """`doorstep import roster FILE …`: see formats, section 5."""
    from doorstep.organisations.roll_command import run

    if not arguments or arguments[0] != "roster":
        print("usage: doorstep import roster FILE --estate CODE …", file=sys.stderr)
        return 2
    return run(list(arguments[1:]))


def serve(arguments: Sequence[str]) -> int:
    from doorstep.foundation.search.actions import build_first_index
    from doorstep.site.serving import address_of, publish_address
    from doorstep.site.serving import serve as serve_pages

    parser = argparse.ArgumentParser(prog="doorstep serve")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    if not os.environ.get("DOORSTEP_SITE_URL"):
        publish_address(address_of(given.host, given.port))
    call_command("migrate", verbosity=0, interactive=False)
    build_first_index()
    if not settings.DEMO:
        # The API is read by Swagger; the other reader that ninja brings along is on no page.
        call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=["redoc*"])
    return serve_pages(host=given.host, port=given.port, workers=given.workers)


def worker(arguments: Sequence[str]) -> int:
    from doorstep.site.logs import tell_of_what_ends_it
    from doorstep.site.worker import run

    tell_of_what_ends_it()
    argparse.ArgumentParser(prog="doorstep worker").parse_args(arguments)
    run()
    return 0


def journal(arguments: Sequence[str]) -> int:
    """`doorstep journal seal`: seal what waits, now. `doorstep journal rotate`: sign from now on with a new key."""
    from doorstep.foundation.journal.actions import SYSTEM
    from doorstep.foundation.journal.keys import SigningKeyMissing
    from doorstep.foundation.journal.sealing import rotate_key, seal_all
    from doorstep.foundation.places.queries import town

    parser = argparse.ArgumentParser(prog="doorstep journal")
    parser.add_argument("what", choices=["seal", "rotate"])
    given = parser.parse_args(arguments)
    if given.what == "rotate":
        place = town()
        if place is None:
            print("doorstep journal: this database has no town yet", file=sys.stderr)
            return 2
        print(f"new key {rotate_key(by=SYSTEM, place=place).key_id}", file=sys.stderr)
    try:
        print(f"{seal_all()} entries sealed", file=sys.stderr)
    except SigningKeyMissing as missing:
        print(f"doorstep journal: the private key {missing} is not in this town's home; `rotate` makes a new one", file=sys.stderr)
        return 2
    return 0


def api_key(arguments: Sequence[str]) -> int:
    """`doorstep apikey LABEL --login LOGIN [--body CODE]`: a key for another system, printed once."""
    from doorstep.affairs.open311 import make_api_key
    from doorstep.foundation.identity.models import Account
    from doorstep.foundation.journal.actions import SYSTEM
    from doorstep.foundation.places.queries import town
    from doorstep.organisations.queries import body_by_code

    parser = argparse.ArgumentParser(prog="doorstep apikey")
    parser.add_argument("label", help="which system holds it")
    parser.add_argument("--login", required=True, help="whose matters it raises")
    parser.add_argument("--body", default="", help="code of the body it writes for")
    given = parser.parse_args(arguments)
    place = town()
    account = Account.objects.select_related("person").filter(login=given.login).first()
    body = body_by_code(given.body) if given.body else None
    if place is None or account is None or (given.body and body is None):
        print("doorstep apikey: no such town, login or body", file=sys.stderr)
        return 2
    print(make_api_key(label=given.label, person=account.person, place=place, by=SYSTEM, body=body))
    return 0


def account(arguments: Sequence[str]) -> int:
    """`doorstep account reset LOGIN`: end a password, and print the address where its holder chooses a new one."""
    from doorstep.foundation.identity.staff import NoSuchLogin, reset_account
    from doorstep.foundation.journal.actions import SYSTEM
    from doorstep.foundation.places.queries import town

    parser = argparse.ArgumentParser(prog="doorstep account")
    parser.add_argument("what", choices=["reset"])
    parser.add_argument("login")
    parser.add_argument("--authenticator", action="store_true", help="it is lost too: ask for it no more")
    given = parser.parse_args(arguments)
    place = town()
    try:
        if place is None:
            raise NoSuchLogin(given.login)
        path = reset_account(login=given.login, by=SYSTEM, place=place, authenticator=given.authenticator)
    except NoSuchLogin:
        print(f"doorstep account: nobody signs in as {given.login}", file=sys.stderr)
        return 2
    print(f"{settings.SITE_URL}{path}")
    print("good once, for an hour; the old password, every session and token have ended", file=sys.stderr)
    return 0


def backup(arguments: Sequence[str]) -> int:
    """`doorstep backup DIR`: one state of every table and file, while the town goes on."""
    from doorstep.foundation.identity.erasures import list_file
    from doorstep.site.backup import actions

    parser = argparse.ArgumentParser(prog="doorstep backup")
    parser.add_argument("directory", type=Path, help="new or empty")
    given = parser.parse_args(arguments)
    try:
        made = actions.backup(given.directory)
    except actions.DirectoryInUse as used:
        print(f"doorstep backup: {used} is not empty", file=sys.stderr)
        return 2
    print(json.dumps({name: made[name] for name in ("format", "made_at", "engine", "fingerprint", "keys")}, ensure_ascii=False, indent=1))
    print(f"{sum(table['rows'] for table in made['tables'].values())} rows, {len(made['files'])} files", file=sys.stderr)
    print("not in it: the secret key and the journal's private keys; keep them elsewhere", file=sys.stderr)
    print(
        f"nor in it, and needed to restore: {list_file()}, which says who was erased since; keep its newest copy elsewhere", file=sys.stderr
    )
    return 0


def restore(arguments: Sequence[str]) -> int:
    """`doorstep restore DIR`: bring a backup into the empty database of this town, and erase again whoever was erased since."""
    from doorstep.foundation.identity.erasures import NoList, list_file, refuse_without_list
    from doorstep.site.backup import actions
    from doorstep.site.backup.snapshot import Damaged, NotEmpty, OtherEngine, OtherSchema

    parser = argparse.ArgumentParser(prog="doorstep restore")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--without-erasures", action="store_true", help="the erasure list is lost: whoever was erased since comes back")
    given = parser.parse_args(arguments)
    try:
        if not given.without_erasures:
            refuse_without_list()
        report = actions.restore(given.directory, replay_erasures=None if given.without_erasures else _replay_erasures)
    except NoList as missing:
        print(
            f"doorstep restore: {missing} is not there, so nobody knows who was erased since the backup was made. Put it back first; if it is "
            "lost, --without-erasures restores all the same and brings those persons back",
            file=sys.stderr,
        )
        return 2
    except (Damaged, NotEmpty, OtherEngine, OtherSchema) as refused:
        print(f"doorstep restore: {type(refused).__name__}: {refused}", file=sys.stderr)
        return 2
    print(json.dumps(report, ensure_ascii=False, indent=1))
    if given.without_erasures:
        print(
            f"doorstep restore: NOBODY WAS ERASED AGAIN. Whoever was erased after the backup was made is back, with all that was theirs. "
            f"If {list_file()} is found, run `doorstep erasures replay` before anything is served; else erase them again one by one",
            file=sys.stderr,
        )
    return 0


def fingerprint(arguments: Sequence[str]) -> int:
    """`doorstep fingerprint`: a digest of every table as it is now."""
    from doorstep.site.backup import actions

    argparse.ArgumentParser(prog="doorstep fingerprint").parse_args(arguments)
    print(json.dumps(actions.fingerprint(), ensure_ascii=False, indent=1))
    return 0


def search(arguments: Sequence[str]) -> int:
    """`doorstep search rebuild`: make the index anew from what is there."""
    from doorstep.foundation.search.actions import rebuild_index

    parser = argparse.ArgumentParser(prog="doorstep search")
    parser.add_argument("what", choices=["rebuild"])
    parser.parse_args(arguments)
    print(f"{rebuild_index()} documents", file=sys.stderr)
    return 0


def erasures(arguments: Sequence[str]) -> int:
    """`doorstep erasures replay`: after a restore, erase again whoever was erased since the backup was made."""
    from doorstep.foundation.identity.erasures import NoList, list_file

    parser = argparse.ArgumentParser(prog="doorstep erasures")
    parser.add_argument("what", choices=["replay"])
    parser.parse_args(arguments)
    try:
        again = _replay_erasures()
    except NoList as missing:
        print(f"doorstep erasures: {missing} is not there", file=sys.stderr)
        return 2
    print(
        f"{again.erased} persons erased again, {again.but_for_the_name} more but for a name that is still needed ({list_file()})",
        file=sys.stderr,
    )
    return 0


def _replay_erasures() -> "Replayed":
    """Erase again whoever this town's list names. Nobody where there is no town yet. Raises NoList."""
    from doorstep.foundation.identity.erasures import Replayed, replay_erasures
    from doorstep.foundation.places.queries import town

    place = town()
    return replay_erasures(place=place) if place is not None else Replayed()


def demo(arguments: Sequence[str]) -> int:
    """The Hengli scenario, loaded once, served on loopback only."""
    from doorstep.site.demo.load import load, print_cast, signed_for
    from doorstep.site.serving import address_of, is_taken, publish_address
    from doorstep.site.serving import serve as serve_pages

    parser = argparse.ArgumentParser(prog="doorstep demo")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fresh", action="store_true", help="begin again from an empty database")
    parser.add_argument("--load-only", action="store_true")
    given = parser.parse_args(arguments)
    if given.host not in LOOPBACK:
        print("doorstep demo: every account here has a known password; it serves loopback only", file=sys.stderr)
        return 2
    if not given.load_only and is_taken(given.host, given.port):
        print(f"doorstep demo: something listens on {given.host}:{given.port} already; stop it or choose another --port", file=sys.stderr)
        return 2
    address, home = address_of(given.host, given.port), Path(settings.HOME)
    publish_address(address)
    load(home=home, fresh=given.fresh)
    if given.load_only:
        return 0
    print_cast(address)
    if (signed := signed_for(home)) != address:
        print(f"  certificates here were signed for {signed}: --fresh signs them for {address}\n", file=sys.stderr)
    return serve_pages(host=given.host, port=given.port, workers=2)


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "init": init,
    "import": import_roster,
    "serve": serve,
    "worker": worker,
    "journal": journal,
    "apikey": api_key,
    "account": account,
    "backup": backup,
    "restore": restore,
    "fingerprint": fingerprint,
    "search": search,
    "erasures": erasures,
    "demo": demo,
}
