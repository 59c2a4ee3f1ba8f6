"""Writes databases as rpm has them, whole and damaged, and says what SQLite reads of each: a line of JSON for each file."""

import json
import os
import random
import sqlite3
import struct
import sys


def header(name, size):
    """A header with a name, a version, and `size` bytes more."""
    data, index = b"", b""
    for tag, value in ((1000, name), (1001, "1"), (1002, "1")):
        index += struct.pack(">IIII", tag, 6, len(data), 1)
        data += value.encode() + b"\0"
    index += struct.pack(">IIII", 9999, 7, len(data), size)
    data += os.urandom(size)
    return struct.pack(">II", len(index) // 16, len(data)) + index + data


def name_of(blob):
    """The last name in a header, as it stands there."""
    count, _ = struct.unpack(">II", blob[:8])
    name = None
    for entry in range(count):
        tag, _, offset, _ = struct.unpack(">IIII", blob[8 + 16 * entry : 24 + 16 * entry])
        if tag == 1000:
            name = blob[8 + 16 * count + offset :].split(b"\0")[0]
    return name.decode("utf-8", "replace")


def read(path):
    """The names in a database, or nothing where SQLite does not read it."""
    try:
        with sqlite3.connect("file:" + path + "?mode=ro&immutable=1", uri=True) as db:
            return [name_of(blob) for (blob,) in db.execute("SELECT blob FROM Packages ORDER BY hnum")]
    except (sqlite3.Error, struct.error, AttributeError, UnicodeError, TypeError):
        return None


def write(path, random, number):
    """A database of a size, a history and settings of its own."""
    db = sqlite3.connect(path)
    db.execute(f"PRAGMA page_size = {random.choice([512, 1024, 4096, 8192, 65536])}")
    db.execute(f"PRAGMA auto_vacuum = {random.choice([0, 1, 2])}")
    if number % 3 == 0:
        db.execute("PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE Before (x)")
    db.execute("CREATE TABLE IF NOT EXISTS 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)")
    db.execute("CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)")
    db.execute("CREATE INDEX Name_key ON Name(key)")
    for row in range(random.choice([1, 3, 40, 400])):
        size = random.choice([0, 30, 420, 430, 440, 900, 4000, 4060, 30000, 200000 if row < 2 else 10])
        db.execute("INSERT INTO Packages (blob) VALUES (?)", (header(f"p{number}-{row}", size),))
        db.execute("INSERT INTO Name VALUES (?, ?, 0)", (f"p{row}", row))
    if number % 2:
        db.execute("DELETE FROM Packages WHERE hnum % 3 = 1 AND hnum > 1")
        db.execute("INSERT INTO Packages (blob) VALUES (?)", (header("again", 5000),))
    db.commit()
    if number % 5 == 4:
        db.execute("VACUUM")
    db.close()


folder, random = sys.argv[1], random.Random(7)
for number in range(30):
    path = os.path.join(folder, f"whole-{number}")
    write(path, random, number)
    print(json.dumps({"file": path, "names": read(path), "whole": True}))
    with open(path, "rb") as file:
        whole = file.read()
    page = struct.unpack(">H", whole[16:18])[0]
    page = 65536 if page == 1 else page
    for change in range(12):
        damaged = bytearray(whole)
        for _ in range(random.choice([1, 1, 2, 5])):
            # Where it tells: the heads and pointers of pages, or anywhere.
            start = random.randrange(len(damaged) // page) * page
            at = start + random.randrange(random.choice([12, 40, page]))
            damaged[min(at, len(damaged) - 1)] = random.choice([0, 1, 2, 5, 13, 127, 128, 255, random.randrange(256)])
        if change == 0:
            damaged = damaged[: random.randrange(len(damaged))]
        path = os.path.join(folder, f"damaged-{number}-{change}")
        with open(path, "wb") as file:
            file.write(damaged)
        print(json.dumps({"file": path, "names": read(path), "whole": False}))
