"""What deleting a tag or a manifest does, in each product's way: small functions under the words of the descriptions.

Each gets the repository and deletes, or raises a SpecError and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simregistry.errors import Denied, ManifestInvalid, SpecError
from simregistry.oci.digest import Digest
from simregistry.registry.storage.repository import Repository


def others(repository: Repository, tag: str) -> list[str]:
    """List the other tags of what a tag points at."""
    digest = repository.resolve(tag)
    return sorted(name for name, target in repository.tags.items() if target == digest and name != tag)


def untag(repository: Repository, tag: str) -> None:
    """Delete the tag alone; the manifest stays."""
    repository.delete_tag(tag)


def untag_and_drop_last(repository: Repository, tag: str) -> None:
    """Delete the tag, and the manifest with its last tag."""
    digest, other_tags = repository.resolve(tag), others(repository, tag)
    repository.delete_tag(tag)
    if not other_tags:
        repository.drop_manifest(digest)


def refuse_while_others(repository: Repository, tag: str) -> None:
    """Refuse while the image has other tags; else delete it with the tag."""
    if other_tags := others(repository, tag):
        raise Denied(f"the image has other tags: {', '.join(other_tags)}", {"tags": other_tags})
    repository.drop_manifest(repository.resolve(tag))


def drop_with_all_tags(repository: Repository, tag: str) -> None:
    """Delete the manifest, and so every tag of it."""
    repository.drop_manifest(repository.resolve(tag))


TAGS: Mapping[str, Callable[[Repository, str], None]] = {
    "untags": untag,
    "last-tag-removes-image": untag_and_drop_last,
    "refused-while-other-tags": refuse_while_others,
    "removes-manifest": drop_with_all_tags,
    # One folder, or one component, a tag: another tag of the same image has its own.
    "removes-tag-folder": untag_and_drop_last,
    "removes-component": untag_and_drop_last,
}


def delete_by_digest(repository: Repository, digest: Digest, while_tagged: bool, while_named: bool) -> None:
    """Delete a manifest with its tags, unless that is forbidden while it has tags, or while an index names it."""
    repository.resolve(digest)
    tags = sorted(tag for tag, target in repository.tags.items() if target == digest)
    if tags and not while_tagged:
        raise Denied(f"tags still point at it: {', '.join(tags)}", {"tags": tags})
    if not while_named and (parent := named_by(repository, digest)):
        raise would_dangle(parent)
    repository.drop_manifest(digest)


def named_by(repository: Repository, digest: Digest) -> Digest | None:
    """Find an index that names a manifest."""
    return next((own for own in repository.manifests if digest in repository.children(own)), None)


def would_dangle(parent: Digest) -> SpecError:
    """Say that an index would be left with nothing behind one of its entries."""
    return ManifestInvalid(f"the index {parent} names it; delete that first", {"needed_by": parent})
