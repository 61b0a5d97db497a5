"""The far ends that the tests of several processes stand on."""

import psycopg
import pytest
import redis

from tests import services


def test_a_database_survives_the_crash_of_its_server(postgres: services.Postgres) -> None:
    url = postgres.create("survivor")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    postgres.crash()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    postgres.start()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)


def test_redis_comes_back_at_the_same_address(redis_server: services.Redis) -> None:
    with redis.Redis.from_url(redis_server.url(3)) as client:
        client.set("word", "kept")
        redis_server.stop()
        with pytest.raises(redis.ConnectionError):
            client.get("word")
        redis_server.start()
        assert client.get("word") is None


def test_without_the_packages_a_test_is_skipped_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADGEN_REQUIRE_SERVICES", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install -y postgresql"):
        services.without("postgresql")


def test_and_fails_where_nothing_may_be_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADGEN_REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception, match="there is no redis-server"):
        services.without("redis-server")
