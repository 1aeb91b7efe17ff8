"""How a registry of a product behaves: middleware that does what its description says, and else lets the API answer."""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass, replace

from simregistry.errors import Denied, DigestInvalid, InvalidValue, NameUnknown, SizeInvalid, SpecError, Unsupported
from simregistry.oci.digest import Digest
from simregistry.oci.messages import Request, Response
from simregistry.registry.api import routes
from simregistry.registry.api.refusal import refused
from simregistry.registry.api.uploads import parse_digest
from simregistry.registry.middleware.middleware import NextHandler
from simregistry.registry.products.deleting import TAGS, delete_by_digest
from simregistry.registry.products.product import Product
from simregistry.registry.storage.storage import Storage

WRITES = ("POST", "PUT", "PATCH")
# Each system's modes as an expression of the tags that may not be moved; SOME is what its patterns fit.
MODES = {
    "off": "", "MUTABLE": "", "on": ".*", "all": ".*", "lock": ".*", "IMMUTABLE": ".*", "disable redeploy": ".*",
    "regex": "SOME", "MUTABLE_WITH_EXCLUSION": "SOME", "IMMUTABLE_WITH_EXCLUSION": "(?!SOME).*",
    "disable redeploy except latest": r"(?!latest\Z).*",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OwnerSettings:
    """What its owner has set: each system's own switches, by what they do.

    ``immutable`` is a regular expression of the tags that may not be moved; "" is none. ``mounting`` switches on what
    is off by default where mounting is a choice. ``parents`` are the repositories of those that hold image names.
    """

    immutable: str = ""
    mounting: bool = False
    parents: tuple[str, ...] | None = None

    def fixed(self, tag: str) -> bool:
        """Say whether a tag may not be moved."""
        return bool(self.immutable) and re.fullmatch(self.immutable, tag) is not None

    @classmethod
    def in_mode(cls, product: Product, mode: str, patterns: tuple[str, ...] = ()) -> OwnerSettings:
        """Set immutability by one of the product's own modes; ``patterns`` are its exceptions, or what it is about.

        Raises InvalidValue for a mode that the product does not have.

        >>> from simregistry.registry.products.product import product
        >>> settings = OwnerSettings.in_mode(product("ecr"), "IMMUTABLE_WITH_EXCLUSION", ("dev-*",))
        >>> settings.fixed("v1"), settings.fixed("dev-1")
        (True, False)
        """
        if mode not in (product.value("immutability") or ()):
            known = ", ".join(product.value("immutability") or ()) or "none"
            raise InvalidValue("immutability", mode, f"{product.title} has {known}")
        some = "|".join(pattern if mode == "regex" else fnmatch.translate(pattern) for pattern in patterns) or r"(?!)"
        return cls(immutable=MODES[mode].replace("SOME", f"(?:{some})"))


@dataclass(frozen=True, slots=True)
class ProductRules:
    """Answer as a product does where it differs from the API."""

    product: Product
    settings: OwnerSettings = OwnerSettings()

    def answer(self, storage: Storage, next_handler: NextHandler, request: Request) -> Response:
        """Refuse or do what the product does differently, and pass everything else on."""
        endpoint, parts = routes.match(request)
        if endpoint is None or "name" not in parts:
            return next_handler(request)
        try:
            if request.method in WRITES:
                self._check_write(storage, request, parts)
            if request.method == "DELETE" and "reference" in parts:
                return self._delete(storage, parts["name"], parts["reference"])
        except SpecError as error:
            return refused(error, request)
        if request.query.get("mount") and not self._mounts:
            query = {key: value for key, value in request.query.items() if key not in ("mount", "from")}
            request = replace(request, query=query)
        return next_handler(request)

    @property
    def _mounts(self) -> bool:
        # Where nothing is said, the specification's own way: a mount is tried.
        return self.product.value("mount") != "no" and (
            self.product.value("mount") != "opt-in" or self.settings.mounting
        )

    def _check_write(self, storage: Storage, request: Request, parts: dict[str, str]) -> None:
        name = parts["name"]
        created = self.product.value("created_by")
        if created == "must-exist" and name not in storage.repositories:
            raise NameUnknown(f"the repository {name} does not exist in this registry; create it first", {"name": name})
        parents = self.settings.parents
        if created == "parent-must-exist" and parents is not None and name.partition("/")[0] not in parents:
            raise NameUnknown(f"there is no repository {name.partition('/')[0]}; create it first", {"name": name})
        if "reference" in parts:
            self._check_manifest(storage, request, name, parts["reference"])
        elif (most := _bytes(self.product.value("max_layer_bytes"))) and len(request.body) > most:
            raise SizeInvalid(f"a layer may have {most:,} bytes", {"limit": most}, status=413)

    def _check_manifest(self, storage: Storage, request: Request, name: str, reference: str) -> None:
        most = _bytes(self.product.value("max_manifest_bytes"))
        if most and len(request.body) > most:
            raise SizeInvalid(f"a manifest may have {most:,} bytes", {"limit": most}, status=413)
        repository = storage.repositories.get(name)
        current = repository.tags.get(reference) if repository else None
        if current is None or not self.settings.fixed(reference) or not isinstance(request.body, bytes):
            return
        # The same image again moves nothing, so it is no offence.
        if Digest.of(request.body) != current:
            raise Denied(f"the tag {reference} is there already and is immutable", {"tag": reference})

    def _delete(self, storage: Storage, name: str, reference: str) -> Response:
        repository = storage.repository(name)
        if ":" in reference:
            rule, child = self.product.value("delete_manifest"), self.product.value("delete_child")
            digest = parse_digest(reference)
            delete_by_digest(repository, digest, rule != "refused-while-tagged", child == "allowed")
        else:
            self._delete_tag(storage, name, reference)
        if self.product.value("vanishes_when_empty") and not repository.manifests:
            storage.drop_repository(name)
        return Response(202, {"Content-Length": "0"})

    def _delete_tag(self, storage: Storage, name: str, tag: str) -> None:
        rule = self.product.value("delete_tag") or "untags"
        if rule == "refused" and self.product.value("delete_tag_status") == 400:
            raise DigestInvalid(f"{tag} isn't a digest, and only by digest is anything deleted here")
        if rule == "refused":
            raise Unsupported("a tag is not deleted here; a manifest is, by its digest")
        if self.settings.fixed(tag):
            raise Denied(f"the tag {tag} is immutable", {"tag": tag})
        TAGS[rule](storage.repository(name), tag)


def _bytes(value: object) -> int:
    return value if isinstance(value, int) else 0
