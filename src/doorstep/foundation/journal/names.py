"""What a kind's verbs are called on pages. A mechanism names its own (`AppConfig.ready`); a kind that is named can be looked up."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_names: dict[str, Mapping[str, Promise]] = {"journal": {"key_rotated": _("换了签名的钥匙")}}


def register_verbs(kind: str, names: Mapping[str, Promise]) -> None:
    _names[kind] = names


def kinds() -> list[str]:
    return sorted(_names)


def verb_name(kind: str, verb: str) -> str:
    """The verb in the page's language; its code where nobody named it."""
    return str(_names.get(kind, {}).get(verb, verb))
