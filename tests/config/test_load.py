import re
from datetime import date, time
from pathlib import Path

import pytest

from mailgate import shipped
from mailgate.config import Configuration, ConfigurationError, load
from mailgate.core.account import Account, AliasRole, UnknownSenders
from mailgate.core.listening import Place, SocketFile
from mailgate.core.message import Mailbox
from mailgate.core.route import MaildirRoute, SmarthostRoute, Tls

ROOT = Path(__file__).resolve().parents[2]
MAIN = """\
[service]
name = "Example Support"
domain = "support.example.com"
[digest]
to = ["ops@example.com"]
[[staff]]
name = "Sam Rivera"
email = "sam@example.com"
"""
ACME = """\
[acme]
name = "Acme Corp"
policy = "particle"
plan = "enterprise"
aliases = ["acme"]
"""
PARTICLE = (shipped.folder("config") / "policies" / "particle.toml").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A whole valid configuration."""
    write(tmp_path, "mailgate.toml", MAIN)
    write(tmp_path, "policies/particle.toml", PARTICLE)
    write(tmp_path, "accounts/acme.toml", ACME)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")


def loaded(folder: Path) -> Configuration:
    return load(folder / "mailgate.toml")


def mistakes(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(folder)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_the_starter_configuration_is_valid() -> None:
    desk = load(shipped.folder("config") / "mailgate.toml").desk

    assert (desk.name, desk.domain) == ("Example Support", "support.example.com")
    assert desk.operators == (Mailbox("ops@example.com"),)
    assert desk.staff == (Mailbox("sam@example.com", "Sam Rivera"),)
    assert desk.by_alias == {"acme": ("acme", AliasRole.SUPPORT), "acme-oncall": ("acme", AliasRole.ON_CALL)}
    assert desk.accounts == {
        "acme": Account(
            key="acme",
            name="Acme Corp",
            policy="particle",
            plan="enterprise",
            region="emea",
            aliases=("acme",),
            on_call_aliases=("acme-oncall",),
            domains=frozenset({"acme.example"}),
            unknown_senders=UnknownSenders.HOLD,
            staff=(Mailbox("sam@example.com", "Sam Rivera"),),
        )
    }


def test_what_is_left_out_takes_its_default(folder: Path) -> None:
    settings = loaded(folder).settings

    assert settings.listener.smtp == (Place("127.0.0.1", 2525),)
    assert settings.listener.max_message_bytes == 26214400
    assert settings.digest.at == time(8)
    assert settings.database.url == f"sqlite:///{folder.parent}/var/mailgate.db"
    assert settings.relay.routes == (MaildirRoute(f"{folder.parent}/var/sent"),)
    assert settings.service.secret_file == folder.parent / "var" / "secret.key"
    assert str(settings.web.listen) == "127.0.0.1:8025"


def test_paths_are_relative_to_the_file_wherever_the_program_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    settings = load(Path("mailgate.toml")).settings

    assert settings.database.url == f"sqlite:///{folder.parent}/var/mailgate.db"


def test_a_smarthost_and_a_postgresql_are_taken_as_written(folder: Path) -> None:
    more = '[relay]\nurl = "smtp://user:pa%20ss@mx.example.com:587"\ntls = "require"\n'
    more += '[database]\nurl = "postgresql://mailgate@db/mailgate"\n[listener]\nsmtp = ["[::1]:0"]\n'
    write(folder, "mailgate.toml", MAIN + more)
    settings = loaded(folder).settings

    assert settings.relay.routes == (SmarthostRoute("mx.example.com", 587, Tls.REQUIRED, "user", "pa ss"),)
    assert settings.database.url == "postgresql://mailgate@db/mailgate"
    assert settings.listener.smtp == (Place("::1", 0),)
    assert str(settings.listener.smtp[0]) == "[::1]:0"


def test_every_mistake_in_every_file_is_told_at_once(folder: Path) -> None:
    write(
        folder,
        "mailgate.toml",
        """\
[service]
nmae = "Example Support"
domain = "support example.com"
[listener]
smtp = ["127.0.0.1", "127.0.0.1:99999", ":25"]
max_recipients = 10
require_tls = "yes"
[databse]
url = "sqlite://"
[relay]
url = "http://example.com"
tls = "required"
[digest]
to = []
at = "8:00"
timezone = "America/Los_Angels"
[web]
listen = 8025
[[staff]]
name = "Sam"
email = "sam at example.com"
""",
    )
    write(folder, "accounts/acme.toml", ACME.replace("particle", "partcle"))
    write(folder, "accounts/broken.toml", "[broken\n")

    assert mistakes(folder) == [
        'mailgate.toml:1: service.name: is missing: the support desk\'s name, such as "Example Support"',
        "mailgate.toml:2: service.nmae: unknown key: did you mean 'name'?",
        (
            'mailgate.toml:3: service.domain: "support example.com" is no domain: '
            'a domain name, such as "support.example.com"'
        ),
        (
            'mailgate.toml:5: listener.smtp[0]: "127.0.0.1" is no place to listen: '
            'host:port, such as "127.0.0.1:2525" or "[::1]:2525"'
        ),
        (
            'mailgate.toml:5: listener.smtp[1]: "127.0.0.1:99999" is no place to listen: '
            'host:port, such as "127.0.0.1:2525" or "[::1]:2525"'
        ),
        (
            'mailgate.toml:5: listener.smtp[2]: ":25" is no place to listen: '
            'host:port, such as "127.0.0.1:2525" or "[::1]:2525"'
        ),
        "mailgate.toml:6: listener.max_recipients: got 10: at least 100",
        'mailgate.toml:7: listener.require_tls: got "yes": true or false',
        "mailgate.toml:8: databse: unknown key: did you mean 'database'?",
        (
            "mailgate.toml:11: relay.url: 'http' is no way to send mail: "
            "write smtp://host:port, smtps://host:port, lmtp://host:port, lmtp:unix:socket or maildir:folder"
        ),
        "mailgate.toml:12: relay.tls: \"required\" is not known: did you mean 'require'?",
        "mailgate.toml:14: digest.to: is empty: at least one",
        'mailgate.toml:15: digest.at: "8:00" is no time of day: hours and minutes from "00:00" to "23:59"',
        (
            'mailgate.toml:16: digest.timezone: "America/Los_Angels" is no time zone: '
            "did you mean 'America/Los_Angeles'?"
        ),
        (
            'mailgate.toml:18: web.listen: "8025" is no place to listen: '
            'host:port, such as "127.0.0.1:2525" or "[::1]:2525"'
        ),
        (
            'mailgate.toml:21: staff[0].email: "sam at example.com" is no e-mail address: '
            'a bare address, such as "sam@example.com"'
        ),
        (
            "accounts/broken.toml:1: is no TOML: Expected ']' at the end of a table declaration: "
            "see https://toml.io"
        ),
        "accounts/acme.toml:3: acme.policy: \"partcle\" is not known: did you mean 'particle'?",
    ]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('plan = "enterprize"', "\"enterprize\" is no plan of particle: did you mean 'enterprise'?"),
        ('region = "asia"', "\"asia\" is no region of particle: one of 'americas', 'emea'"),
        ('aliases = ["acme@support.example.com"]', '"acme@support.example.com" is a whole address'),
        ('aliases = ["ac+me"]', '"ac+me" holds a `+`, which begins the token of a signed address'),
        ('aliases = ["Postmaster"]', '"Postmaster" belongs to the operators: another alias; see [digest] to'),
        ('aliases = ["ac me"]', '"ac me" is no alias: letters, digits, `.`, `-` and `_`, at most 31 octets'),
        (f'aliases = ["{"a" * 32}"]', "is no alias: letters, digits, `.`, `-` and `_`, at most 31 octets"),
        ("aliases = []", "is empty: at least one"),
        (
            'staff = ["sue@example.com"]',
            "\"sue@example.com\" is not on the staff: did you mean 'sam@example.com'?",
        ),
        (
            'staff = ["zoe@other.test"]',
            '"zoe@other.test" is not on the staff: a [[staff]] table with this email',
        ),
        ('domains = ["acme example"]', '"acme example" is no domain'),
        ('contacts = ["Bob <bob@acme.example>"]', "is no e-mail address"),
        ('unknown_senders = "holt"', "\"holt\" is not known: did you mean 'hold'?"),
        ('timezone = "../etc"', '"../etc" is no time zone: an IANA zone, such as "Europe/London"'),
        ('language = "xx"', '"xx" is no language: a language tag, such as "de" or "pt-BR"'),
        ('language = "pt-BX"', "\"pt-BX\" is no language: did you mean 'pt-BR'?"),
        ('language = "../de"', '"../de" is no language'),
        ('name = ""', '"" is no name: some words on one line'),
    ],
)
def test_a_wrong_value_in_an_account_is_told(folder: Path, line: str, told: str) -> None:
    key = line.partition(" ")[0]
    kept = [one for one in ACME.splitlines() if one.partition(" ")[0] != key]
    write(folder, "accounts/acme.toml", "\n".join([*kept, line]))

    (mistake,) = mistakes(folder)

    assert mistake.startswith(f"accounts/acme.toml:{len(kept) + 1}: acme.{key}")
    assert told in mistake


@pytest.mark.parametrize(
    ("line", "tag"), [('language = "pt-br"', "pt-BR"), ('language = "de"', "de"), ("", "")]
)
def test_an_account_is_written_to_in_a_language(folder: Path, line: str, tag: str) -> None:
    write(folder, "accounts/acme.toml", f"{ACME}\n{line}")
    assert load(folder / "mailgate.toml").desk.accounts["acme"].language == tag


def test_an_alias_belongs_to_one_account_and_one_role(folder: Path) -> None:
    write(
        folder,
        "accounts/other.toml",
        '[other]\nname = "O"\npolicy = "particle"\nplan = "enterprise"\n'
        'aliases = ["other", "ACME"]\non_call_aliases = ["other"]\n',
    )
    files = [one.replace("FOLDER", str(folder)) for one in mistakes(folder)]

    assert files == [
        (
            'accounts/other.toml:5: other.aliases[1]: "acme" is also claimed in accounts/acme.toml:5: '
            "an alias of one account and one role"
        ),
        (
            'accounts/other.toml:6: other.on_call_aliases[0]: "other" is also claimed in '
            "accounts/other.toml:5: an alias of one account and one role"
        ),
    ]


def test_an_account_is_written_once(folder: Path) -> None:
    write(folder, "accounts/more.toml", ACME.replace('"acme"', '"more"'))

    assert mistakes(folder) == [
        "accounts/more.toml:1: acme: is also in accounts/acme.toml:1: another key, or one of the two"
    ]


def test_an_account_has_a_key_that_can_begin_a_ticket_number(folder: Path) -> None:
    write(folder, "accounts/acme.toml", ACME.replace("[acme]", '["Acme Corp"]'))

    assert mistakes(folder) == [
        (
            'accounts/acme.toml:1: "Acme Corp": cannot be the key of an account: '
            "lower-case letters, digits and `-`, such as [acme]"
        )
    ]


def test_a_key_outside_every_account_is_told(folder: Path) -> None:
    write(folder, "accounts/acme.toml", "plan = 1\n" + ACME)

    assert mistakes(folder) == [
        (
            "accounts/acme.toml:1: plan: is no account: "
            "one table for each account, such as [acme]; this key stands before the first of them"
        )
    ]


def test_people_are_named_once_and_are_not_the_desk_itself(folder: Path) -> None:
    more = '[[staff]]\nname = "Sam again"\nemail = "SAM@example.com"\n'
    more += '[[staff]]\nname = "Loop"\nemail = "acme@support.example.com"\n'
    write(folder, "mailgate.toml", MAIN.replace("ops@example.com", "abuse@support.example.com") + more)

    assert mistakes(folder) == [
        'mailgate.toml:11: staff[1].email: "SAM@example.com" is named twice: each address once',
        (
            'mailgate.toml:14: staff[2].email: "acme@support.example.com" is an address of the desk itself: '
            "a person's own address"
        ),
        (
            'mailgate.toml:5: digest.to[0]: "abuse@support.example.com" is an address of the desk itself: '
            "a person's own address"
        ),
    ]


def test_an_operator_who_is_on_the_staff_has_a_name(folder: Path) -> None:
    write(folder, "mailgate.toml", MAIN.replace("ops@example.com", "sam@example.com"))
    assert loaded(folder).desk.operators == (Mailbox("sam@example.com", "Sam Rivera"),)


def test_an_account_without_staff_of_its_own_has_all_of_them(folder: Path) -> None:
    more = '[[staff]]\nname = "Sue"\nemail = "sue@example.com"\n'
    write(folder, "mailgate.toml", MAIN + more)
    write(
        folder,
        "accounts/acme.toml",
        ACME + 'staff = ["Sue@example.com"]\n[b]\n' + ACME[7:].replace("acme", "b"),
    )
    accounts = loaded(folder).desk.accounts

    assert accounts["acme"].staff == (Mailbox("sue@example.com", "Sue"),)
    assert accounts["b"].staff == (
        Mailbox("sam@example.com", "Sam Rivera"),
        Mailbox("sue@example.com", "Sue"),
    )


def test_addresses_are_compared_without_case(folder: Path) -> None:
    """behaviour.md 1.2"""
    write(
        folder,
        "accounts/acme.toml",
        ACME.replace('"acme"', '"Acme", "Größe"')
        + 'domains = ["ACME.example"]\ncontacts = ["Bob@Home.example"]\n',
    )
    desk = loaded(folder).desk

    assert desk.by_alias == {"acme": ("acme", AliasRole.SUPPORT), "grösse": ("acme", AliasRole.SUPPORT)}
    assert desk.accounts["acme"].knows("ann@acme.EXAMPLE")
    assert desk.accounts["acme"].knows("BOB@home.example")
    assert not desk.accounts["acme"].knows("eve@home.example")


def test_a_domain_is_written_as_its_owner_writes_it(folder: Path) -> None:
    """RFC 5890: with `ss` in the place of its `ß` it would be somebody else's."""
    write(folder, "accounts/acme.toml", ACME + 'domains = ["Straße.example"]\n')
    acme = loaded(folder).desk.accounts["acme"]

    assert acme.domains == {"straße.example"}
    assert acme.knows("bob@STRAßE.example")
    assert not acme.knows("bob@strasse.example")


def test_no_configuration_at_all_is_one_line(tmp_path: Path) -> None:
    assert mistakes(tmp_path) == [
        (
            "mailgate.toml: no such file or directory: "
            "`mailgate init DIR` writes a configuration; --config names another file"
        )
    ]


def test_tls_needs_both_its_files(folder: Path) -> None:
    write(folder, "mailgate.toml", MAIN + '[listener]\ntls_key = "key.pem"\n')
    assert mistakes(folder) == [
        "mailgate.toml:9: listener: has one of tls_certificate and tls_key: both, or neither"
    ]


def test_a_certificate_that_is_not_there_is_told(folder: Path) -> None:
    write(folder, "mailgate.toml", MAIN + '[listener]\ntls_certificate = "c.pem"\ntls_key = "k.pem"\n')
    (mistake,) = mistakes(folder)
    assert mistake == (
        "mailgate.toml:9: listener: tls_certificate c.pem with tls_key k.pem: no such file or directory: "
        "PEM files that belong together, the key without a password"
    )


def test_a_certificate_that_is_none_is_told(folder: Path) -> None:
    write(folder, "mailgate.toml", MAIN + '[listener]\ntls_certificate = "c.pem"\ntls_key = "c.pem"\n')
    write(folder, "c.pem", "not a certificate")
    (mistake,) = mistakes(folder)
    assert "c.pem with tls_key c.pem: " in mistake


def test_a_certificate_with_its_key_is_taken(folder: Path) -> None:
    write(folder, "mailgate.toml", MAIN + '[listener]\ntls_certificate = "c.pem"\ntls_key = "c.pem"\n')
    write(folder, "c.pem", (ROOT / "tests" / "dialogs" / "door.pem").read_text("ascii"))
    assert loaded(folder).settings.listener.tls_certificate == folder / "c.pem"


def test_required_tls_needs_a_certificate(folder: Path) -> None:
    write(folder, "mailgate.toml", MAIN + "[listener]\nrequire_tls = true\n")
    assert mistakes(folder) == [
        "mailgate.toml:9: listener: require_tls without a certificate: tls_certificate and tls_key as well"
    ]


def test_there_is_room_for_one_mail_at_least(folder: Path) -> None:
    write(folder, "mailgate.toml", MAIN + "[listener]\nbytes_in_flight = 52428799\n")
    assert mistakes(folder) == [
        (
            "mailgate.toml:9: listener: bytes_in_flight is less than twice max_message_bytes: "
            "room for one mail, which is checked and packed in a second copy"
        )
    ]


def test_a_database_in_memory_is_refused(folder: Path) -> None:
    write(folder, "mailgate.toml", MAIN + '[database]\nurl = "sqlite:///:memory:"\n')
    assert mistakes(folder) == [
        (
            'mailgate.toml:10: database.url: "sqlite:///:memory:" is no database that keeps mail: '
            "sqlite:///FILE or postgresql://user@host/name"
        )
    ]


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("postgresql://mailgate:hush@db:port/mailgate", "has a port that is no number from 1 to 65535"),
        ("postgresql://mailgate:100%hush@db/mailgate", "is no URL of a PostgreSQL database"),
    ],
)
def test_a_wrong_url_of_a_database_is_refused_and_not_repeated_for_it_may_hold_a_password(
    folder: Path, url: str, wrong: str
) -> None:
    write(folder, "mailgate.toml", MAIN + f'[database]\nurl = "{url}"\n')
    right = "postgresql://user@host/name, or postgresql://user@one:5432,two:5432/name for several servers"
    assert mistakes(folder) == [f"mailgate.toml:10: database.url: {wrong}: {right}"]


@pytest.mark.parametrize(
    "url", ["postgres://u:hush@db/m", "host=db password=hush", "postgresql:/u:hush@db/m"]
)
def test_what_is_no_url_of_a_database_is_not_repeated_for_it_may_hold_a_password(
    folder: Path, url: str
) -> None:
    write(folder, "mailgate.toml", MAIN + f'[database]\nurl = "{url}"\n')
    right = "sqlite:///FILE or postgresql://user@host/name"
    assert mistakes(folder) == [f"mailgate.toml:10: database.url: is no database that keeps mail: {right}"]


def test_the_starter_configuration_shows_the_defaults(folder: Path) -> None:
    """Every line that is commented out can be taken in, and changes nothing."""
    starter = (shipped.folder("config") / "mailgate.toml").read_text("utf-8")
    as_it_is = re.sub(r"^# (?=\w+ = )(?!tls_|token_file)", "", starter, flags=re.MULTILINE)
    write(folder, "mailgate.toml", starter)
    before = loaded(folder).settings
    write(folder, "mailgate.toml", as_it_is)

    assert as_it_is.count("\n# ") < starter.count("\n# ") - 15
    assert loaded(folder).settings == before


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            'exempt_clients = ["10.0.0.1/8"]',
            (
                'exempt_clients[0]: "10.0.0.1/8" is no network: an address or a network, '
                'such as "192.0.2.7" or "192.0.2.0/24"'
            ),
        ),
        ('tls_key = ""', 'tls_key: "" is no path: a path, relative to this file'),
        (
            'lmtp = ["2424"]',
            (
                'lmtp[0]: "2424" is no place to listen: host:port or unix:FILE, '
                'such as "127.0.0.1:2424" or "unix:../var/lmtp.sock"'
            ),
        ),
        (
            'lmtp = ["unix:"]',
            (
                'lmtp[0]: "unix:" is no place to listen: host:port or unix:FILE, '
                'such as "127.0.0.1:2424" or "unix:../var/lmtp.sock"'
            ),
        ),
        (
            'lmtp = ["[::]:25"]',
            'lmtp[0]: "[::]:25" is the port of SMTP: another port, such as 2424, or [listener] smtp',
        ),
        (
            f'lmtp = ["unix:/{"x" * 107}"]',
            f'lmtp[0]: "/{"x" * 107}" is too long for a socket: a path of at most 107 octets',
        ),
        (
            "lmtp_socket_mode = 660",
            'lmtp_socket_mode: "660" is no mode of a file: three octal digits after a 0, such as "0660"',
        ),
        (
            'smtp = ["::1:25"]',
            'smtp[0]: "::1:25" is no place to listen: host:port, such as "127.0.0.1:2525" or "[::1]:2525"',
        ),
    ],
)
def test_a_wrong_value_of_the_listener_is_told(folder: Path, line: str, told: str) -> None:
    write(folder, "mailgate.toml", f"{MAIN}[listener]\n{line}\n")
    assert mistakes(folder) == [f"mailgate.toml:10: listener.{told}"]


def test_a_door_that_listens_nowhere_is_told(folder: Path) -> None:
    write(folder, "mailgate.toml", f"{MAIN}[listener]\nsmtp = []\n")
    told = "has neither smtp nor lmtp: at least one address to listen on"
    assert mistakes(folder) == [f"mailgate.toml:9: listener: {told}"]


def test_lmtp_is_spoken_on_ports_and_on_files_beside_the_configuration(folder: Path) -> None:
    """behaviour.md 1.6"""
    said = 'smtp = []\nlmtp = ["unix:../var/lmtp.sock", "[::1]:2424"]\nlmtp_socket_mode = "0666"\n'
    write(folder, "mailgate.toml", f"{MAIN}[listener]\n{said}")
    listener = loaded(folder).settings.listener
    assert listener.lmtp == (SocketFile(str(folder.parent / "var" / "lmtp.sock")), Place("::1", 2424))
    assert (listener.smtp, listener.lmtp_socket_mode) == ((), 0o666)


def test_a_separator_is_one_that_is_always_read(folder: Path) -> None:
    """behaviour.md 3.2"""
    for separator in ("+", "-", "=", "_", "."):
        write(folder, "mailgate.toml", MAIN.replace("[digest]", f'separator = "{separator}"\n[digest]'))
        assert loaded(folder).desk.separator == separator
    for wrong in ("", "++", "/"):
        write(folder, "mailgate.toml", MAIN.replace("[digest]", f'separator = "{wrong}"\n[digest]'))
        told = f'"{wrong}" separates no alias from a token: one of + - = _ .'
        assert mistakes(folder) == [f"mailgate.toml:4: service.separator: {told}"]


def test_proxies_are_named_by_address_or_network(folder: Path) -> None:
    """behaviour.md 1.6"""
    write(folder, "mailgate.toml", MAIN + '[listener]\nproxy_from = ["192.0.2.1", "2001:db8::/64"]\n')
    proxies = loaded(folder).settings.listener.proxy_from
    assert [str(one) for one in proxies] == ["192.0.2.1/32", "2001:db8::/64"]


def test_limits_per_client_can_be_lifted_for_a_server_of_ones_own(folder: Path) -> None:
    write(folder, "mailgate.toml", MAIN + '[listener]\nexempt_clients = ["192.0.2.7", "2001:db8::/32"]\n')
    assert [str(one) for one in loaded(folder).settings.listener.exempt_clients] == [
        "192.0.2.7/32",
        "2001:db8::/32",
    ]


PLATFORM = ACME.replace("particle", "platformsh").replace("enterprise", "standard")


@pytest.fixture
def with_projects(folder: Path) -> Path:
    """A configuration whose account has a policy that asks for projects and sells an option."""
    policy = shipped.folder("config") / "policies" / "platformsh.toml"
    write(folder, "policies/platformsh.toml", policy.read_text("utf-8"))
    return folder


def test_what_policies_ask_of_an_account_is_read(with_projects: Path) -> None:
    said = 'projects = ["shop", "blog"]\nlaunches = ["2026-12-01", 2026-12-24]\n'
    bought = 'options = ["non-production-24x7"]\n'
    write(with_projects, "accounts/acme.toml", PLATFORM + said + bought)

    account = loaded(with_projects).desk.accounts["acme"]
    assert (account.projects, account.launches, account.options) == (
        ("shop", "blog"),
        (date(2026, 12, 1), date(2026, 12, 24)),
        ("non-production-24x7",),
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "",
            (
                "accounts/acme.toml:1: acme.projects: is missing: the names of its active projects, "
                "which tickets of platformsh are about; [] for none"
            ),
        ),
        (
            'projects = []\noptions = ["non-production"]\n',
            (
                'accounts/acme.toml:7: acme.options[0]: "non-production" is no option of the plan standard: '
                "did you mean 'non-production-24x7'?"
            ),
        ),
        (
            'projects = []\nlaunches = ["soon"]\n',
            ('accounts/acme.toml:7: acme.launches[0]: got "soon": a date, such as 2026-12-01'),
        ),
    ],
)
def test_what_an_account_must_say_for_its_policy_is_told(with_projects: Path, said: str, told: str) -> None:
    write(with_projects, "accounts/acme.toml", PLATFORM + said)

    assert mistakes(with_projects) == [told]


def test_an_option_where_a_plan_has_none_is_a_mistake(folder: Path) -> None:
    write(folder, "accounts/acme.toml", ACME + 'options = ["slack"]\n')

    (told,) = mistakes(folder)
    assert told.startswith(
        'accounts/acme.toml:6: acme.options[0]: "slack" is no option of the plan enterprise: '
    )


def relay_of(folder: Path, *lines: str) -> tuple[object, ...]:
    write(folder, "mailgate.toml", MAIN + "[relay]\n" + "\n".join(lines) + "\n")
    return loaded(folder).settings.relay.routes


def secret(folder: Path, name: str, text: str, mode: int = 0o600) -> None:
    write(folder, name, text)
    (folder / name).chmod(mode)


def test_several_smarthosts_are_tried_in_their_order(folder: Path) -> None:
    routes = relay_of(folder, 'url = ["smtp://one.example", "lmtp:unix:../run/lmtp.sock"]', 'tls = "require"')

    assert routes == (
        SmarthostRoute("one.example", 25, Tls.REQUIRED),
        SmarthostRoute(tls=Tls.OFF, socket=f"{folder.parent}/run/lmtp.sock", lmtp=True),
    )


def test_a_password_lies_in_a_file_of_its_own(folder: Path) -> None:
    secret(folder, "one.password", "s3cret:@ words\n")
    secret(folder, "two.password", "other\n")
    both = 'url = ["smtp://me@one.example", "smtp://me@two.example"]'

    one = relay_of(folder, 'url = "smtp://me@one.example"', 'password_file = "one.password"')
    shared = relay_of(folder, both, 'password_file = "one.password"')
    each = relay_of(folder, both, 'password_file = ["one.password", "two.password"]')

    def words(routes: tuple[object, ...]) -> list[str]:
        return [route.password for route in routes if isinstance(route, SmarthostRoute)]

    assert (words(one), words(shared)) == (["s3cret:@ words"], ["s3cret:@ words"] * 2)
    assert words(each) == ["s3cret:@ words", "other"]
    assert "s3cret" not in repr(loaded(folder).settings.relay) + repr(each)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            ['url = "smtp://me@one.example"', 'password_file = "open.password"'],
            (
                "relay.password_file: {}/open.password: others may read it: "
                "make it private with chmod 600 {}/open.password"
            ),
        ),
        (
            ['url = "smtp://me@one.example"', 'password_file = "none"'],
            "relay.password_file: {}/none: is missing: name a file that is there",
        ),
        (
            ['url = "smtp://one.example"', 'password_file = "one.password"'],
            "relay: has a password_file, and no url names a user: smtp://user@host:port",
        ),
        (
            ['url = "smtp://me@one.example"', 'password_file = ["one.password", "one.password"]'],
            (
                "relay.password_file: has 2 files for 1 urls: "
                "a path, or a list of them: one for each url, empty where it needs none"
            ),
        ),
        (
            ['url = ["smtp://one.example", "maildir:x"]'],
            "relay.url: names a maildir among others: one maildir alone: it takes everything",
        ),
        (
            ["url = []"],
            (
                'relay.url: is empty: a URL, such as "smtp://mx.example.com:587", '
                "or a list of them in the order in which they are tried"
            ),
        ),
        (
            ["url = 25"],
            (
                'relay.url: is no text: a URL, such as "smtp://mx.example.com:587", '
                "or a list of them in the order in which they are tried"
            ),
        ),
    ],
)
def test_what_is_wrong_with_the_way_out_is_told(folder: Path, lines: list[str], said: str) -> None:
    secret(folder, "one.password", "s3cret\n")
    secret(folder, "open.password", "s3cret\n", mode=0o644)
    write(folder, "mailgate.toml", MAIN + "[relay]\n" + "\n".join(lines) + "\n")

    with pytest.raises(ConfigurationError) as caught:
        loaded(folder)

    (told,) = map(str, caught.value.problems)
    assert told.split(": ", 1)[1] == said.replace("{}", str(folder))
