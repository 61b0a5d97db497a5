from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("link/<str:secret>/", views.signin_link, name="signin_link"),
    path("invited/<str:secret>/", views.invited, name="invited"),
    path("email/", views.no_other_address, name="no_other_address"),  # goes before allauth's
]
