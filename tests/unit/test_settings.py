"""Settings: one prefix a service, all faults at once, no values in what is said of them."""

from pathlib import Path

import pytest
from pydantic import Field, ValidationError
from pydantic_settings import SettingsConfigDict

from chassis.settings import EX_CONFIG, ServiceSettings, load


class Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SAMPLE_")
    gateway_timeout: float = Field(2.0, gt=0)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("SAMPLE_DATABASE_URL", "postgresql://sample:hunter2@db/sample")
    monkeypatch.setenv("SAMPLE_TLS_DIR", "/run/tls")
    monkeypatch.setenv("SAMPLE_KEYS_DIR", "/run/keys")
    return monkeypatch


def test_settings_come_from_the_environment_and_have_defaults(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SAMPLE_POOL_SIZE", "4")
    environment.setenv("OTHER_POOL_SIZE", "9")
    settings = load(Settings)
    assert settings.tls_dir == Path("/run/tls")
    assert settings.pool_size == 4
    assert settings.listen == "127.0.0.1:0"
    assert settings.trust_domain == "lientuyen.test"
    assert settings.reflection is False


def test_settings_are_frozen(environment: pytest.MonkeyPatch) -> None:
    settings = load(Settings)
    with pytest.raises(ValidationError, match="frozen"):
        settings.pool_size = 5


def test_the_password_is_not_in_the_text_of_the_settings(environment: pytest.MonkeyPatch) -> None:
    assert "hunter2" not in repr(load(Settings))


def test_all_faults_are_named_at_once_and_the_process_exits_with_78(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("SAMPLE_DATABASE_URL", "mysql://sample:hunter2@db/sample")
    environment.delenv("SAMPLE_TLS_DIR")
    environment.setenv("SAMPLE_POOL_SIZE", "31337x")
    environment.setenv("SAMPLE_IDENTITY_ADDRESS", "swordfish")
    environment.setenv("SAMPLE_GATEWAY_TIMEOUT", "-1")
    with pytest.raises(SystemExit) as stopped:
        load(Settings)
    said = capsys.readouterr().err
    assert stopped.value.code == EX_CONFIG == 78
    assert {line.split(":")[0].strip() for line in said.splitlines()[1:]} == {
        "SAMPLE_DATABASE_URL",
        "SAMPLE_TLS_DIR",
        "SAMPLE_POOL_SIZE",
        "SAMPLE_IDENTITY_ADDRESS",
        "SAMPLE_GATEWAY_TIMEOUT",
    }
    assert "Field required" in said
    for value in ("hunter2", "31337x", "70000", "swordfish"):
        assert value not in said
