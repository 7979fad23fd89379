"""Tags and filters of every staff page: icons, status tags, times, quantities, navigation."""

import json

from django import template
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from batches.templatetags import statuses, wording

register = template.Library()


@register.simple_tag
def icon(name, size=16, cls="", label=""):
    """One symbol of the sprite. Without a label it is decoration and hidden from readers."""
    hidden = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return format_html(
        '<svg class="icon {}" width="{}" height="{}" viewBox="0 0 16 16" fill="none" '
        'stroke="currentColor" stroke-width="1.5" stroke-linecap="round" '
        'stroke-linejoin="round" {}><use href="{}#{}"/></svg>',
        cls,
        size,
        size,
        mark_safe(hidden),
        static("icons/sprite.svg"),
        name,
    )


@register.simple_tag
def tag(key, word, glyph=""):
    """A status tag by colour key and word, for what is no single object's status."""
    return format_html(
        '<span class="tag is-{}">{}{}</span>',
        key,
        icon(glyph or statuses.GLYPHS[key], size=12),
        word,
    )


@register.simple_tag
def status(obj):
    """The status tag of an object; `statuses.look` owns word, glyph and colour."""
    look = statuses.look(obj)
    return tag(look.key, look.word, look.icon)


@register.simple_tag
def glyph(key, name, size=14):
    """A small box with an icon in a status colour, as in lists of things to do."""
    return format_html('<span class="gl is-{}">{}</span>', key, icon(name, size=size))


@register.filter
def quantity(value, unit=""):
    return wording.quantity(value, unit)


@register.filter
def number(value):
    return wording.number(value)


@register.filter
def apart(sentence):
    """A sentence `name: …` with its name apart, which may be written from right to left: the
    number behind it would be drawn before it."""
    name, colon, rest = str(sentence).partition(": ")
    return format_html("<bdi>{}</bdi>{}{}", name, colon, rest) if colon else sentence


def _time(value, text):
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        wording.iso(value, wording.shown_zone()),
        text,
    )


@register.filter
def when(value, empty="unknown"):
    """`11:38` today, else `22 Nov`; the title says it in full."""
    if not value:
        return empty
    return _time(value, wording.clock(value, timezone.now(), wording.shown_zone()))


@register.filter
def hour(value):
    """`11:38`, where the day stands above it."""
    return _time(value, wording.clock(value, value, wording.shown_zone()))


@register.filter
def at(value, empty="unknown"):
    """`11:38` today, else `22 Nov, 11:38`: for what is worked on past midnight."""
    if not value:
        return empty
    return _time(value, wording.at(value, timezone.now(), wording.shown_zone()))


@register.filter
def moment(value, date_only=False):
    """`22 Nov, 11:38`; the day alone when `date_only`."""
    if not value:
        return "unknown"
    text = wording.moment(value, timezone.now(), date_only, wording.shown_zone())
    return _time(value, text)


@register.filter
def day(value, empty="unknown"):
    if not value:
        return empty
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(), wording.day(value, timezone.now())
    )


@register.filter
def duration(value):
    return wording.span(value) if value is not None else ""


@register.filter
def age(value):
    return wording.span(timezone.now() - value) if value else ""


@register.filter
def local_input(value):
    """A moment in the site's zone as a datetime-local input takes it; nothing for nothing."""
    return value.astimezone(wording.site_zone()).strftime("%Y-%m-%dT%H:%M") if value else ""


@register.filter
def percent(part, whole):
    return wording.percent(part, whole)


@register.filter
def initials(user):
    name = user.get_full_name() or user.get_username()
    return "".join(word[0] for word in name.split()[:2]).upper()


@register.filter
def person(user, nobody=""):
    """A person's name, else the name they log in with; `nobody` where it was no person."""
    return (user.get_full_name() or user.get_username()) if user else nobody


@register.filter
def as_json(value):
    """For data- attributes; the template still escapes it."""
    return json.dumps(value)


@register.inclusion_tag("includes/nav_item.html", takes_context=True)
def nav_item(context, name, glyph, word, count=None, crit=False, needs="", go=""):
    """A navigation entry, or nothing where its page does not exist or refuses the person.

    `go` is the letter that opens it behind the key g.
    """
    if not may(context, needs):
        return {}
    try:
        url = reverse(name)
    except NoReverseMatch:
        return {}
    here = context["request"].path if "request" in context else ""
    current = here == url if url == "/" else here.startswith(url)
    return {
        "url": url,
        "glyph": glyph,
        "word": word,
        "count": count,
        "crit": crit,
        "go": go,
        "current": current,
    }


@register.simple_tag(takes_context=True)
def query(context, **changes):
    """The query string of this page with some parameters changed; None takes one away."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        params.pop(key, None)
        if value is not None:
            params[key] = value
    return f"?{params.urlencode()}" if params else "?"


@register.simple_tag
def try_url(name, *args):
    """The address of a page, or nothing while it does not exist."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@register.simple_tag
def shown_zone(short=False):
    """The zone that times are shown in: its name, or its abbreviation now."""
    zone = wording.shown_zone()
    return f"{timezone.now().astimezone(zone):%Z}" if short else str(zone)


@register.simple_tag(takes_context=True)
def may(context, permission):
    """Whether the person may do what needs `permission`; nothing needed is allowed."""
    return not permission or context["request"].user.has_perm(permission)
