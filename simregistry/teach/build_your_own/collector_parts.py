"""Adapters, the keeper's side: a learner's mark and sweep in a collector, and a learner's token check in the gate."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, parse_manifest
from simregistry.registry.gc import sweep as gc_sweep
from simregistry.registry.gc.inventory import Inventory, references_of, take_inventory
from simregistry.registry.gc.mark import Marks, mark
from simregistry.registry.gc.plan import Plan
from simregistry.registry.gc.roots import roots, unreached
from simregistry.registry.middleware.gate import BearerGate, token_problem
from simregistry.registry.middleware.scope import Scope
from simregistry.registry.middleware.tokens import Token, TokenService
from simregistry.registry.storage.blob_store import Blobs
from simregistry.registry.storage.storage import Storage
from simregistry.teach.build_your_own.client_parts import strings_of
from simregistry.teach.build_your_own.scenario import Part, Unfit, wanted


@dataclass(frozen=True, slots=True)
class OwnCollector:
    """A collector that marks by a learner's function: one more beside those of ``gc.collectors``."""

    storage: Storage
    mark: Part
    name: str = "yours"

    def plan(self, inventory: Inventory, delete_untagged: bool = False) -> Plan:
        """Say what would go: all that the learner's function does not mark."""
        manifests = {
            str(digest): json.loads(manifest.raw)
            for repository in self.storage.repositories.values()
            for digest, manifest in repository.manifests.items()
        }
        tops = roots(inventory, delete_untagged)
        marked = strings_of(self.mark(manifests, [str(digest) for digest, _ in tops]), "mark(…)")
        kept = Marks(dict(tops), set(), {Digest(name) for name in marked})
        swept = {digest: size for digest, size in inventory.blobs.items() if digest not in kept}
        return Plan(self.name, delete_untagged, inventory, kept, swept, unreached(inventory, kept))


@dataclass(frozen=True, slots=True)
class Listing:
    """A blob store as a sweep may use it: look at what is there, and delete."""

    store: Blobs

    def __iter__(self) -> Iterator[Digest]:
        return iter(self.store)

    def __contains__(self, digest: object) -> bool:
        return digest in self.store

    def size(self, digest: str) -> int:
        """Bytes of one blob."""
        return self.store.size(Digest(digest))

    def delete(self, digest: str) -> int:
        """Delete a blob, and return the bytes that this frees."""
        return self.store.delete(Digest(digest))


def collect_with_parts(
    storage: Storage, *, mark: Part | None = None, sweep: Part | None = None,
    written: Mapping[Digest, float] | None = None, began: float = 0.0,
    meanwhile: Callable[[], object] = lambda: None,
) -> int:  # fmt: skip
    """Collect what no tag leads to, by a learner's mark and sweep or ours; return the bytes said to be freed.

    ``meanwhile`` happens between the two, as a push does on a registry that is not stopped for it.
    """
    plan = OwnCollector(storage, mark or ours_to_mark).plan(take_inventory(storage), delete_untagged=True)
    meanwhile()
    if sweep is None:
        return gc_sweep.sweep(storage, plan)
    gc_sweep.sweep(storage, replace(plan, swept={}))
    marked = frozenset(str(digest) for digest in plan.kept.marked)
    noted = {str(digest): moment for digest, moment in (written or {}).items()}
    freed: int = wanted(sweep(Listing(storage.blobs), marked, noted, began), int, "sweep(…)", "the bytes freed")
    return freed


def ours_to_mark(manifests: Mapping[str, Mapping[str, object]], tops: list[str]) -> set[str]:
    """Mark by the simulator's own collector, asked as a learner's function is.

    >>> ours_to_mark({}, [Digest.of(b"alone")]) == {Digest.of(b"alone")}
    True
    """
    documents = {Digest(name): parse_manifest(json.dumps(document).encode()) for name, document in manifests.items()}
    references = {digest: references_of(manifest) for digest, manifest in documents.items()}
    indexes = frozenset(digest for digest, manifest in documents.items() if isinstance(manifest, ImageIndex))
    inventory = Inventory({}, {}, references, indexes)
    return {str(digest) for digest in mark(inventory, [(Digest(top), "a tag") for top in tops]).marked}


@dataclass(frozen=True, slots=True)
class OwnTokenCheck:
    """A learner's token check, asked as the gate asks ours; the claims are those of CNCF distribution's tokens.

    Written down, a token is a signed JSON document ("Token Authentication Implementation": aud, exp, access). The
    signature is not modelled: here the service remembers what it gave.
    """

    mine: Part

    def __call__(self, token: Token, scopes: tuple[Scope, ...], tokens: TokenService) -> str:
        """Ask the learner's check what is wrong with a token."""
        access = [{"type": s.kind, "name": s.name, "actions": list(s.actions)} for s in token.access]
        claims = {"aud": token.service, "exp": token.issued + token.life, "access": access}
        problem = self.mine(claims, tokens.service, tokens.clock(), [str(scope) for scope in scopes])
        allowed = ("", "invalid_token", "insufficient_scope")
        if not isinstance(problem, str) or problem not in allowed:
            raise Unfit(f"check_token(…) gave {problem!r}; '', 'invalid_token' or 'insufficient_scope' is wanted")
        return problem


def gate(tokens: TokenService, realm: str, mine: Part | None = None) -> BearerGate:
    """Make the gate with a learner's token check, or with ours."""
    return BearerGate(tokens, realm, OwnTokenCheck(mine) if mine else token_problem)
