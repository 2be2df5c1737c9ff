"""Finds, among the domains of all suppliers, those that a sender's domain may imitate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tools.matching.fraud_domains import ADDED_WORDS, likeness, registered, same_sender, skeleton
from tools.matching.fraud_facts import OtherDomain

_SHORTEST_SLIP = 6
"""Among thousands of suppliers, shorter names are one letter apart by chance."""


class DomainIndex:
    """Domains of suppliers by everything that an imitation keeps of them."""

    def __init__(self, owners: Mapping[str, OtherDomain]) -> None:
        self._owners = owners
        self._by_key: dict[str, set[str]] = {}
        for domain in owners:
            for key in _own_keys(_name(domain)):
                self._by_key.setdefault(key, set()).add(domain)

    def near(self, domain: str) -> tuple[OtherDomain, ...]:
        """Owners of the same registered domain and of those it looks like, by domain."""
        name = _name(domain)
        front = domain[: -len(registered(domain))].rstrip(".").split(".")
        keys = {*_own_keys(name), *_stripped(name), *(f"name:{part}" for part in front if part)}
        found = sorted({each for key in keys for each in self._by_key.get(key, ())})
        return tuple(
            self._owners[each] for each in found if same_sender(domain, each) or likeness(domain, each)
        )


def _name(domain: str) -> str:
    return registered(domain).partition(".")[0]


def _own_keys(name: str) -> Iterator[str]:
    flat = name.replace("-", "")
    yield f"name:{name}"
    yield f"name:{flat}"
    yield f"look:{skeleton(name)}"
    if len(name) >= _SHORTEST_SLIP:
        yield f"slip:{name}"
        yield from (f"slip:{name[:at]}{name[at + 1 :]}" for at in range(len(name)))


def _stripped(name: str) -> Iterator[str]:
    """The name without the words that an imitation adds."""
    yield from (f"name:{word}" for word in name.split("-"))
    words = name.split("-")
    yield from (
        f"name:{'-'.join(words[start:end])}"
        for start in range(len(words))
        for end in range(start + 1, len(words) + 1)
    )
    flat = name.replace("-", "")
    for word in ADDED_WORDS:
        if flat.startswith(word):
            yield f"name:{flat.removeprefix(word)}"
        if flat.endswith(word):
            yield f"name:{flat.removesuffix(word)}"
