"""authentication/spf: what SPF says of how a mail came, with answers of a real name server."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.authentication.spf import Question, checked, evaluated
from mailgate.core.authentication import Check, Method, Result
from mailgate.core.lookup import Found, RecordType
from mailgate.core.message import Envelope
from mailgate.resolver import Resolver
from tests.nameserver import Fault, answering

CLIENT = "192.0.2.7"
WIDE = ["wide.test", "b.wide.test", "c.wide.test", "d.wide.test", "e.wide.test"]
ZONE = {
    ("acme.test", "TXT"): ["v=spf1 ip4:192.0.2.0/24 -all"],
    ("soft.test", "TXT"): ["v=spf1 ip4:198.51.100.1 ~all"],
    ("hard.test", "TXT"): ["v=spf1 ip4:198.51.100.1 -all exp=explain.hard.test"],
    ("explain.hard.test", "TXT"): ["%{i} may not send"],
    ("include.test", "TXT"): ["v=spf1 include:acme.test -all"],
    ("mx.test", "TXT"): ["v=spf1 mx -all"],
    ("mx.test", "MX"): ["10 a.mx.test.", "20 b.mx.test."],
    ("a.mx.test", "A"): ["198.51.100.9"],
    ("b.mx.test", "A"): [CLIENT],
    ("six.test", "TXT"): ["v=spf1 a -all"],
    ("six.test", "AAAA"): ["2001:db8::7"],
    ("ptr.test", "TXT"): ["v=spf1 ptr -all"],
    ("7.2.0.192.in-addr.arpa", "PTR"): ["host.ptr.test."],
    ("host.ptr.test", "A"): [CLIENT],
    ("macro.test", "TXT"): ["v=spf1 exists:%{i}._spf.%{d} -all"],
    ("192.0.2.7._spf.macro.test", "A"): ["127.0.0.2"],
    ("away.test", "TXT"): ["v=spf1 redirect=acme.test"],
    ("broken.test", "TXT"): ["v=spf1 include:nobody.test -all"],
    ("typo.test", "TXT"): ["v=spf1 ipv4:192.0.2.7 -all"],
    ("twice.test", "TXT"): ["v=spf1 +all", "v=spf1 -all"],
    ("round.test", "TXT"): ["v=spf1 include:round.test -all"],
    ("deep.test", "TXT"): ["v=spf1 " + " ".join(f"include:n{n}.deep.test" for n in range(12)) + " -all"],
    ("void.test", "TXT"): ["v=spf1 a:x1.void.test a:x2.void.test a:x3.void.test +all"],
    ("waits.test", "TXT"): ["v=spf1 include:silent.test -all"],
    ("long.test", "TXT"): ["v=spf1 " + "ip4:198.51.100.1 " * 200 + "-all"],
    ("wide.test", "TXT"): ["v=spf1 mx mx:b.wide.test mx:c.wide.test mx:d.wide.test mx:e.wide.test -all"],
    **{(f"n{n}.deep.test", "TXT"): ["v=spf1 ?all"] for n in range(12)},
    **{(name, "MX"): [f"{m} m{m}.{name}." for m in range(10)] for name in WIDE},
    **{(f"m{m}.{name}", "A"): ["198.51.100.1"] for m in range(10) for name in WIDE},
}  # fmt: skip


def came(domain: str, peer: str = CLIENT, greeting: str = "mail.example") -> Envelope:
    return Envelope(f"bob@{domain}", ("acme@support.example.com",), peer, greeting)


@pytest.mark.parametrize(
    ("domain", "result"),
    [
        ("acme.test", Result.PASS),
        ("soft.test", Result.SOFTFAIL),
        ("hard.test", Result.FAIL),
        ("include.test", Result.PASS),
        ("mx.test", Result.PASS),
        ("ptr.test", Result.PASS),
        ("macro.test", Result.PASS),
        ("away.test", Result.PASS),
        ("broken.test", Result.PERMERROR),
        ("typo.test", Result.PERMERROR),
        ("twice.test", Result.PERMERROR),
        ("round.test", Result.PERMERROR),
        ("deep.test", Result.PERMERROR),
        ("void.test", Result.PERMERROR),
        ("long.test", Result.PERMERROR),
        ("nobody.test", Result.NONE),
    ],
)
async def test_it_is_what_the_record_says(domain: str, result: Result) -> None:
    async with answering(ZONE) as server:
        found = await checked(came(domain), Resolver([server.place]).inquiry().ask)
    assert (found.method, found.result, found.domain) == (Method.SPF, result, domain)


async def test_an_ipv6_client_is_checked_like_another() -> None:
    async with answering(ZONE) as server:
        ask = Resolver([server.place]).inquiry().ask
        right = await checked(came("six.test", "2001:db8::7"), ask)
        wrong = await checked(came("six.test", "2001:db8::8"), ask)
    assert (right.result, wrong.result) == (Result.PASS, Result.FAIL)


async def test_without_a_reverse_path_the_greeting_is_checked() -> None:
    """RFC 7208 section 2.4"""
    async with answering(ZONE) as server:
        envelope = Envelope("", ("acme@support.example.com",), CLIENT, "acme.test")
        found = await checked(envelope, Resolver([server.place]).inquiry().ask)
    assert found == Check(Method.SPF, Result.PASS, "acme.test")


@pytest.mark.parametrize("fault", [Fault.SILENCE, Fault.SERVFAIL])
@pytest.mark.parametrize("domain", ["silent.test", "waits.test"])
async def test_who_does_not_answer_is_not_who_says_no(domain: str, fault: Fault) -> None:
    async with answering(ZONE, {"silent.test": fault}) as server:
        found = await checked(came(domain), Resolver([server.place], 0.3).inquiry().ask)
    assert (found.result, found.domain) == (Result.TEMPERROR, domain)
    assert found.reason in {"its name servers report a fault", "no answer within 0.3 seconds"}


@pytest.mark.parametrize(
    "peer", ["127.0.0.1", "10.1.2.3", "192.168.0.9", "::1", "fd00::1", "fe80::1", "unix", "", "nonsense"]
)
async def test_what_comes_by_a_server_of_our_own_tells_nothing_of_its_sender(peer: str) -> None:
    async with answering(ZONE) as server:
        found = await checked(came("hard.test", peer), Resolver([server.place]).inquiry().ask)
    assert (found.result, found.domain, server.questions) == (Result.NONE, "", [])
    assert found.reason


async def test_a_record_that_asks_for_ever_is_asked_for_so_long() -> None:
    async with answering(ZONE) as server:
        found = await checked(came("wide.test"), Resolver([server.place]).inquiry(1000).ask)
    assert found == Check(Method.SPF, Result.PERMERROR, "wide.test", "it asks for too much")
    assert len(server.questions) == 40


async def test_no_record_costs_more_than_its_length() -> None:
    """A label without end takes the library the square of its length, and each include reads it again."""
    endless = " a:x." + "a" * 1900 + ".test -all"
    zone = {(f"n{n}.slow.test", "TXT"): [f"v=spf1 include:n{n + 1}.slow.test" + endless] for n in range(11)}
    async with answering(zone) as server:
        began = process_time()
        found = await checked(came("n0.slow.test"), Resolver([server.place]).inquiry().ask)
    assert (found.result, process_time() - began < 1) == (Result.PERMERROR, True)


async def test_two_mails_at_once_do_not_hear_each_others_answers() -> None:
    """The library has one hook for the whole process."""
    first = Question("acme.test", RecordType.TXT)
    nothing = evaluated(came("acme.test"), "acme.test", {})
    passed = evaluated(came("acme.test"), "acme.test", {first: Found(("v=spf1 +all",))})
    again = evaluated(came("acme.test"), "acme.test", {})
    assert (nothing, passed, again) == (first, Check(Method.SPF, Result.PASS, "acme.test"), first)


@pytest.mark.parametrize(
    "sender", ["", "@", "a@b@acme.test", "ü@acme.test", '"a b"@acme.test', "x@[192.0.2.1]", "x@" + "a." * 130]
)
@pytest.mark.parametrize("greeting", ["", "[192.0.2.1]", "ü", "a..b", "x" * 300, "%{d}"])
async def test_whatever_the_client_says_it_is_a_result(sender: str, greeting: str) -> None:  # fmt: skip
    async with answering(ZONE) as server:
        found = await checked(Envelope(sender, (), CLIENT, greeting), Resolver([server.place]).inquiry().ask)
    assert isinstance(found, Check)


TERMS = [
    "ip4:",
    "ip6:",
    "include:",
    "a:",
    "mx",
    "ptr",
    "exists:",
    "redirect=",
    "exp=",
    "all",
    "-",
    "~",
    "?",
    "+",
]
TERMS += [
    "%{",
    "}",
    "%",
    "i",
    "d",
    "l9r.",
    "/",
    "//",
    "24",
    "999",
    " ",
    ".",
    "acme.test",
    "\u00fc",
    "\x00",
    "=",
    ":",
]


@given(st.lists(st.sampled_from(TERMS), max_size=40).map("".join))
def test_whatever_the_record_says_it_is_a_result_or_a_question(text: str) -> None:
    known = {Question("acme.test", RecordType.TXT): Found((f"v=spf1 {text}",))}
    assert isinstance(evaluated(came("acme.test"), "acme.test", known), Check | Question)
