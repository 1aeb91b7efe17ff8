"""Open a registry of a family: its gate, its limits and its ways, made from its description."""

from __future__ import annotations

from simregistry.registry.clock import Clock, Now
from simregistry.registry.middleware.accounts import Access
from simregistry.registry.middleware.gate import BasicGate, BearerGate
from simregistry.registry.middleware.middleware import Door
from simregistry.registry.middleware.rate_limits import PullLimit, RequestLimit, RollingWindow, TokenBucket
from simregistry.registry.middleware.tokens import TokenService
from simregistry.registry.products.product import Family
from simregistry.registry.products.rules import Conduct, Settings

# distribution, token.md: "For compatibility with older clients, a token should never be returned with less than 60
# seconds to live", which is what a client takes where nothing is said.
SHORTEST_LIFE = 60


def doors_of(
    family: Family,
    host: str,
    access: Access | None = None,
    clock: Now | None = None,
    *,
    settings: Settings | None = None,
    key: bytes = b"for teaching",
    realm: str = "",
) -> tuple[Door, ...]:
    """Make the doors of a family's registry, outermost first; without accounts it has no gate."""
    clock = clock or Clock()
    doors: list[Door] = []
    if access is not None:
        doors.append(gate_of(family, host, access, clock, key, realm))
    doors += limits_of(family, clock)
    return (*doors, Conduct(family, settings or Settings()))


def gate_of(family: Family, host: str, access: Access, clock: Now, key: bytes, realm: str) -> Door:
    """Make its gate: by token, or by password where the family asks for that alone."""
    if family.value("sign_in") == "basic":
        return BasicGate(access)
    life = family.value("credential_life") or SHORTEST_LIFE
    return BearerGate(TokenService(access, host, life, clock, key), realm or f"https://{host}/token")


def limits_of(family: Family, clock: Now) -> list[Door]:
    """Make its limits, those that its documentation gives."""
    doors: list[Door] = []
    pulls, requests = family.value("pull_limit"), family.value("request_limit")
    if isinstance(pulls, dict):
        anonymous, signed_in = (RollingWindow(pulls[who], pulls["window"], clock) for who in ("anonymous", "signed_in"))
        doors.append(PullLimit(anonymous, signed_in))
    if isinstance(requests, dict):
        rate = requests["reads"] / requests["window"]
        doors.append(RequestLimit(TokenBucket(rate, requests["reads"], clock), lambda r: r.method in ("GET", "HEAD")))
    return doors
