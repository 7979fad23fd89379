"""The public's pages of published notices, and their feeds. No login, no cookie, no script."""

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.views.decorators.http import require_safe

from recalls.reports.firm import firm
from recalls.reports.outputs.consumer_words import WORDS as CONSUMER
from recalls.reports.published import SHOWN, as_json, notices, published
from recalls.reports.published_words import WORDS
from recalls.views.languages import language_of, offered
from recalls.views.public import public_page, render_public, site_zone

# A reader of a feed asks again after so many seconds.
FEED_SECONDS = 60


def _context(request, **more) -> dict:
    lang = language_of(request)
    return {
        "lang": lang,
        "languages": offered(),
        "canonical": f"{settings.SITE_URL}{request.path}",
        "words": WORDS[lang],
        "consumer": CONSUMER[lang],
        "kept": f"?lang={lang}" if "lang" in request.GET else "",
        **more,
    }


def _page(request, template: str, **more) -> HttpResponse:
    """In the visitor's language and the site's zone."""
    lang = language_of(request)
    with translation.override(lang), timezone.override(site_zone()):
        response = render_public(template, _context(request, **more))
    response["Content-Language"], response["Vary"] = lang, "Accept-Language"
    return response


@public_page("GET", "HEAD", "OPTIONS", is_indexed=True)
def notice_list(request):
    rows = published(notices()[:SHOWN], language_of(request))
    return _page(request, "notices", rows=rows)


@public_page("GET", "HEAD", "OPTIONS", is_indexed=True)
def notice_page(request, slug):
    notice = get_object_or_404(notices(), slug=slug)
    [one] = published([notice], language_of(request))
    pictures = notice.recall.message_files.filter(removed_at__isnull=True).defer("content")
    more = {"one": one, "pictures": pictures, "firm": firm()}
    return _page(request, "published", **more)


@public_page("GET", "HEAD", "OPTIONS", is_indexed=True)
def notice_picture(request, slug, pk):
    notice = get_object_or_404(notices(), slug=slug)
    file = get_object_or_404(notice.recall.message_files.filter(removed_at__isnull=True), pk=pk)
    return HttpResponse(bytes(file.content), content_type=file.content_type)


@require_safe
def feed_json(request):
    """For other sites: any of them may read it."""
    lang = language_of(request)
    rows = [as_json(one) for one in published(notices()[:SHOWN], lang)]
    response = JsonResponse(
        {"version": 1, "language": lang, "notices": rows}, json_dumps_params={"ensure_ascii": False}
    )
    return _short(response)


def _short(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=FEED_SECONDS)
    return response


class NoticeFeed(Feed):
    """The newest notices as Atom. One that ended stays, and says so."""

    feed_type = Atom1Feed
    name = "notice-atom"

    def __call__(self, request, *args, **kwargs):
        return _short(require_safe(super().__call__)(request, *args, **kwargs))

    def get_object(self, request):
        return language_of(request)

    def title(self, language):
        return f"{settings.SITE_NAME}: {WORDS[language]['title']}"

    subtitle = description = title

    def link(self):
        return f"{settings.SITE_URL}{reverse('notice-list')}"

    def feed_url(self):
        return f"{settings.SITE_URL}{reverse(self.name)}"

    def items(self, language):
        return [(one, language) for one in published(notices()[:SHOWN], language)]

    def item_title(self, item):
        one, language = item
        ended = "" if one.is_live else f"{WORDS[language]['ended']}: "
        return f"{ended}{one.text['headline']}: {one.products}"

    def item_description(self, item):
        one, language = item
        numbers = ", ".join(number for row in one.items for number, _ in row.batches)
        steps = " ".join(one.text["steps"])
        return f"{CONSUMER[language].batches}: {numbers}. {one.text['hazard']} {steps}"

    def item_link(self, item):
        return item[0].address

    item_guid = item_link

    def item_pubdate(self, item):
        return item[0].notice.published_at

    def item_updateddate(self, item):
        return item[0].notice.ended_at or item[0].notice.changed_at


class RssNoticeFeed(NoticeFeed):
    """The same as RSS."""

    feed_type = Rss201rev2Feed
    name = "notice-rss"
