"""What may be typed about a GPU server. How to get in is typed, kept and used, and never shown again."""

import asyncio
from typing import Any

from django import forms

from runs.comfyui import ComfyError, Endpoint
from runs.engine.servers import SIMULATOR_NAME, ask
from runs.models import Server

MOST_SEATS = 16
# What belongs together is typed, kept and removed together.
LOGIN = ("user", "password")
SECRETS: dict[str, tuple[str, ...]] = {
    "token": ("token",),
    "login": LOGIN,
    "headers": ("headers",),
    "ca": ("ca",),
}
KEPT = "Leave empty to keep the stored value."


class AlwaysSent(forms.Textarea):
    """Empty means empty: Django would take a field that was not sent for one to leave alone."""

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False


def _hidden(label: str, help_text: str) -> forms.CharField:
    box = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(required=False, max_length=400, label=label, widget=box, help_text=help_text)


def _written(label: str, help_text: str) -> forms.CharField:
    box = AlwaysSent(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(required=False, max_length=100_000, label=label, widget=box, help_text=help_text)


def _tick(label: str) -> forms.BooleanField:
    return forms.BooleanField(required=False, label=label)


class ServerForm(forms.ModelForm):
    """Those who come from COMFYUI_URLS have no name, address or access here; see `ServerAdmin.get_fieldsets`."""

    seats = forms.IntegerField(
        min_value=1,
        max_value=MOST_SEATS,
        initial=2,
        help_text="How many pictures it holds: two keep the GPU busy, one in progress and one ready.",
    )

    class Meta:
        model = Server
        fields: tuple[str, ...] = ("enabled", "seats")


class FreeServerForm(ServerForm):
    url = forms.CharField(
        label="Address",
        max_length=400,
        help_text="For example https://gpu.example.com or https://example.com/gpu-1; a path is kept. Allow an address "
        "inside your network first, with COMFYUI_ALLOWED_HOSTS.",
    )
    token = _hidden("Token", f"For a server behind a proxy that needs a bearer token. {KEPT}")
    user = _hidden("User", "For a proxy that needs a user and password. Enter both.")
    password = _hidden("Password", KEPT)
    headers = _written("Headers", f"Other headers its proxy needs, one “Name: value” per line. {KEPT}")
    ca = _written("CA", f"The certificate of the authority that signed the server’s own, as PEM text. {KEPT}")
    forget_token = _tick("Remove the stored token")
    forget_login = _tick("Remove the stored user and password")
    forget_headers = _tick("Remove the stored headers")
    forget_ca = _tick("Remove the stored CA")

    class Meta(ServerForm.Meta):
        fields = ("name", "url", "token", "user", "password", "headers", "ca", *ServerForm.Meta.fields)

    answer: "Answer | None" = None  # what the address said, asked before the form's transaction

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = {name: getattr(self.instance, name) for names in SECRETS.values() for name in names}
        # What is stored is neither shown nor taken for what was typed.
        self.initial.update(dict.fromkeys(self.stored, ""))

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if name == SIMULATOR_NAME:
            raise forms.ValidationError("This name belongs to the built-in simulator. Choose another.")
        return name

    def clean_url(self) -> str:
        typed = self.cleaned_data["url"]
        if "@" in typed:
            words = "Take the user and password out of the address and enter them in their own fields."
            raise forms.ValidationError(words)
        try:
            return Endpoint(typed).url
        except ComfyError as fault:
            raise forms.ValidationError(str(fault)) from fault

    def clean_password(self) -> str:
        user, password = self.cleaned_data.get("user", ""), self.cleaned_data["password"]
        if bool(user) != bool(password):
            raise forms.ValidationError("Enter both user and password.")
        return str(password)

    def clean_headers(self) -> dict[str, str]:
        lines = self.cleaned_data["headers"].splitlines()
        pairs = [_header(line, n) for n, line in enumerate(lines, 1) if line.strip()]
        headers = dict(pairs)
        if len({name.lower() for name in headers}) < len(pairs):
            raise forms.ValidationError("A header is listed twice. Keep one.")
        try:
            return dict(Endpoint("http://checked.invalid", headers).headers)
        except ComfyError as fault:
            raise forms.ValidationError(str(fault)) from fault

    def clean_ca(self) -> str:
        text = self.cleaned_data["ca"].strip()
        if not text:
            return ""
        if "PRIVATE KEY" in text:
            raise forms.ValidationError("This contains a private key. Paste only the certificate.")
        _, begin, rest = text.partition("-----BEGIN CERTIFICATE-----")  # tools write words before it
        try:
            Endpoint("https://checked.invalid", {}, begin + rest or "-----BEGIN").ssl_context()
        except ComfyError:
            words = "This is not a PEM certificate. It has to begin with “-----BEGIN CERTIFICATE-----”."
            raise forms.ValidationError(words) from None
        return begin + rest

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for kind, names in SECRETS.items():
            self._keep(kind, names, data)
        self._check_together(data)
        if self.answer is not None and self.answer.fault is not None and self.answer.fault.permanent:
            self.add_error("url", str(self.answer.fault))
        return data

    def _keep(self, kind: str, names: tuple[str, ...], data: dict[str, Any]) -> None:
        """What is neither typed nor to be removed stays, but only at the address it was typed for."""
        if any(data.get(name) for name in names) or any(name in self.errors for name in names):
            return
        stored = any(self.stored[name] for name in names)
        if not stored or data.get(f"forget_{kind}"):
            data |= {name: {} if name == "headers" else "" for name in names}
            return
        if "url" in self.changed_data:
            words = "The stored value belongs to the old address. Enter it again, or remove it."
            self.add_error(names[0], words)
        data |= {name: self.stored[name] for name in names}

    def _check_together(self, data: dict[str, Any]) -> None:
        named = any(name.lower() == "authorization" for name in data.get("headers") or {})
        ways = [name for name in ("token", "user") if data.get(name)] + (["headers"] if named else [])
        if len(ways) > 1:
            words = "Use only one: a token, a user with a password, or an Authorization header."
            self.add_error(ways[-1], words)
        if data.get("ca") and str(data.get("url", "")).startswith("http:"):
            self.add_error("ca", "A CA only works with an address that begins with https://.")


def _header(line: str, number: int) -> tuple[str, str]:
    name, colon, value = (part.strip() for part in line.partition(":"))
    if not colon or not name:
        # Never the line itself: it may hold a password.
        raise forms.ValidationError(f"Line {number} is not a header. Write it as “Name: value”.")
    return name, value


class Answer:
    """What a server said when it was asked: facts, or why not."""

    def __init__(self, form: FreeServerForm) -> None:
        self.facts: dict[str, object] = {}
        self.fault: ComfyError | None = None
        names = ("url", *(name for names in SECRETS.values() for name in names))
        try:
            server = Server(**{name: form.cleaned_data[name] for name in names})
            self.facts, _ = asyncio.run(ask(server))
        except ComfyError as fault:
            self.fault = fault
