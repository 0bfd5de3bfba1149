"""Settings: from the environment (`SUYUAN_...`), then from options, then these defaults.

| variable | meaning |
| --- | --- |
| SUYUAN_DB | database URL; an SQLite file in the user's data folder by default |
| SUYUAN_KEYS | folder of the logs' signing keys; `keys` beside the SQLite file by default |
| SUYUAN_INDEX | folder of the trace index; `<file>.index` beside the SQLite file by default |
| SUYUAN_DEVICES | file of scanners' profiles; `devices.toml` beside the SQLite file by default |
| SUYUAN_PASSPHRASE | opens protected signing keys; better in a file, or asked on a terminal |
| SUYUAN_PASSPHRASE_FILE | file whose first line is that passphrase, for its owner only |
| SUYUAN_HOST | host name at the front of log origins, fixed when a log begins |
| SUYUAN_ORGANISATION | the organisation that captures when none is named |
| SUYUAN_STEM | address that printed codes and links begin with |
| SUYUAN_LANGUAGE | `en` or `zh-CN`, for messages |
| SUYUAN_LARGEST_BODY | the largest HTTP body that is read, in bytes |
| SUYUAN_WITNESSES | file with the witnesses and their quorum (C2SP tlog-policy); none by default |
| SUYUAN_REQUIRE_TAGS | `true`: refuse a serial item's link without our tag (`code issue`) |
"""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from platformdirs import user_data_path
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    SecretStr,
    ValidationError,
    model_validator,
)

from ledger.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import URL

__all__ = ["PREFIX", "Settings", "checked_stem", "read_settings"]

PREFIX: Final = "SUYUAN_"
"""What the variables begin with."""


def _default_db() -> str:
    return f"sqlite:///{user_data_path('suyuan') / 'ledger.db'}"


_HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?")
_STEM: Final = re.compile(r"https?://[^\s/?#\\]+(?:/[^\s?#\\]*)?")


def _checked_host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError("write a host name such as trace.example.com")
    return text


def checked_stem(text: str) -> str:
    """The address that printed codes begin with.

    Raises:
        ValueError: It can't stand in a Digital Link.
    """
    # What a terminal would obey or hide has no place in an address either.
    if not _STEM.fullmatch(text) or not text.isprintable():
        raise ValueError("write an address such as https://trace.example.com")
    return text


class Settings(BaseModel):
    """What the product was told about its surroundings; what isn't given is in the environment.

    Read without pydantic-settings, whose import costs as much as reading a code.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    db: str = _default_db()
    keys: Path | None = None
    index: Path | None = None
    devices: Path | None = None
    passphrase: SecretStr | None = None
    passphrase_file: Path | None = None
    host: Annotated[str, AfterValidator(_checked_host)] = "localhost"
    organisation: str = "main"
    stem: Annotated[str, AfterValidator(checked_stem)] = "http://127.0.0.1:8000"
    language: Literal["en", "zh-CN"] = "en"
    largest_body: int = 16 * 1024 * 1024  # 16 MiB
    witnesses: Path | None = None
    require_tags: bool = False

    @model_validator(mode="before")
    @classmethod
    def _with_environment(cls, given: dict[str, Any]) -> dict[str, Any]:
        names = {f"{PREFIX}{name}".upper(): name for name in cls.model_fields}
        found = {names[name]: text for name, text in os.environ.items() if name in names}
        return found | given

    def _url(self) -> URL:
        # Imported late: who only reads codes needs no database.
        from sqlalchemy import make_url

        return make_url(self.db)

    @property
    def key_folder(self) -> Path:
        """Where the signing keys are."""
        if self.keys is not None:
            return self.keys
        url = self._url()
        if url.get_backend_name() == "sqlite" and url.database:
            return Path(url.database).absolute().parent / "keys"
        return user_data_path("suyuan") / "keys"

    @property
    def device_file(self) -> Path:
        """Where the profiles of scanners are."""
        if self.devices is not None:
            return self.devices
        url = self._url()
        if url.get_backend_name() == "sqlite" and url.database:
            return Path(url.database).absolute().parent / "devices.toml"
        return user_data_path("suyuan") / "devices.toml"

    @property
    def index_folder(self) -> Path:
        """Where the trace index is."""
        if self.index is not None:
            return self.index
        url = self._url()
        if url.get_backend_name() == "sqlite" and url.database:
            file = Path(url.database).absolute()
            return file.with_name(f"{file.name}.index")
        # One for each database of this user, whose password may change.
        place = f"{url.host}/{url.port}/{url.database}/{sorted(url.query.items())}"
        return user_data_path("suyuan") / "index" / sha256(place.encode()).hexdigest()[:16]


def read_settings(**given: str | None) -> Settings:
    """The settings of the environment, and of options that were given.

    Raises:
        UsageError: One of them can't be.
    """
    try:
        return Settings.model_validate(
            {name: value for name, value in given.items() if value is not None}
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"The setting {name} can't be {first['input']!r}: {said}.") from error
