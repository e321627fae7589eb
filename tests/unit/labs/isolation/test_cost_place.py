"""Where transfers are measured on a user's server."""

import pytest

from explorer.labs.isolation.cost.place import within


@pytest.mark.parametrize(
    ("url", "place", "own"),
    [
        (
            "mariadb://me:p%40ss@db:3307/shop?charset=utf8mb4",
            "database lab_1",
            "mariadb://me:p%40ss@db:3307/lab_1?charset=utf8mb4",
        ),
        ("postgresql://me@db", "database lab_1", "postgresql://me@db/lab_1"),
        (
            "postgresql://me@db/shop",
            "schema lab_1 in database shop",
            "postgresql://me@db/shop?options=-csearch_path%3Dlab_1",
        ),
        (
            "postgresql://me@db/?sslmode=require",
            "schema lab_1 in database me",
            "postgresql://me@db/me?sslmode=require&options=-csearch_path%3Dlab_1",
        ),
    ],
)
def test_the_url_leads_into_the_labs_own_place(url: str, place: str, own: str) -> None:
    assert within(url, place) == own
