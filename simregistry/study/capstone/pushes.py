"""Draw what a team pushes in a year: builds of the main branch and of other branches, releases, and hotfixes.

The pushes don't depend on the retention policy, so the year of a seed is the same for everybody who plays it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from simregistry.oci.content import Nominal
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.manifest import ImageIndex, ImageManifest, Manifest
from simregistry.oci.media_types import OCI_CONFIG, OCI_LAYER_GZIP
from simregistry.study.capstone.team import Service, Team


@dataclass(frozen=True, slots=True)
class ReleasedImage:
    """One platform's image: its manifest, its config, and its layers, which are known by digest and size alone."""

    manifest: ImageManifest
    config: bytes
    layers: tuple[Nominal, ...]


@dataclass(frozen=True, slots=True)
class PushEvent:
    """A push on a day: the manifest that gets the tags, and its images (itself alone, or the children of an index)."""

    day: int
    repository: str
    tags: tuple[str, ...]
    manifest: Manifest
    images: tuple[ReleasedImage, ...]

    @property
    def tag(self) -> str:
        """The push's own tag, which never moves."""
        return self.tags[0]

    @property
    def release(self) -> str:
        """The release tag, "" if it has none."""
        return next((tag for tag in self.tags if tag.startswith("v")), "")

    @property
    def mends(self) -> str:
        """The release that this hotfix mends, "" if it is no hotfix: v1.3.1 mends v1.3."""
        return self.release.rpartition(".")[0] if self.release.count(".") == 2 else ""


@dataclass(slots=True)
class _Recipe:
    """The number of the base, of the dependencies and of the code that a build is made of."""

    base: int
    dependencies: int
    code: int


class WorkingTeam:
    """A team at work, day by day; it remembers the recipes of its releases, because hotfixes need them."""

    def __init__(self, team: Team, seed: int) -> None:
        self.team, self.seed = team, seed
        self.dice = random.Random(f"capstone pushes {seed}")
        self.dependencies = dict.fromkeys((service.name for service in team.services), 0)
        self.builds = dict.fromkeys(self.dependencies, 0)
        self.branches: list[tuple[str, int, int]] = []
        self.begun = 0
        self.releases: list[tuple[str, _Recipe]] = []
        self.mended: dict[str, int] = {}
        # In the first quarter there is no old release yet that a hotfix could mend.
        self.mend_on = {self.dice.randrange(team.days // 4, team.days) for _ in range(team.hotfixes)}

    def day(self, day: int) -> Iterator[PushEvent]:
        """Draw the pushes of a day; on weekends there are none, except for a hotfix, which does not wait."""
        for service in self.team.services:
            if day % 7 < 5:
                yield from self._main(service, day)
                yield from self._branches(service, day)
        if day in self.mend_on:
            yield self._hotfix(day)

    def _main(self, service: Service, day: int) -> Iterator[PushEvent]:
        """Draw the day's builds of the main branch; on the day of a release the first build is the release."""
        released = bool(service.release_every) and day % service.release_every == 0
        builds = self.dice.randrange(service.builds_a_day + 1)
        for n in range(max(builds, 1) if released else builds):
            self.builds[service.name] += 1
            tags = [f"main-{self.builds[service.name]:04}", "latest"]
            recipe = self._recipe(service, day)
            if released and n == 0:
                tags.append(f"v1.{day // service.release_every}")
                self.releases.append((tags[-1], recipe))
            yield self._push(service, day, tuple(tags), recipe)

    def _branches(self, service: Service, day: int) -> Iterator[PushEvent]:
        """Begin a branch on some days, then draw the day's builds of the branches that have not ended."""
        if self.dice.random() < service.branch_chance:
            self.begun += 1
            self.branches.append(
                (service.name, self.begun, day + 2 + self.dice.randrange(self.team.longest_branch - 1))
            )
        for name, number, end in self.branches:
            if name == service.name and day <= end and self.dice.random() < 0.5:
                self.builds[name] += 1
                tag = f"branch-{number:02}-{self.builds[name]:04}"
                yield self._push(service, day, (tag,), self._recipe(service, day))

    def _hotfix(self, day: int) -> PushEvent:
        """Mend an old release, two to six releases back: the same base and dependencies, with new code."""
        back = min(2 + self.dice.randrange(5), len(self.releases))
        tag, recipe = self.releases[-back]
        product = self.team.services[1]
        self.builds[product.name] += 1
        self.mended[tag] = self.mended.get(tag, 0) + 1
        mended = _Recipe(recipe.base, recipe.dependencies, self.builds[product.name])
        return self._push(product, day, (f"{tag}.{self.mended[tag]}",), mended)

    def _recipe(self, service: Service, day: int) -> _Recipe:
        """Return the recipe of a build on this day; now and then it has new dependencies."""
        self.dependencies[service.name] += self.dice.random() < self.team.new_dependencies
        return _Recipe(day // self.team.base_every, self.dependencies[service.name], self.builds[service.name])

    def _push(self, service: Service, day: int, tags: tuple[str, ...], recipe: _Recipe) -> PushEvent:
        images = tuple(self._image(service, platform, recipe) for platform in service.platforms)
        if len(images) == 1:
            return PushEvent(day, service.name, tags, images[0].manifest, images)
        children = [
            Descriptor(i.manifest.media_type, i.manifest.digest, i.manifest.size, platform=Platform("linux", arch))
            for i, arch in zip(images, service.platforms, strict=True)
        ]
        return PushEvent(day, service.name, tags, ImageIndex.of(children), images)

    def _image(self, service: Service, platform: str, recipe: _Recipe) -> ReleasedImage:
        base = f"{self.seed} {platform} base {recipe.base}"
        # A layer is built on the layers below it. So a new base means a new layer of dependencies, even if the list of
        # dependencies is the same: the digest of each layer follows from the names of all layers below.
        dependencies = f"{base} {service.name} deps {recipe.dependencies}"
        code = f"{dependencies} code {recipe.code}"
        sizes = (self.team.base_bytes, service.dependency_bytes, service.code_bytes)
        layers = tuple(
            Nominal(Digest.of(name.encode()), size)
            for name, size in zip((base, dependencies, code), sizes, strict=True)
        )
        config = f'{{"architecture":"{platform}","build":{recipe.code}}}'.encode()
        descriptors = [Descriptor(OCI_LAYER_GZIP, layer.digest, len(layer)) for layer in layers]
        return ReleasedImage(ImageManifest.of(Descriptor.of(config, OCI_CONFIG), descriptors), config, layers)
