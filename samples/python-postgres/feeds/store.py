import psycopg2


class Store:
    def __init__(self, address):
        self.address = address

    def add(self, entries):
        """Keeps the entries and gives how many are new."""
        with psycopg2.connect(self.address, connect_timeout=2) as connection, connection.cursor() as cursor:
            cursor.execute("create table if not exists entry (link text primary key, title text, seen timestamptz default now())")
            new = 0
            for entry in entries:
                cursor.execute(
                    "insert into entry (link, title) values (%(link)s, %(title)s) on conflict do nothing", entry
                )
                new += cursor.rowcount
            return new

    def newest(self, count):
        with psycopg2.connect(self.address, connect_timeout=2) as connection, connection.cursor() as cursor:
            cursor.execute("select title, link from entry order by seen desc limit %s", (count,))
            return [{"title": title, "link": link} for title, link in cursor]
