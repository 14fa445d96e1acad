from django.contrib.auth.views import LoginView
from django.urls import include, path
from oauth2_provider import urls as oauth2

urlpatterns = [
    path("accounts/login/", LoginView.as_view(template_name="login.html")),
    path("o/", include(oauth2)),
]
