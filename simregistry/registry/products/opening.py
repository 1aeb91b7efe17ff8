"""Open a registry of a product: its gate, its limits and its ways, made from its description."""

from __future__ import annotations

from simregistry.registry.clock import Clock, Now
from simregistry.registry.middleware.accounts import Access
from simregistry.registry.middleware.gate import BasicGate, BearerGate
from simregistry.registry.middleware.middleware import Middleware
from simregistry.registry.middleware.rate_limits import PullLimit, RequestLimit, RollingWindow, TokenBucket
from simregistry.registry.middleware.tokens import TokenService
from simregistry.registry.products.product import Product
from simregistry.registry.products.rules import OwnerSettings, ProductRules

# distribution, token.md: "For compatibility with older clients, a token should never be returned with less than 60
# seconds to live", which is what a client takes where nothing is said.
SHORTEST_LIFE = 60


def middleware_of(
    product: Product,
    host: str,
    access: Access | None = None,
    clock: Now | None = None,
    *,
    settings: OwnerSettings | None = None,
    key: bytes = b"for teaching",
    realm: str = "",
) -> tuple[Middleware, ...]:
    """Make the middleware of a product's registry, outermost first; without accounts it has no gate."""
    clock = clock or Clock()
    middleware: list[Middleware] = []
    if access is not None:
        middleware.append(gate_of(product, host, access, clock, key, realm))
    middleware += limits_of(product, clock)
    return (*middleware, ProductRules(product, settings or OwnerSettings()))


def gate_of(product: Product, host: str, access: Access, clock: Now, key: bytes, realm: str) -> Middleware:
    """Make its gate: by token, or by password where the product asks for that alone."""
    if product.value("sign_in") == "basic":
        return BasicGate(access)
    life = product.value("credential_life") or SHORTEST_LIFE
    return BearerGate(TokenService(access, host, life, clock, key), realm or f"https://{host}/token")


def limits_of(product: Product, clock: Now) -> list[Middleware]:
    """Make its limits, those that its documentation gives."""
    middleware: list[Middleware] = []
    pulls, requests = product.value("pull_limit"), product.value("request_limit")
    if isinstance(pulls, dict):
        anonymous, signed_in = (RollingWindow(pulls[who], pulls["window"], clock) for who in ("anonymous", "signed_in"))
        middleware.append(PullLimit(anonymous, signed_in))
    if isinstance(requests, dict):
        rate = requests["reads"] / requests["window"]
        middleware.append(
            RequestLimit(TokenBucket(rate, requests["reads"], clock), lambda r: r.method in ("GET", "HEAD"))
        )
    return middleware
