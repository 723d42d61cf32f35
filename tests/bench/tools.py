"""Built-ins beside the tools that do the same, on one large file and on many small ones."""

import base64
import collections
import csv
import hashlib
import io
import json
import os
import random
import shlex
import shutil
from pathlib import Path

from measure import Contender, Result, result_of

MEGABYTE = 10**6
BLOCK = 8 * MEGABYTE


class Builtins:
    """The workloads. The current directory takes the inputs."""

    def __init__(self, prun, quick):
        self.prun = prun
        self.size = (32 if quick else 192) * MEGABYTE
        self.files = 2_000 if quick else 20_000
        self.width = len(os.sched_getaffinity(0))

    def workloads(self):
        return {
            "sha256": self.sha256,
            "blake3": self.blake3,
            "gzip": lambda: self.compress("gzip", ["gzip -6", f"pigz -6 -p{self.width}"], "gzip -dc"),
            "zstd": lambda: self.compress("zstd", [f"zstd -T{self.width} -3"], "zstd -dc"),
            "xz": lambda: self.compress("xz", [f"xz -T{self.width} -6"], "xz -dc", 16),
            "gunzip": self.gunzip,
            "count": self.count,
            "grep": self.grep,
            "sort": self.sort,
            "freq": self.freq,
            "base64": self.base64,
            "json-lines": self.json_lines,
            "json-array": self.json_array,
            "csv": self.csv,
            "csv-json": self.csv_json,
            "small-sha256": lambda: self.small("@sha256", "sha256sum"),
            "small-count": lambda: self.small("@count -l", "wc -l"),
        }

    def text(self, size=None):
        """A file of words, and its blocks: it compresses as text does."""
        size = size or self.size
        source = random.Random(1)
        letters = "etaoinshrdlucmfwygpbvkqjxz"
        weights = range(len(letters), 0, -1)
        words = ["".join(source.choices(letters, weights, k=source.randint(2, 9))) for _ in range(5000)]
        lines, length = [], 0
        while length < BLOCK:
            line = " ".join(source.choices(words, k=source.randint(3, 14)))
            lines.append(line)
            length += len(line) + 1
        block = ("\n".join(lines) + "\n").encode()
        name = f"text.{size}"
        blocks = max(size // len(block), 1)
        if not os.path.exists(name):
            with open(name, "wb") as file:
                for _ in range(blocks):
                    file.write(block)
        return name, block, blocks

    def contenders(self, units, expected, ours, others):
        """Commands with one result; those whose program is absent are left out."""
        yield Contender("prun", [self.prun, *ours], units, expected)
        for name, argv in others.items():
            if shutil.which(argv[0]):
                yield Contender(name, argv, units, expected)

    def title(self, what, size):
        return f"`{what}`, one file of {size // MEGABYTE} MB"

    def sha256(self):
        name, block, blocks = self.text()
        digest = hashlib.sha256(block * blocks).hexdigest()
        expected = result_of(f"{digest}  {name}\n".encode())
        units = len(block) * blocks // MEGABYTE
        found = list(self.contenders(units, expected, ["@sha256", ":::", name], {"sha256sum": ["sha256sum", name]}))
        if shutil.which("openssl"):
            openssl = ["openssl", "dgst", "-sha256", "-r", name]
            found.append(Contender("openssl dgst", openssl, units, result_of(f"{digest} *{name}\n".encode())))
        return self.title("@sha256", self.size), "MB", found

    def blake3(self):
        name, block, blocks = self.text()
        units = len(block) * blocks // MEGABYTE
        length = 64 + 2 + len(name) + 1
        found = list(self.contenders(units, Result(length), ["@blake3", ":::", name], {"b3sum": ["b3sum", name]}))
        # Python has no BLAKE3: each is checked by the other.
        if len(found) == 2:
            digests = [result_of(os.popen(shlex.join(map(str, other.argv))).read().encode()) for other in found]
            for contender, other in zip(found, reversed(digests)):
                contender.check_expected, contender.check_argv = other, contender.argv
        return self.title("@blake3", self.size), "MB", found

    def compress(self, tool, others, back, share=1):
        """To nowhere; checked by the way back."""
        name, block, blocks = self.text(max(self.size // share, BLOCK))
        whole = result_of(block, blocks)
        units = len(block) * blocks // MEGABYTE

        def contender(title, line):
            found = Contender(title, ["sh", "-c", f"{line} > /dev/null"], units, Result())
            found.check_argv = ["sh", "-c", f"{line} | {back}"]
            found.check_expected = whole
            return found

        level = others[0].rsplit("-", 1)[1]
        found = [contender("prun", f"{self.prun} '@{tool} -{level} -c <>' ::: {name}")]
        for other in others:
            if shutil.which(other.split()[0]):
                found.append(contender(other, f"{other} -c {name}"))
        return self.title(f"@{tool} -{level}", len(block) * blocks), "MB", found

    def gunzip(self):
        name, block, blocks = self.text()
        packed = f"{name}.gz"
        if not os.path.exists(packed):
            os.system(f"gzip -6 -c {name} > {packed}")
        units = len(block) * blocks // MEGABYTE
        others = {"gzip -d": ["gzip", "-dc", packed], "pigz -d": ["pigz", "-dc", packed]}
        found = self.contenders(units, result_of(block, blocks), ["@gunzip -c <>", ":::", packed], others)
        return self.title("@gunzip", self.size), "MB", list(found)

    def count(self):
        name, block, blocks = self.text()
        lines, words, size = (n * blocks for n in (block.count(b"\n"), len(block.split()), len(block)))
        width = len(str(size))
        expected = result_of(f" {lines:>{width}} {words:>{width}} {size:>{width}} {name}\n".encode()[1:])
        found = self.contenders(size // MEGABYTE, expected, ["@count", ":::", name], {"wc": ["wc", name]})
        return self.title("@count", self.size), "MB", list(found)

    def grep(self):
        name, block, blocks = self.text()
        pattern = block.split(None, 1)[0].decode()
        lines = sum(pattern.encode() in line for line in block.splitlines()) * blocks
        expected = result_of(f"{lines}\n".encode())
        others = {"grep -c": ["grep", "-c", pattern, name], "ripgrep -c": ["rg", "-c", pattern, name]}
        found = self.contenders(len(block) * blocks // MEGABYTE, expected, [f"@grep -c {pattern} <>", ":::", name], others)
        return self.title("@grep -c", self.size), "MB", list(found)

    def sort(self):
        name, block, blocks = self.text()
        lines = sorted(block.splitlines(keepends=True))
        expected = Result()
        for line in lines:
            expected.add(line * blocks)
        others = {f"sort --parallel={self.width}": ["sort", f"--parallel={self.width}", name]}
        found = self.contenders(len(block) * blocks // MEGABYTE, expected, ["@sort", ":::", name], others)
        return self.title("@sort", self.size), "MB", list(found)

    def freq(self):
        """One word a line: few different ones."""
        _, block, _ = self.text()
        words = block.split()
        blocks = self.size // BLOCK // 4
        name = self.repeated("words", b"\n".join(words) + b"\n", blocks)
        counts = sorted(collections.Counter(words).items(), key=lambda pair: (-pair[1], pair[0]))
        expected = result_of("".join(f"{n * blocks:7} {word.decode()}\n" for word, n in counts).encode())
        # Words that are as frequent come in another order there.
        line, check = (f"sort --parallel={self.width} {name} | uniq -c | sort {last}" for last in ("-rn", "-s -k1,1nr"))
        found = list(self.contenders(len(block) * blocks // MEGABYTE, expected, ["@freq", ":::", name], {}))
        found.append(Contender("sort &#124; uniq -c &#124; sort -rn", ["sh", "-c", line], found[0].units, expected))
        found[-1].check_argv = ["sh", "-c", check]
        return self.title("@freq", len(block) * blocks), "MB", found

    def base64(self):
        name, block, blocks = self.text()
        expected = result_of(base64.encodebytes(block * blocks))
        units = len(block) * blocks // MEGABYTE
        found = self.contenders(units, expected, ["@base64", ":::", name], {"base64": ["base64", name]})
        return self.title("@base64", self.size), "MB", list(found)

    def records(self):
        """Rows of a table, an eighth of a block or so."""
        source = random.Random(2)
        words = sorted(set(self.text()[1][: 1 << 16].decode().split()))
        for number in range(8_000):
            yield {
                "id": number,
                "name": source.choice(words),
                "text": " ".join(source.choices(words, k=12)),
                "ratio": source.randrange(1, 1000) / 1024,
                "tags": source.choices(words, k=3),
                "where": {"line": source.randrange(10**6), "known": source.random() < 0.5},
            }

    def repeated(self, name, block, blocks):
        if not os.path.exists(name):
            with open(name, "wb") as file:
                for _ in range(blocks):
                    file.write(block)
        return name

    def json_lines(self):
        records = list(self.records())
        block = "".join(json.dumps(record) + "\n" for record in records).encode()
        blocks = self.size // 2 // len(block)
        name = self.repeated("records.jsonl", block, blocks)
        compact = "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records).encode()
        size, expected = len(block) * blocks, result_of(compact, blocks)
        found = self.contenders(size // MEGABYTE, expected, ["@json -c", ":::", name], {"jq -c": ["jq", "-c", ".", name]})
        return self.title("@json -c", size), "MB", list(found)

    def json_array(self):
        records = list(self.records())
        records *= self.size // 2 // len(json.dumps(records))
        text = json.dumps(records).encode()
        name = self.repeated("records.json", text, 1)
        expected = result_of((json.dumps(records, indent=2) + "\n").encode())
        size = len(text) // MEGABYTE
        found = self.contenders(size, expected, ["@json -p", ":::", name], {"jq": ["jq", ".", name]})
        return self.title("@json -p", len(text)), "MB", list(found)

    def table(self):
        """A file of rows, the rows of one block, and how often they are there."""
        flat = [{**record, "tags": ", ".join(record["tags"]), "where": record["where"]["line"]} for record in self.records()]
        head, block = (self.csv_text(flat, header) for header in (True, False))
        blocks = self.size // 2 // len(block)
        if not os.path.exists("table.csv"):
            Path("table.csv").write_bytes(head + block * (blocks - 1))
        return "table.csv", flat, blocks, len(head) + len(block) * (blocks - 1)

    def csv_text(self, rows, header):
        text = io.StringIO()
        table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        if header:
            table.writeheader()
        table.writerows(rows)
        return text.getvalue().encode()

    def csv(self):
        name, rows, blocks, size = self.table()
        picked = [{"tags": row["tags"], "id": row["id"]} for row in rows]
        expected = result_of(self.csv_text(picked, True))
        for _ in range(blocks - 1):
            expected.add(self.csv_text(picked, False))
        python = """import csv, sys
rows = csv.reader(open(sys.argv[1], newline=""))
out = csv.writer(sys.stdout, lineterminator="\\n")
names = next(rows)
tags, id = names.index("tags"), names.index("id")
out.writerow(("tags", "id"))
out.writerows((row[tags], row[id]) for row in rows)"""
        others = {
            "mlr --csv cut": ["mlr", "--csv", "cut", "-o", "-f", "tags,id", name],
            "python3 csv": ["python3", "-c", python, name],
        }
        found = self.contenders(size // MEGABYTE, expected, ["@csv --pick tags,id", ":::", name], others)
        return self.title("@csv --pick", size), "MB", list(found)

    def csv_json(self):
        name, rows, blocks, size = self.table()
        text = [{key: str(value) for key, value in row.items()} for row in rows]
        block = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in text).encode()
        python = """import csv, json, sys
for row in csv.DictReader(open(sys.argv[1], newline="")):
    print(json.dumps(row, separators=(",", ":")))"""
        others = {"python3 csv, json": ["python3", "-c", python, name]}
        expected = result_of(block, blocks)
        found = self.contenders(size // MEGABYTE, expected, ["@csv --to-json", ":::", name], others)
        return self.title("@csv --to-json", size), "MB", list(found)

    def small(self, ours, tool):
        """Files of a kilobyte, in the order of their names for the check."""
        place = Path("small")
        place.mkdir(exist_ok=True)
        names = [f"small/{n:05}" for n in range(self.files)]
        for name in names:
            if not os.path.exists(name):
                Path(name).write_bytes(name.encode() * 100 + b"\n")
        Path("names").write_text("".join(f"{name}\n" for name in names))
        words = tool.split()
        check = ["xargs", "-n1", *words]
        one = os.popen(" ".join(words + [names[0]])).read()
        total = Result(len(one) * self.files)
        found = []

        def add(title, argv, in_order):
            contender = Contender(title, argv, self.files, total, "names")
            contender.check_argv = in_order
            contender.check_expected = expected
            found.append(contender)

        expected = Result()
        with os.popen(" ".join(["<names", *check])) as output:
            expected.add(output.read().encode())
        add("prun", [self.prun, ours], [self.prun, "-k", ours])
        add("xargs -P -n1", ["xargs", f"-P{self.width}", "-n1", *words], ["xargs", "-n1", *words])
        if tool != "wc -l":
            batch = ["xargs", f"-P{self.width}", "-n100", *words]
            add("xargs -P -n100", batch, ["xargs", "-n100", *words])
        return f"`{ours}`, {self.files:,} files of 1 kB", "files", found
