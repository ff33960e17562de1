import hashlib
import sqlite3

con = sqlite3.connect("links.db", check_same_thread=False)
con.execute("create table if not exists links (key text primary key, url text)")


def find(key):
    row = con.execute("select url from links where key = ?", (key,)).fetchone()
    return row and row[0]


def store(url):
    key = hashlib.sha256(url.encode()).hexdigest()[:8]
    con.execute("insert or ignore into links values (?, ?)", (key, url))
    con.commit()
    return key
