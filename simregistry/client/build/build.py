"""Build: a Dockerfile and a context in, an image in the local store out.

1. RUN, COPY and ADD leave one read-only layer each, also where they change nothing; every other instruction changes the
   config alone. (BuildKit makes a small layer for a WORKDIR too; here the directory comes with the first file that is
   put into it.)
2. No machine runs a RUN: the caller says what it does (run_effects.py).
3. The image is listed at the very end: a build that fails leaves none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from simregistry.client.build.cache import BuildCache, CacheLookup
from simregistry.client.build.config_instructions import ExpandedInstruction
from simregistry.client.build.context import context_files
from simregistry.client.build.dockerfile import Dockerfile, Instruction, Stage, parse_dockerfile
from simregistry.client.build.report import BuildReport, BuildStep
from simregistry.client.build.run_effects import FileContent, RunEffect, effect_of
from simregistry.client.build.shell_words import split
from simregistry.client.build.stage import BuildOptions, StageBuild, StageResult, single_spaced
from simregistry.client.image_store import ImageStore
from simregistry.errors import ContentUnavailable, InvalidValue
from simregistry.oci.config import ImageConfig
from simregistry.oci.descriptor import Platform
from simregistry.oci.entry import Entry
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.rootfs import stack

Resolve = Callable[[str], tuple[ImageManifest, ImageConfig]]
Effects = Mapping[str, RunEffect | Mapping[str, FileContent]]


@dataclass(slots=True)
class Build:
    """One build on its way."""

    reference: str
    dockerfile: Dockerfile
    files: Mapping[str, Entry]
    platform: Platform
    resolve: Resolve
    options: BuildOptions
    steps: list[BuildStep] = field(default_factory=list)
    results: dict[int, StageResult] = field(default_factory=dict)

    def run(self, target: str) -> BuildReport:
        """Build the stages that the target needs, in order, and list the image."""
        last = self._target(target) if target else len(self.dockerfile.stages) - 1
        try:
            for number in sorted(self._needed(last)):
                self.results[number] = self._stage(self.dockerfile.stages[number], number)
        finally:
            self.options.build_cache.names.add(self.options.name)
        return BuildReport(self.reference, self._listed(self.results[last]), tuple(self.steps))

    def _listed(self, result: StageResult) -> ImageManifest:
        store, diff_ids = self.options.store, [diff_id for _, diff_id in result.layers]
        config = ImageConfig.of(
            diff_ids, result.history, runtime=result.runtime, platform=self.platform, author=result.author
        )
        store.put_blob(config.raw)
        manifest = ImageManifest.of(config.descriptor, [layer for layer, _ in result.layers])
        store.put_image(self.reference, manifest)
        return manifest

    def _target(self, name: str) -> int:
        """Find a stage by the name that AS gave it, or by its number."""
        found = self._earlier(name, len(self.dockerfile.stages))
        if found is None:
            have = ", ".join(stage.name or str(i) for i, stage in enumerate(self.dockerfile.stages))
            raise InvalidValue("target", name, f"no such stage; there is {have}")
        return found

    def _earlier(self, name: str, before: int) -> int | None:
        for number in range(before - 1, -1, -1):
            if name and name.lower() in (self.dockerfile.stages[number].name, str(number)):
                return number
        return None

    def _needed(self, last: int) -> set[int]:
        """Follow FROM and --from back: a stage that nothing needs is not built, as in BuildKit."""
        needed: set[int] = set()
        waiting = [last]
        while waiting:
            number = waiting.pop()
            if number in needed:
                continue
            needed.add(number)
            stage = self.dockerfile.stages[number]
            copied = [one.flags["from"] for one in stage.instructions if "from" in one.flags]
            earlier = (self._earlier(name, number) for name in [self._base_name(stage), *copied])
            waiting.extend(found for found in earlier if found is not None)
        return needed

    def _base_name(self, stage: Stage) -> str:
        """Put the ARGs before the first FROM into this one; only they are in reach of it."""
        name = ExpandedInstruction(stage.origin, self.options.global_args).word(stage.base)
        if not name:
            raise stage.origin.fault("the base is empty; give the ARG a value")
        return name

    def _stage(self, stage: Stage, number: int) -> StageResult:
        result = self._begin(stage, number)
        name = self._base_name(stage)
        self.steps.append(BuildStep(len(self.steps) + 1, f"FROM {name}", None, False, "base"))
        waiting, result.runtime = result.runtime.on_build, replace(result.runtime, on_build=())
        work = StageBuild(self.options, number, result, lambda one: self._source(one, number))
        for one in (*_triggers(waiting, stage), *stage.instructions):
            work.step(one)
        self.steps += [replace(step, number=n) for n, step in enumerate(work.steps, len(self.steps) + 1)]
        return result

    def _begin(self, stage: Stage, number: int) -> StageResult:
        """Start from nothing, from an earlier stage, or from an image."""
        self._check_platform(stage)
        name = self._base_name(stage)
        earlier = self._earlier(name, number)
        if earlier is not None:
            before = self.results[earlier]
            key = CacheLookup(before.key, f"FROM {name}").key
            return replace(
                before, key=key, layers=list(before.layers), history=list(before.history), args=dict(before.args)
            )
        start = f"{self.platform} {self.options.compression}"
        if name == "scratch":
            return StageResult(key=f"scratch {start}")
        manifest, config = self.resolve(name)
        layers = list(zip(manifest.layers, config.diff_ids, strict=True))
        tree, whole = self._opened(manifest), True
        if tree is None:
            tree, whole = {}, False
        key = f"{config.digest} {start}"
        return StageResult(key, layers, list(config.history), config.runtime, tree, whole, author=config.author)

    def _check_platform(self, stage: Stage) -> None:
        wanted = ExpandedInstruction(stage.origin, self.options.global_args).word(stage.platform)
        if wanted and Platform.parse(wanted) != self.platform:
            raise stage.origin.fault(f"this build is for {self.platform}; build for {wanted} with a client of its own")

    def _opened(self, manifest: ImageManifest) -> dict[str, Entry] | None:
        """Stack an image's files; a base known by name alone has none to show, and can be built on all the same."""
        try:
            return stack(Changeset.from_blob(self.options.store.content(layer.digest)) for layer in manifest.layers)
        except ContentUnavailable:
            return None

    def _source(self, one: Instruction, number: int) -> Mapping[str, Entry]:
        """Find where a COPY copies from: an earlier stage, an image, or the context."""
        name = one.flags.get("from")
        if name is None:
            return self.files
        earlier = self._earlier(name, number)
        if earlier is not None:
            return self.results[earlier].tree
        later = {stage.name for stage in self.dockerfile.stages[number:]}
        if "$" in name or name.isdecimal() or name.lower() in {"", *later}:
            raise one.fault("--from takes the name or number of an earlier stage, or an image; no variables")
        tree = self._opened(self.resolve(name)[0])
        if tree is None:
            raise one.fault(f"the files of {name} are not here: its layers are known by their names alone")
        return tree


def _triggers(waiting: tuple[str, ...], stage: Stage) -> tuple[Instruction, ...]:
    """Read what the base keeps for its children: it is carried out right after FROM (Dockerfile reference, ONBUILD)."""
    found = parse_dockerfile("\n".join(["FROM scratch", *waiting])).stages[0].instructions
    return tuple(replace(one, line=stage.origin.line) for one in found)


def build_image(
    store: ImageStore,
    reference: str,
    dockerfile: str,
    context: Mapping[str, bytes | str] | Path,
    *,
    resolve: Resolve,
    build_cache: BuildCache,
    effects: Effects | None = None,
    build_args: Mapping[str, str] | None = None,
    target: str = "",
    platform: Platform | None = None,
    cache: bool = True,
    compression: str = "",
) -> BuildReport:
    """Build an image, or raise InvalidValue saying which line is wrong.

    ``effects`` says what each RUN does, by its command: files it writes (bytes, text or a size) and paths it removes.
    ``build_cache`` is what earlier builds left, and takes what this one leaves. ``cache=False`` runs every step anyway.
    """
    parsed = parse_dockerfile(dockerfile)
    given = {single_spaced(command): effect_of(effect) for command, effect in (effects or {}).items()}
    if compression not in ("", "gzip"):
        raise InvalidValue("compression", compression, 'use "gzip", or "" for none')
    _check_effects(given, parsed)
    platform, build_args = platform or Platform("linux", "amd64"), dict(build_args or {})
    global_args = _global_args(parsed, build_args, platform)
    name = reference.rpartition("@")[0] or reference.rpartition(":")[0] or reference
    options = BuildOptions(store, build_cache, name, given, build_args, global_args, cache, compression)
    return Build(reference, parsed, context_files(context), platform, resolve, options).run(target)


def _global_args(parsed: Dockerfile, build_args: Mapping[str, str], platform: Platform) -> dict[str, str]:
    """Read the ARGs before the first FROM, on top of those that BuildKit gives by itself."""
    values = {f"{of}PLATFORM": str(platform) for of in ("TARGET", "BUILD")}
    values |= {f"{of}OS": platform.os for of in ("TARGET", "BUILD")}
    values |= {f"{of}ARCH": platform.architecture for of in ("TARGET", "BUILD")}
    values |= {f"{of}VARIANT": platform.variant for of in ("TARGET", "BUILD")}
    for one in parsed.global_args:
        for part in split(one.args, one.escape):
            name, equals, default = part.partition("=")
            if name in build_args:
                values[name] = build_args[name]
            elif equals:
                values[name] = ExpandedInstruction(one, values).word(default)
    return values


def _check_effects(given: Mapping[str, RunEffect], parsed: Dockerfile) -> None:
    """Refuse an effect that belongs to no RUN: it would be ignored in silence."""
    runs = [one for stage in parsed.stages for one in stage.instructions if one.keyword == "RUN"]
    known = {single_spaced(one.args) for one in runs} | {
        single_spaced("\n".join(h.content.strip() for h in one.heredocs)) for one in runs
    }
    for command in given:
        if command not in known:
            have = "; ".join(single_spaced(one.args) for one in runs) or "none"
            raise InvalidValue("effect", command, f"no RUN has this command; the RUNs are: {have}")
