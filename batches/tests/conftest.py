"""Clients of the cast, logged in."""

import pytest


@pytest.fixture
def as_otto(client, otto):
    client.force_login(otto)
    return client


@pytest.fixture
def as_quinn(client, quinn):
    client.force_login(quinn)
    return client
