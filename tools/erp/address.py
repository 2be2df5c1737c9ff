"""Addresses of ERPs and login services: which may be used at all, and how people are told one."""

from __future__ import annotations

from ipaddress import ip_address

import httpx


def checked_url(url: str) -> str:
    """`url` when it is https, or http to this machine itself; raises ValueError otherwise."""
    parsed = httpx.URL(url)
    if parsed.userinfo:
        raise ValueError("an address must not carry a user name or a password")
    if parsed.scheme == "https" and parsed.host:
        return url
    if parsed.scheme == "http" and _is_loopback(parsed.host):
        return url
    raise ValueError(f"{parsed.scheme}://{parsed.host} is not protected: only https is allowed")


def place(url: httpx.URL | str) -> str:
    """Scheme, host, port and path; without what may be secret: user, password, query and fragment."""
    parsed = httpx.URL(url)
    shown = parsed.copy_with(username=None, password=None, query=None, fragment=None)
    return str(shown).rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
