"""The part of a scenario that speaks of an app of the user's own."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from explorer.catalog import Catalog
from explorer.cli.own_app import OwnAppWords, plain
from explorer.option_error import OptionError
from explorer.own_app import AppKnobs, RouteKnobs, body_of, check, check_secrets, venv_python
from explorer.scenario import Scenario, assign, parse, read

CATALOG = Catalog()
SECRET = "hunter2"


def scenario(**app: Any) -> Scenario:
    """One that serves `main:app`, unless `app` says otherwise."""
    return parse(CATALOG, {"app": {"target": "main:app"} | app})


def words(**given: Any) -> OwnAppWords:
    """What the command line gave; nothing else was given."""
    nothing: dict[str, Any] = {
        "target": None, "factory": False, "folder": None, "environment": (), "paths": (), "method": None,
        "body": None, "headers": (),
    }  # fmt: skip
    return OwnAppWords(**(nothing | given))


def test_it_goes_through_toml_with_all_that_surrounds_it() -> None:
    routes = [{"path": "/a?x=1", "method": "post", "weight": 3, "headers": {"Authorization": SECRET}}, {"path": "/b"}]
    before = scenario(factory=True, folder="/srv", environment={"TOKEN": SECRET}, operations=False, route=routes)
    assert parse(CATALOG, tomllib.loads(before.to_toml())) == before
    assert before.routes[0].method == "POST"


def test_what_leaves_the_run_has_the_names_of_secrets_and_not_their_values() -> None:
    shown = scenario(environment={"TOKEN": SECRET}, route=[{"headers": {"X-Key": SECRET}}]).to_toml(masked=True)
    assert "TOKEN" in shown
    assert "X-Key" in shown
    assert SECRET not in shown


def test_values_of_a_query_are_secrets_too() -> None:
    before = scenario(route=[{"path": f"/a?key={SECRET}&b=&{SECRET}"}, {"path": "/b"}])
    shown = before.to_dict(masked=True)
    assert [one["path"] for one in shown["app"]["route"]] == ["/a?key=***&b=***&***", "/b"]
    masked = parse(CATALOG, shown)
    with pytest.raises(OptionError, match="does not hold its values"):
        check_secrets(masked.app, masked.routes)
    check_secrets(before.app, before.routes)


def test_a_body_is_seen_from_the_present_folder_on_the_command_line_and_else_from_the_apps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("here", "app"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "order.json").write_text(folder)
    monkeypatch.chdir(tmp_path / "here")
    given = words(target="main:app", folder=str(tmp_path / "app"), body="order.json")
    for data, expected in ((given.apply({}), b"here"), ({"app": {"target": "main:app", "folder": str(tmp_path / "app"),
        "route": [{"body": "order.json"}]}}, b"app")):  # fmt: skip
        found = parse(CATALOG, data)
        assert body_of(found.app, found.routes[0]) == expected
    assert "present folder" in str(RouteKnobs.model_fields["body"].description), "the table in the README says so"


def test_what_was_masked_is_asked_for_before_it_is_served() -> None:
    masked = parse(CATALOG, scenario(environment={"TOKEN": SECRET}).to_dict(masked=True))
    with pytest.raises(OptionError, match=r"app\.environment does not hold the value of TOKEN"):
        check_secrets(masked.app, masked.routes)


def test_it_stands_in_the_place_of_dispatch_and_workload() -> None:
    data = scenario().to_dict()
    assert {"workload", "dispatch", "also"}.isdisjoint(data)
    assert [route["path"] for route in data["app"]["route"]] == ["/"]
    with pytest.raises(OptionError, match="remove 'workload'"):
        parse(CATALOG, {"app": {"target": "main:app"}, "workload": "sleep"})
    with pytest.raises(OptionError, match="the dispatch does not apply"):
        scenario().changed(CATALOG, "dispatch", "tokens", 3)


def test_leaving_the_app_leads_back_to_a_workload() -> None:
    back = scenario(folder="/srv").changed(CATALOG, "app", "target", "")
    assert not back.own
    assert back.routes == ()
    assert back.workload == parse(CATALOG, {}).workload
    assert scenario().restarts(back)


def test_settings_of_the_command_line_reach_it() -> None:
    changed = assign(CATALOG, scenario(), ["app.limit=5", "app.operations=off"])
    assert (changed.app.limit, changed.app.operations) == (5, False)


def test_routes_need_an_app() -> None:
    with pytest.raises(OptionError, match=r"needs app\.target"):
        parse(CATALOG, {"app": {"route": [{"path": "/x"}]}})


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"target": "main"}, "package.module:app"),
        ({"target": "main:app", "environment": {"EXPLORER_RUN": "x"}}, "explorer's own"),
        ({"target": "main:app", "environment": {"A=B": "x"}}, "not the name of a variable"),
        ({"target": "main:app", "route": [{"path": "x"}]}, "must begin with /"),
        ({"target": "main:app", "route": [{"path": "/x y"}]}, "must begin with /"),
        ({"target": "main:app", "route": [{"method": "BREW"}]}, "app.route.method"),
        ({"target": "main:app", "route": [{"headers": {"a": "b\r\nc: d"}}]}, "not a header"),
        ({"target": "main:app", "route": [{"headers": {"Content-Length": "3"}}]}, "set by the load itself"),
        ({"target": "main:app", "route": [{"headers": {"transfer-encoding": "chunked"}}]}, "set by the load itself"),
        ({"target": "main:app", "route": [{"headers": {"Connection": "close"}}]}, "set by the load itself"),
        ({"target": "main:app", "route": [{"headers": {"X-Explorer-Request": "1"}}]}, "set by the load itself"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(knobs: dict[str, Any], sentence: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse(CATALOG, {"app": knobs})
    assert sentence in str(caught.value)


def test_a_body_is_read_from_the_apps_folder_and_its_type_is_that_of_its_file(tmp_path: Path) -> None:
    (tmp_path / "order.json").write_text("{}", encoding="utf-8")
    app = AppKnobs(target="main:app", folder=str(tmp_path))
    route = RouteKnobs(body="order.json")
    assert body_of(app, route) == b"{}"
    assert route.content == "application/json"
    assert RouteKnobs(body="x.bin", content_type="text/x").content == "text/x"
    with pytest.raises(OptionError, match=r"missing\.json cannot be read"):
        body_of(app, RouteKnobs(body="missing.json"))


def test_paths_in_a_scenarios_file_are_seen_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "own.toml"
    monkeypatch.chdir("/")
    text = '[app]\ntarget = "main:app"\nfolder = "{}"\n[server]\ninterpreter = "{}"\n'
    for folder, python, found in (
        ("app", ".venv/bin/python", (str(tmp_path / "app"), str(tmp_path / ".venv/bin/python"))),
        ("../app", "3.13", (str(tmp_path.parent / "app"), "3.13")),
        ("/srv", "/usr/bin/python3", ("/srv", "/usr/bin/python3")),
        ("", "", ("", "")),
    ):
        file.write_text(text.format(folder, python), encoding="utf-8")
        made = read(CATALOG, file)
        assert (made.app.folder, made.server.interpreter) == found


def test_the_environment_in_the_folder_is_found(tmp_path: Path) -> None:
    assert venv_python(tmp_path) == ""
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755)
    assert venv_python(tmp_path) == str(python)


def test_a_folder_must_be_there_and_must_not_hold_our_name(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="There is no folder"):
        check(AppKnobs(target="main:app", folder=str(tmp_path / "nowhere")))
    package = tmp_path / "explorer"
    package.mkdir()
    (package / "__init__.py").touch()
    with pytest.raises(OptionError, match="this program's own name"):
        check(AppKnobs(target="main:app", folder=str(tmp_path)))


def test_a_body_is_posted_where_no_method_was_given() -> None:
    routes = [{"path": "/a", "method": "PUT"}, {"path": "/b", "method": "GET"}, {"path": "/c"}]
    given = words(body="order.json").apply(plain(scenario(route=routes)))
    assert [route["method"] for route in given["app"]["route"]] == ["PUT", "GET", "POST"]
    given = words(body="order.json", method="PATCH").apply(plain(scenario(route=routes)))
    assert [route["method"] for route in given["app"]["route"]] == ["PATCH"] * 3


def test_the_command_line_makes_a_scenario_of_its_words(tmp_path: Path) -> None:
    given = words(
        target="main:app", folder=str(tmp_path), environment=("A=b=c",), paths=("/x", "/y"), method="put",
        headers=("X-Key: a:b",),
    )  # fmt: skip
    made = parse(CATALOG, given.apply(parse(CATALOG, {}).to_dict()))
    assert made.app.environment == {"A": "b=c"}
    assert [(one.path, one.method, one.headers) for one in made.routes] == [
        ("/x", "PUT", {"X-Key": "a:b"}),
        ("/y", "PUT", {"X-Key": "a:b"}),
    ]
    with_body = words(target="main:app", body="order.json").apply(parse(CATALOG, {}).to_dict())
    assert with_body["app"]["route"][0]["method"] == "POST"
    assert words().apply({"name": "x"}) == {"name": "x"}
    with pytest.raises(OptionError, match="--path needs --app"):
        words(paths=("/x",)).apply({})
