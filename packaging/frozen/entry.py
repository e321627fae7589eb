"""Where the frozen program begins.

The explorer's own code is not sealed into the executable: it lies beside it as source (`source/explorer`, compiled
ahead), with its resources. So the window shows handlers as they are executed, and a server under the user's own Python
imports the very same files: that folder holds nothing but the explorer, and nothing else of ours gets in its way.
"""

import os
import sys
from pathlib import Path

LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
OF_DEBIAN = "/usr/lib/ssl/certs"
# Debian's own in another way, Fedora, openSUSE, Alpine.
ELSEWHERE = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def _give_back(name: str) -> None:
    """Undo what the boot loader set for this process: it has done its work, and a foreign program (the user's Python,
    a browser, PostgreSQL) must find its own libraries, not ours.
    """
    own = os.environ.pop(f"{name}_ORIG", None)
    if own is not None:
        os.environ[name] = own
    elif getattr(sys, "frozen", False):
        os.environ.pop(name, None)


def _find_certificates() -> None:
    """OpenSSL came along from the Debian that built this, and looks for certificates where Debian has them."""
    told = "SSL_CERT_FILE" in os.environ or "SSL_CERT_DIR" in os.environ
    if sys.platform != "linux" or told or os.path.isdir(OF_DEBIAN):
        return
    for bundle in ELSEWHERE:
        if os.path.isfile(bundle):
            os.environ["SSL_CERT_FILE"] = bundle
            return


for each in LIBRARY_PATHS:
    _give_back(each)
if getattr(sys, "frozen", False):
    # A child that re-enters this executable is to look for its libraries by itself, as this process did.
    os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
    _find_certificates()
sys.path.insert(0, str(Path(getattr(sys, "_MEIPASS", Path(__file__).parent)) / "source"))

if __name__ == "__main__":
    # Processes of multiprocessing re-enter this executable, and go no further than here.
    from multiprocessing import freeze_support

    freeze_support()
    from explorer.__main__ import main

    main()
