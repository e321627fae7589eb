"""What is told of an app that fails: never a secret, and nothing that stands in the way of the app's own error."""

import base64
from pathlib import Path

import pytest
from fastapi import FastAPI

from explorer.option_error import OptionError
from explorer.own_app import AppKnobs, RouteKnobs
from explorer.server.own import words
from explorer.server.own.failures import Failures
from explorer.server.own.importing import import_app
from explorer.server.own.inquiry import _asked
from explorer.server.own.shell import Shell
from explorer.server.own.veil import Veil

TOKEN = "tok-8d1f0c"
PASSWORD = "corr/ect horse"
BASIC = base64.b64encode(b"me:" + PASSWORD.encode()).decode()


class Mute(Exception):
    """An error that cannot be made a text."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def knobs_of(**environment: str) -> AppKnobs:
    """An app with these variables."""
    return AppKnobs(target="main:app", environment=environment)


@pytest.mark.parametrize(
    "text",
    [TOKEN, f"Bearer {TOKEN}", PASSWORD, "line one\\nline two", "corr%2Fect%20horse", BASIC, "line one", "hunter22"],
)
def test_no_form_of_a_secret_is_told(text: str) -> None:
    veil = Veil(
        knobs_of(KEY="line one\nline two", DSN="postgresql://me:hunter22@host/db"),
        [
            RouteKnobs(headers={"Authorization": f"Bearer {TOKEN}"}),
            RouteKnobs(headers={"Authorization": f"Basic {BASIC}"}),
        ],
    )
    error = veil.error(OptionError(f"ValueError: <{text}> is wrong", "app.target", f"raise ValueError({text})"))
    assert str(error) == "ValueError: <***> is wrong"
    assert error.details == "raise ValueError(***)"


@pytest.mark.parametrize(
    "text", ["QuerySecret123", "two%20words", "two words", "two+words", "lonely77", "Bearer-x9y8z7"]
)
def test_no_value_of_a_query_is_told(text: str) -> None:
    path = "/a?token=QuerySecret123&x=two%20words&y=two+words&lonely77&h=ask%20Bearer-x9y8z7"
    assert Veil(knobs_of(), [RouteKnobs(path=path)])(f"bad <{text}> at /a, token") == "bad <***> at /a, token"


def test_what_is_learned_later_is_hidden_and_what_was_known_stays_hidden() -> None:
    veil = Veil(knobs_of(KEY=TOKEN))
    veil.learn(knobs_of(), [RouteKnobs(headers={"X": "another-one"})])
    assert veil(f"{TOKEN} another-one") == "*** ***"


def test_passwords_in_urls_that_nobody_gave_are_masked_and_other_texts_stay() -> None:
    veil = Veil(knobs_of(A="1", B=""))
    assert veil("no 'postgresql://me:pw1@h/db', 11:1") == "no 'postgresql://me:***@h/db', 11:1"
    assert veil("see https://errors.example.org/v/missing, 1") == "see https://errors.example.org/v/missing, 1"


def test_a_secret_that_is_cut_is_hidden_whole() -> None:
    secret = "s" * 40
    error = ValueError("x" * (words.LONGEST - 30) + secret)
    told = words.of_import(knobs_of(KEY=secret), error, Veil(knobs_of(KEY=secret)))
    assert "ssss" not in str(told) + told.details


def test_an_import_that_fails_tells_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secretive.py").write_text(f"raise ValueError('bad {TOKEN}')\n")
    monkeypatch.syspath_prepend(tmp_path)
    app = AppKnobs(target="secretive:app", folder=str(tmp_path), environment={"KEY": f"bad {TOKEN}"})
    with pytest.raises(OptionError) as raised:
        import_app(app, Veil(app))
    assert "ValueError: ***" in str(raised.value)
    assert TOKEN not in str(raised.value) + raised.value.details


async def test_the_lifespan_that_fails_tells_no_secret() -> None:
    async def app(scope: object, receive: object, send: object) -> None:
        await send({"type": "lifespan.startup.failed", "message": f"no {TOKEN}"})  # type: ignore[operator]

    async def nothing(message: object = None) -> dict[str, str]:
        return {}

    knobs = knobs_of(KEY=TOKEN)
    shell = Shell(app, knobs, None, lambda error: None, Veil(knobs))
    await shell({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]  # what is sent is of no concern
    assert str(shell.state.failure) == "Your app's lifespan failed: no ***."


def test_an_error_that_cannot_be_a_text_is_told_by_its_name() -> None:
    told: list[OptionError] = []
    Failures(knobs_of(), told.append, Veil(knobs_of())).note({"type": "http", "path": "/x"}, Mute())
    assert [str(error) for error in told] == ["GET /x: your app raised Mute. The run goes on."]


@pytest.mark.expects_log("A failure of the app could not be told")
async def test_what_cannot_be_told_leaves_the_apps_own_error() -> None:
    async def app(*_: object) -> None:
        raise KeyError("its own")

    def told(error: OptionError) -> None:
        raise OSError("nobody hears")

    shell = Shell(app, knobs_of(), None, told, Veil(knobs_of()))
    with pytest.raises(KeyError, match="its own"):
        await shell({"type": "http", "path": "/x"}, None, None)  # type: ignore[arg-type]  # it asks for nothing


def test_an_openapi_that_fails_is_one_sentence() -> None:
    app = FastAPI()

    def fails() -> dict[str, object]:
        raise TypeError(f"no schema for {TOKEN}")

    app.openapi = fails  # type: ignore[method-assign]
    knobs = knobs_of(KEY=TOKEN)
    with pytest.raises(OptionError) as raised:
        _asked(knobs, app, Veil(knobs))
    sentence = "Your app's routes cannot be listed, because its OpenAPI fails: TypeError: no schema for ***"
    assert str(raised.value).startswith(sentence)
    assert "Traceback" in raised.value.details
