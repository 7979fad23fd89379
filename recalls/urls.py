"""Addresses of the recalls app."""

from django.urls import path, re_path, register_converter

from batches.codes.addresses import CodeConverter
from recalls.forms.scope import FORMS
from recalls.views import (
    acts,
    answers,
    at_place,
    calls,
    check,
    checking,
    contacts,
    counting,
    customer,
    customers,
    deciding,
    desk,
    documents,
    drill_actions,
    drill_calendar,
    drills,
    files,
    goods,
    handed_in,
    lists,
    messages,
    narrowing,
    notices,
    opening,
    outbox,
    passing_on,
    pasted,
    plans,
    recipients,
    reconciling,
    recovery,
    requests,
    room,
    scoping,
    sending,
    service,
    shared,
    targets,
    todo,
    updates,
    versions,
)
from recalls.views.wizard import pages

# A location code may hold a slash.
register_converter(CodeConverter, "place")

public_urls = [
    path("r/<str:token>/", answers.notice, name="answer-notice"),
    path("r/<str:token>/ack/", answers.acknowledge_notice, name="answer-acknowledge"),
    path("r/<str:token>/count/", counting.count, name="answer-count"),
    path("r/<str:token>/done/", answers.done, name="answer-done"),
    path(
        "r/<str:token>/customer-notice.pdf",
        answers.customer_notice,
        name="answer-customer-notice",
    ),
    path("r/<str:token>/sent-on/", passing_on.sent_on, name="answer-sent-on"),
    path("r/<str:token>/files/", answers.hand_in, name="answer-files"),
    path("r/<str:token>/files/<int:pk>/", handed_in.own_file, name="answer-file"),
    path("r/<str:token>/photo/<int:pk>/", answers.photo, name="answer-photo"),
    path("c/<str:token>/", contacts.confirm, name="contact-confirm"),
    path("verify/", check.verify, name="verify"),
    path("notices/", notices.notice_list, name="notice-list"),
    path("notices/feed.json", notices.feed_json, name="notice-json"),
    path("notices/feed.atom", notices.NoticeFeed(), name="notice-atom"),
    path("notices/feed.rss", notices.RssNoticeFeed(), name="notice-rss"),
    path("notices/<slug:slug>/", notices.notice_page, name="notice-page"),
    path("notices/<slug:slug>/picture/<int:pk>/", notices.notice_picture, name="notice-picture"),
    # GS1 Digital Link. A slash in a batch number arrives undone, so the number may hold one.
    re_path(
        r"^01/(?P<gtin>\d{8}|\d{12,14})(?:/22/[^/]+)?(?:/10/(?P<number>[^\x00]+?))?"
        r"(?:/21/(?P<serial>[^/\x00]+))?/?$",
        check.digital_link,
        name="digital-link",
    ),
]

drill_urls = [
    path("drills/", drills.drill_list, name="drill-list"),
    path("drills/plan/", drills.drill_plan, name="drill-plan"),
    path("drills/calendar/", drill_calendar.drill_calendar, name="drill-calendar"),
    path("drills/calendar/<int:pk>/", drill_calendar.drill_duty, name="drill-duty"),
    path("drills/calendar/<int:pk>/end/", drill_calendar.drill_duty_end, name="drill-duty-end"),
    path("drills/<str:reference>/", drills.drill_detail, name="drill-detail"),
    path("drills/<str:reference>/finish/", drills.drill_finish, name="drill-finish"),
    path("drills/<str:reference>/actions/", drill_actions.action_add, name="drill-add-action"),
    path(
        "drills/<str:reference>/actions/<int:pk>/done/",
        drill_actions.action_done,
        name="drill-action-done",
    ),
    path(
        "drills/<str:reference>/actions/<int:pk>/reopen/",
        drill_actions.action_reopen,
        name="drill-action-reopen",
    ),
    path("drills/<str:reference>/report.pdf", drills.drill_report, name="drill-report"),
]

request_urls = [
    path("requests/", requests.RequestList.as_view(), name="request-list"),
    path("requests/new/", requests.request_open, name="request-open"),
    path("requests/<str:reference>/", requests.request_detail, name="request-detail"),
    path("requests/<str:reference>/sheet/", requests.request_sheet, name="request-sheet"),
    path("requests/<str:reference>/handover/", requests.request_handover, name="request-handover"),
    path(
        "requests/<str:reference>/sheets/<int:number>.xlsx",
        requests.request_file,
        name="request-file",
    ),
]

recall_urls = [
    path("recalls/", lists.RecallList.as_view(), name="recall-list"),
    path("recalls/new/", opening.recall_open, name="recall-open"),
    path("recalls/reminders/", plans.plan_list, name="reminder-plans"),
    path("recalls/reminders/<str:classification>/", plans.plan_change, name="reminder-plan"),
    path("recalls/targets/", plans.target_plans, name="target-plans"),
    path("recalls/targets/<str:classification>/", plans.target_plan, name="target-plan"),
    path("recalls/<str:reference>/", room.recall_detail, name="recall-detail"),
    path("recalls/<str:reference>/edit/", opening.recall_edit, name="recall-edit"),
    path("recalls/<str:reference>/start/", opening.recall_start, name="recall-start"),
    path("recalls/<str:reference>/message/", pages.message_step, name="recall-message"),
    path(
        "recalls/<str:reference>/message/preview/",
        messages.preview,
        name="recall-message-preview",
    ),
    path(
        "recalls/<str:reference>/message/pictures/<int:pk>/",
        messages.picture_file,
        name="recall-picture",
    ),
    path("recalls/<str:reference>/check/", pages.check_step, name="recall-check"),
    path(
        "recalls/<str:reference>/scope/<int:number>/",
        lists.ScopeList.as_view(),
        name="recall-scope",
    ),
    path("recalls/<str:reference>/narrow/", narrowing.narrow, name="recall-narrow"),
    path(
        "recalls/<str:reference>/narrowings/<int:number>/",
        narrowing.narrowing_detail,
        name="recall-narrowing",
    ),
    path(
        "recalls/<str:reference>/scope/<int:number>/diff/",
        versions.version_diff,
        name="recall-version-diff",
    ),
    path(
        "recalls/<str:reference>/scope/<int:number>/print/",
        versions.version_print,
        name="recall-version-print",
    ),
    path(
        "recalls/<str:reference>/scope/<int:number>/version.txt",
        versions.version_text,
        name="recall-version-text",
    ),
    path(
        "recalls/<str:reference>/scope/<int:number>/version.json",
        versions.version_json,
        name="recall-version-json",
    ),
    path("recalls/<str:reference>/scope/text/", pasted.pasted, name="recall-scope-text"),
    path("recalls/<str:reference>/scope/", pages.scope_step, name="recall-newest-scope"),
    path("recalls/<str:reference>/report/", documents.recall_report, name="recall-report"),
    path("recalls/<str:reference>/documents/", documents.documents, name="recall-documents"),
    path("recalls/<str:reference>/documents/facts/", documents.facts, name="recall-facts"),
    path("recalls/<str:reference>/documents/add/", files.add, name="recall-add-file"),
    path(
        "recalls/<str:reference>/documents/added/<int:pk>/",
        files.added_file,
        name="recall-added-file",
    ),
    path("recalls/<str:reference>/documents/send/", documents.send, name="recall-send-output"),
    path(
        "recalls/<str:reference>/documents/<slug:kind>.<slug:format>",
        documents.output_file,
        name="recall-output",
    ),
    path("recalls/<str:reference>/targets/", targets.recall_targets, name="recall-targets"),
    path("recalls/<str:reference>/update/", updates.update, name="recall-update"),
    path("recalls/<str:reference>/tasks/", todo.recall_tasks, name="recall-tasks"),
    path("recalls/<str:reference>/checks/", checking.recall_checks, name="recall-checks"),
    path("recalls/<str:reference>/checks/sheet/", checking.sheet, name="recall-check-sheet"),
    path(
        "recalls/<str:reference>/checks/<int:number>/",
        checking.check_form,
        name="recall-check-form",
    ),
    path("recalls/<str:reference>/consumer/", documents.consumer_page, name="recall-consumer"),
    path("recalls/<str:reference>/package/", documents.package, name="recall-package"),
    path(
        "recalls/<str:reference>/package/<int:pk>.zip",
        documents.package_file,
        name="recall-package-file",
    ),
    path("recalls/<str:reference>/files/<int:pk>/", handed_in.recall_file, name="recall-file"),
    path("recalls/<str:reference>/calls/", calls.calls, name="recall-calls"),
    path("recalls/<str:reference>/calls/note/", calls.note_calls, name="recall-note-calls"),
    path("recalls/<str:reference>/customers/", customers.customer_list, name="recall-customers"),
    path(
        "recalls/<str:reference>/customers/<int:pk>/",
        customer.customer_detail,
        name="recall-customer",
    ),
    path("recalls/<str:reference>/letters.pdf", calls.letters, name="recall-letters"),
    path(
        "recalls/<str:reference>/reconciliation/",
        reconciling.reconcile,
        name="recall-reconciliation",
    ),
    path("recalls/<str:reference>/goods/", goods.goods, name="recall-goods"),
    path(
        "recalls/<str:reference>/goods/<int:number>/certificate/",
        goods.certificate,
        name="recall-certificate",
    ),
    path("recalls/<str:reference>/goods/<int:pk>/", goods.decide, name="recall-decide-goods"),
    path(
        "recalls/<str:reference>/recipients/",
        room.recall_part,
        {"part": "rcp"},
        name="recall-recipients",
    ),
    path(
        "recalls/<str:reference>/timeline/",
        room.recall_part,
        {"part": "timeline"},
        name="recall-timeline",
    ),
    path(
        "recalls/<str:reference>/recipients/<place:code>/",
        recipients.recipient_detail,
        name="recall-recipient",
    ),
]

_ACTS = {
    **{f"rules/{kind}/": (scoping.add(kind), f"recall-add-{kind}") for kind in FORMS},
    **{f"rules/{kind}/try/": (scoping.tried(kind), f"recall-try-{kind}") for kind in FORMS},
    "rules/<int:pk>/withdraw/": (scoping.withdraw, "recall-withdraw-rule"),
    "rules/suggested/": (scoping.add_suggested, "recall-add-suggested"),
    "exclude/<int:pk>/": (scoping.exclude, "recall-exclude"),
    "include/<int:pk>/": (scoping.include, "recall-include"),
    "message/save/": (messages.save, "recall-message-save"),
    "message/test/": (messages.test, "recall-message-test"),
    "message/pictures/": (messages.picture_add, "recall-picture-add"),
    "message/pictures/<int:pk>/remove/": (messages.picture_remove, "recall-picture-remove"),
    "submit/": (acts.submit, "recall-submit"),
    "approve/": (acts.approve, "recall-approve"),
    "reject/": (acts.reject, "recall-reject"),
    "alone/": (deciding.break_glass, "recall-break-glass"),
    "countersign/": (deciding.countersign, "recall-countersign"),
    "object/": (deciding.object_to, "recall-object"),
    "narrowings/<int:number>/approve/": (narrowing.approve, "recall-approve-narrowing"),
    "narrowings/<int:number>/reject/": (narrowing.reject, "recall-reject-narrowing"),
    "readmit/<int:pk>/": (narrowing.readmit, "recall-readmit"),
    "targets/change/": (targets.change_target, "recall-change-target"),
    "targets/handover/": (targets.hand_over, "recall-hand-over"),
    "tasks/add/": (todo.add, "recall-add-task"),
    "tasks/<int:pk>/done/": (todo.done, "recall-task-done"),
    "tasks/<int:pk>/reopen/": (todo.reopen, "recall-task-reopen"),
    "tasks/<int:pk>/assign/": (todo.assign, "recall-assign-task"),
    "checks/draw/": (checking.draw, "recall-draw-sample"),
    "checks/none/": (checking.none, "recall-no-checks"),
    "checks/<int:number>/waive/": (checking.waive, "recall-waive-check"),
    "publish/": (acts.publish, "recall-publish"),
    "publish/end/": (acts.end_public, "recall-end-public"),
    "cancel/": (acts.cancel, "recall-cancel"),
    "remind/": (acts.remind_all, "recall-remind"),
    "remind-selected/": (acts.remind_selected, "recall-remind-selected"),
    "sending/stop/": (sending.stop, "recall-stop-sending"),
    "sending/now/": (sending.go_on, "recall-send-now"),
    "release/<int:number>/": (acts.release, "recall-release"),
    "complete/": (acts.complete, "recall-complete"),
    "close/": (acts.close, "recall-close"),
    "subscriptions/": (acts.add_subscription, "recall-subscribe"),
    "subscriptions/<int:pk>/remove/": (acts.remove_subscription, "recall-unsubscribe"),
    "calls/<place:code>/log/": (calls.log, "recall-log-call"),
    "customers/<int:pk>/approve/": (customers.approve, "recall-approve-customer"),
    "customers/<int:pk>/log/": (customer.log, "recall-log-customer"),
    "customers/<int:pk>/answer/": (customer.answer, "recall-answer-customer"),
    "customers/<int:pk>/stop/": (customers.stop, "recall-stop-customer"),
    "recipients/<place:code>/remind/": (desk.remind_place, "recall-remind-place"),
    "recipients/<place:code>/called/": (desk.note_call, "recall-note-call"),
    "recipients/<place:code>/waive/": (desk.waive_place, "recall-waive-place"),
    "recipients/<place:code>/answer/": (desk.answer_place, "recall-answer-place"),
    "recipients/<place:code>/address/": (desk.tell_place, "recall-tell-place"),
    "recipients/<place:code>/again/<int:pk>/": (desk.send_again, "recall-send-again"),
    "recipients/<place:code>/back/": (recovery.came_back, "recall-came-back"),
    "recipients/<place:code>/destroyed/": (recovery.destroyed, "recall-destroyed"),
    "goods/<int:number>/carry-out/": (goods.carry_out_one, "recall-carry-out"),
    "goods/<int:number>/reject/": (goods.reject_one, "recall-reject-goods"),
    "recipients/<place:code>/withdraw/<int:pk>/": (desk.withdraw_link, "recall-withdraw-link"),
}
act_urls = [
    path(f"recalls/<str:reference>/{tail}", view, name=name) for tail, (view, name) in _ACTS.items()
]

outbox_urls = [
    path("outbox/", outbox.outbox_list, name="outbox"),
    path("outbox/<str:name>/", outbox.outbox_letter, name="outbox-letter"),
    path("outbox/<str:name>/body/", outbox.outbox_body, name="outbox-body"),
]

service_urls = [path("service/", service.service, name="service")]

shared_urls = [
    path("complaints/shared/", shared.shared, name="complaint-shared"),
    path("complaints/shared/add/", shared.add_shared, name="complaint-shared-add"),
]


contact_urls = [
    path("contacts/test/", contacts.ask_all, name="contact-tests"),
    path("contacts/<place:code>/test/", contacts.ask_at, name="contact-test"),
    path("contacts/<place:code>/recalls/", at_place.recalls_of_place, name="location-recalls"),
    path("contacts/<place:code>/<int:pk>/keep/", contacts.keep, name="contact-keep"),
]

urlpatterns = [
    *public_urls,
    *contact_urls,
    *service_urls,
    *shared_urls,
    *drill_urls,
    *request_urls,
    *recall_urls,
    *act_urls,
    *outbox_urls,
]
