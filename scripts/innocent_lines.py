#!/usr/bin/env python3
"""Writes the corpus of innocent lines that the card-number guard must leave alone.

    scripts/innocent_lines.py > tests/vectors/innocent_lines.txt

Lines as customers of a hosting company paste them into tickets, in rough proportion (the weights below). The same
seed gives the same lines on every version of Python: only `random.random` is used, whose sequence is guaranteed.
No line is chosen or dropped for what the guard says to it.

    --seed N --lines N    another sample, to measure with
    --kind NAME           lines of one kind alone; --kinds lists them with their weights
"""

import argparse
import random
import sys

R = random.Random()


def below(n):
    return int(R.random() * n)


def between(low, high):
    return low + below(high - low + 1)


def pick(*options):
    return options[below(len(options))]


def digits(n):
    return "".join(str(below(10)) for _ in range(n))


def number(n):
    """n digits, the first not zero."""
    return str(between(1, 9)) + digits(n - 1)


def hexes(n):
    return "".join("0123456789abcdef"[below(16)] for _ in range(n))


def word(n, alphabet="abcdefghijklmnopqrstuvwxyz"):
    return "".join(alphabet[below(len(alphabet))] for _ in range(n))


UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
MIXED = UPPER + "abcdefghijklmnopqrstuvwxyz"


def seconds():
    """A time between 2015 and 2033."""
    return between(1420070400, 1999999999)


def date(sep="-"):
    return f"{between(2015, 2032)}{sep}{between(1, 12):02}{sep}{between(1, 28):02}"


def clock():
    return f"{below(24):02}:{below(60):02}:{below(60):02}"


def ip4():
    return ".".join(str(below(256)) for _ in range(4))


def ip6():
    groups = [hexes(between(1, 4)) for _ in range(8)]
    if below(2):
        return "2001:db8:" + ":".join(groups[: between(1, 4)]) + "::" + groups[7]
    return ":".join(groups)


def host():
    return f"{pick('web', 'db', 'mail', 'node', 'vps', 'lb')}{below(99)}.{word(between(4, 9))}.{pick('com', 'net', 'de', 'jp', 'hk')}"


def uuid():
    return f"{hexes(8)}-{hexes(4)}-4{hexes(3)}-{pick('8', '9', 'a', 'b')}{hexes(3)}-{hexes(12)}"


def iban_of(country, account):
    """The account with its right IBAN check digits."""
    moved = "".join(str(int(c, 36)) for c in account + country + "00")
    return f"{country}{98 - int(moved) % 97:02}{account}"


def access_log():
    t = f"{between(1, 28):02}/{pick('Jan', 'May', 'Oct')}/{between(2018, 2030)}:{clock()} +0{below(10)}00"
    path = pick(
        f"/item/{number(between(3, 9))}",
        f"/v2/orders/{uuid()}",
        f"/static/app.{hexes(20)}.js",
        f"/?ts={seconds()}{digits(3)}",
        f"/wp-login.php?ver={below(9)}.{below(9)}.{below(9)}",
        f"/img/{number(7)}_{number(4)}.jpg",
    )
    agent = pick(
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{}.0.{}.{} Safari/537.36".format(
            between(80, 140), between(1000, 7000), below(200)
        ),
        "curl/8.4.0",
        "Googlebot/2.1",
    )
    return f'{ip4()} - - [{t}] "{pick("GET", "POST")} {path} HTTP/1.1" {pick(200, 301, 404, 502)} {below(10 ** between(2, 7))} "-" "{agent}" {R.random() * 3:.3f}'


def app_log():
    t = pick(f"{date()}T{clock()}.{digits(pick(3, 6, 9))}Z", f"{date()} {clock()},{digits(3)}")
    rest = pick(
        f"request_id={uuid()} user={number(between(4, 8))}",
        f"trace_id={hexes(32)} span_id={hexes(16)} took={R.random() * 900:.2f}ms",
        f"pid={below(4194304)} queue={below(9999)} lag={below(10**6)}us",
        f"worker[{below(65536)}]: job {number(10)} done",
    )
    return f"{t} {pick('INFO', 'WARN', 'ERROR')} {rest}"


def json_log():
    t = pick(
        f"{seconds()}",
        f"{seconds()}.{digits(6)}",
        f"{seconds()}{digits(3)}",
        f"{seconds()}{digits(6)}",
        f"{seconds()}{digits(9)}",
    )
    return f'{{"ts":{t},"level":"{pick("info", "error")}","conn":{number(between(1, 9))},"bytes":{below(10 ** between(3, 11))},"id":"{pick(uuid(), hexes(24), word(20, MIXED))}"}}'


def float_log():
    return pick(
        f"duration: {R.random()!r}s",
        f"[{between(1, 99)}/100] loss={R.random()!r} acc=0.{number(4)}",
        f"avg {R.random() * 100!r} ms over {number(4)} calls",
    )


def traceroute():
    probes = "  ".join(f"{R.random() * 300:.3f} ms" for _ in range(3))
    return f"{between(1, 30):2}  {host()} ({pick(ip4(), ip6())})  {probes}"


def mtr():
    return f" {between(1, 30)}.|-- {ip4():<20} {R.random() * 9:.1f}% {between(10, 9999):5} {R.random() * 300:6.1f} {R.random() * 300:6.1f} {R.random() * 99:5.1f} {R.random() * 999:5.1f}"


def ping():
    return f"64 bytes from {ip4()}: icmp_seq={below(10000)} ttl={between(40, 255)} time={R.random() * 300:.{pick(1, 2, 3)}f} ms"


def kernel():
    t = f"[{below(9999999):5}.{digits(6)}]"
    return (
        t
        + " "
        + pick(
            f"Out of memory: Killed process {below(99999)} ({word(5)}) total-vm:{number(8)}kB, anon-rss:{number(7)}kB",
            f"sd 0:0:0:0: [sda] {number(10)} 512-byte logical blocks: ({pick('4.00 TB/3.63 TiB', '960 GB/894 GiB')})",
            f"RIP: 0010:{word(8)}+0x{hexes(2)}/0x{hexes(3)} RSP: 0018:ffff{hexes(12)} EFLAGS: 000{hexes(5)}",
            f"RAX: {hexes(16)} RBX: {hexes(16)} RCX: {hexes(16)}",
            f"e1000e 0000:00:1f.{below(8)} eth0: NIC Link is Up {pick(1000, 10000)} Mbps",
            f"nf_conntrack: table full, dropping packet SRC={ip4()} SPT={below(65536)} LEN={below(1500)} SEQ={below(2**32)}",
        )
    )


def syslog():
    return (
        f"{pick('Jan', 'May', 'Oct')} {between(1, 28):2} {clock()} {host()} {pick('sshd', 'postfix/smtpd', 'cron', 'named')}[{below(99999)}]: "
        + pick(
            f"Failed password for root from {ip4()} port {below(65536)} ssh2",
            f"{hexes(10).upper()}: client=unknown[{ip4()}]",
            f"message-id=<{date('')}{clock().replace(':', '')}.{number(5)}@{host()}>",
            f"Accepted publickey for deploy SHA256:{word(43, MIXED)}",
        )
    )


def disks():
    size = pick(
        500107862016,
        1000204886016,
        2000398934016,
        4000787030016,
        480103981056,
        960197124096,
        3840755982336,
        8001563222016,
        between(5000, 4500000) * 4194304,
    )
    return pick(
        f"Disk /dev/sd{word(1)}: {size / 2**40:.2f} TiB, {size} bytes, {size // 512} sectors",
        f"/dev/sda{below(9)} {number(9):>11} {number(9):>10} {number(8):>10} {below(100):3}% /srv/{word(5)}",
        f"  {pick(9, 194, 197)} Power_On_Hours 0x0032 0{below(100):02} 0{below(100):02} 000 Old_age Always - {number(5)}",
        f"rpool/data {R.random() * 9:.2f}T {R.random() * 9:.2f}T {below(999)}K /data",
        f"-rw-r--r-- 1 {word(5)} {word(5)} {size // between(100, 900000):>12} May {between(1, 28):2} {clock()[:5]} {word(6)}.sql",
    )


def tables():
    """Columns as vmstat, free, ps and the like align them."""
    columns = [below(10 ** between(1, 7)) for _ in range(15)]
    return pick(
        "".join(f"{column:>{pick(8, 10)}}" for column in columns[: between(4, 9)]),
        "{:2} {:2} {:6} {:6} {:6} {:6} {:4} {:4} {:5} {:5} {:4} {:4} {:2} {:2} {:2}".format(
            below(9), below(3), *columns[2:6], 0, 0, *columns[8:12], below(50), below(50), below(100)
        ),
        f"root {below(99999):8} {R.random() * 9:4.1f} {R.random() * 9:4.1f} {number(6):>6} {number(5):>5} ? Ss {clock()[:5]} 0:{below(60):02} /usr/sbin/{word(6)}",
        "Mem: " + "".join(f"{column:12}" for column in columns[:6]),
        "\t".join(str(column) for column in columns[: between(3, 7)]),
    )


def sockets():
    return pick(
        f"tcp ESTAB 0 {below(9999)} {ip4()}:{below(65536)} {ip4()}:{below(65536)} timer:(keepalive,{below(60)}sec,0) ino:{number(7)}",
        f"{clock()}.{digits(6)} IP {ip4()}.{below(65536)} > {ip4()}.{below(65536)}: Flags [P.], seq {below(2**32)}:{below(2**32)}, ack {below(2**32)}, win {below(65536)}, length {below(1500)}",
    )


def ipv6():
    return pick(
        f"    inet6 {ip6()}/64 scope global dynamic",
        f"PING {ip6()} 56 data bytes",
        f"allow from {ip6()}/{between(32, 64)}",
        f"default via fe80::{hexes(4)}:{hexes(2)}ff:fe{hexes(2)}:{hexes(4)} dev eth0",
    )


def mac():
    pairs = [hexes(2) for _ in range(6)]
    return pick(
        "link/ether " + ":".join(pairs),
        "-".join(pairs).upper() + " dynamic",
        f"{hexes(4)}.{hexes(4)}.{hexes(4)} DYNAMIC Gi0/{below(48)}",
    )


def epochs():
    s = seconds()
    return pick(
        f"{s}",
        f"at {s}{digits(3)}",
        f"since={s}{digits(6)}",
        f"t={s}{digits(9)}",
        f"{s}.{digits(pick(3, 6, 9))}",
        f"expires {s}, now {seconds()}",
        f"{date('')}{clock().replace(':', '')}{digits(pick(0, 3, 6))}",
    )


def digests():
    return pick(
        f"{hexes(64)}  backup-{date()}.tar.gz",
        f"sha256:{hexes(64)}",
        f"{hexes(40)} refs/heads/{word(6)}",
        f"commit {hexes(40)}",
        f"{hexes(32)}  {word(8)}.iso",
        f'{hexes(12)}   nginx:1.2{below(9)}   "/docker-entrypoint"',
        f'ETag: "{hexes(32)}-{below(40)}"',
        f"{hexes(128)}",
    )


def uuids():
    return pick(
        f"{uuid()}",
        f"X-Request-Id: {uuid()}",
        f"UUID={uuid()} /boot ext4 defaults 0 2",
        f"volume {uuid()} attached to {uuid()}",
    )


def gateways():
    return pick(
        f"Stripe: {pick('pi', 'ch', 'in')}_{word(24, MIXED)}",
        f"PayPal transaction {word(17, UPPER)}",
        f"pspReference {word(16, UPPER)}",
        f"pspReference {pick('85', '86', '88')}{digits(14)}",
        f"Alipay {date('')}2200{digits(16)}",
        f"WeChat Pay 4200{digits(6)}{date('')}{digits(10)}",
        f"pay_{word(14, MIXED)}",
        f"tr_{word(10, MIXED)}",
        f"transId {number(11)}",
        f"queryId {date('')}{digits(13)}",
        f"mandate MD{digits(10)}",
    )


def orders():
    return pick(
        f"order #{number(between(4, 10))}",
        f"Order {between(100, 999)}-{digits(7)}-{digits(7)}",
        f"Rechnung R{between(2018, 2030)}-{digits(6)}",
        f"INV-{date('')}-{digits(4)}",
        f"PO {date('')}{digits(between(4, 8))}",
        f"contract K{digits(8)}, customer {number(8)}",
        f"ticket {number(between(6, 10))}",
        f"serial {word(10, UPPER)}",
    )


def phones():
    return pick(
        f"+49 {between(151, 179)} {digits(between(7, 8))}",
        f"+49{between(1510, 1799)}{digits(7)}",
        f"0049 {between(151, 179)} {digits(4)} {digits(4)}",
        f"0{between(30, 99)}/{number(7)}",
        f"+44 20 {number(4)} {digits(4)}",
        f"+1 ({between(201, 989)}) {number(3)}-{digits(4)}",
        f"+852 {number(4)} {digits(4)}",
        f"+81-3-{number(4)}-{digits(4)}",
        f"03-{number(4)}-{digits(4)}",
        f"+82 10-{number(4)}-{digits(4)}",
        f"+86 1{between(30, 99)} {digits(4)} {digits(4)}",
        f"tel:+{pick('48', '34', '39', '31')}{number(9)}",
        f"+62{between(811, 899)}{digits(8)}",
        f"+43 664 {digits(7)}",
    )


def bare_phones():
    return pick(
        f"wa.me/49{between(1510, 1799)}{digits(7)}",
        f"call 1{between(201, 989)}{digits(7)}",
        f"whatsapp 44{between(7000, 7999)}{digits(6)}",
        f"8613{digits(9)}",
        f"my number is 43664{digits(pick(7, 7, 7, 8))}",
    )


def ibans():
    country, account = pick(
        ("DE", number(8) + digits(10)),
        ("AT", number(5) + digits(11)),
        ("NL", word(4, UPPER[:26]) + digits(10)),
        ("GB", word(4, UPPER[:26]) + digits(14)),
        ("BE", digits(12)),
        ("DK", digits(14)),
        ("FI", digits(14)),
        ("NO", digits(11)),
        ("CH", digits(17)),
        ("ES", digits(20)),
        ("FR", digits(23)),
        ("IT", word(1, UPPER[:26]) + digits(22)),
        ("PL", digits(24)),
    )
    iban = iban_of(country, account)
    if below(2):
        iban = " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))
    return f"{pick('IBAN', 'IBAN:', 'to')} {iban}{pick('', '.', ' (' + word(6) + ')')}"


def tracking():
    usps = f"94{pick('00', '05')}1{digits(17)}"
    return pick(
        f"1Z{word(6, UPPER)}{digits(10)}",
        " ".join(usps[at : at + 4] for at in range(0, 22, 4)),
        usps,
        f"FedEx {pick('7', '2')}{digits(11)}",
        f"JJD0003{digits(13)}",
        f"003404341610{digits(8)}",
        f"{word(2, UPPER[:26])}{digits(9)}{pick('DE', 'CN', 'HK', 'JP')}",
        f"SF1{digits(12)}",
        f"Yamato {pick('1', '2', '3', '4')}{digits(3)}-{digits(4)}-{digits(4)}",
        f"DHL {number(10)}",
    )


def snowflakes():
    return pick(
        f"discord.com/channels/{number(18)}/1{pick(0, 1, 2, 3)}{digits(17)}",
        f"twitter.com/x/status/1{digits(18)}",
        f"user id 1{digits(17)}",
        f"fb {pick('1000', '1015')}{digits(11)}",
    )


def trace_ids():
    return (
        f"dd.trace_id={below(2**31) * 2**32 + below(2**32)} dd.span_id={below(2**31) * 2**32 + below(2**32)}"
    )


def hex_dump():
    raw = [f"{between(32, 126) if below(3) else below(256):02x}" for _ in range(16)]
    groups = " ".join(raw[at] + raw[at + 1] for at in range(0, 16, 2))
    return pick(f"0x{below(4096) * 16:04x}:  {groups}", f"{below(4096) * 16:08x}: {groups}  ................")


def prose():
    return pick(
        f"We paid {below(9000)}.{digits(2)} EUR on {date()} and {below(9000)}.{digits(2)} on {date()}, please check.",
        f"Since {clock()[:5]} about {below(9999)} of {number(5)} requests fail with {pick(500, 502, 504)}.",
        f"Upgrade from {below(9)}.{below(20)}.{below(9)} to {below(9)}.{below(20)}.{below(9)} broke plugin {word(7)} (build {number(5)}).",
        f"Budgets for 2024 2025 2026 2027 are {number(4)} {number(4)} and {number(5)}.",
        f"Ports 22, 80, 443, {below(65536)} and {below(65536)} are open.",
        f"Zip {number(5)}, room {below(999)}, VAT DE{digits(9)}",
        "Thanks, it works again!",
        f"We have {below(99)} servers, {below(999)} mailboxes and {number(4)} visitors a day.",
    )


# Lines of each kind among 10,000. The last four kinds are numbers that are drawn at random over a card number's range:
# each such number has a chance of a few percent, whatever the guard does, so their share decides the outcome.
KINDS = [
    (access_log, 1300),
    (app_log, 900),
    (json_log, 500),
    (traceroute, 500),
    (mtr, 200),
    (ping, 200),
    (kernel, 600),
    (syslog, 700),
    (disks, 250),
    (tables, 400),
    (sockets, 250),
    (ipv6, 350),
    (mac, 150),
    (epochs, 400),
    (digests, 250),
    (uuids, 250),
    (gateways, 300),
    (orders, 650),
    (phones, 300),
    (bare_phones, 25),
    (ibans, 250),
    (tracking, 150),
    (prose, 1053),
    (float_log, 50),
    (snowflakes, 10),
    (hex_dump, 10),
    (trace_ids, 2),
]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--lines", type=int, default=12000)
    arguments.add_argument("--kind")
    arguments.add_argument("--kinds", action="store_true")
    asked = arguments.parse_args()
    if asked.kinds:
        print("\n".join(f"{kind.__name__} {weight}" for kind, weight in KINDS))
        return
    R.seed(asked.seed)
    weighted = [kind for kind, weight in KINDS for _ in range(weight) if asked.kind in (None, kind.__name__)]
    for _ in range(asked.lines):
        sys.stdout.write(weighted[below(len(weighted))]() + "\n")


if __name__ == "__main__":
    main()
