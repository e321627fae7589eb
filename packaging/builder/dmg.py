"""The macOS bundle in a disk image: completed, signed, packed, and notarized where the environment has the means."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from builder import bundle, environment, frozen
from builder.tools import NAME, TITLE, Missing, fresh, machine, need, run, say, version, work

ENTITLEMENTS = bundle.MACOS / "entitlements.plist"
IDENTITY = "EXPLORER_SIGN_MACOS"
"""The name of a certificate in the keychain: Developer ID Application: …"""
NOTARY = ("EXPLORER_NOTARY_KEY", "EXPLORER_NOTARY_KEY_ID", "EXPLORER_NOTARY_ISSUER")
"""A key of App Store Connect: its file (.p8), its id, and who issued it."""
BY_NOBODY = "-"
"""The identity of an ad-hoc signature, without which no program starts on Apple's own processors."""
REFUSED = (
    "downloaded, it is refused by macOS 15 and newer, until the user allows it: System Settings > Privacy & Security > "
    "Open Anyway"
)
"""What becomes of a program that the notary has not seen."""
MAGIC = {b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xca\xfe\xba\xbe", b"\xca\xfe\xba\xbf"}
"""How Mach-O files begin: for one processor, or for several."""
Command = Sequence[str | Path]


def possible() -> None:
    """Raise `Missing` but on macOS."""
    if sys.platform != "darwin":
        raise Missing("dmg needs macOS: codesign, hdiutil and notarytool are there alone.")
    need("codesign", "hdiutil", "xcrun")


def build(output: Path) -> Path:
    """Write NAME-VERSION-macos-ARCH.dmg."""
    app = output / f"{TITLE}.app"
    complete(app, frozen.folder(output), environment.ready("freeze", environment.FREEZE))
    made = output / f"{NAME}-{version()}-macos-{machine()}.dmg"
    stage = fresh(work("dmg"))
    for command in steps(app, code_of(app), made, stage, os.environ):
        run(command)
    for sentence in left_out(os.environ):
        say(sentence)
    say(f"{made}: {made.stat().st_size / 1e6:.1f} MB")
    return made


def complete(app: Path, folder: Path, python: Path) -> None:
    """Take into the bundle what the folder beside it was given after freezing: licences, and sources compiled ahead."""
    inside = app / "Contents" / "Resources"
    shutil.copytree(folder / "licences", inside / "licences", dirs_exist_ok=True)
    frozen.compile_sources(inside / "source", python)


def code_of(app: Path) -> list[Path]:
    """The files of the bundle that hold code, the deepest first: each is signed before what contains it."""
    found = [path for path in app.rglob("*") if path.is_file() and not path.is_symlink() and _is_code(path)]
    return sorted(found, key=lambda path: (-len(path.parts), path))


def steps(app: Path, code: Sequence[Path], made: Path, stage: Path, given: Mapping[str, str]) -> list[Command]:
    """The commands from the completed bundle to the image, in their order."""
    identity = given.get(IDENTITY) or BY_NOBODY
    sign: list[str | Path] = ["codesign", "--force", "--options", "runtime", "--sign", identity]
    if identity != BY_NOBODY:
        sign.append("--timestamp")
    entitled = [*sign, "--entitlements", ENTITLEMENTS]
    commands: list[Command] = [[*sign, file] for file in code if file.parent.name != "MacOS"]
    commands += [[*entitled, file] for file in code if file.parent.name == "MacOS"]
    commands += [
        [*entitled, app],
        ["codesign", "--verify", "--strict", "--deep", app],
        ["ditto", app, stage / app.name],
        ["ln", "-s", "/Applications", stage / "Applications"],
        ["hdiutil", "create", "-volname", TITLE, "-srcfolder", stage, "-fs", "APFS", "-format", "ULFO", "-ov", made],
    ]
    if identity != BY_NOBODY:
        commands.append(["codesign", "--force", "--timestamp", "--sign", identity, made])
        if all(given.get(name) for name in NOTARY):
            key, number, issuer = (given[name] for name in NOTARY)
            who = ["--key", key, "--key-id", number, "--issuer", issuer]
            commands.append(["xcrun", "notarytool", "submit", made, *who, "--wait"])
            commands.append(["xcrun", "stapler", "staple", made])
    return commands


def left_out(given: Mapping[str, str]) -> list[str]:
    """What was not done for want of something in the environment, a sentence each."""
    if not given.get(IDENTITY):
        return [f"signed by nobody and not notarized: {IDENTITY} names no certificate; {REFUSED}"]
    missing = [name for name in NOTARY if not given.get(name)]
    return [f"not notarized: {', '.join(missing)} not set; {REFUSED}"] if missing else []


def _is_code(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in MAGIC
