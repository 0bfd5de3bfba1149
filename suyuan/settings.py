"""Settings: from the environment (`SUYUAN_...`), then from options, then these defaults.

| variable | meaning |
| --- | --- |
| SUYUAN_DB | database URL; an SQLite file in the user's data folder by default |
| SUYUAN_KEYS | folder of the logs' signing keys; `keys` beside the SQLite file by default |
| SUYUAN_HOST | host name at the front of log origins, fixed when a log begins |
| SUYUAN_ORGANISATION | the organisation that captures when none is named |
| SUYUAN_STEM | address that printed codes and links begin with |
| SUYUAN_LANGUAGE | `en` or `zh-CN`, for messages |
| SUYUAN_LARGEST_BODY | the largest HTTP body that is read, in bytes |
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from platformdirs import user_data_path
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Settings"]


def _default_db() -> str:
    return f"sqlite:///{user_data_path('suyuan') / 'ledger.db'}"


class Settings(BaseSettings):
    """What the product was told about its surroundings."""

    model_config = SettingsConfigDict(env_prefix="SUYUAN_", frozen=True)

    db: str = _default_db()
    keys: Path | None = None
    host: str = "localhost"
    organisation: str = "main"
    stem: str = "http://127.0.0.1:8000"
    language: Literal["en", "zh-CN"] = "en"
    largest_body: int = 16 * 1024 * 1024  # 16 MiB

    @property
    def key_folder(self) -> Path:
        """Where the signing keys are."""
        if self.keys is not None:
            return self.keys
        url = sa.make_url(self.db)
        if url.get_backend_name() == "sqlite" and url.database:
            return Path(url.database).absolute().parent / "keys"
        return user_data_path("suyuan") / "keys"
