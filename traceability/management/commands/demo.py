"""`manage.py demo`: loads the demo story; running it again changes nothing."""

import logging

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from traceability.demo.cast import CAST, password
from traceability.demo.story import tell


class Command(BaseCommand):
    help = "Load the demo story: a granola maker, its supplier, its stores, and their recalls."

    def handle(self, **options):
        # Two addresses of the story refuse their mail; here that is no news for the terminal.
        logging.getLogger("recalls.operations.delivery").setLevel(logging.ERROR)
        tell(timezone.now())
        say = self.stdout.write
        say(f"\nThe demo is ready at {settings.SITE_URL}\n")
        say("Log in as one of:")
        for username, (first, _, role, does) in CAST.items():
            say(f"  {username:<6} password {password(username):<11} {role}: {first} {does}")
        say(
            "\nTry: trace batch ALM-2291-C forward; open recall "
            f"{settings.SITE_URL}/recalls/ and see who has not answered;\n"
            f"read the letters at {settings.SITE_URL}/outbox/ and answer one as a store manager.\n"
        )
