"""What people write of themselves."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordKeyForm, SetPasswordForm
from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, User


class Person(forms.Form):
    """What somebody is called."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name. Your team sees it next to what you do.")},
    )

    def save(self, user: User) -> None:
        first, _blank, last = self.cleaned_data["name"].partition(" ")
        user.first_name, user.last_name = first[:150], last[:150]
        user.save(update_fields=["first_name", "last_name"])


class Newcomer(forms.Form):
    """An account for who was invited; the address of an invitation by mail is given."""

    name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(label=_("Email"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("Use at least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if invitation.email:
            self.fields["email"].disabled = True
            self.initial["email"] = invitation.email

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(
                _("This email already has an account. Sign in with it, then open the invitation again.")
            )
        return email

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password"):
            first, _blank, last = given.get("name", "").partition(" ")
            person = User(email=given.get("email", ""), first_name=first[:150], last_name=last[:150])
            try:
                password_validation.validate_password(given["password"], person)
            except forms.ValidationError as weak:
                self.add_error("password", weak)
        return given

    def create(self) -> User:
        first, _blank, last = self.cleaned_data["name"].partition(" ")
        return User.objects.create_user(
            self.cleaned_data["email"],
            self.cleaned_data["password"],
            first_name=first[:150],
            last_name=last[:150],
        )


class WorkspaceName(forms.Form):
    name = forms.CharField(label=_("Workspace name"), max_length=120)


def _label(form: forms.Form, **labels: Any) -> None:
    """allauth writes its labels in title case, and each a second time as the placeholder."""
    for name, words in labels.items():
        if field := form.fields.get(name):
            field.label = words
            field.widget.attrs.pop("placeholder", None)


class SignIn(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, password=_("Password"), remember=_("Remember me"))


class FirstPassword(SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, password1=_("Password"), password2=_("Repeat password"))


class OtherPassword(ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, oldpassword=_("Current password"))
        _label(self, password1=_("New password"), password2=_("Repeat new password"))


class LostPassword(ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _label(self, password1=_("New password"), password2=_("Repeat new password"))
