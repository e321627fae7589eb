#!/usr/bin/env python3
"""Set up and start Concurrency Explorer from a checkout, with nothing but Python 3.11 or newer.

    python3 packaging/bootstrap.py run  [arguments of the application]
    python3 packaging/bootstrap.py test [arguments of pytest]
    python3 packaging/bootstrap.py setup
    python3 packaging/bootstrap.py doctor

run     set up what is missing, then start the application (without arguments: its window)
test    set up what is missing and the development tools, then run every check; with arguments: only pytest
setup   set up what is missing, start nothing
doctor  say what is missing, change nothing

Options before the verb: --no-system (never install system packages), --yes-system (install them through sudo).

Standard library only, and the syntax of Python 3.8, so that an old interpreter gets a sentence and not a SyntaxError.
The environment is a .venv beside this folder, made by the interpreter that runs this file. It is built under another
name and renamed when it is whole; a stamp in it says which lock file and which Python it was made for.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[1]
PACKAGING = ROOT / "packaging"
VENV = ROOT / ".venv"
RUNTIME_LOCK = PACKAGING / "requirements.lock"
DEV_LOCK = PACKAGING / "requirements-dev.lock"
MINIMUM = (3, 11)
WINDOWS = os.name == "nt"
SCRIPTS = "Scripts" if WINDOWS else "bin"
PYTHON = VENV / SCRIPTS / ("python.exe" if WINDOWS else "python")

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
LAUNCHER = """#!{python}
import sys

from explorer.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
"""
# Name and arguments of each check, in the order in which they are cheap. pytest is last: its closing line ends the log.
# mypy takes one core for a minute, while most tests wait: it goes on beside pytest.
BESIDE = "mypy"
CHECKS = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy", "--strict")),
    ("lint-imports", ("-c", "from importlinter.cli import lint_imports_command as command; command()")),
    ("pytest", ("-m", "pytest", "-q")),
)
# All tests: in one process more than there are cores, since most tests wait for processes most of the time.
SIDE_BY_SIDE = ("-n", str(min(8, (os.cpu_count() or 1) + 1)), "--dist", "worksteal")


def say(*words: str) -> None:
    """Print one line, marked as ours."""
    print("[bootstrap]", *words, flush=True)


def die(sentence: str) -> NoReturn:
    """End with a sentence and status 2."""
    say(sentence)
    raise SystemExit(2)


# --- what the system must bring -------------------------------------------------------------------------------------


def loads(library: str) -> bool:
    """Whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_fonts() -> bool:
    """Whether any font is installed: without one Qt shows a window full of boxes."""
    for folder in FONT_FOLDERS:
        for _, _, files in os.walk(os.path.expanduser(folder)):
            if any(name.lower().endswith((".ttf", ".otf", ".ttc")) for name in files):
                return True
    return False


def has_venv() -> bool:
    """Whether this interpreter can make an environment with pip in it; Debian splits that off."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return False
    return True


def missing_packages() -> list[str]:
    """Names of the Debian packages whose libraries are missing; none on systems where the wheels bring everything."""
    if not sys.platform.startswith("linux"):
        return []
    table = (PACKAGING / "system" / "debian.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split() for line in table if line.strip() and not line.startswith("#")]
    need = [package for library, package in pairs if not loads(library)]
    if not has_fonts():
        need.append("fonts-dejavu-core")
    if not has_venv():
        need.append("python3-venv")
    return need


def missing_for_tests() -> list[str]:
    """Packages that only some tests want: a real X server to show the window on."""
    if not sys.platform.startswith("linux") or shutil.which("Xvfb"):
        return []
    return ["xvfb"]


def install_system(need: list[str], mode: str) -> None:
    """Install Debian packages when that is allowed; otherwise print the command and end, with nothing half done."""
    if not need:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *need]
    root = os.geteuid() == 0
    can_ask = root or shutil.which("sudo") is not None
    sudo = "sudo " if can_ask and not root else ""
    shown = "\n\n    " + sudo + "apt-get update && " + sudo + " ".join(install) + "\n"
    if not shutil.which("apt-get"):
        die(
            "system libraries are missing; install your distribution's packages of these, then run this again "
            "(Debian's names): " + " ".join(need)
        )
    if not can_ask:
        die(
            "system packages are missing, and there is no sudo here: let whoever is root on this machine run this "
            "once, then run the same command again as yourself:" + shown
        )
    if mode == "never" or (mode == "auto" and not root):
        die("system packages are missing; run this once, then the same command again:" + shown)
    say("installing system packages:", *need)
    update = ["apt-get", "-q", "update"]
    # Where an installation was interrupted dpkg wants its own work finished first.
    finish = ["dpkg", "--configure", "-a"]
    if not (as_root(update) and (as_root(install) or (as_root(finish) and as_root(install)))):
        die("apt-get failed; run it yourself to see why:" + shown)


def as_root(command: list[str]) -> bool:
    """Run a command of the system, through sudo where we are not root; whether it went well."""
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    return subprocess.run(prefix + command, env=quiet, stdout=subprocess.DEVNULL).returncode == 0


def needs_display(arguments: list[str]) -> bool:
    """Whether the application, called so, opens a window on a system where that can fail."""
    if arguments and arguments[0] != "open":
        return False
    places = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform.startswith("linux") and not any(os.environ.get(place) for place in places)


# --- the environment ------------------------------------------------------------------------------------------------


def stamp(lock: Path) -> str:
    """What an environment made from `lock` by this Python is known by; a new patch release is no reason to redo it."""
    return hashlib.sha256(lock.read_bytes() + repr(tuple(sys.version_info[:2])).encode()).hexdigest()


def stamp_file(lock: Path, venv: Path) -> Path:
    """Where that is noted."""
    return venv / (lock.name + ".sha256")


def is_current(lock: Path) -> bool:
    """Whether the environment is whole and made from `lock`."""
    note = stamp_file(lock, VENV)
    return PYTHON.exists() and note.exists() and note.read_text() == stamp(lock)


def pip_install(python: Path, lock: Path) -> None:
    """Install a lock file, each wheel checked against its hash."""
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "-q", "--require-hashes"]
    if subprocess.run([*command, "--only-binary", ":all:", "-r", str(lock)]).returncode:
        die(
            "pip could not install the pinned packages (see above); "
            "behind a mirror set PIP_INDEX_URL, then run this again"
        )


def build_environment() -> None:
    """Make .venv with the runtime packages: under another name first, so that an interrupted set-up leaves nothing."""
    # Both names are ours alone: what is found there was left by a set-up that was interrupted.
    fresh, old = ROOT / ".venv.new", ROOT / ".venv.replaced"
    if not is_ours(VENV):
        die(f"{VENV} was not made by this program: move it away or delete it, then run this again")
    say("creating .venv with the pinned packages (about 130 MB are fetched, once)")
    remove(fresh)
    remove(old)
    try:
        if subprocess.run([sys.executable, "-m", "venv", "--prompt", "concurrency-explorer", str(fresh)]).returncode:
            die("python3 -m venv failed (see above)")
        pip_install(fresh / SCRIPTS / PYTHON.name, RUNTIME_LOCK)
        correct_paths(fresh)
        stamp_file(RUNTIME_LOCK, fresh).write_text(stamp(RUNTIME_LOCK))
        put_in_place(fresh, old)
    except OSError as error:
        die(f"the environment could not be put in place: {error}; close the application if it runs")
    finally:
        remove(fresh)
    remove(old)


def is_ours(venv: Path) -> bool:
    """Whether nothing would be lost with what is there: a stamp, of whatever lock file, is in all that we made."""
    if stamp_file(RUNTIME_LOCK, venv).exists() or not os.path.lexists(str(venv)):
        return True
    return venv.is_dir() and not any(venv.iterdir())


def put_in_place(fresh: Path, old: Path) -> None:
    """Let `fresh` be the environment and the one before it `old`; if that fails the one before it stays."""
    replaces = os.path.lexists(str(VENV))
    if replaces:
        VENV.rename(old)
    try:
        fresh.rename(VENV)
    except BaseException:  # an interruption as well
        if replaces:
            old.rename(VENV)
        raise


def remove(folder: Path) -> None:
    """Delete a folder, as far as that goes, or a link to one."""
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(str(folder), ignore_errors=True)


def correct_paths(fresh: Path) -> None:
    """Scripts name their interpreter by its full path: write the path that it will have."""
    wrong, right = str(fresh).encode(), str(VENV).encode()
    for script in [*(fresh / SCRIPTS).iterdir(), fresh / "pyvenv.cfg"]:
        if script.is_symlink() or not script.is_file() or script.suffix == ".exe":
            continue
        text = script.read_bytes()
        if wrong in text:
            script.write_bytes(text.replace(wrong, right))


def link_checkout() -> None:
    """Let the environment find the checkout from any folder: a .pth file, and a launcher where scripts are text."""
    if WINDOWS:
        packages = VENV / "Lib" / "site-packages"
    else:
        packages = VENV / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    write_if_new(packages / "concurrency-explorer.pth", str(ROOT) + "\n")
    if not WINDOWS:
        launcher = VENV / SCRIPTS / "concurrency-explorer"
        write_if_new(launcher, LAUNCHER.format(python=PYTHON))
        launcher.chmod(0o755)


def write_if_new(path: Path, text: str) -> None:
    """Write a file unless it says so already."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def environment(verb: str) -> None:
    """Bring the environment up to what the verb needs."""
    if not is_current(RUNTIME_LOCK):
        build_environment()
    link_checkout()
    if verb == "test" and not is_current(DEV_LOCK):
        say("adding the development tools")
        pip_install(PYTHON, DEV_LOCK)
        stamp_file(DEV_LOCK, VENV).write_text(stamp(DEV_LOCK))


# --- the verbs ------------------------------------------------------------------------------------------------------


def run(arguments: list[str]) -> int:
    """Become the application; relative file names keep their meaning, so the folder is not changed."""
    # -P: a folder called explorer where the user happens to be must not win.
    command = [str(PYTHON), "-P", "-m", "explorer", *arguments]
    if WINDOWS:
        return subprocess.run(command).returncode
    sys.stdout.flush()
    os.execv(command[0], command)


def test(arguments: list[str]) -> int:
    """Run every check, all of them even when one fails; with arguments only pytest. Status 1 when any failed."""
    settings = dict(os.environ)
    settings.setdefault("QT_QPA_PLATFORM", "offscreen")
    # The tests start some two thousand processes: each would compile the whole program anew.
    settings.pop("PYTHONDONTWRITEBYTECODE", None)
    failed = []
    beside = []

    def check(name: str, command: tuple[str, ...]) -> None:
        said = subprocess.PIPE if name == BESIDE else None  # what it says comes in one piece
        done = subprocess.run([str(PYTHON), *command], cwd=str(ROOT), env=settings, stdout=said, stderr=said)
        if name == BESIDE:
            sys.stdout.buffer.write(b"\n" + done.stdout + done.stderr)
            sys.stdout.flush()
        if done.returncode:
            failed.append(name)

    for name, command in CHECKS if not arguments else CHECKS[-1:]:
        say(name)
        if name == "pytest":
            command = (*command, *(arguments or SIDE_BY_SIDE))
        if name == BESIDE:
            beside.append(threading.Thread(target=check, args=(name, command)))
            beside[-1].start()
        else:
            check(name, command)
    for thread in beside:
        thread.join()
    say("failed: " + ", ".join(failed) if failed else "all checks passed")
    return 1 if failed else 0


def doctor() -> int:
    """Say what is missing, change nothing. Status 1 when something is."""
    need = missing_packages()
    whole = is_current(RUNTIME_LOCK)
    say("Python:", sys.version.split()[0], sys.executable)
    say("system packages missing:", " ".join(need) or "none")
    say("wanted by some tests:", " ".join(missing_for_tests()) or "nothing more")
    if is_ours(VENV):
        say("environment:", "whole" if whole else "not set up (the verbs run, test and setup do that)")
    else:
        say("environment:", f"{VENV} was not made by this program; move it away or delete it")
    say("display:", "none" if needs_display([]) else "present")
    return 0 if whole and not need else 1


def main(argv: list[str]) -> int:
    """Parse the verb and do it; the status of the process."""
    if sys.version_info < MINIMUM:
        die(f"Python {MINIMUM[0]}.{MINIMUM[1]} or newer is needed, this is {sys.version.split()[0]}")
    arguments = list(argv)
    mode = "auto"
    while arguments and arguments[0] in ("--no-system", "--yes-system"):
        mode = "never" if arguments.pop(0) == "--no-system" else "always"
    verb = arguments.pop(0) if arguments else "run"
    if verb not in ("run", "test", "setup", "doctor"):
        print(__doc__)
        return 0 if verb in ("-h", "--help", "help") else 2
    if verb == "doctor":
        return doctor()
    if verb == "run" and needs_display(arguments):
        die(
            "there is no display (DISPLAY and WAYLAND_DISPLAY are unset): start this from a desktop session, or measure"
            " without a window: python3 packaging/bootstrap.py run run --dispatch thread_pool --users 10 --duration 5"
        )
    need = missing_packages()
    if verb == "test":
        wanted = missing_for_tests()
        if hasattr(os, "geteuid") and (os.geteuid() == 0 or mode == "always") and mode != "never":
            need += wanted
        elif wanted:
            say("some tests will be skipped: not installed:", *wanted)
    install_system(need, mode)
    environment(verb)
    if verb == "setup":
        return 0
    return run(arguments) if verb == "run" else test(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
