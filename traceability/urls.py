"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from traceability import health, views
from traceability.analytics import analytics, analytics_csv
from traceability.api import api_urls
from traceability.notifications import notifications
from traceability.overview import overview

handler500 = views.fault
urlpatterns = [
    path("", overview, name="overview"),
    path("analytics/", analytics, name="analytics"),
    path("analytics/<slug:key>.csv", analytics_csv, name="analytics-csv"),
    path("notifications/", notifications, name="notifications"),
    path("search/", views.search, name="search"),
    path("search/report/", views.search_report, name="search-report"),
    path("search/palette/", views.palette_list, name="palette"),
    path("help/", views.help_page, name="help"),
    path("help/crisis/", views.crisis_card, name="help-crisis"),
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("admin/", admin.site.urls),
    path("", include("batches.urls")),
    path("", include("recalls.urls")),
    *api_urls,
]
