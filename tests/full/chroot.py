"""A Debian root of its own, to run commands in as on a machine that has just been installed.

Each command runs in its own mount and process namespace: when it ends, its mounts and every process it left are gone.
The network is the host's, and so is what the host says about how to reach
package mirrors (apt's and pip's configuration, certificates); nothing else of the host is visible inside.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.full.outcome import Skipped

SUITE = "bookworm"
# How this machine reaches its mirrors. Absent ones are left out.
HOST_CONFIGURATION = (
    "/etc/apt/apt.conf.d",
    "/etc/apt/auth.conf.d",
    "/etc/apt/keyrings",
    "/etc/pip.conf",
    "/etc/xdg/pip",
    "/etc/ssl/certs",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/etc/resolv.conf",
    "/etc/hosts",
)
PASSED_ON = ("PIP_", "SSL_", "HTTP", "http", "NO_PROXY", "no_proxy", "REQUESTS_")
MOUNTS = """
set -eu
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t tmpfs shm "$1/dev/shm"
mkdir -p "$1/tmp/.X11-unix"
[ ! -d /tmp/.X11-unix ] || mount --bind /tmp/.X11-unix "$1/tmp/.X11-unix"
root=$1; shift
# No exec: this shell is process 1 in there and must reap orphans, as an init does, or the dead look alive.
status=0
chroot "$root" "$@" || status=$?
exit $status
"""


def make(root: Path, mirror: str, suite: str = SUITE, include: str = "python3") -> None:
    """Install the smallest Debian there is, and what is to be `include`d ("" for nothing); nothing else."""
    also = [f"--include={include}"] if include else []
    command = ["debootstrap", "--variant=minbase", *also, suite, str(root), mirror]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    for name in HOST_CONFIGURATION:
        copy_in(root, Path(name))
    # The suite's own, whatever the host itself is.
    lines = [f"deb {mirror} {each} main\n" for each in (suite, f"{suite}-updates")]
    (root / "etc/apt/sources.list").write_text("".join(lines), encoding="utf-8")


def copy_in(root: Path, path: Path) -> None:
    """Copy a file or folder of the host to the same place inside, links followed."""
    target = root / path.relative_to("/")
    if path.is_dir():
        shutil.copytree(path, target, dirs_exist_ok=True, ignore_dangling_symlinks=True)
    elif path.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copyfile(path, target)


def start(
    root: Path, command: list[str], environment: Mapping[str, str], log: Path, folder: str
) -> "subprocess.Popen[bytes]":
    """Start a command inside, in that `folder`, its output going to `log`."""
    settings = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    # A wheel folder or index of the host's disk is not there inside.
    settings.pop("PIP_FIND_LINKS", None)
    settings |= {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", **environment}
    shell = f'cd {shlex.quote(folder)} && exec "$@"'
    wrapped = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", MOUNTS, "sh", str(root)]
    with log.open("wb") as out:
        return subprocess.Popen(
            [*wrapped, "sh", "-c", shell, "sh", *command], env=settings, stdout=out, stderr=subprocess.STDOUT
        )


def default_mirror() -> str:
    """The first Debian mirror of the host's apt configuration."""
    for file in [*Path("/etc/apt/sources.list.d").glob("*.sources"), Path("/etc/apt/sources.list")]:
        if file.is_file():
            for line in file.read_text(encoding="utf-8").splitlines():
                words = line.split()
                if len(words) > 1 and words[0] in ("URIs:", "deb") and "debian" in line and "security" not in line:
                    return words[1]
    raise Skipped("apt is not configured here; there is no mirror to install Debian from.")
