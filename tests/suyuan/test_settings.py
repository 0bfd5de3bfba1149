"""Settings from the environment."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from suyuan.settings import Settings
from tests.suyuan.conftest import CommandLine


def test_the_defaults(surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any setting the ledger stands in the user's data folder, its keys beside it."""
    monkeypatch.delenv("SUYUAN_DB")
    settings = Settings()
    assert settings.db.startswith("sqlite:///")
    assert settings.db.endswith("/suyuan/ledger.db")
    file = Path(settings.db.removeprefix("sqlite:///"))
    assert settings.key_folder == file.parent / "keys"
    assert settings.device_file == file.parent / "devices.toml"
    assert (settings.host, settings.organisation, settings.language) == ("localhost", "main", "en")
    assert settings.stem == "http://127.0.0.1:8000"


def test_every_variable(surroundings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each documented variable sets what it says."""
    given = {
        "DB": "postgresql://h/x",
        "KEYS": "/k",
        "DEVICES": "/d.toml",
        "HOST": "trace.example.com:8443",
        "ORGANISATION": "acme",
        "STEM": "https://trace.example.com/x",
        "LANGUAGE": "zh-CN",
        "LARGEST_BODY": "1000",
        "REQUIRE_TAGS": "True",
        "PASSPHRASE_FILE": "/secret",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"SUYUAN_{name}", value)
    settings = Settings()
    for name, value in given.items():
        assert str(getattr(settings, name.lower())) == value
    assert settings.key_folder == Path("/k")
    assert settings.device_file == Path("/d.toml")


def test_keys_of_a_server(surroundings: Path) -> None:
    """A ledger on a server has its keys, and the profiles of scanners, in the user's data folder."""
    settings = Settings(db="postgresql://h/x")
    assert settings.key_folder.parts[-2:] == ("suyuan", "keys")
    assert settings.device_file.parts[-2:] == ("suyuan", "devices.toml")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("language", "fr"),
        ("language", ""),
        ("largest_body", "much"),
        ("host", ""),
        ("host", "bad host"),
        ("host", "a+b"),
        ("host", "https://x"),
        ("host", "-x"),
        ("stem", ""),
        ("stem", "javascript:alert(1)"),
        ("stem", "https://"),
        ("stem", "https://a b"),
        ("stem", "https://a\x1b[2J"),
        ("stem", "https://a\u202e"),
        ("stem", "https://a/?q"),
    ],
)
def test_settings_that_cannot_be(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """A setting that can't be meant is refused by name, as wrong usage."""
    monkeypatch.setenv(f"SUYUAN_{name.upper()}", value)
    with pytest.raises(ValidationError):
        Settings()
    answer = bare("code", "identify", "(01)09506000134352")
    assert answer.status == 2
    assert answer.sentence().startswith(f"The setting {name} can't be {value!r}: ")
    assert "Value error" not in answer.err


def test_options_stand_above_the_environment(
    bare: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An option of the command line wins over the variable, and is checked the same way."""
    url = f"sqlite:///{bare.folder}/other.db"
    assert bare.json("--db", url, "migrate")["db"] == url
    assert not bare.database.exists()
    answer = bare("--language", "fr", "verify")
    assert answer.status == 2
    assert "'en' or 'zh-CN'" in answer.sentence()


def test_the_host_and_organisation_of_a_new_log(
    suyuan: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They name a log when it begins, and don't rename it later."""
    monkeypatch.setenv("SUYUAN_HOST", "trace.example.com")
    monkeypatch.setenv("SUYUAN_ORGANISATION", "acme")
    suyuan.json("token", "issue", "dock")
    monkeypatch.setenv("SUYUAN_HOST", "other.example")
    [one] = suyuan.json("org", "list")
    assert one["log"] == "trace.example.com/log/acme"
