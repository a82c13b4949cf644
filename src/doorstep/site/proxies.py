"""Where a request came from, when a proxy stands before the town."""

from collections.abc import Callable, Sequence
from typing import Any

from granian.utils.proxies import wrap_wsgi_with_proxy_headers


def believing(application: Callable[..., Any], proxies: Sequence[str]) -> Callable[..., Any]:
    """The application, told REMOTE_ADDR and scheme of the visitor: the last address of X-Forwarded-For that is no proxy of ours, and only where
    the peer is one. What visitors wrote into that header themselves stands further left and is never reached."""
    wrapped: Callable[..., Any] = wrap_wsgi_with_proxy_headers(application, list(proxies)) if proxies else application
    return wrapped
