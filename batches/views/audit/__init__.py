"""The pages of the audit: findings and their settling, and the log."""

from django.urls import path

from batches.views.audit.acts import AcceptFinding, AssignFinding
from batches.views.audit.pages import AuditPage, LogPage

audit_urls = [
    path("audit/", AuditPage.as_view(), name="audit"),
    path("audit/log/", LogPage.as_view(), name="audit-log"),
    path("findings/<int:pk>/assign/", AssignFinding.as_view(), name="finding-assign"),
    path("findings/<int:pk>/accept/", AcceptFinding.as_view(), name="finding-accept"),
]
