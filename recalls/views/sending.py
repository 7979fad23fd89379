"""Stop and Send now: the two acts on notices that have not left yet."""

from recalls.operations.window import send_now, stop_sending
from recalls.views.acts import act, attempt


@act("recalls.submit_recall")
def stop(request, recall):
    said = "Stopped. Nothing more leaves until you send it."
    return attempt(request, recall, said, stop_sending)


@act("recalls.submit_recall")
def go_on(request, recall):
    def said(waiting):
        return f"{waiting} notice{' is' if waiting == 1 else 's are'} on the way."

    return attempt(request, recall, said, send_now)
