"""Pages and problems at the front door."""

from tests.world import World


def test_an_unknown_address_is_a_page_that_says_so(plenary: World) -> None:
    answer = plenary.client().get("/no/such/page")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
