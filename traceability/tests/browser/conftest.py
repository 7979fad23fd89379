"""What all tests in a browser share: how long a page may take on a machine that is busy."""

from playwright.sync_api import expect

expect.set_options(timeout=20_000)
