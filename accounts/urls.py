from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("link/<str:secret>/", views.signin_link, name="signin_link"),
    path("invited/<str:secret>/", views.invited, name="invited"),
    path("", views.account, name="account"),
    path("elsewhere/", views.leave_others, name="leave_others"),
    # These go before allauth's: what it would show there belongs to ways in that this studio does not have.
    path("email/", views.nowhere, name="no_other_address"),
    path("confirm-email/", views.nowhere, name="no_confirmation"),
    path("confirm-email/<str:key>/", views.nowhere, name="no_confirmation_key"),
    path("login/code/confirm/", views.nowhere, name="no_code"),
]
