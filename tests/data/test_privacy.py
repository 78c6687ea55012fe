"""What is private in a text, and above all what is not."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftkit.data.privacy import MASKS, chosen_kinds, counts, find, is_identity_card, masked, passes_luhn
from ftkit.errors import SettingError

FOUND = [
    ("我的手机是13800138000，随时打", {"mobile": 1}),
    ("手机：138-0013-8000 或 138 0013 8001", {"mobile": 2}),
    ("+86 13800138000", {"mobile": 1}),
    ("+8613800138000", {"mobile": 1}),
    ("tel13800138000", {"mobile": 1}),
    ("订单电话：13800138000", {"mobile": 1}),
    ("座机010-62345678转801", {"landline": 1}),
    ("(021)58881234", {"landline": 1}),
    ("（0755）2345 6789", {"landline": 1}),
    ("+86 10-62345678 是公司", {}),  # without the 0 it is not told from other numbers
    ("身份证11010519491231002X。", {"identity_card": 1}),
    ("身份证 440524188001010014", {"identity_card": 1}),
    ("联系zhang.san@example.com.cn。谢谢", {"email": 1}),
    ("mail: a_b+c@mail.example.org, thanks", {"email": 1}),
    ("卡号6222021234567890127", {}),  # Luhn fails
    ("card 4111 1111 1111 1111 ok", {"bank_card": 1}),
    ("卡号 6222600260001072444", {"bank_card": 1}),
    ("卡 6222 0212 3456 7890 123", {"bank_card": 1}),  # grouped as on the card: found though Luhn fails
    ("打１３８００１３８０００，或１３９-００１３-８０００", {"mobile": 2}),
    ("写信 ｌｉ＠example．com，身份证１１０１０５１９４９１２３１００２Ｘ", {"email": 1, "identity_card": 1}),
    ("Call +1 (415) 555-2671 or +44 20 7946 0958.", {"international": 2}),
    ("+14155552671", {"international": 1}),
    ("13800138000,13900139000;13700137000", {"mobile": 3}),
    ("13800138000 and 13900139000, li@example.com", {"mobile": 2, "email": 1}),
]
NOT_FOUND = [
    "订单号13800138000",
    "订单编号：20231112345678901",
    "order no. 13912345678",
    "2023-01-15 10:30:00",
    "20230115103000",
    "2023.01.15-2023.12.31",
    "¥1380013800.00",
    "13800138000元",
    "13800138000.5",
    "3.13800138000",
    "113800138000",
    "138001380001",
    "12345678901",
    "10000000000",
    "圆周率3.14159265358979323846",
    "ISBN 978-7-111-12345-6",
    "icon@2x.png",
    "@someone 你好",
    "a@b",
    "1+1=2, 5 +10000000 人",
    "+100",
    "QQ群 123456789",
    "110105194912310021",  # an identity card's shape, the wrong check digit
    "https://example.com/status/13800138000",
    "id=13800138000&x",
    "SN13800138000X",
    "比分 3-2 010-1",
    "0731-12345678",  # no local number starts with 1
    "4000 4000 4000 4000",
    "1234 5678 9012 3456",
    "订单号 6222 0212 3456 7890 123",
    "订单号１３８００１３８０００",
    "IP 192.168.100.200:8080",
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_private_data_is_counted_by_kind(text: str, expected: dict[str, int]) -> None:
    assert counts(text) == expected


@pytest.mark.parametrize("text", NOT_FOUND)
def test_numbers_of_another_kind_are_left_alone(text: str) -> None:
    assert find(text) == []
    assert masked(text) == text


def test_the_check_character_of_an_identity_card_is_that_of_iso_7064() -> None:
    rng = random.Random(0)
    for _ in range(200):
        body = "110105" + "19491231" + f"{rng.randrange(1000):03d}"
        valid = [c for c in "0123456789X" if is_identity_card(body + c)]
        (check,) = valid  # ISO 7064 MOD 11-2: all 18 places, weighted by powers of 2, are 1 modulo 11
        value = sum(int(d) * pow(2, 17 - i, 11) for i, d in enumerate(body)) + (10 if check == "X" else int(check))
        assert value % 11 == 1


@pytest.mark.parametrize("number", ["4111111111111111", "5555555555554444", "6011111111111117", "79927398713"])
def test_published_test_numbers_pass_luhn_and_their_neighbours_do_not(number: str) -> None:
    assert passes_luhn(number)
    assert not any(passes_luhn(number[:-1] + d) for d in "0123456789" if d != number[-1])


def test_what_is_masked_is_named_by_its_kind() -> None:
    text = "李雷，13800138000，010-62345678，11010519491231002X，li@example.com，4111 1111 1111 1111"
    assert masked(text) == "李雷，[PHONE]，[PHONE]，[ID]，[EMAIL]，[CARD]"
    assert masked(text, ["email"]) == text.replace("li@example.com", "[EMAIL]")
    assert masked(text, "phone") == text.replace("13800138000", "[PHONE]").replace("010-62345678", "[PHONE]")


def test_an_unknown_kind_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(SettingError, match=r"mask: 'emial' is not known.*'email'"):
        chosen_kinds(["emial"])
    assert chosen_kinds(True) == chosen_kinds("all") == chosen_kinds(["all"]) == frozenset(MASKS)
    assert chosen_kinds(False) == chosen_kinds(()) == frozenset()


@given(st.text(alphabet="0123456789+-@.() xX年a元1386200１８＠．", max_size=60))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


@pytest.mark.parametrize("piece", ["1", "+1", "1 ", "a", "a.", "+1(", "138-", "@a.", "6222 ", "1                 "])
def test_no_text_makes_the_search_slow(piece: str) -> None:
    text = piece * (100_000 // len(piece)) + "!"
    started = time.perf_counter()
    find(text)
    assert time.perf_counter() - started < 3
