"""What the toolkit puts into ID tokens, besides `sub`."""

from oauth2_provider.oauth2_validators import OAuth2Validator


class WithGroups(OAuth2Validator):
    oidc_claim_scope = {
        **OAuth2Validator.oidc_claim_scope,
        "groups": "groups",
        "preferred_username": "profile",
    }

    def get_additional_claims(self):
        return {
            "email": lambda request: request.user.email,
            "preferred_username": lambda request: request.user.get_username(),
            "groups": lambda request: list(
                request.user.groups.order_by("name").values_list("name", flat=True)
            ),
        }
