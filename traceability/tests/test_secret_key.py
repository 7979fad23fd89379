"""The key that a site makes for itself: one for all of its processes, whoever comes first."""

import secrets
import stat

import pytest

from traceability import settings as site_settings


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(site_settings, "DATA_DIR", tmp_path)
    return tmp_path


def test_the_key_is_made_once_for_its_owner_only(folder):
    key = site_settings.own_secret_key()
    assert len(key) > 50 and site_settings.own_secret_key() == key
    assert [file.name for file in folder.iterdir()] == ["secret_key"]
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600


def test_processes_that_start_at_once_have_one_key_and_none_reads_half_of_it(folder, monkeypatch):
    seen, draw = [], secrets.token_urlsafe

    def another_process_comes_in_between(length):
        monkeypatch.setattr(secrets, "token_urlsafe", draw)
        seen.append(site_settings.own_secret_key())
        return draw(length)

    monkeypatch.setattr(secrets, "token_urlsafe", another_process_comes_in_between)
    seen.append(site_settings.own_secret_key())
    assert len(seen[0]) > 50 and seen[0] == seen[1]
