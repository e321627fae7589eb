"""How a scheduler may be reached, and what is refused before anything connects."""

import subprocess
from pathlib import Path

import pytest

from explorer.cluster.access import Access, check_workers, is_loopback
from explorer.option_error import OptionError
from tests.clusters import can_certify, certificates

TLS = {"ca": "ca.pem", "cert": "cert.pem", "key": "key.pem"}


def access(address: str = "", **files: str) -> Access:
    return Access.of(Access(address, **files), "dispatch")


@pytest.mark.parametrize(
    ("given", "files", "means"),
    [
        ("127.0.0.1:8786", {}, "tcp://127.0.0.1:8786"),
        (" tcp://localhost:8786 ", {}, "tcp://localhost:8786"),
        ("[::1]:8786", {}, "tcp://[::1]:8786"),
        ("cluster.example:8786", TLS, "tls://cluster.example:8786"),
        ("tls://10.0.0.7:8786", TLS, "tls://10.0.0.7:8786"),
    ],
)
def test_an_address_is_completed(given: str, files: dict[str, str], means: str) -> None:
    assert access(given, **files).address == means


def test_no_address_is_the_embedded_cluster() -> None:
    assert access().embedded
    assert not access("127.0.0.1:8786").embedded


def test_host_and_port_are_told() -> None:
    assert access("127.0.0.1:8786").place == ("127.0.0.1", 8786)
    assert access("[::1]:8786").place == ("::1", 8786)


@pytest.mark.parametrize(
    ("given", "files", "words", "where"),
    [
        ("10.0.0.7:8786", {}, "can run any program", "dispatch.address"),
        ("cluster.example:8786", {}, "can run any program", "dispatch.address"),
        ("0.0.0.0:8786", {}, "can run any program", "dispatch.address"),
        ("tls://127.0.0.1:8786", {}, "asks for TLS", "dispatch.ca"),
        ("tcp://127.0.0.1:8786", TLS, "without TLS", "dispatch.address"),
        ("127.0.0.1:8786", {"ca": "ca.pem"}, "give cert and key as well", "dispatch.cert"),
        ("", TLS, "embedded cluster", "dispatch.ca"),
        ("nonsense", {}, "no address of a Dask scheduler", "dispatch.address"),
        ("http://127.0.0.1:8786", {}, "no address of a Dask scheduler", "dispatch.address"),
        ("127.0.0.1:99999", {}, "no address of a Dask scheduler", "dispatch.address"),
    ],
)
def test_what_cannot_be_used_is_refused(given: str, files: dict[str, str], words: str, where: str) -> None:
    with pytest.raises(OptionError, match=words) as caught:
        access(given, **files)

    assert caught.value.where == where


def test_a_tls_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    files = {name: str(tmp_path / file) for name, file in TLS.items()}

    with pytest.raises(OptionError, match=r"ca\.pem cannot be read") as caught:
        access("10.0.0.7:8786", **files).look("dispatch")

    assert caught.value.where == "dispatch.ca"


def test_a_tls_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    files = {name: str(tmp_path / file) for name, file in TLS.items()}
    for path in files.values():
        Path(path).write_text("no certificate")

    with pytest.raises(OptionError, match="must be certificates in PEM"):
        access("10.0.0.7:8786", **files).look("dispatch")


@pytest.mark.skipif(not can_certify(), reason="openssl is not there to make certificates with")
def test_a_key_with_a_passphrase_is_refused_and_nobody_is_asked_for_it(tmp_path: Path) -> None:
    made = certificates(tmp_path)
    locked = tmp_path / "locked.pem"
    command = ["openssl", "pkey", "-in", str(made.key), "-aes256", "-passout", "pass:secret", "-out", str(locked)]
    subprocess.run(command, check=True, capture_output=True)
    access("10.0.0.7:8786", ca=str(made.ca), cert=str(made.cert), key=str(made.key)).look("dispatch")

    with pytest.raises(OptionError, match="without a passphrase"):
        access("10.0.0.7:8786", ca=str(made.ca), cert=str(made.cert), key=str(locked)).look("dispatch")


def test_files_are_found_from_home_and_from_the_present_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    there = access("10.0.0.7:8786", ca="~/ca.pem", cert="cert.pem", key="/keys/key.pem")

    assert (there.ca, there.cert, there.key) == (f"{tmp_path}/ca.pem", f"{tmp_path}/cert.pem", "/keys/key.pem")


def test_an_access_travels_as_text() -> None:
    there = access("10.0.0.7:8786", **TLS)

    assert Access.from_text(there.to_text()) == there


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("a.b", False)],
)
def test_only_what_is_surely_this_machine_is_loopback(host: str, here: bool) -> None:
    assert is_loopback(host) is here


def test_workers_of_this_machine_or_of_tls_are_used() -> None:
    check_workers(["tcp://127.0.0.1:40000", "tcp://[::1]:40000", "tls://10.0.0.7:40000"])


@pytest.mark.parametrize("worker", ["tcp://10.0.0.7:40000", "tcp://[fd00::7]:40000", "ws://10.0.0.7:40000"])
def test_a_worker_elsewhere_needs_tls(worker: str) -> None:
    with pytest.raises(OptionError) as caught:
        check_workers(["tcp://127.0.0.1:40000", worker], "dispatch.address")

    assert f"its worker {worker} is only used with TLS" in str(caught.value)
    assert caught.value.where == "dispatch.address"
