"""Pages of the API's tokens: making one, which shows it once, and taking it back."""

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from batches.forms.tokens import TokenForm
from batches.models import ApiToken
from batches.operations.tokens import make_token, revoke_token
from batches.views.acts import Act, add_refusal

SHOWN = 200


def tokens_of(user):
    """Those that the person may take back: an administrator's are everybody's."""
    rows = ApiToken.objects.select_related("user", "made_by")
    return rows if user.is_superuser else rows.filter(user=user) | rows.filter(made_by=user)


class ApiTokens(Act):
    """The answer to the POST is the only time that the token is shown."""

    permission = "batches.add_apitoken"
    template_name = "batches/api_tokens.html"
    title, button = "API tokens", "Make the token"
    says = (
        "Another program shows a token instead of a password and reads what you may read. "
        "It changes nothing. The token is shown once: put it where the program keeps secrets."
    )

    def find(self):
        return None

    def back(self):
        return reverse("overview")

    def form(self, data=None):
        return TokenForm(data, by=self.request.user)

    def post(self, request, **kwargs):
        self.object = None
        form, now = self.form(request.POST), timezone.now()
        if form.is_valid():
            try:
                token, text = make_token(**form.wanted(now), by=request.user, at=now)
            except ValidationError as refusal:
                add_refusal(form, refusal)
            else:
                return self.show(token, text)
        return self.page(form, status=422)

    def show(self, token, text: str):
        context = {"token": token, "text": text, "back": reverse("api-tokens")}
        response = render(self.request, "batches/api_token.html", context)
        add_never_cache_headers(response)
        return response

    def page(self, form, status=200):
        self.now = timezone.now()
        self.tokens = list(tokens_of(self.request.user)[:SHOWN])
        for token in self.tokens:
            token.valid = token.is_valid(self.now)
        return super().page(form, status)


class RevokeToken(Act):
    permission = "batches.add_apitoken"
    title, button = "Revoke {}", "Revoke the token"
    says = "The program that uses {} is refused from now on. This stays so; make another instead."
    done = "{} is revoked."

    def find(self):
        return get_object_or_404(tokens_of(self.request.user), prefix=self.kwargs["prefix"])

    def act(self, form):
        revoke_token(token=self.object, reason=form.cleaned_data["reason"], **self.by_now)
