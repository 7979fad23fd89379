"""Middleware: times on the screen in the zone that the person chose."""

from batches.templatetags import wording


def in_own_zone(get_response):
    """The session has the choice since login, and is opened only if a time is shown."""

    def middleware(request):
        with wording.showing(lambda: request.session.get("zone", "")):
            return get_response(request)

    return middleware
