"""Secrets of links and programs."""

import re

from server.tokens import handle_of, hashed, is_sealed, new_token, seal, short_code


def test_a_new_token_has_the_promised_form_and_is_never_the_same() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in made)


def test_what_is_stored_of_a_token_does_not_give_it_away() -> None:
    token = new_token()
    assert hashed(token) == hashed(token)
    assert token not in hashed(token)
    assert hashed(token) != hashed(new_token())


def test_a_code_for_the_telephone_has_no_letters_that_sound_or_look_alike() -> None:
    codes = "".join(short_code() for _ in range(200))
    assert len(codes) == 1600
    assert not set(codes) & set("01ilo")


def test_a_sealed_secret_is_known_again() -> None:
    sealed = seal("our secret", "registration", "R7K2", 1)
    assert handle_of(sealed) == "R7K2"
    assert is_sealed(sealed, "our secret", "registration", 1)
    assert sealed == seal("our secret", "registration", "R7K2", 1), "it can be shown again without being stored"
    assert re.fullmatch(r"[A-Za-z0-9_]+", sealed), "it goes into an address and a letter as it is"


def test_a_sealed_secret_is_good_for_nothing_else() -> None:
    sealed = seal("our secret", "registration", "R7K2", 1)
    mac = sealed.partition("_")[2]
    assert not is_sealed(sealed, "our secret", "registration", 2), "raising the generation revokes it"
    assert not is_sealed(sealed, "our secret", "calendar", 1)
    assert not is_sealed(sealed, "another secret", "registration", 1)
    assert not is_sealed(f"R7K3_{mac}", "our secret", "registration", 1)
    for other in ("", "_", "R7K2", "R7K2_", sealed + "a", sealed[:-1], sealed.upper(), "ключ_ключ", sealed + "_"):
        assert not is_sealed(other, "our secret", "registration", 1), other
