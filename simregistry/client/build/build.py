"""Build an image from a Dockerfile and a context, into the local store.

1. RUN, COPY and ADD leave one read-only layer each, even if they change nothing. Every other instruction changes the
   config alone. (BuildKit also makes a small layer for a WORKDIR; here the directory comes with its first file.)
2. The simulator runs no command: the caller says what a RUN does (run_effects.py). One that runs again leaves other
   bytes, because it dates its files later (stage.py).
3. The image is listed at the very end, so a build that fails leaves no image.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from simregistry.client.build.cache import BuildCache, CacheLookup
from simregistry.client.build.config_instructions import ExpandedInstruction, environment
from simregistry.client.build.context import context_files
from simregistry.client.build.dockerfile import LONE_SURROGATE, Dockerfile, Instruction, Stage, parse_dockerfile
from simregistry.client.build.report import BuildReport, BuildStep
from simregistry.client.build.run_effects import FileContent, RunEffect, effect_of
from simregistry.client.build.shell_words import LONGEST_WORD, split
from simregistry.client.build.stage import BuildOptions, StageBuild, StageResult, single_spaced
from simregistry.client.image_store import ImageStore
from simregistry.errors import ContentUnavailable, InvalidValue
from simregistry.oci.config import ImageConfig
from simregistry.oci.descriptor import Platform
from simregistry.oci.entry import Entry
from simregistry.oci.layer import Changeset
from simregistry.oci.manifest import ImageManifest
from simregistry.oci.rootfs import stack

SOURCE_DATE_EPOCH = "SOURCE_DATE_EPOCH"
Resolve = Callable[[str], tuple[ImageManifest, ImageConfig]]
Effects = Mapping[str, RunEffect | Mapping[str, FileContent]]


@dataclass(slots=True)
class Build:
    """One build: its inputs, and the steps and stage results so far."""

    reference: str
    dockerfile: Dockerfile
    files: Mapping[str, Entry]
    platform: Platform
    resolve: Resolve
    options: BuildOptions
    steps: list[BuildStep] = field(default_factory=list)
    results: dict[int, StageResult] = field(default_factory=dict)

    def run(self, target: str) -> BuildReport:
        """Build the stages that the target needs, in order, and list the image in the store."""
        last = self._target(target) if target else len(self.dockerfile.stages) - 1
        try:
            for number in sorted(self._needed(last)):
                self.results[number] = self._stage(self.dockerfile.stages[number], number)
        finally:
            # Also after a failure: the steps before it are in the cache, so the next build is not the first.
            self.options.build_cache.names.add(self.options.name)
        return BuildReport(self.reference, self._list_image(self.results[last]), tuple(self.steps))

    def _list_image(self, result: StageResult) -> ImageManifest:
        """Write the config and the manifest of the last stage, and give the image its name in the store."""
        store, diff_ids = self.options.store, [diff_id for _, diff_id in result.layers]
        config = ImageConfig.of(
            diff_ids, result.history, runtime=result.runtime, platform=self.platform, author=result.author
        )
        store.put_blob(config.raw)
        manifest = ImageManifest.of(config.descriptor, [layer for layer, _ in result.layers])
        store.put_image(self.reference, manifest)
        return manifest

    def _target(self, name: str) -> int:
        """Find a stage by the name that AS gives it, or by its number."""
        number = self._earlier(name, len(self.dockerfile.stages))
        if number is None:
            have = ", ".join(stage.name or str(i) for i, stage in enumerate(self.dockerfile.stages))
            raise InvalidValue("target", name, f"no such stage; there is {have}")
        return number

    def _earlier(self, name: str, before: int) -> int | None:
        """Find the last stage before a number that has this name or number; return None if there is none."""
        for number in range(before - 1, -1, -1):
            if name and name.lower() in (self.dockerfile.stages[number].name, str(number)):
                return number
        return None

    def _needed(self, last: int) -> set[int]:
        """Find the stages that a stage needs through FROM and --from; BuildKit does not build any other either."""
        needed: set[int] = set()
        waiting = [last]
        while waiting:
            number = waiting.pop()
            if number in needed:
                continue
            needed.add(number)
            stage = self.dockerfile.stages[number]
            sources = [instruction.flags["from"] for instruction in stage.instructions if "from" in instruction.flags]
            stages = (self._earlier(name, number) for name in [self._base_name(stage), *sources])
            # A name that is no stage is an image, which needs no building.
            waiting.extend(stage_number for stage_number in stages if stage_number is not None)
        return needed

    def _base_name(self, stage: Stage) -> str:
        """Replace the variables in a FROM; it can use only the ARGs before the first FROM."""
        name = ExpandedInstruction(stage.origin, self.options.global_args).word(stage.base)
        if not name:
            raise stage.origin.fault("the base is empty; give the ARG a value")
        return name

    def _stage(self, stage: Stage, number: int) -> StageResult:
        """Build one stage: begin with its base, run the base's ONBUILD triggers, then the stage's instructions."""
        result = self._begin(stage, number)
        name = self._base_name(stage)
        self.steps.append(BuildStep(len(self.steps) + 1, f"FROM {name}", None, False, "base"))
        triggers, result.runtime = result.runtime.on_build, replace(result.runtime, on_build=())
        stage_build = StageBuild(self.options, number, result, lambda instruction: self._source(instruction, number))
        for instruction in (*_read_triggers(triggers, stage), *stage.instructions):
            stage_build.step(instruction)
        self.steps += [replace(step, number=n) for n, step in enumerate(stage_build.steps, len(self.steps) + 1)]
        return result

    def _begin(self, stage: Stage, number: int) -> StageResult:
        """Begin a stage with nothing, with the result of an earlier stage, or with an image."""
        self._check_platform(stage)
        name = self._base_name(stage)
        earlier = self._earlier(name, number)
        if earlier is not None:
            before = self.results[earlier]
            key = CacheLookup(before.key, f"FROM {name}").key
            # Copies of the lists: a second stage may begin with the same result.
            return replace(
                before, key=key, layers=list(before.layers), history=list(before.history),
                variables=dict(before.variables),
            )  # fmt: skip
        # The same Dockerfile gives different layers for a different platform or compression.
        settings = f"{self.platform} {self.options.compression}"
        if name == "scratch":
            return StageResult(key=f"scratch {settings}")
        manifest, config = self.resolve(name)
        layers = list(zip(manifest.layers, config.diff_ids, strict=True))
        tree, whole = self._files_of(manifest), True
        if tree is None:
            tree, whole = {}, False
        key = f"{config.digest} {settings}"
        return StageResult(
            key, layers, list(config.history), config.runtime, tree, whole,
            variables=environment(config.runtime), author=config.author,
        )  # fmt: skip

    def _check_platform(self, stage: Stage) -> None:
        platform = ExpandedInstruction(stage.origin, self.options.global_args).word(stage.platform)
        if platform and Platform.parse(platform) != self.platform:
            raise stage.origin.fault(
                f"this build is for {self.platform}; build for {platform} with a client of its own"
            )

    def _files_of(self, manifest: ImageManifest) -> dict[str, Entry] | None:
        """Stack an image's files; return None if the bytes of a layer are not here, which does not stop a build."""
        try:
            return stack(Changeset.from_blob(self.options.store.content(layer.digest)) for layer in manifest.layers)
        except ContentUnavailable:
            return None

    def _source(self, instruction: Instruction, number: int) -> Mapping[str, Entry]:
        """Find the files from which a COPY copies: those of an earlier stage, of an image, or of the context."""
        name = instruction.flags.get("from")
        if name is None:
            return self.files
        earlier = self._earlier(name, number)
        if earlier is not None:
            return self.results[earlier].tree
        later = {stage.name for stage in self.dockerfile.stages[number:]}
        if "$" in name or name.isdecimal() or name.lower() in {"", *later}:
            raise instruction.fault("--from takes the name or number of an earlier stage, or an image; no variables")
        tree = self._files_of(self.resolve(name)[0])
        if tree is None:
            raise instruction.fault(f"the files of {name} are not here: its layers are known by their names alone")
        return tree


def _read_triggers(triggers: tuple[str, ...], stage: Stage) -> tuple[Instruction, ...]:
    """Parse the base's ONBUILD instructions, which run right after FROM (Dockerfile reference, ONBUILD)."""
    instructions = parse_dockerfile("\n".join(["FROM scratch", *triggers])).stages[0].instructions
    return tuple(replace(instruction, line=stage.origin.line) for instruction in instructions)


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
    dockerfile_name: str = "Dockerfile",
) -> BuildReport:
    """Build an image; raise InvalidValue saying which line is wrong.

    ``effects`` says what each RUN does, by its command: the files that it writes (bytes, a string or a size) and the
    paths that it removes. ``build_cache`` has the steps of earlier builds, and gets the steps of this one. With
    ``cache=False`` every step is built all the same. The build argument SOURCE_DATE_EPOCH limits the times of the files
    in the layers that this build adds. BuildKit also wants ``rewrite-timestamp=true`` for that (build-repro.md).
    ``dockerfile_name`` is the file that the Dockerfile is from, which may have an ignore file of its own.
    """
    parsed = parse_dockerfile(dockerfile)
    effects_by_command = {single_spaced(command): effect_of(effect) for command, effect in (effects or {}).items()}
    if compression not in ("", "gzip"):
        raise InvalidValue("compression", compression, 'use "gzip", or "" for none')
    _check_effects(effects_by_command, parsed)
    platform, build_args = (
        platform or Platform("linux", "amd64"),
        {name: str(value) for name, value in (build_args or {}).items()},
    )
    _check_build_args(build_args)
    global_args = _global_args(parsed, build_args, platform)
    name = reference.rpartition("@")[0] or reference.rpartition(":")[0] or reference
    epoch = _source_date_epoch(build_args)
    options = BuildOptions(
        store, build_cache, name, effects_by_command, build_args, global_args, cache, compression, epoch
    )
    return Build(reference, parsed, context_files(context, dockerfile_name), platform, resolve, options).run(target)


def _check_build_args(build_args: Mapping[str, str]) -> None:
    """Refuse a build argument that can't be written into a config, or be given to a command."""
    for name, value in build_args.items():
        if LONE_SURROGATE.search(name + value):
            raise InvalidValue("build argument", name, "has half a character in it (a lone surrogate)")
        if len(value) > LONGEST_WORD:
            raise InvalidValue(
                "build argument", name, f"has more than {LONGEST_WORD:,} characters; copy a file instead"
            )


def _source_date_epoch(build_args: Mapping[str, str]) -> int | None:
    """Read the time after which no file is dated: seconds since 1970, or None if nobody gives it."""
    seconds = str(build_args.get(SOURCE_DATE_EPOCH, ""))
    if seconds and not re.fullmatch(r"[0-9]{1,11}", seconds):
        raise InvalidValue(SOURCE_DATE_EPOCH, seconds, "write a number of seconds since 1970, such as 0")
    return int(seconds) if seconds else None


def _global_args(parsed: Dockerfile, build_args: Mapping[str, str], platform: Platform) -> dict[str, str]:
    """Read the ARGs before the first FROM, and set those that BuildKit sets by itself, such as TARGETPLATFORM."""
    values = {f"{of}PLATFORM": str(platform) for of in ("TARGET", "BUILD")}
    values |= {f"{of}OS": platform.os for of in ("TARGET", "BUILD")}
    values |= {f"{of}ARCH": platform.architecture for of in ("TARGET", "BUILD")}
    values |= {f"{of}VARIANT": platform.variant for of in ("TARGET", "BUILD")}
    for instruction in parsed.global_args:
        for part in split(instruction.args, instruction.escape):
            name, equals, default = part.partition("=")
            if name in build_args:
                values[name] = build_args[name]
            elif equals:
                values[name] = ExpandedInstruction(instruction, values).word(default)
    return values


def _check_effects(effects: Mapping[str, RunEffect], parsed: Dockerfile) -> None:
    """Refuse an effect whose command no RUN has: it would be ignored silently."""
    runs = [step for stage in parsed.stages for step in stage.instructions if step.keyword == "RUN"]
    commands = {single_spaced(run.args) for run in runs} | {
        single_spaced("\n".join(heredoc.content.strip() for heredoc in run.heredocs)) for run in runs
    }
    for command in effects:
        if command not in commands:
            have = "; ".join(single_spaced(run.args) for run in runs) or "none"
            raise InvalidValue("effect", command, f"no RUN has this command; the RUNs are: {have}")
