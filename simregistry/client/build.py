"""Build: a Dockerfile and a context in, an image in the local store out.

1. RUN, COPY and ADD leave one read-only layer each, also where they change nothing; every other instruction changes the
   config alone. (BuildKit makes a small layer for a WORKDIR that is not there yet; here the directory comes with the
   first file that is put into it.)
2. No machine runs a RUN: the caller says what it does (effects.py).
3. The image is listed at the very end: a build that fails leaves none.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simregistry.client import build_cache, build_steps
from simregistry.client.build_cache import CachedStep
from simregistry.client.build_report import BuildReport, Step
from simregistry.client.context import context_files
from simregistry.client.copying import copied
from simregistry.client.dockerfile import Dockerfile, Instruction, Stage, parse, substitute
from simregistry.client.effects import Effect, Written, assumed, effect_of
from simregistry.client.image_store import ImageStore
from simregistry.errors import ContentUnavailable, InvalidValue
from simregistry.oci.config import History, ImageConfig, Runtime
from simregistry.oci.descriptor import Descriptor, Platform
from simregistry.oci.digest import Digest
from simregistry.oci.entry import Entry
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.media_types import OCI_LAYER, OCI_LAYER_GZIP
from simregistry.oci.rootfs import apply, stack

Resolve = Callable[[str], tuple[ImageManifest, ImageConfig]]
Effects = Mapping[str, Effect | Mapping[str, Written]]


@dataclass(slots=True)
class Result:
    """What a stage has come to: layers from the base up, the runtime defaults, and the files they stack to."""

    key: str = "scratch"
    layers: list[tuple[Descriptor, Digest]] = field(default_factory=list)
    history: list[History] = field(default_factory=list)
    runtime: Runtime = field(default_factory=Runtime)
    tree: dict[str, Entry] = field(default_factory=dict)
    args: dict[str, str] = field(default_factory=dict)
    inherited_cmd: bool = False


@dataclass(slots=True)
class Build:
    """One build on its way."""

    store: ImageStore
    reference: str
    dockerfile: Dockerfile
    files: dict[str, Entry]
    effects: dict[str, Effect]
    build_args: Mapping[str, str]
    platform: Platform
    resolve: Resolve
    cache: bool = True
    compression: str = ""
    steps: list[Step] = field(default_factory=list)
    results: dict[int, Result] = field(default_factory=dict)

    def run(self, target: str) -> BuildReport:
        """Build the stages that the target needs, in order, and list the image."""
        last = self._stage_number(target) if target else len(self.dockerfile.stages) - 1
        for number in sorted(self._needed(last)):
            self.results[number] = self._stage(self.dockerfile.stages[number], number)
        result = self.results[last]
        config = ImageConfig.of(
            [diff_id for _, diff_id in result.layers], result.history, runtime=result.runtime, platform=self.platform
        )
        self.store.put_blob(config.raw)
        manifest = ImageManifest.of(config.descriptor, [layer for layer, _ in result.layers])
        self.store.put_image(self.reference, manifest)
        return BuildReport(self.reference, manifest, tuple(self.steps))

    def _stage_number(self, name: str) -> int:
        """Find a stage by the name that AS gave it, or by its number."""
        for number, stage in reversed(list(enumerate(self.dockerfile.stages))):
            if (name.lower() == stage.name and stage.name) or name == str(number):
                return number
        have = ", ".join(stage.name or str(i) for i, stage in enumerate(self.dockerfile.stages))
        raise InvalidValue("target", name, f"no such stage; there is {have}")

    def _earlier_stage(self, name: str, before: int) -> int | None:
        for number in range(before - 1, -1, -1):
            if name.lower() == self.dockerfile.stages[number].name or name == str(number):
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
            names = [self._base_name(stage), *(one.flags["from"] for one in stage.instructions if "from" in one.flags)]
            found = (self._earlier_stage(name, number) for name in names)
            waiting.extend(earlier for earlier in found if earlier is not None)
        return needed

    def _base_name(self, stage: Stage) -> str:
        """Put the ARGs before the first FROM into this one; only they are in reach of it."""
        return substitute(stage.base, self._global_args())

    def _global_args(self) -> dict[str, str]:
        values: dict[str, str] = {}
        for one in self.dockerfile.global_args:
            name, _, default = one.args.partition("=")
            values[name.strip()] = self.build_args.get(name.strip(), substitute(default.strip("\"'"), values))
        return values

    def _stage(self, stage: Stage, number: int) -> Result:
        result = self._begin(stage, number)
        for one in stage.instructions:
            self._instruction(one, result, number)
        return result

    def _begin(self, stage: Stage, number: int) -> Result:
        """Start from nothing, from an earlier stage, or from an image."""
        name = self._base_name(stage)
        self.steps.append(Step(len(self.steps) + 1, f"FROM {name}", None, False, "base"))
        if name == "scratch":
            return Result()
        earlier = self._earlier_stage(name, number)
        if earlier is not None:
            before = self.results[earlier]
            return Result(
                before.key, list(before.layers), list(before.history), before.runtime, dict(before.tree),
                inherited_cmd=bool(before.runtime.cmd),
            )  # fmt: skip
        if not name:
            raise InvalidValue(
                "Dockerfile", f"FROM {stage.base}", f"line {stage.line}: the base is empty; give the ARG a value"
            )
        manifest, config = self.resolve(name)
        layers = list(zip(manifest.layers, config.diff_ids, strict=True))
        tree = self._open(manifest)
        return Result(
            config.digest, layers, list(config.history), config.runtime, tree, inherited_cmd=bool(config.runtime.cmd)
        )

    def _open(self, manifest: ImageManifest) -> dict[str, Entry]:
        """Stack an image's files; a base known by name alone has none to show, and can be built on all the same."""
        try:
            return stack(Changeset.from_blob(self.store.content(layer.digest)) for layer in manifest.layers)
        except ContentUnavailable:
            return {}

    def _instruction(self, one: Instruction, result: Result, number: int) -> None:
        variables = build_steps.environment(result.runtime)
        variables = {**result.args, **variables}
        args = build_steps.expanded(one, variables)
        if one.keyword == "ARG":
            self._declare(args, result)
        files = self._copied(one, args, result, variables, number) if one.keyword in ("COPY", "ADD") else {}
        text = build_steps.created_by(one, args, result.runtime) + "".join(f"\n{h.content}" for h in one.heredocs)
        if one.keyword == "RUN" and result.args:
            # What a RUN sees of ARGs is part of what it is looked up by, as BuildKit writes it into the history.
            text += " |" + " ".join(f"{name}={value}" for name, value in sorted(result.args.items()))
        prints = build_cache.fingerprints(files)
        key = build_cache.key_of(result.key, text, prints)
        found = self.store.build_cache.steps.get(key) if self.cache else None
        if found is not None and found.layer is not None and found.layer.digest not in self.store.blobs:
            found = None
        place = (self.reference, len(self.steps))
        reason = "hit" if found else "cache off" if not self.cache else self.store.build_cache.reason(
            place, result.key, text, prints
        )  # fmt: skip
        step = found or self._carry_out(one, args, result, files)
        self.store.build_cache.steps[key] = step
        self.store.build_cache.places[place] = (result.key, text, prints)
        self._record(one, step, result, key, cached=found is not None, reason=reason)

    def _declare(self, args: str, result: Result) -> None:
        name, equals, default = args.partition("=")
        name = name.strip()
        inherited = self._global_args().get(name, "") if not equals else default.strip("\"'")
        result.args[name] = self.build_args.get(name, inherited)

    def _carry_out(self, one: Instruction, args: str, result: Result, files: dict[str, Entry]) -> CachedStep:
        history = build_steps.created_by(one, args, result.runtime)
        if one.keyword not in build_steps.LAYERED:
            runtime = build_steps.configured(one, args, result.runtime, result.inherited_cmd)
            return CachedStep(None, None, runtime, History(history, empty_layer=True), assumed=False)
        made_up = False
        if one.keyword == "RUN":
            effect, made_up = self._effect(one, args, result)
            changeset = effect.changeset()
        else:
            # Directories that are there already stay as they are, and are no change.
            kept = {p: e for p, e in files.items() if not (e.kind == "directory" and p in result.tree)}
            changeset = Changeset(tuple(kept.values()))
        layer, diff_id = self._keep(changeset)
        return CachedStep(layer, diff_id, result.runtime, History(history), made_up)

    def _effect(self, one: Instruction, args: str, result: Result) -> tuple[Effect, bool]:
        script = "\n".join(heredoc.content.strip() for heredoc in one.heredocs)
        for command in (_plain(args), _plain(script)):
            if command and command in self.effects:
                return self.effects[command], False
        command = f"{args}\n{script}" if script else args
        return assumed(command, [diff_id for _, diff_id in result.layers]), True

    def _keep(self, changeset: Changeset) -> tuple[Descriptor, Digest]:
        archive = changeset.to_tar()
        diff_id = self.store.put_blob(archive) if not self.compression else Digest.of(archive)
        if not self.compression:
            return Descriptor(OCI_LAYER, diff_id, len(archive)), diff_id
        blob = gzip.compress(archive, 6, mtime=0)
        return Descriptor(OCI_LAYER_GZIP, self.store.put_blob(blob), len(blob)), diff_id

    def _copied(
        self, one: Instruction, args: str, result: Result, variables: dict[str, str], number: int
    ) -> dict[str, Entry]:
        source: dict[str, Entry] = self.files
        if "from" in one.flags:
            earlier = self._earlier_stage(one.flags["from"], number)
            source = (
                self.results[earlier].tree if earlier is not None else self._open(self.resolve(one.flags["from"])[0])
            )
        return copied(one, args, source, result.tree, result.runtime.working_dir, variables)

    def _record(
        self, one: Instruction, step: CachedStep, result: Result, key: str, *, cached: bool, reason: str
    ) -> None:
        result.key, result.runtime = key, step.runtime
        result.history.append(step.history)
        if one.keyword == "CMD":
            result.inherited_cmd = False
        if step.layer is not None and step.diff_id is not None:
            result.layers.append((step.layer, step.diff_id))
            result.tree = apply(result.tree, Changeset.from_blob(self.store.content(step.layer.digest)))
        self.steps.append(Step(len(self.steps) + 1, str(one), step.layer, cached, reason, step.assumed))


def build(
    store: ImageStore,
    reference: str,
    dockerfile: str,
    context: Mapping[str, bytes | str] | Path,
    *,
    resolve: Resolve,
    effects: Effects | None = None,
    build_args: Mapping[str, str] | None = None,
    target: str = "",
    platform: Platform | None = None,
    cache: bool = True,
    compression: str = "",
) -> BuildReport:
    """Build an image, or raise InvalidValue saying which line is wrong.

    ``effects`` says what each RUN does, by its command: files it writes (bytes, text or a size) and paths it removes.
    """
    parsed = parse(dockerfile)
    given = {_plain(command): effect_of(effect) for command, effect in (effects or {}).items()}
    if compression not in ("", "gzip"):
        raise InvalidValue("compression", compression, 'use "gzip", or "" for none')
    _check_effects(given, parsed)
    work = Build(
        store, reference, parsed, context_files(context), given, build_args or {},
        platform or Platform("linux", "amd64"), resolve, cache, compression,
    )  # fmt: skip
    return work.run(target)


def _plain(command: str) -> str:
    """Take the spaces out that only lay a command out."""
    return " ".join(command.split())


def _check_effects(given: Mapping[str, Effect], parsed: Dockerfile) -> None:
    """Refuse an effect that belongs to no RUN: it would be ignored in silence."""
    runs = [one for stage in parsed.stages for one in stage.instructions if one.keyword == "RUN"]
    known = {_plain(one.args) for one in runs} | {_plain(h.content) for one in runs for h in one.heredocs}
    for command in given:
        if command not in known:
            have = "; ".join(_plain(one.args) for one in runs) or "none"
            raise InvalidValue("effect", command, f"no RUN has this command; the RUNs are: {have}")
